"""`pumpctl` as a person types it, on a served simulated pump: what it prints, what it refuses, how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pumpctl.__main__ import main
from pumpctl.cli import COMMANDS
from pumpctl.outputs import FILES
from tests.pumpctl.files import EXAMPLES, PROGRAM, RIG, changed, write
from tests.pumps import DAY_MS, HOUR_MS
from tests.serving import served

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
TIMED = ("--start", "2026-03-27")


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs pumpctl in this process; gives (exit code, stdout, stderr)."""
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["pumpctl", *words])
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err
    return run


@pytest.fixture
def pump(monkeypatch):
    """A served pump that time stands still for, at PUMPCTL_PORT."""
    with served("--control", "tcp:0") as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        yield serving


@pytest.fixture
def ready(pump, run):
    """One with program and clock, stopped."""
    assert run("push", CIRCADIAN, "--rig", BENCH, *TIMED)[0] == 0
    assert run("clock", "set", "--to", "2026-03-27T00:00")[0] == 0
    return pump


def test_a_week_from_the_files_to_the_dose_log(ready, run, tmp_path):
    assert run("start")[:2] == (0, "start: the pump is running now\n")
    ready.control.advance(7 * DAY_MS - HOUR_MS)
    assert run("stop")[0] == 0
    code, out, err = run("log", "pull", "--out", str(tmp_path))
    assert (code, err) == (0, "")
    # weekdays 8.5 h * 20 + 15.5 h * 55 uL/h, weekend 9 h * 20 + 15 h * 45; Sunday an hour at 20 shorter
    assert "total                 6,802.500" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert [day["programmed_nl"] for day in summary["days"]] == [
        1_022_500, 855_000, 835_000, 1_022_500, 1_022_500, 1_022_500, 1_022_500]


@pytest.mark.requirement("U-01")
def test_check_echoes_every_quantity_and_needs_no_pump(run):
    code, out, _ = run("check", CIRCADIAN, "--rig", BENCH)
    assert code == 0
    assert "mon-fri 06:30  55 uL/h = 55000 nL/h" in out
    assert "max_24h                20 mL = 20000000 nL" in out
    assert "nothing was sent" in out


def test_push_sends_only_what_the_pump_does_not_have(ready, run, tmp_path):
    again = json.loads(run("push", CIRCADIAN, "--rig", BENCH, *TIMED, "--json")[1])
    assert (again["rig"]["sent"], again["program"]["sent"]) == (False, False)
    other = json.loads(run("push", str(write(tmp_path, PROGRAM)), "--json")[1])
    assert other["program"]["sent"] and "rig" not in other
    assert json.loads(run("status", "--json")[1])["program_digest"] == other["program"]["digest"]


@pytest.mark.parametrize("with_rig", [True, False])
def test_a_program_beyond_the_rig_is_refused_and_nothing_is_sent(ready, run, tmp_path, with_rig):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(changed(PROGRAM, "55 uL/h", "3 mL/h"))
    before = run("status", "--json")
    code, out, err = run("push", str(wrong), *(("--rig", BENCH) if with_rig else ()))
    assert (code, out) == (2, "")
    assert "wrong.toml:8:" in err and "Monday 06:30" in err and "bench-1" in err
    assert run("status", "--json") == before


@pytest.mark.parametrize("text, said", [
    (changed(PROGRAM, '"55 uL/h"', '".5 uL/h"'), "wrong.toml:8:"),
    (changed(PROGRAM, '"55 uL/h"', '"55"'), "wrong.toml:8:"),
    (changed(PROGRAM, "Europe/Berlin", "Europe/Bern"), "wrong.toml:3:"),
    (changed(PROGRAM, 'at = "06:30"', 'at = "22:00"'), "wrong.toml:"),
])
def test_wrong_input_is_one_line_with_its_place_and_nothing_is_sent(pump, run, tmp_path, text, said):
    (tmp_path / "wrong.toml").write_text(text)
    (tmp_path / "rig.toml").write_text(RIG)
    code, out, err = run("push", str(tmp_path / "wrong.toml"), "--rig", str(tmp_path / "rig.toml"))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err and "expected" in err
    assert json.loads(run("status", "--json")[1])["rig"] is None


def test_the_clock_is_set_to_now_to_a_local_time_or_to_one_of_a_zone(ready, run):
    to = json.loads(run("clock", "set", "--to", "2026-07-01T12:00", "--json")[1])
    assert (to["utc"], to["local"]) == ("2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00")
    zoned = json.loads(run("clock", "set", "--to", "2026-07-01T12:00", "--zone", "America/New_York", "--json")[1])
    assert zoned["utc"] == "2026-07-01T16:00:00Z"
    fixed = json.loads(run("clock", "set", "--to", "2026-07-01T12:00", "--zone", "+05:30", "--json")[1])
    assert fixed["utc"] == "2026-07-01T06:30:00Z"
    now = json.loads(run("clock", "set", "--json")[1])["utc_ms"]
    assert json.loads(run("status", "--json")[1])["utc_ms"] == now


@pytest.mark.parametrize("words, code, said", [
    (("clock", "set", "--to", "2026-03-29T02:30"), 2, "does not exist"),
    (("clock", "set", "--to", "noon"), 2, "no local time"),
    (("clock", "set", "--to", "2026-03-29T02:30", "--zone", "Mars/Olympus"), 2, "Mars/Olympus"),
    (("resume",), 1, "this needs it suspended"),
    (("ack",), 1, "this needs it fault"),
    (("log", "pull", "--out", "/dev/null/x"), 2, "cannot make the folder"),
    (("log", "pull", "--from", "9999"), 2, "no records"),
    (("push",), 2, "nothing to push"),
    (("push", "missing.toml"), 2, "missing.toml"),
    (("push", CIRCADIAN, "--start", "tomorrow"), 2, "tomorrow"),
])
def test_what_cannot_be_done_is_one_line_with_an_exit_code(ready, run, words, code, said):
    before = run("status", "--json")
    found = run(*words)
    assert found[:2] == (code, "")
    assert said in found[2] and found[2].count("\n") == 1
    assert run("status", "--json") == before


def test_a_pump_without_program_or_clock_says_what_to_send(pump, run):
    assert run("start")[2].endswith("Send one with: pumpctl push FILE --rig RIG\n")
    assert run("push", CIRCADIAN)[2].endswith("Send one with: pumpctl push --rig RIG\n")
    assert run("clock", "set", "--to", "2026-03-27T00:00")[2].endswith("Give one with --zone Europe/Berlin\n")
    assert run("push", CIRCADIAN, "--rig", BENCH)[0] == 0
    assert run("start")[2].endswith("Set it with: pumpctl clock set\n")


def test_a_pump_that_never_ran_has_a_log_all_the_same(pump, run, tmp_path):
    run("push", "--rig", BENCH)
    code, out, err = run("log", "pull", "--out", str(tmp_path))
    assert (code, err) == (0, "")
    assert "total" in out
    assert (tmp_path / "doses.csv").read_text().count("\n") == 1


def test_while_running_a_program_may_change_and_a_rig_may_not(ready, run, tmp_path):
    run("start")
    code, _, err = run("push", "--rig", str(EXAMPLES / "peristaltic.toml"))
    assert code == 1 and "stop the pump before" in err
    assert run("push", str(write(tmp_path, PROGRAM)))[0] == 0
    assert "running" in run("status")[1]


def test_stop_is_always_allowed(ready, run):
    assert [run("stop")[0] for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("name, starts", [("doses.csv", "seq,"), ("journal.bin", ""), ("summary.json", "{")])
def test_one_file_is_pulled_where_one_is_named(ready, run, tmp_path, name, starts):
    run("start")
    ready.control.advance(HOUR_MS)
    assert run("log", "pull", "--out", str(tmp_path / name))[0] == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes().startswith(starts.encode())


def test_no_port_or_a_dead_one_is_no_connection(run, pump, monkeypatch):
    pump.end("kill")
    assert run("status")[0] == 3
    monkeypatch.delenv("PUMPCTL_PORT")
    code, _, err = run("status")
    assert code == 3 and "--port" in err


@pytest.mark.requirement("C-06")
def test_a_pump_that_dies_under_a_command_leaves_it_uncertain(ready, run):
    ready.process.send_signal(19)                    # SIGSTOP: it takes the request and does not answer
    words = [sys.executable, "-m", "pumpctl", "start"]
    command = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        command.wait(1)
    ready.process.kill()
    out, err = command.communicate(timeout=20)
    assert (command.returncode, out) == (4, "")
    assert "uncertain: start" in err and "log pull" in err


def test_simulate_writes_what_a_real_run_would(run, tmp_path):
    code, out, err = run("simulate", CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27T00:00", "--days", "7",
                         "--out", str(tmp_path), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads((tmp_path / "summary.json").read_text())
    assert json.loads(out)["simulated_s"] == 167 * 3600
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)


@pytest.mark.parametrize("words, said", [
    (("--start", "2026-03-29T02:30"), "does not exist"), (("--start", "now"), "no local time"),
    (("--start", "2026-03-27T00:00", "--days", "0"), "--days"), ((), "--start")])
def test_simulate_refuses_before_it_begins(run, tmp_path, words, said):
    code, _, err = run("simulate", CIRCADIAN, "--rig", BENCH, "--out", str(tmp_path / "out"), *words)
    assert code == 2 and said in err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(run, name):
    words = {"clock": ("clock", "set"), "log": ("log", "pull")}.get(name, (name,))
    code, out, _ = run(*words, "--help")
    assert code == 0 and "Example:" in out and "--json" in out


def test_help_tells_the_exit_codes(run):
    assert "4 uncertain" in run("--help")[1]


def test_a_wrong_command_names_the_help(run):
    assert run("stat")[0] == 2
    assert "pumpctl --help" in run("stat")[2]


@pytest.mark.parametrize("words, forbidden", [
    (("--version",), {"serial", "msgspec", "pint", "rich", "matplotlib", "pumpsim", "importlib.metadata"}),
    (("status", "--port", "socket://127.0.0.1:1"), {"msgspec", "pint", "rich", "matplotlib", "pumpsim", "jinja2"}),
])
def test_a_quick_command_loads_nothing_heavy(words, forbidden):
    script = f"import sys; sys.argv = {['pumpctl', *words]!r}; from pumpctl.__main__ import main; main(); " \
             "print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not forbidden & set(out.split())


def test_the_version_is_the_firmwares(run):
    source = (Path(__file__).parents[2] / "firmware/pump/service.py").read_text()
    assert f'FIRMWARE_VERSION = "{run("--version")[1].split()[1]}"' in source
