"""The shipped scenarios pass, are the same on every run, and cover what a bench has to test; a failing one says why."""

import json
import re
import shlex
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pump.alarms import TABLE
from pump.zone import Zone
from pumpsim import faults
from pumpsim.__main__ import main
from pumpsim.scenarios.many import junit, picture_paths, run_all
from pumpsim.scenarios.player import Player, digest, status_of
from pumpsim.scenarios.result import run
from pumpsim.scenarios.scenario import load
from pumpsim.scenarios.timeline import DOES
from pumpsim.scenarios.words import LocalTime, ScenarioError, duration_ms, volume_nl
from pumpsim.soak.verdict import Found

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "sim" / "scenarios"
SHIPPED = sorted(FOLDER.glob("*.toml"))
LOADED = [load(path) for path in SHIPPED]
MINIMAL = f'''
title = "t"
purpose = "p"
rig = "{FOLDER / 'rigs/bench.toml'}"
program = "{FOLDER / 'programs/steady.toml'}"
start = "2026-04-01T08:00"
duration = "2 h"
'''


def written(tmp_path, text, name="one.toml"):
    path = tmp_path / name
    path.write_text(MINIMAL + text)
    return path


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem, marks=[
    pytest.mark.requirement(number) for number in scenario.requirements]) for path, scenario in zip(SHIPPED, LOADED)])
def test_a_shipped_scenario_passes(path):
    result = run(path)
    assert result.passed, "\n".join(result.lines())


def test_the_shipped_ones_cover_what_the_readme_says_they_do():
    readme = " ".join((ROOT / "sim/README.md").read_text(encoding="utf-8").split())
    assert (f"`sim/scenarios/` has {len(SHIPPED)}, for every alarm, every fault, everything that an operator does and "
            "both changes of clocks;") in readme
    expected = {table["alarm"] for one in LOADED for table in one.expectations if "alarm" in table}
    assert {name for name, *_ in TABLE if name} == expected
    entries = [entry for one in LOADED for entry in one.timeline]
    assert set(faults.names()) == {entry.value.name for entry in entries if entry.kind == "fault"}
    assert set(DOES) == {entry.value for entry in entries if entry.kind == "do"}
    assert {"forward", "back"} <= {change_of_clocks(one) for one in LOADED}


def change_of_clocks(scenario):
    """"forward" or "back" where local clocks are changed in it, otherwise ""."""
    zone = json.loads(scenario.programs["program"])["zone"]
    begin, end = (Zone(zone["first_offset_min"], zone["changes"]).lookup(ms // 60_000)[0]
                  for ms in (scenario.time.start_utc_ms, scenario.time.start_utc_ms + scenario.length_ms))
    return "forward" if end > begin else "back" if end < begin else ""


def test_titles_and_purposes_read_like_a_test_plan():
    assert len({one.title for one in LOADED}) == len(LOADED)
    assert all(one.purpose.endswith(".") and len(one.purpose) > 40 for one in LOADED)


def test_two_runs_have_the_same_journal_and_another_seed_may_have_another():
    path = FOLDER / "power-cut-torn-in-flash.toml"
    first, second = run(path), run(path)
    assert first.journal == second.journal
    assert [one.happened for one in first.outcomes] == [one.happened for one in second.outcomes]
    assert run(path, seed=5).seed == 5


@pytest.mark.parametrize("text, expected, happened", [
    ('[[expect]]\ndelivered = "121 uL"\ntolerance = "0.5 uL"', 'delivered 121 uL, tolerance 0.5 uL', "120.000 uL"),
    ('[[expect]]\nat = "09:00"\nstate = "stopped"', "at 09:00, state stopped", "running"),
    ('[[expect]]\nalarm = "occlusion"\nafter = "1 h"', "alarm occlusion, after 1 h", "never raised"),
    ('[[expect]]\nno_alarm = "occlusion"\n[[timeline]]\nafter = "30 min"\nfault = "stall"', "no_alarm occlusion",
     "raised at 08:30:00"),
    ('[[expect]]\nalarm = "occlusion"\nwithin = "20 min"\n[[timeline]]\nafter = "30 min"\nfault = "stall"',
     "alarm occlusion, within 20 min", "raised at 08:30:00"),
    ('[[expect]]\nevent = "bolus"\ncount = 2', "event bolus, count 2", "0 such events"),
    ('[[expect]]\nreaches = "fault"', "reaches fault", "running at 08:00:00"),
    ('[[expect]]\nalarms = ["occlusion"]', "alarms ['occlusion']", "[]"),
    ('[[expect]]\nrate = "61 uL/h"', "rate 61 uL/h", "60000"),
    ('[[expect]]\nlamp = "high"', "lamp high", "running"),
    ('[[expect]]\npressure = 10.0', "pressure 10.0", "0.00 kPa"),
    ('[[expect]]\nreason = "button"', "reason button", "nothing"),
    ('[[expect]]\nclock_error = "10 s"', "clock_error 10 s", "0 ms"),
    ('[[timeline]]\nafter = "1 h"\ndo = "resume"', "the answer ok", "bad_state"),
    ('[[timeline]]\nafter = "1 h"\nfault = "power_cut"\n[[expect]]\nrate = "60 uL/h"', "rate 60 uL/h", "no answer"),
])
def test_a_failing_one_says_what_was_expected_what_happened_and_how_to_see_it_again(tmp_path, text, expected, happened):
    path = written(tmp_path, text)
    result = run(path)
    said = "\n".join(result.lines())
    assert not result.passed
    assert f"expected: {expected}" in said or expected in said
    assert happened in said
    assert f"pumpsim run {path} --seed 0" in said


def test_the_command_that_plays_it_again_can_be_pasted_whatever_its_path_is_called(tmp_path):
    folder = tmp_path / "my tests; (old)"
    folder.mkdir()
    path = written(folder, '[[expect]]\nstate = "stopped"')
    command, = [line.strip() for line in run(path).lines() if "again" in line]
    assert shlex.split(command) == ["again:", "pumpsim", "run", str(path), "--seed", "0"]
    found = Found(1, 2, "what", "happened", str(path))
    assert shlex.split(found.again) == ["pumpsim", "run", str(path)]


@pytest.mark.parametrize("name", ["power-cut-in-a-bolus", "brown-out"])
def test_the_picture_s_programmed_volume_is_the_pump_s_over_its_resets(name):
    """Both programs are steady: what is programmed is ahead of what is counted by one step, 100 nL, at most."""
    scenario = load(FOLDER / f"{name}.toml")
    player = Player(scenario, with_samples=True)
    played = player.play()
    assert played.samples[-1][2] == status_of(played.pump)["programmed_nl"]
    assert all(counted_nl <= programmed_nl <= counted_nl + 100
               for _, _, programmed_nl, counted_nl, _, _ in played.samples)
    assert digest(played.records) == run(scenario.path).journal   # without samples


def test_a_scenario_that_ends_with_an_error_is_drawn_up_to_there(tmp_path):
    path = written(tmp_path, '[[timeline]]\nafter = "1 h"\nclear = "stall"')
    result = run(path, tmp_path / "new/one.png")
    assert "'stall' is not active" in result.error
    assert (tmp_path / "new/one.png").read_bytes().startswith(b"\x89PNG")
    assert run(tmp_path / "none.toml", tmp_path / "none.png").error and not (tmp_path / "none.png").exists()


def test_two_scenarios_of_one_name_have_two_pictures():
    assert picture_paths(["a/x.toml", "a/y.toml"], "p") == [Path("p/x.png"), Path("p/y.png")]
    assert picture_paths(["a/x.toml", "a/b/x.toml", "a/c/y.toml"], "p") == [
        Path("p/x.png"), Path("p/b/x.png"), Path("p/c/y.png")]
    assert picture_paths(["a/x.toml", "a/x.toml"], "p") == [Path("p/x.png")] * 2


@pytest.mark.requirement("D-08")
def test_steps_while_nothing_may_step_are_always_found(tmp_path, monkeypatch):
    """A driver of the motor that does not halt, behind an enable line that stays on."""
    from pumpsim.interlock import SimInterlock
    from pumpsim.stepper import SimStepper

    path = written(tmp_path, '[[timeline]]\nafter = "1 h"\ndo = "stop"')
    assert run(path).passed
    monkeypatch.setattr(SimStepper, "halt", lambda stepper: None)
    monkeypatch.setattr(SimInterlock, "is_on", True)
    said = "\n".join(run(path).lines())
    assert "no step while the pump may not step" in said and "steps while" in said


@pytest.mark.requirement("J-02")
def test_an_account_that_does_not_cover_the_steps_is_always_found(tmp_path, monkeypatch):
    from pump.ledger import Ledger

    path = written(tmp_path, "")
    assert run(path).passed
    monkeypatch.setattr(Ledger, "counted_steps", property(lambda ledger: ledger.dose_steps - 1))
    assert "the pump's account covers what was stepped" in "\n".join(run(path).lines())


@pytest.mark.parametrize("text, said", [
    ("[plant]\nwings = 2", "[plant] a plant has no 'wings'"),
    ('colour = "red"', "a scenario has no 'colour'"),
    ('[[timeline]]\nafter = "1 h"', "[[timeline]] number 1: one of do, fault"),
    ('[[timeline]]\nafter = "1 h"\ndo = "dance"', "'dance' is nothing an operator does"),
    ('[[timeline]]\nafter = "1 h"\ndo = "prime"', "prime needs volume"),
    ('[[timeline]]\nafter = "1 h"\ndo = "start"\nspeed = 2', "start has no 'speed'"),
    ('[[timeline]]\nafter = "1 hour"\ndo = "start"', "expected a duration"),
    ('[[timeline]]\nat = "8:00"\ndo = "start"', 'expected a time such as "08:00"'),
    ('[[timeline]]\nafter = "1 h"\nat = "09:00"\ndo = "start"', "one of at, after and when is needed; found at, after"),
    ('[[timeline]]\nafter = "1 h"\nfault = "gremlin"', "is no fault; choose one of"),
    ('[[timeline]]\nafter = "1 h"\nfault = "pressure"\ncounts = -1', "from 0 to"),
    ('[[timeline]]\nwhen = { mood = "bad" }\nfault = "stall"', "a condition is one of"),
    ('[[timeline]]\nafter = "1 h"\nfault = "leak"\nleak_kpa_s_per_ul = "x"', "must be a number"),
    ('[[expect]]\nat = "09:00"', "[[expect]] number 1: one of state"),
    ('[[expect]]\nstate = "asleep"', "must be one of stopped"),
    ('[[expect]]\nstate = "running"\nwithin = "1 h"', "state takes no 'within'"),
    ('[[expect]]\nafter = "3 h"\nstate = "running"', "after the end"),
    ('[[expect]]\ndelivered = 5', "expected a volume"),
    ('[programs]\nother = "none.toml"', "cannot be read"),
    ('[[timeline]]\nafter = "3 h"\nfault = "stall"', "number 1: after 3 h, fault stall: this is after the end"),
    ('[[timeline]]\nat = "07:00"\nfault = "stall"', "this is after the end, at 10:00:00; let the scenario last longer"),
    ('[[expect]]\nno_alarm = "occlusion"\nwithin = "3 h"', "it is looked at after the end"),
    ('[[expect]]\nevent = "bolus"\noutcome = "grantd"\ncount = 0', "outcome: 'grantd' must be one of granted"),
    ('[[expect]]\nevent = "bolus"\ndenial = "lokout"\ncount = 0', "denial: 'lokout' must be one of busy, lockout"),
    ('[[expect]]\nevent = "start"\noutcome = "granted"', "outcome is of the event bolus, not of start"),
    ('[[expect]]\nevent = "bolus"\ncount = "no"', "count: found 'no', expected a whole number"),
    ('[[expect]]\nreason = "boredom"', "'boredom' must be one of power-up"),
    ('[[expect]]\npressure = "high"', "found 'high', expected a number"),
    ('[[expect]]\nalarms = "occlusion"', "found 'occlusion', expected a list of alarms"),
    ('[[timeline]]\nafter = "1 h"\ndo = "start"\nanswer = "bad_sate"', "answer: 'bad_sate' must be one of ok, none"),
    ('[[timeline]]\nafter = "1 h"\ndo = "program"\nname = "night"', "number 1: there is no [programs.night]"),
    ('timeline = 5', "timeline: found 5, expected tables [[timeline]]"),
    ('timeline = [5]', "[[timeline]] number 1: found 5, expected a table"),
    ('expect = [5]', "[[expect]] number 1: found 5, expected a table"),
    ('running = "yes"', "running: found 'yes', expected true or false"),
    ('[[timeline]]\nafter = "1 h"\ndo = "temp"\npercent = "abc"', "percent: found 'abc', expected a whole number"),
    ('[[timeline]]\nafter = "1 h"\ndo = ["start"]', "['start'] is nothing an operator does"),
    ('[[timeline]]\nafter = "1 h"\nfault = ["stall"]', "found ['stall'], expected the name of a fault"),
    ('[[timeline]]\nafter = "1 h"\nset = { wings = 2 }', "[[timeline]] number 1: a plant has no 'wings'"),
    ('[[timeline]]\nafter = "1 h"\nclear = 5', "found 5, expected a name"),
    ('[[timeline]]\nwhen = 5\nfault = "stall"', "found 5, expected a condition such as"),
    ('[[timeline]]\nafter = "1 h"\ndo = "bolus"\nvolume = "1 uL"\nover = "0.5 s"', "over: found '0.5 s', expected"),
])
def test_a_scenario_that_is_wrong_is_refused_in_one_line_with_its_place(tmp_path, text, said):
    result = run(written(tmp_path, text))
    assert said in result.error and "one.toml" in result.error and "\n" not in result.error
    assert not result.passed


def test_rig_and_program_are_the_host_s_and_refused_where_they_stand(tmp_path):
    path = tmp_path / "two.toml"
    path.write_text(MINIMAL.replace('program = "', 'program = { name = "x", utc_offset = "+01:00", schedule = [{ '
                                    'segments = [{ at = "00:00", rate = "60 ul/hour" }] }] }\n#'))
    assert re.search(r"two\.toml:5:\d+: found", run(path).error)


NEVER = '[[timeline]]\nwhen = { alarm = "occlusion" }\nfault = "leak"\n[[expect]]\nno_alarm = "reservoir empty"'


def test_what_waits_for_a_condition_that_never_holds_fails_unless_the_scenario_is_loose(tmp_path):
    result = run(written(tmp_path, NEVER))
    outcome, = result.failures
    assert outcome.text == "when {'alarm': 'occlusion'}, fault leak: that it happens" and outcome.happened == "never"
    assert run(written(tmp_path, "loose = true\n" + NEVER)).passed


def test_a_loose_scenario_may_have_been_cut_short(tmp_path):
    """As the soak does when it shrinks: what comes after the end is left out."""
    assert run(written(tmp_path, 'loose = true\n[[timeline]]\nafter = "3 h"\nfault = "stall"')).passed


def test_a_fault_that_cannot_be_applied_ends_the_scenario(tmp_path):
    result = run(written(tmp_path, '[[timeline]]\nafter = "1 h"\nfault = "pressure_sensor_broken"'))
    assert "no pressure sensor is fitted" in result.error


def test_local_times_go_over_a_change_of_clocks():
    """Berlin, 2026-03-29: 02:00 does not come; on 2026-10-25 it comes twice."""
    berlin = {"first_offset_min": 60, "changes": [29_579_100, 120, 29_881_500, 60]}
    spring = LocalTime("2026-03-28T22:00", berlin)
    assert spring.ms_of("1 03:30") == duration_ms("4.5 h")
    assert spring.ms_of("1 02:30") == duration_ms("4.5 h")                # what does not come: an hour later
    assert spring.clock(duration_ms("4.5 h")) == "1 03:30:00"
    autumn = LocalTime("2026-10-24T22:00", berlin)
    assert autumn.ms_of("1 02:30") == duration_ms("4.5 h")                # the first of two
    assert autumn.ms_of("1 03:30") == duration_ms("6.5 h")
    assert autumn.ms_of("23:00") == duration_ms("1 h") and autumn.ms_of("08:00") == duration_ms("11 h")
    with pytest.raises(ScenarioError, match="before the start"):
        autumn.ms_of("0 08:00")
    assert (volume_nl("0.5 uL"), duration_ms("1.5 min")) == (500, 90_000)


def test_many_are_played_over_processes_in_their_order_and_become_junit(tmp_path):
    good = written(tmp_path, "", "good.toml")
    bad = written(tmp_path, '[[expect]]\nstate = "stopped"', "bad.toml")
    none = tmp_path / "none.toml"
    seen = []
    results = run_all([good, bad, none], jobs=2, on_done=seen.append)
    assert [one.passed for one in results] == [True, False, False] and seen == results
    suite = ElementTree.fromstring(junit(results))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    cases = list(suite)
    assert [case.get("name") for case in cases] == ["good", "bad", "none"]
    assert "expected: state stopped" in cases[1].find("failure").text
    assert "cannot be read" in cases[2].find("error").get("message")


def test_the_command_prints_json_draws_pictures_and_ends_with_1_where_one_fails(tmp_path, monkeypatch, capsys):
    def said(*words):
        monkeypatch.setattr(sys, "argv", ["pumpsim", "run", "--jobs", "1", *map(str, words)])
        assert main() == 1
        return capsys.readouterr().out

    bad = written(tmp_path, '[[expect]]\nstate = "stopped"', "bad.toml")
    leak, failed = json.loads(said(FOLDER / "leak.toml", bad, "--json", "--junit", tmp_path / "junit.xml",
                                   "--pictures", tmp_path / "pictures"))["scenarios"]
    assert (leak["passed"], failed["passed"]) == (True, False)
    assert failed["outcomes"][0]["happened"] == "running"
    assert (tmp_path / "pictures/leak.png").read_bytes().startswith(b"\x89PNG")
    assert ElementTree.parse(tmp_path / "junit.xml").getroot().get("failures") == "1"
    text = said(bad)
    assert "expected: state stopped" in text and "0 of 1 scenarios passed" in text


def test_the_readme_s_scenario_is_played(tmp_path):
    text = (ROOT / "sim/README.md").read_text(encoding="utf-8").split("```toml")[1].split("```")[0]
    path = tmp_path / "example.toml"
    path.write_text(text.replace('"rigs/', f'"{FOLDER}/rigs/').replace('"programs/', f'"{FOLDER}/programs/'))
    result = run(path)
    assert result.passed, "\n".join(result.lines())
