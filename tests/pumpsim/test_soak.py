"""Soak draws valid stories, finds what is broken on purpose, and makes of it a small file that shows it again."""

import json
import tomllib

import click
import pytest
from click.testing import CliRunner

from pump.boluses import Boluses
from pump.run import Run
from pumpsim.__main__ import cli
from pumpsim.scenarios import patience
from pumpsim.scenarios.result import run
from pumpsim.scenarios.scenario import load
from pumpsim.soak import finds, shrink, work
from pumpsim.soak import story as of_story
from pumpsim.soak.played import Failure, failure_of, written
from pumpsim.soak.shrink import Shrinker
from pumpsim.soak.story import story
from pumpsim.soak.work import AHEAD, Watcher, played_of, soak

A_STORY = 1 / of_story.STORIES_A_YEAR
SHOWS_IT = 33                 # a seed whose first story presses the button twice within a lockout
SHOW_IT = 34                  # a seed whose first two stories do


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(of_story, "DAYS", 1)


def without_lockout(monkeypatch):
    monkeypatch.setattr(Boluses, "lockout_left_ms", lambda self, now_ms, program: 0)


def test_a_story_is_the_same_for_its_seed_and_number():
    first = story(1, 7)
    assert first == story(1, 7)
    assert first != story(1, 8)


def test_stories_are_scenario_files_that_the_pump_accepts_and_nothing_fails_in_them(tmp_path):
    for number in range(2):
        path = tmp_path / "story.toml"
        path.write_text(written(story(5, number)))
        assert load(path).loose
        result = run(path)
        assert result.passed, result.lines()


def test_a_pump_without_lockout_is_found_and_shrunk_to_a_file_that_shows_it(monkeypatch, tmp_path):
    assert soak(SHOWS_IT, A_STORY, jobs=1, out=tmp_path).failed == []
    without_lockout(monkeypatch)
    found, = soak(SHOWS_IT, A_STORY, jobs=1, out=tmp_path).failed
    assert found.what == "the lockout holds"
    assert found.entries == 2                           # the button, twice
    result = run(found.path)
    assert [outcome.text for outcome in result.failures] == ["the lockout holds"]
    table = tomllib.loads((tmp_path / f"soak-{SHOWS_IT}-0.toml").read_text())
    assert "bolus" not in table["program"] and "programs" not in table
    monkeypatch.undo()
    assert run(found.path).passed


class Notes(Watcher):
    def __init__(self, is_interrupted=False):
        self.trials, self._is_interrupted = [], is_interrupted

    def found(self, found):
        if self._is_interrupted:
            raise KeyboardInterrupt

    def shrinking(self, number, trial, most):
        self.trials.append((number, trial, most))


def test_a_soak_that_is_interrupted_leaves_the_story_that_failed(monkeypatch, tmp_path):
    without_lockout(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        soak(SHOWS_IT, A_STORY, jobs=1, out=tmp_path, watcher=Notes(is_interrupted=True))
    path, = tmp_path.iterdir()
    assert path.name == f"soak-{SHOWS_IT}-0-whole.toml"
    assert "the lockout holds" in [outcome.text for outcome in run(path).failures]


def test_shrinking_says_how_far_it_is_and_comes_to_an_end(monkeypatch, tmp_path):
    without_lockout(monkeypatch)
    monkeypatch.setattr(shrink, "TRIALS_MOST", 5)
    notes = Notes()
    found, = soak(SHOWS_IT, A_STORY, jobs=1, out=tmp_path, watcher=notes).failed
    assert notes.trials == [(0, trial, 5) for trial in range(1, 6)] and found.trials == 5


def test_a_pump_that_never_comes_back_from_a_poll_is_found_and_not_waited_for(monkeypatch, tmp_path):
    """At its first checkpoint: the shortest rig's is after a minute, the longest's after an hour."""
    monkeypatch.setattr(Run, "_mark_due", lambda self, event_ms: None)
    monkeypatch.setattr(patience, "STANDSTILL_S", 0.1)
    monkeypatch.setattr(shrink, "TRIALS_MOST", 3 * finds.STUCK_SHARE)
    found, = soak(SHOWS_IT, A_STORY, jobs=1, out=tmp_path).failed
    assert found.what == "virtual time goes on" and found.happened.startswith("time stands still at ")
    assert found.trials == 3
    assert run(found.path).simulated_s <= 3600
    monkeypatch.undo()
    assert run(found.path).passed


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_more_work_is_handed_out_than_can_be_done_soon(jobs):
    taken = []
    chunks = ((1, range(number, number + 1)) for number in range(1_000_000) if not taken.append(number))
    results = played_of(chunks, jobs)
    for got in range(1, 4):
        next(results)
        assert len(taken) <= AHEAD * jobs + got
    results.close()


def test_the_command_says_how_to_play_it_again_and_ends_with_1(monkeypatch, tmp_path):
    without_lockout(monkeypatch)
    monkeypatch.setattr(shrink, "TRIALS_MOST", 5)       # the file need not be small here
    words = ["soak", "--years", str(A_STORY), "--seed", str(SHOWS_IT), "--jobs", "1", "--out", str(tmp_path)]
    said = CliRunner().invoke(cli, words, standalone_mode=False)
    assert said.return_value == 1
    assert f"again: pumpsim run {tmp_path}" in said.output
    said = CliRunner().invoke(cli, [*words, "--json"], standalone_mode=False)
    found, = json.loads(said.stdout)["failed"]
    assert found["what"] == "the lockout holds" and found["again"].startswith("pumpsim run ")
    monkeypatch.undo()
    assert CliRunner().invoke(cli, words, standalone_mode=False).return_value == 0


def test_another_failure_of_a_kind_comes_with_the_command_that_makes_its_file(monkeypatch, tmp_path):
    without_lockout(monkeypatch)
    monkeypatch.setattr(shrink, "TRIALS_MOST", 5)
    monkeypatch.chdir(tmp_path)
    words = ["soak", "--years", str(2 * A_STORY), "--seed", str(SHOW_IT), "--jobs", "1"]
    *_, line, summary = CliRunner().invoke(cli, words, standalone_mode=False).output.splitlines()
    assert line == f"  a file of it: pumpsim soak --seed {SHOW_IT} --story 1" and "2 failed" in summary
    said = CliRunner().invoke(cli, [*line.split("pumpsim ")[1].split(), "--json"], standalone_mode=False)
    answer = json.loads(said.stdout)
    found, = answer["failed"]
    assert (said.return_value, answer["stories"], found["number"]) == (1, 1, 1)
    assert found["path"] == f"out/soak/soak-{SHOW_IT}-1.toml"
    assert [outcome.text for outcome in run(found["path"]).failures] == ["the lockout holds"]
    whole = tomllib.loads((tmp_path / found["whole"]).read_text())
    assert whole["timeline"] == tomllib.loads(written(story(SHOW_IT, 1)))["timeline"]


def test_a_story_by_its_number_is_not_years():
    with pytest.raises(click.UsageError, match="leave --years out"):
        CliRunner().invoke(cli, ["soak", "--years", "1", "--story", "1"], standalone_mode=False, catch_exceptions=False)


def test_two_processes_find_what_one_finds(monkeypatch, tmp_path):
    monkeypatch.setattr(work, "CHUNK", 1)
    monkeypatch.setattr(of_story, "DAYS", 5)            # as another process has it, however it begins
    one, two = (soak(13, 2 * A_STORY, jobs=jobs, out=tmp_path) for jobs in (1, 2))
    assert one.journals == two.journals != ""
    assert one.failed == two.failed == []
    assert one.stories == two.stories == 2


def test_shrinking_leaves_what_is_needed_and_keeps_the_local_time_of_it():
    """Fails where there is a stop more than 10 min after a start: both stay, and no more."""
    def still_fails(table):
        kinds = [(int(entry["after"].split()[0]), entry["do"]) for entry in table["timeline"]]
        found = [at for at, do in kinds if do == "stop" and any(at - 600 > begun for begun, kind in kinds
                                                                if kind == "start")]
        return Failure("w", "h", found[0]) if found else None

    table = story(1, 0) | {"start": "2026-05-01T08:30", "timeline": [
        {"after": f"{3600 + at} s", "do": do} for at, do in ((0, "ack"), (30, "start"), (60, "ack"), (600, "stop"),
                                                            (700, "stop"), (720, "ack"))]}
    small = Shrinker(table, still_fails(table), still_fails).shrink()
    assert small["timeline"] == [{"after": "90 s", "do": "start"}, {"after": "760 s", "do": "stop"}]
    assert small["start"] == "2026-05-01T09:29"         # the start at 09:30:30, as before
    assert small["duration"] == "820 s"                 # a minute behind the failure: a second did not do


def test_a_story_that_cannot_be_played_is_a_failure_too():
    table = story(1, 0)
    table["program"]["schedule"] = []
    failure = failure_of(table)
    assert failure.what == "the scenario plays to its end"
    assert "schedule" in failure.happened
