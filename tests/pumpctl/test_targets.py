"""Which pump a command talks to, and how it is with several: names, ids, the only one; one question for all."""

import json

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from pumpctl.outputs import FILES
from tests.pumpfiles.files import EXAMPLES
from tests.pumps import HOUR_MS
from tests.serving import served

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
SIM_ID = "53494d5055303031"                          # SIMPU001
DEAD = "socket://127.0.0.1:1"


@pytest.fixture
def asked(monkeypatch):
    """Answers on a terminal; keeps the questions."""
    questions = []

    class Terminal:
        answer = True

        def isatty(self):
            return True

    def confirm(question, **options):
        questions.append(question)
        return Terminal.answer
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("click.confirm", confirm)
    questions_of = lambda: questions  # noqa: E731
    questions_of.terminal = Terminal
    return questions_of


@pytest.fixture
def usb(monkeypatch):
    """Puts Picos on USB: serial number by device."""
    def usb(**ids):
        found = []
        for device, serial_number in ids.items():
            port = ListPortInfo(device)
            port.vid, port.pid, port.serial_number = 0x2E8A, 0x0005, serial_number
            found.append(port)
        monkeypatch.setattr(list_ports, "comports", lambda: found)
    usb()
    return usb


@pytest.fixture
def left():
    with served("--control", "tcp:0") as serving:
        yield serving


@pytest.fixture
def both(left, run, usb):
    """Two pumps with names, rig, program and clock; stopped."""
    with served("--control", "tcp:0") as right:
        for name, serving in (("left", left), ("right", right)):
            assert run("config", "set", f"pumps.{name}", serving.port)[0] == 0
            assert run("push", CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27", "--pump", name)[0] == 0
            assert run("clock", "set", "--to", "2026-03-27T00:00", "--pump", name)[0] == 0
        yield left, right


def states(run):
    return {name: found["state"] for name, found in json.loads(run("status", "--all", "--json")[1]).items()}


def test_a_name_stands_for_a_port_and_the_environment_may_give_it(left, run, usb, monkeypatch):
    run("config", "set", "pumps.bench", left.port)
    assert json.loads(run("status", "--pump", "bench", "--json")[1])["board"] == "simulator"
    assert run("--pump", "bench", "status")[0] == 0
    monkeypatch.setenv("PUMPCTL_PUMP", "bench")
    assert run("status")[0] == 0
    monkeypatch.setenv("PUMPCTL_PORT", DEAD)         # a port is nearer than a name
    assert run("status")[0] == 3
    assert run("status", "--pump", "bench")[0] == 0  # what is typed comes before the environment


def test_the_configured_pump_is_taken_where_none_is_named(left, run, usb):
    run("config", "set", "pumps.bench", left.port)
    assert run("status")[0] == 3
    run("config", "set", "pump", "bench")
    assert run("status")[0] == 0


def test_a_pump_is_found_by_the_beginning_of_its_id(left, run, usb):
    run("config", "set", "pumps.bench", left.port)
    assert run("status", "--pump", SIM_ID[:6])[0] == 0                             # asked at the named port
    usb(**{left.port: SIM_ID.upper(), DEAD: "e6614104033f2b27"})
    assert run("status", "--pump", SIM_ID[:4])[0] == 0
    run("config", "set", "pumps.mine", SIM_ID)
    assert run("status", "--pump", "mine")[0] == 0
    assert "no pump is found whose id begins with beef" in run("status", "--pump", "beef")[2]


def test_the_only_pump_on_usb_needs_no_name(left, run, usb):
    usb(**{left.port: SIM_ID})
    assert run("status")[0] == 0
    usb(**{left.port: SIM_ID, DEAD: "e6614104033f2b27"})                           # a Pico without a pump
    assert run("status")[0] == 0


def test_of_two_pumps_on_usb_one_has_to_be_named(both, run, usb):
    usb(**{serving.port: SIM_ID for serving in both})
    code, out, err = run("status")
    assert (code, out) == (3, "") and "2 pumps are found" in err and "--pump" in err


def test_no_pump_at_all_says_what_to_give(run, usb):
    for words in ((), ("--all",)):
        code, out, err = run("status", *words)
        assert (code, out, err.count("\n")) == (3, "", 1) and "PORT" in err


@pytest.mark.parametrize("words, said", [
    (("--pump", "middle"), "no pump is called 'middle'"), (("--pump", "left", "--port", DEAD), "--port was given"),
    (("--all", "--port", DEAD), "--port was given together"),
])
def test_wrong_choices_are_refused_in_a_line(run, usb, words, said):
    code, out, err = run("status", *words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err


def test_results_stand_under_the_pumps_names(both, run):
    code, out, _ = run("status", "--pump", "right", "--pump", "left")
    assert code == 0 and [line for line in out.splitlines() if " " not in line] == ["right", "left"]
    assert list(json.loads(run("status", "--all", "--json")[1])) == ["left", "right"]
    assert run("status", "--pump", "left")[1].startswith("state")                  # one needs no heading


def test_a_pump_under_two_names_is_asked_once(both, run):
    run("config", "set", "pumps.again", both[0].port)
    assert list(json.loads(run("status", "--all", "--json")[1])) == ["left", "right"]


def test_what_changes_several_pumps_is_asked_once_with_all_named(both, run, asked):
    assert run("start", "--all")[0] == 0
    assert asked() == ["start: on left, right. Go on?"]
    assert states(run) == {"left": "running", "right": "running"}


def test_without_a_yes_nothing_is_sent_to_any(both, run, asked):
    asked.terminal.answer = False
    assert run("start", "--all")[0] == 2
    assert states(run) == {"left": "stopped", "right": "stopped"}
    assert run("start", "--all", "--yes")[0] == 0 and len(asked()) == 1
    assert states(run) == {"left": "running", "right": "running"}


def test_without_a_terminal_several_need_the_flag(both, run):
    code, _, err = run("start", "--all")
    assert code == 2 and "start: on left, right. Repeat it with --yes" in err


def test_stop_asks_nobody(both, run, asked):
    run("start", "--all", "--yes")
    assert run("stop", "--all")[0] == 0
    assert asked() == [] and states(run) == {"left": "stopped", "right": "stopped"}


def test_a_pump_that_fails_stops_no_other_and_the_worst_exit_code_wins(both, run):
    run("start", "--pump", "right")
    code, out, err = run("start", "--all", "--yes")                                # the right one runs already
    assert code == 1 and "left\nstart: the pump is running now" in out
    assert err.startswith("pumpctl: right: the pump refused") and err.count("\n") == 1
    both[0].end("kill")
    code, out, err = run("stop", "--all", "--json")
    found = json.loads(out)
    assert (code, err) == (3, "") and found["right"]["state"] == "stopped"
    assert found["left"]["exit_code"] == 3 and "cannot open" in found["left"]["error"] and found["left"]["hint"]


def test_quantities_are_echoed_for_each_before_the_question(both, run, asked):
    assert run("prime", "100 uL", "--all")[1].startswith("left\nprime: 100 uL = 100000 nL\nright\nprime: 100 uL")
    assert asked() == ["prime 100 µL: on left, right. Go on?"]


def test_a_dose_log_of_several_has_a_folder_for_each(both, run, tmp_path):
    run("start", "--all", "--yes")
    for serving in both:
        serving.control.advance(HOUR_MS)
    assert run("log", "pull", "--pump", "left", "--archive", str(tmp_path / "a"))[0] == 0
    one_file = run("log", "pull", "--all", "--out", str(tmp_path / "doses.csv"))
    assert one_file[0] == 2 and "give a folder" in one_file[2]
    # both simulated pumps have one id; so that their journals are not taken for one's, one of them is asked for
    code, _, _ = run("log", "pull", "--pump", "left", "--pump", "left", "--out", str(tmp_path / "out"))
    assert code == 0 and sorted(path.name for path in (tmp_path / "out" / "left").iterdir()) == sorted(FILES)


def test_list_shows_names_ids_and_what_does_not_answer(both, run, usb):
    run("config", "set", "pumps.gone", "e6614104033f2b27")
    out = run("list")[1]
    assert f"left  {both[0].port}  pump {SIM_ID}" in out and "gone  the pump that you call gone is not on USB" in out
