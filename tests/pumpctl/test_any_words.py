"""A working day by chance, half of it typed wrongly, on one served pump: every command ends with an exit code of the
table, an error is one line, and what was asked for as JSON is JSON."""

import json
import random

from tests.pumpfiles.files import EXAMPLES

SEED, COMMANDS_TYPED = 1, 40  # more of both by hand: some 30 ms a command
FILES = [EXAMPLES / f"{name}.toml" for name in ("circadian", "ramp", "trial", "everything", "bench-1", "missing")]
VOLUMES = ["5 uL", "50uL", "0 uL", "-1 uL", "1,5 uL", "5", "5 ug", "9 L", "1e3 uL", "NaN uL", "", "2.5 mL", "1 uL/h"]
DURATIONS = ["10 min", "1h", "0 s", "5", "1 d", "99 d", "1.5 s", "2 h"]
RATES = ["30 uL/h", "150%", "off", "0 uL/h", "2000%", "10 mL/h", "1 mg/h", "x"]
TIMES = ["2026-03-27T00:00", "2026-03-29T02:30", "noon", "2 h", "", "2026-13-01", "now"]
FORMS = [                     # a list is one of its words
    ["start"], ["stop"], ["suspend"], ["resume"], ["ack"], ["cancel"], ["status"], ["list"], ["monitor", "--once"],
    ["clock", "set"], ["clock", "set", "--to", TIMES], ["bolus"], ["bolus", VOLUMES, "--over", DURATIONS],
    ["temp", RATES, "--for", DURATIONS], ["temp", "off"], ["prime", VOLUMES], ["withdraw", VOLUMES], ["bridge"],
    ["refill", "--added", VOLUMES], ["refill", "--added", VOLUMES, "--withdrawn", VOLUMES], ["bridge", FILES],
    ["push", FILES, "--rig", FILES], ["push", FILES], ["check", FILES, "--rig", FILES], ["diff", FILES], ["show"],
    ["show", FILES], ["log", "pull"], ["log", "show", "--last", ["-1", "0", "3"]], ["log", "show", "--since", TIMES],
    ["log", "verify"], ["keys", ["make", "rotate", "list", "remove", "forget"]],
    ["config", "set", ["colour", "pumps.x", "rigs", "zz"], ["auto", "x", "never", ""]],
]
CAN_ANSWER_YES = {"clock", "bolus", "ack", "prime", "withdraw", "refill", "bridge", "push"}
KNOWN_CODES = (0, 1, 2, 3)    # the pump is there and true: nothing is uncertain or makes no sense
PASSES_MS = (1000, 60_000, 3_600_000, 25_200_000)


def words_by(draw):
    words = [str(draw.choice(each)) if isinstance(each, list) else each for each in draw.choice(FORMS)]
    words += ["--yes"] if words[0] in CAN_ANSWER_YES and draw.random() < 0.6 else []
    return words + (["--json"] if draw.random() < 0.4 else [])


def test_whatever_is_typed_ends_as_the_table_of_exit_codes_says(pump, run):
    draw, codes = random.Random(SEED), set()
    run("push", FILES[0], "--rig", FILES[4])
    for _ in range(COMMANDS_TYPED):
        words = words_by(draw)
        code, out, err = run(*words, typed=())
        codes.add(code)
        assert code in KNOWN_CODES, (words, err)
        assert err.count("\n") == 1 and err.startswith("pumpctl: ") if code else "Traceback" not in err, (words, err)
        if code == 0 and "--json" in words:
            assert all(isinstance(json.loads(line), dict) for line in out.splitlines()), words
        if draw.random() < 0.2:
            pump.control.advance(draw.choice(PASSES_MS))
    assert codes >= {0, 1, 2}
