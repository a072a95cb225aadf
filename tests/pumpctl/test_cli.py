"""`pumpctl` as a person types it, on a served simulated pump: what it prints, what it refuses, how it ends."""

import json
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pumpctl.cli import COMMANDS
from pumpctl.outputs import FILES
from tests.pumpfiles.files import EXAMPLES, PROGRAM, RIG, changed, write
from tests.pumps import DAY_MS, HOUR_MS

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
TIMED = ("--start", "2026-03-27")


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
    other = json.loads(run("push", str(write(tmp_path, PROGRAM)), "--json", "--yes")[1])
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
    (("clock", "set", "--to", "2101-01-01T00:00"), 2, "from 1970 to the end of 2099"),
    (("clock", "set", "--to", "1969-07-20T21:17"), 2, "from 1970 to the end of 2099"),
    (("clock", "set", "--to", "2026-03-29T02:30", "--zone", "Mars/Olympus"), 2, "Mars/Olympus"),
    (("resume",), 1, "this needs it suspended"),
    (("cancel",), 1, "no bolus is under way"),
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
    after = json.loads(run("status", "--json")[1])
    assert after | {"next_seq": 0} == json.loads(before[1]) | {"next_seq": 0}     # but for the record of a refusal


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
    assert (tmp_path / "boluses.csv").read_text().count("\n") == 1


def test_while_running_a_program_may_change_and_a_rig_may_not(ready, run, tmp_path):
    run("start")
    code, _, err = run("push", "--rig", str(EXAMPLES / "peristaltic.toml"), "--yes")
    assert code == 1 and "stop the pump before" in err
    assert run("push", str(write(tmp_path, PROGRAM)), "--yes")[0] == 0
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


@pytest.fixture
def dosing(ready, run, tmp_path):
    """A running one with limits of every kind and a line of 500 uL."""
    (tmp_path / "rig.toml").write_text(Path(BENCH).read_text() + '[line]\nvolume = "500 uL"\n')
    (tmp_path / "program.toml").write_text(PROGRAM + DOSING)
    assert run("push", str(tmp_path / "program.toml"), "--rig", str(tmp_path / "rig.toml"), *TIMED,
               "--yes")[0] == 0
    assert run("start")[0] == 0
    return ready


DOSING = '''
[on_demand]
volume = "10 uL"
over = "2 min"
lockout = "1 h"
max_per_24h = 4
[limits]
max_bolus = "100 uL"
[soft_limits]
max_bolus = "60 uL"
'''


def status(run):
    return json.loads(run("status", "--json")[1])


@pytest.mark.requirement("B-01")
def test_the_on_demand_bolus_locks_and_the_status_says_for_how_long(dosing, run):
    assert run("bolus")[:2] == (0, "bolus: 10 µL over 2 min granted; the pump is running now\n")
    assert "bolus under way" in run("status")[1]
    dosing.control.advance(10 * 60_000)
    assert "3 boluses left in 24 h, locked for 50 min" in run("status")[1]
    assert "denied: lockout" in run("bolus")[2]
    # 10 uL are 96.9 steps of 103.2 nL: 96 of them, 9907 nL
    assert status(run)["bolus_nl"] == 9907


def test_a_bolus_is_given_by_volume_or_by_mass_and_may_be_cancelled(dosing, run):
    given = json.loads(run("bolus", "25 ug", "--over", "5 min", "--json")[1])
    assert (given["volume_nl"], given["over_s"]) == (50_000, 300)                # at 0.5 mg/mL
    assert "denied: busy" in run("bolus", "5uL", "--over", "1min")[2]
    assert run("cancel")[0] == 0 and not status(run)["bolus"]


@pytest.mark.requirement("L-05")
def test_a_bolus_above_the_soft_limit_needs_a_yes_and_above_the_hard_one_it_helps_nothing(dosing, run):
    code, out, err = run("bolus", "80 uL", "--over", "10 min")
    assert (code, out) == (2, "bolus: 80 uL = 80000 nL over 10 min = 600 s\n")
    assert "soft max_bolus of 60000 nL. Repeat it with --yes" in err
    assert not status(run)["bolus"]
    assert run("bolus", "80 uL", "--over", "10 min", "--yes")[0] == 0
    run("cancel")
    code, _, err = run("bolus", "101 uL", "--over", "10 min", "--confirm")
    assert code == 1 and "denied: limit. Ask for less, or wait" in err


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("words, said", [
    (("bolus", "5 uL"), "both VOLUME and --over"), (("bolus", "--over", "5 min"), "both VOLUME and --over"),
    (("bolus", "0 uL", "--over", "5 min"), "at least 1 nL"), (("bolus", "0.9 nL", "--over", "5 min"), "at least 1 nL"),
    (("bolus", ".5 uL", "--over", "5 min"), "both sides of the point"), (("bolus", "5", "--over", "5 min"), "a unit"),
    (("bolus", "5 uL", "--over", "0 s"), "from 1 s"), (("bolus", "5 uL", "--over", "0.5 s"), "whole seconds"),
    (("bolus", "5 uL", "--over", "2 d"), "to 86400 s"), (("bolus", "5 uL/h", "--over", "5 min"), "a volume"),
    (("temp", "30 uL/h"), "needs --for"), (("temp", "30", "--for", "1 h"), "a unit"),
    (("temp", "1001%", "--for", "1 h"), "at most 1000 %"), (("temp", "off", "--for", "1 h"), "takes no --for"),
    (("temp", "30 uL/h", "--for", "8 d"), "to 604800 s"), (("prime", "0 mL"), "at least 1 nL"),
    (("prime", "-1 mL"), "No such option"),
    (("bolus", "4294.967296 mL", "--over", "5 min"), "at most 4294967295 nL"),
    (("prime", "5 L"), "at most 4294967295 nL"), (("temp", "1001 mL/h", "--for", "1 h"), "at most 1000000000 nL/h"),
    (("refill", "--added", "100001 mL"), "at most 100000000000 nL"),
    (("refill", "--added", "1"), "a unit"), (("refill", "--added", "0 mL"), "refill of nothing"),
    (("refill",), "--added"),
])
def test_wrong_quantities_are_refused_before_anything_is_sent(dosing, run, words, said):
    before = status(run)
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err
    assert status(run) == before


def test_a_temporary_rate_holds_for_its_time_or_until_it_is_ended(dosing, run):
    assert "30 µL/h for 30 min" in run("temp", "30 uL/h", "--for", "30 min")[1]
    assert status(run)["rate_nl_per_h"] == 30_000
    assert run("temp", "off")[0] == 0 and status(run)["rate_nl_per_h"] == 20_000
    assert run("temp", "50%", "--for", "1 h")[0] == 0 and status(run)["rate_nl_per_h"] == 10_000
    dosing.control.advance(HOUR_MS)
    assert status(run)["rate_nl_per_h"] == 20_000
    assert run("temp", "0.015 mg/h", "--for", "1 h")[0] == 0 and status(run)["rate_nl_per_h"] == 30_000
    assert "above max_rate" in run("temp", "3 mL/h", "--for", "1 h")[2]


@pytest.mark.requirement("D-06")
def test_prime_withdraw_and_refill_have_accounts_of_their_own(dosing, run):
    assert run("prime", "100 uL")[0] == 0
    dosing.control.advance(HOUR_MS)
    # 20 mL/h: 100 uL in 18 s, 968 steps, 99,903 nL; then the schedule goes on: 59.7 min at 20 uL/h, 19.9 uL, 192 steps
    found = status(run)
    assert (found["state"], found["prime_nl"], found["steps"]) == ("running", 99_903, 192)
    assert run("withdraw", "10 uL", "--yes")[0] == 1
    run("stop")
    assert run("withdraw", "10 uL", "--yes")[0] == 0
    dosing.control.advance(HOUR_MS)
    found = status(run)
    assert (found["state"], found["withdrawn_nl"], found["steps"]) == ("stopped", 9907, 192)
    expected_nl = found["reservoir_nl"]
    code, out, err = run("withdraw", "1 mL")
    assert (code, out) == (2, "withdraw: 1 mL = 1000000 nL\n") and "Repeat it with --yes" in err
    refill = json.loads(run("refill", "--withdrawn", "9.8 mL", "--added", "10 mL", "--json")[1])
    assert (refill["level_nl"], refill["difference_nl"], refill["warning"]) == (
        10_000_000, 9_800_000 - expected_nl, True)
    assert "warning" not in run("refill", "--withdrawn", "10 mL", "--added", "9 mL")[1]


@pytest.mark.requirement("U-02")
def test_a_change_of_concentration_asks_for_a_bridge_which_spells_out_its_arithmetic(dosing, run, tmp_path):
    old, new = tmp_path / "program.toml", tmp_path / "new.toml"
    new.write_text(changed(old.read_text(), "0.5 mg/mL", "1 mg/mL"))
    dosing.control.advance(5 * HOUR_MS)
    assert "plan a bridge" in run("push", str(new), *TIMED, "--yes")[1]
    code, out, err = run("bridge", str(old))
    # five days of 8.5 h at 20 and 15.5 h at 55 uL/h: 5112.5 uL in 168 h, 30.432 uL/h; 500 uL take 59,149.1 s
    assert code == 2 and "over 16 h 25 min 50 s" in err and "about 30.432 µL/h * 0.5 mg/mL" in out
    journal = json.loads(run("bridge", "--yes", "--json")[1])                    # 5 h at 20 uL/h: 500 uL take 25 h
    assert (journal["volume_nl"], journal["over_s"]) == (500_000, 90_000)
    assert status(run)["rate_nl_per_h"] == 20_000 and status(run)["temporary"]


@pytest.mark.requirement("L-05")
def test_a_program_beyond_its_soft_limits_is_pushed_with_a_yes_only(ready, run, tmp_path):
    soft = write(tmp_path, PROGRAM + '[soft_limits]\nmax_rate = "50 uL/h"\n')
    before = status(run)
    code, out, err = run("push", str(soft), *TIMED)
    assert code == 2 and "soft_limits max_rate" in out and "soft limit" in err and "Repeat it with --yes" in err
    assert status(run) == before
    assert run("push", str(soft), *TIMED, "--yes")[0] == 0
    assert status(run)["program_digest"] != before["program_digest"]


def test_port_and_json_may_stand_before_the_command(pump, run, monkeypatch):
    port = pump.port
    monkeypatch.setenv("PUMPCTL_PORT", "socket://127.0.0.1:1")
    found = [run(*words) for words in (("--port", port, "--json", "status"), ("status", "--port", port, "--json"),
                                       ("--port", port, "status", "--json"))]
    assert [code for code, *_ in found] == [0, 0, 0]
    assert len({out for _, out, _ in found}) == 1 and json.loads(found[0][1])["board"] == "simulator"
    assert run("status")[0] == 3


def test_no_port_or_a_dead_one_is_no_connection(run, pump, monkeypatch):
    pump.end("kill")
    assert run("status")[0] == 3
    monkeypatch.delenv("PUMPCTL_PORT")
    code, _, err = run("status")
    assert code == 3 and "--port" in err


@pytest.mark.requirement("C-06")
def test_a_pump_that_dies_under_a_command_leaves_it_uncertain(run, monkeypatch):
    monkeypatch.setattr("pumpctl.exchange.REPLUG_S", 0.1)           # 10 s for a pump that comes back
    listening = socket.create_server(("127.0.0.1", 0))

    def take_the_request_and_die():
        link, _ = listening.accept()
        taken = b""
        while b'"do":"stop"' not in taken or not taken.endswith(b"\n"):
            taken += link.recv(1024)
        listening.close()
        link.close()

    with ThreadPoolExecutor() as pool:
        pool.submit(take_the_request_and_die)
        code, out, err = run("stop", "--port", f"socket://127.0.0.1:{listening.getsockname()[1]}")
    assert (code, out) == (4, "")
    assert "uncertain: stop" in err and "log pull" in err


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
    groups = {"clock": "set", "log": "pull", "config": "set", "keys": "make"}
    words = (name, groups[name]) if name in groups else (name,)
    code, out, _ = run(*words, "--help")
    assert code == 0 and "Example:" in out and "--json" in out


def test_help_tells_the_exit_codes(run):
    assert "4 uncertain" in run("--help")[1]


def test_a_wrong_command_names_the_help(run):
    assert run("stat")[0] == 2
    assert "pumpctl --help" in run("stat")[2]


@pytest.mark.parametrize("words, forbidden", [
    (("--version",), {"serial", "msgspec", "pint", "rich", "matplotlib", "pumpsim", "importlib.metadata",
                      "pump.service"}),
    (("status", "--port", "socket://127.0.0.1:1"), {"msgspec", "pint", "rich", "matplotlib", "pumpsim", "jinja2"}),
])
def test_a_quick_command_loads_nothing_heavy(words, forbidden):
    script = f"import sys; sys.argv = {['pumpctl', *words]!r}; from pumpctl.__main__ import main; main(); " \
             "print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert not forbidden & set(out.split())


def test_the_version_is_the_firmwares(run):
    source = (Path(__file__).parents[2] / "firmware/pump/protocol.py").read_text()
    assert f'FIRMWARE_VERSION = "{run("--version")[1].split()[1]}"' in source
