"""`pumpctl flash` against an emulated Pico over its USB serial: first installation, updates, and all that goes wrong.

The broken firmwares are real ones with one module replaced. `Bridge` is the cable; the chip's time runs no faster than
the wall's.
"""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from pump import record
from pumpctl import Pump, firmware_image, updating
from pumpctl.__main__ import main
from pumpctl.firmware_image import FirmwareImage, build_image
from tests.emulator import image
from tests.emulator.bridge import Bridge
from tests.emulator.emulated import EmulatedPico
from tests.emulator.given import HOW_TO_GET, given
from tests.pumps import RIG, START_UTC_MS, body_of, program

EXAMPLES = Path(__file__).parents[2] / "host_tools/examples"
BENCH = str(EXAMPLES / "bench-1.toml")
STEP_PIN, ENABLE_PIN = RIG["pins"]["step"], RIG["pins"]["enable"]
RAISES = "raise ImportError('this firmware is broken')\n"
HANGS = """
from pico.board import PicoBoard
from pump.app import App

app = App(PicoBoard())
for _ in range(50):
    app.poll()
while True:
    pass
"""
DEAF = """
from pico.board import PicoBoard
from pump.app import App

board = PicoBoard()
app = App(board)
while True:
    board.watchdog.feed()
"""


@pytest.fixture
def pico(tmp_path):
    """A function that powers up a Pico with these files, {path: bytes}, behind a Bridge."""
    if given() is None:
        pytest.skip(HOW_TO_GET)
    made = []

    def power_up(files):
        target = tmp_path / "files.img"
        image.write(target, files)
        chip = EmulatedPico(*given(), target)
        bridge = Bridge(chip)
        bridge.__enter__()
        made.extend((bridge.__exit__, chip.close))
        return bridge

    yield power_up
    for end in made:
        end()


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs pumpctl at a bridge's port; gives (exit code, stdout, stderr)."""
    monkeypatch.setenv("PUMPCTL_CONFIG", str(tmp_path / "config/config.toml"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")

    def run(bridge, *words):
        monkeypatch.setattr("sys.argv", ["pumpctl", *words, "--port", bridge.port])
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err
    return run


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """The emulated chip may be slow against the wall, so pumpctl waits longer than for a real one."""
    for name in ("PROMPT_S", "ANSWER_S", "TRIAL_S"):
        monkeypatch.setattr(updating, name, 4 * getattr(updating, name))


@pytest.fixture
def flash(run):
    """Runs `pumpctl flash --json`, which must succeed; gives its answer."""
    def flash(bridge, *words):
        code, out, err = run(bridge, "flash", "--json", *words)
        assert code == 0, err
        return json.loads(out)
    return flash


@pytest.fixture(scope="module")
def firmware():
    return build_image()


@pytest.fixture
def offered(monkeypatch):
    """Makes pumpctl offer another firmware than that of this clone."""
    def offer(made):
        monkeypatch.setattr(firmware_image, "build_image", lambda: made)
        return made
    return offer


def newer(firmware):
    """The same firmware as another build: one more module, which nothing imports."""
    return FirmwareImage(firmware.version, {**firmware.modules, "more.mpy": b"M\x06\x00\x1f"}, firmware.loader)


def hello(bridge):
    with Pump.open(bridge.port) as pump:
        return pump.hello()


def journal(bridge):
    with Pump.open(bridge.port) as pump:
        return list(pump.records())


def firmware_events(bridge):
    """The codes of the firmware events in the journal."""
    return [record.header(raw)[10] for raw in journal(bridge) if record.header(raw)[7] == record.EVENT_FIRMWARE]


def make_ready(bridge, **more):
    with Pump.open(bridge.port) as pump:
        pump.push_rig(body_of(RIG))
        pump.push_program(body_of(program(plans=[[0, 18_000_000]], **more)))
        pump.clock_set(START_UTC_MS)


def start(bridge):
    with Pump.open(bridge.port) as pump:
        pump.start()


def state(bridge):
    with Pump.open(bridge.port) as pump:
        return pump.status().state


def test_the_first_installation_on_a_bare_micropython(pico, run, flash, firmware, say):
    bridge = pico({})
    assert run(bridge, "flash")[:2] == (2, "")                                  # it needs a rig
    dry = flash(bridge, "--rig", BENCH, "--dry-run")
    assert (dry["from"], dry["to"]["slot"], dry["dry_run"]) == (None, "a", True)
    assert dry["sent_bytes"] == len(firmware.slot_file) + len(firmware.loader)
    with bridge.paused() as chip:
        chip.do("record", pins=[STEP_PIN, ENABLE_PIN])

    done = flash(bridge, "--rig", BENCH)

    assert (done["sent_bytes"], done["documents"], done["state"]) == (dry["sent_bytes"], ["rig"], "stopped")
    now = hello(bridge)
    assert (now.slot, now.build, now.trial, now.firmware) == ("a", firmware.build, False, firmware.version)
    assert firmware_events(bridge) == [1, 2]                                    # on trial, kept
    assert "config/keys" in done["keys"]
    code = run(bridge, "ack")[0]                                                # in a session, with the keys just made
    assert code == 0 and '"session": "operate"' in run(bridge, "status", "--json")[1]
    with bridge.paused() as chip:
        assert [edge for edge in chip.do("edges") if edge[1:] in ([STEP_PIN, 1], [ENABLE_PIN, 0])] == []
    say(f"first installation: {done['sent_bytes']} bytes, no answer for {done['seconds_without_answer']} s")
    again = flash(bridge)
    assert (again["sent_bytes"], again["seconds_without_answer"]) == (0, 0)


@pytest.mark.figure
@pytest.mark.requirement("J-08")
def test_an_update_of_a_running_pump(pico, run, flash, firmware, offered, say, figure):
    bridge = pico(firmware.installed())
    make_ready(bridge)
    start(bridge)
    after = offered(newer(firmware))
    assert flash(bridge, "--dry-run")["sent_bytes"] == len(after.slot_file)
    assert state(bridge) == "running"
    code, _, err = run(bridge, "flash")
    assert (code, "--stop" in err, err.count("\n")) == (1, True, 1)
    assert state(bridge) == "running"
    before, stored = journal(bridge), hello(bridge)
    with bridge.paused() as chip:
        chip.do("record", pins=[STEP_PIN])

    done = flash(bridge, "--stop")

    now, later = hello(bridge), journal(bridge)
    assert (now.slot, now.build, now.trial, now.boot) == ("b", after.build, False, stored.boot + 1)
    assert (done["from"]["slot"], done["to"]["slot"], done["state"]) == ("a", "b", "running")
    assert later[:len(before)] == before                    # and Pump.records has proven that the rest follows
    assert firmware_events(bridge) == [0, 1, 2]             # handed over, on trial, kept
    with bridge.paused() as chip:
        chip.run(1)
        rising = [cycle for cycle, _, level in chip.do("edges") if level]
        gap_s = max(end - begin for begin, end in pairwise(rising)) / chip.clock_hz
    with Pump.open(bridge.port) as pump:
        status = pump.status()
        elapsed_ms = status.utc_ms - START_UTC_MS
    assert 0 < elapsed_ms < 300_000                         # the clock went on from where it was
    assert status.rig == RIG["name"] and status.delivered_nl > 0
    say(f"update of a running pump: no answer for {done['seconds_without_answer']} s, no step for {gap_s:.1f} s")
    figure("update_answer", done["seconds_without_answer"])
    figure("update_step", gap_s)


@pytest.mark.requirement("J-08")
@pytest.mark.requirement("C-02")
def test_an_update_keeps_keys_lockout_and_windows(pico, run, flash, firmware, offered, monkeypatch, tmp_path):
    bridge = pico(firmware.installed())
    make_ready(bridge, on_demand=[10_000, 2, 3_600, 4])
    start(bridge)
    with Pump.open(bridge.port) as pump:
        pump.bolus()
        before = pump.status()
    assert run(bridge, "keys", "make", "--yes")[0] == 0
    offered(newer(firmware))

    flash(bridge, "--stop")

    with Pump.open(bridge.port) as pump:
        after = pump.status()
    assert hello(bridge).slot == "b"
    assert (after.rig_digest, after.program_digest) == (before.rig_digest, before.program_digest)
    assert before.lockout_s - 300 <= after.lockout_s < before.lockout_s
    assert after.boluses_left == before.boluses_left == 3
    assert after.last_1h_nl >= before.last_1h_nl + 10_000 // 2                 # half of it at least had been given
    assert run(bridge, "ack")[0] == 0                                           # with the keys made before
    monkeypatch.setenv("PUMPCTL_CONFIG", str(tmp_path / "stranger/config.toml"))
    code, _, err = run(bridge, "ack")
    assert (code != 0, "key" in err) == (True, True)


def test_an_update_whose_link_breaks_leaves_the_old_firmware_and_goes_on_later(pico, run, flash, firmware, offered):
    bridge = pico(firmware.installed())
    make_ready(bridge)
    after = offered(newer(firmware))
    bridge.cut_after(60_000)
    code, out, err = run(bridge, "flash")
    assert (code, out, err.count("\n")) == (3, "", 1)
    bridge.power_cycle()
    assert hello(bridge).slot == "a"

    done = flash(bridge)

    assert 0 < done["sent_bytes"] < len(after.slot_file) - 16_384           # what was flushed is not sent again
    assert (hello(bridge).slot, hello(bridge).build) == ("b", after.build)


@pytest.mark.parametrize("source", [RAISES, HANGS], ids=["raises at import", "hangs in its loop"])
def test_a_broken_firmware_gives_way_to_the_old_one(pico, run, firmware, offered, tmp_path, source):
    bridge = pico(firmware.installed())
    make_ready(bridge)
    before = journal(bridge)
    broken = build_image({"main": source})
    offered(broken)

    code, out, err = run(bridge, "flash")

    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "back on the one before" in err
    assert (hello(bridge).slot, hello(bridge).build) == ("a", firmware.build)
    assert journal(bridge)[:len(before)] == before
    assert firmware_events(bridge)[-1] == 3                 # back after a failed trial


def test_a_firmware_that_never_answers_goes_with_the_power(pico, run, firmware, offered, tmp_path, monkeypatch):
    monkeypatch.setattr(updating, "ANSWER_S", 15)
    bridge = pico(firmware.installed())
    make_ready(bridge)
    offered(build_image({"main": DEAF}))

    code, _, err = run(bridge, "flash")

    assert (code, "does not answer" in err, "off and on" in err) == (1, True, True)
    bridge.power_cycle()
    assert (hello(bridge).slot, hello(bridge).build) == ("a", firmware.build)


@pytest.mark.requirement("C-04")
def test_control_bytes_do_nothing_while_the_pump_boots_and_runs(pico, firmware):
    bridge = pico(firmware.installed())
    make_ready(bridge)
    start(bridge)
    boot = hello(bridge).boot
    with bridge.paused() as chip:
        for line in (b"\r\x03\x03", b"\x01", b"\x04", b"\r\x02", b"\x05A\x01", b"import machine; machine.reset()\r\n"):
            chip.send(line)
            chip.run(0.2)
        resets = chip.do("state")["resets"]
    assert (state(bridge), hello(bridge).boot) == ("running", boot)
    with bridge.paused() as chip:
        assert chip.do("state")["resets"] == resets == 0
    with bridge.paused() as chip:
        chip.do("powerCycle")
        for _ in range(1000):                               # all through the boot, from before USB is up
            chip.send(b"\x03")
            chip.run(0.001)
    assert hello(bridge).boot == boot + 1


@pytest.mark.requirement("C-04")
def test_maintenance_gives_the_prompt_until_the_next_reset(pico, run, flash, firmware):
    bridge = pico(firmware.installed())
    make_ready(bridge)
    start(bridge)
    assert run(bridge, "maintenance")[0] == 1               # it runs
    assert run(bridge, "stop")[0] == 0
    assert run(bridge, "maintenance")[0] == 0
    with bridge.paused() as chip:
        chip.run(1)                                         # the reset, and USB anew
        chip.send(b"\r\nprint(6 * 7)\r\n")
        chip.until("42\r\n>>> ")
        assert chip.do("output", pin=ENABLE_PIN) is None    # an input: the pull-up keeps the driver off

    done = flash(bridge)                                    # and flash goes on from there: nothing to send, a reset
    assert (done["sent_bytes"], done["state"]) == (0, "stopped")
    assert firmware_events(bridge) == [0]


def test_the_jumper_gives_the_prompt_where_both_firmwares_are_broken(pico, firmware, flash, tmp_path):
    broken = build_image({"main": "while True:\n    pass\n"}).slot_file
    bridge = pico({**firmware.installed(), "a.fw": broken, "b.fw": broken[:1000]})
    with bridge.paused() as chip:
        chip.run(1)
        chip.do("drive", pin=15, level=0)
    bridge.power_cycle()
    with bridge.paused() as chip:
        chip.run(0.1)
        chip.send(b"\r\nprint(6 * 7)\r\n")
        chip.until("42\r\n>>> ")
