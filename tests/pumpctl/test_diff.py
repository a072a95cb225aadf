"""Two programs side by side, what push shows before it replaces one, and what clock set shows before it acts."""

import json

import pytest

from pump.program import Program
from pump.rig import Rig
from pumpctl.preview import plain_week_nl
from pumpctl.program_diff import compare, label_of, rig_changes
from pumpctl.simulate import simulate
from pumpctl.summary import Results
from tests.pumpfiles.files import EXAMPLES, PROGRAM, RIG, changed, write
from tests.pumps import DAY_MS, HOUR_MS, body_of, program
from tests.pumps import RIG as RIG_DOCUMENT

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
MONDAY_MS = 1_774_821_600_000 + 7 * DAY_MS          # 2026-04-06T00:00 Europe/Berlin
EVENING = changed(PROGRAM, "55 uL/h", "60 uL/h")


@pytest.fixture
def ready(pump, run):
    assert run("push", CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27")[0] == 0
    assert run("clock", "set", "--to", "2026-03-27T00:00")[0] == 0
    return pump


def made(**more):
    return Program(body_of(program(**more)))


@pytest.mark.requirement("U-04")
def test_the_volume_of_a_day_is_what_the_simulated_pump_programs_on_it():
    more = {"plans": [[0, 20_000, 390, 55_000], [0, 7000]], "days": [0, 0, 1, 0, 1, 0, 1],
            "boluses": [[1439, 64, 50_000, 3600, 0], [480, 127, 30_000, 600, 0]], "minimum_nl_per_h": 9000}
    results = Results(simulate(body_of(RIG_DOCUMENT), body_of(program(**more)), MONDAY_MS - DAY_MS,
                               MONDAY_MS + 7 * DAY_MS))
    days = [day.programmed_nl for day in results.days][1:]
    said = plain_week_nl(made(**more), Rig(body_of(RIG_DOCUMENT)))
    assert max(abs(ours - theirs) for ours, theirs in zip(said, days, strict=True)) <= 1
    # Monday: 6.5 h at 20 and 17.5 h at 55 uL/h, a bolus of 30 uL, and 59 of 60 minutes of Sunday's last 50 uL
    assert said[0] == 130_000 + 962_500 + 30_000 + 50_000 * 59 // 60


def test_segments_that_begin_in_either_program_stand_side_by_side():
    found = compare(made(plans=[[0, 20_000, 390, 55_000]]), made(plans=[[0, 20_000, 400, 60_000]]))
    [days] = found.days
    assert days.label == "every day"
    assert [(pair.name, pair.old, pair.new) for pair in days.segments] == [
        ("00:00", "20 µL/h", "20 µL/h"), ("06:30", "55 µL/h", "20 µL/h"), ("06:40", "55 µL/h", "60 µL/h")]
    # 17.5 h at 55 and 6.5 h at 20; 17 1/3 h at 60 and 6 2/3 h at 20
    assert found.volumes[0].new_nl - found.volumes[0].old_nl == 1_040_000 + 133_333 - (962_500 + 130_000)
    assert found.volumes[0].change == "+80.833 µL"


def test_a_ramp_is_cut_where_the_other_program_has_a_segment():
    ramp = program() | {"plans": [[0, 10_000, 70_000, 720, 70_000, 70_000]]}
    [days] = compare(made(plans=[[0, 20_000, 360, 30_000]]), Program(body_of(ramp))).days
    assert [pair.new for pair in days.segments] == ["10 to 40 µL/h", "40 to 70 µL/h", "70 µL/h"]


@pytest.mark.parametrize("more, name, text", [
    ({"boluses": [[480, 31, 50_000, 600, 30]]}, "bolus mon-fri 08:00", "50 µL over 10 min, within 30 min"),
    ({"periodic": [5000, 60, 10_800]}, "periodic_bolus", "5 µL over 1 min every 3 h"),
    ({"on_demand": [10_000, 120, 3600, 4]}, "on_demand", "10 µL over 2 min, lockout 1 h, at most 4 in 24 h"),
    ({"minimum_nl_per_h": 1000}, "minimum_rate", "1 µL/h"), ({"low_nl": 2_000_000}, "reservoir low", "2000 µL"),
    ({"limits": dict.fromkeys(program()["limits"], 0) | {"max_1h_nl": 200_000}}, "limits max_1h", "200 µL"),
    ({"soft_limits": dict.fromkeys(program()["limits"], 0) | {"max_rate_nl_per_h": 9000}}, "soft_limits max_rate",
     "9 µL/h"),
    ({"ends": {"after_s": 86_400, "volume_nl": 0}}, "ends after", "24 h"), ({"name": "other"}, "name", "other"),
    ({"fluid": {"name": "dyed water", "ng_per_ml": 9}}, "concentration", "9 ng/mL"),
])
def test_whatever_else_differs_is_named(more, name, text):
    found = compare(made(), made(**more))
    assert [(pair.name, pair.new) for pair in found.facts if pair.differs] == [(name, text)] and not found.is_none
    assert compare(made(**more), made(**more)).is_none


def test_fields_of_a_rig_that_differ_are_named():
    changes = rig_changes(body_of(RIG_DOCUMENT), body_of(RIG_DOCUMENT | {"reservoir_nl": 7, "pins": {"step": 9}}))
    assert ("reservoir_nl", "1000000000", "7") in [(pair.name, pair.old, pair.new) for pair in changes]
    assert ("pins.step", "2", "9") in [(pair.name, pair.old, pair.new) for pair in changes]


@pytest.mark.parametrize("numbers, label", [([0, 1, 2, 3, 4], "mon-fri"), ([5, 6], "sat,sun"), ([0, 2], "mon,wed"),
                                            (list(range(7)), "every day"), ([6], "sun")])
def test_days_are_named_as_files_name_them(numbers, label):
    assert label_of(numbers) == label


def test_diff_of_two_files_needs_no_pump(run, tmp_path):
    (tmp_path / "old.toml").write_text(PROGRAM)
    (tmp_path / "new.toml").write_text(EVENING)
    code, out, _ = run("diff", str(tmp_path / "old.toml"), str(tmp_path / "new.toml"))
    assert code == 0 and "* 06:30  55 µL/h" in out and "+77.5 µL" in out           # 15.5 h at 5 uL/h
    assert "sat,sun" not in out                                                    # the weekend stays as it is
    same = json.loads(run("diff", CIRCADIAN, CIRCADIAN, "--json")[1])
    assert same["same"] and same["volume_per_day"][0] == {"day": "mon", "old_nl": 1_022_500, "new_nl": 1_022_500}


@pytest.mark.requirement("C-03")
def test_push_shows_what_it_replaces_and_asks(ready, run, tmp_path):
    new = str(write(tmp_path, EVENING))
    before = run("status", "--json")
    code, out, err = run("push", new)
    assert code == 2 and "* 06:30  55 µL/h      60 µL/h" in out
    assert "in place of circadian. Repeat it with --yes" in err
    assert run("status", "--json") == before
    code, out, _ = run("diff", new)
    assert code == 0 and "* 06:30  55 µL/h      60 µL/h" in out
    found = json.loads(run("push", new, "--yes", "--json")[1])
    assert found["program"]["sent"] and not found["difference"]["same"]
    assert json.loads(run("status", "--json")[1])["program_digest"] == found["program"]["digest"]
    assert json.loads(run("push", new, "--json")[1])["program"]["sent"] is False   # nothing to ask about


def test_a_new_rig_is_shown_field_by_field_with_the_program_that_it_removes(ready, run, tmp_path):
    small = write(tmp_path, changed(RIG, 'max_rate = "2 mL/h"', 'max_rate = "30 uL/h"'))
    code, out, err = run("push", "--rig", str(small))
    assert code == 2 and "max_rate_nl_per_h  2000000" in out and "send rig bench-1" in err
    assert "program circadian does not fit this rig and will be removed: Monday 06:30" in out
    assert run("push", "--rig", str(small), "--yes")[0] == 0
    assert json.loads(run("status", "--json")[1])["program"] is None


@pytest.mark.requirement("T-05")
def test_clock_set_tells_its_effect_and_asks_where_a_bolus_is_concerned(ready, run, tmp_path):
    dosed = PROGRAM + '[[bolus]]\nat = "08:00"\nvolume = "50 uL"\nover = "10 min"\n'
    assert "no dose changes" in run("clock", "set", "--to", "2026-03-27T00:10")[1]  # stopped
    run("push", str(write(tmp_path, dosed)), "--start", "2026-03-27", "--yes")
    run("start")
    ready.control.advance(7 * HOUR_MS)
    code, out, _ = run("clock", "set", "--to", "2026-03-27T07:30")
    assert code == 0 and "20 min forward" in out and "no scheduled bolus is late, skipped or met again" in out
    code, out, err = run("clock", "set", "--to", "2026-03-27T09:00")
    assert code == 2 and "1 h 30 min forward" in out and "skipped: 50 µL of Fri 27 Mar 08:00 (missed)" in out
    assert "lockouts" in out and "--yes" in err
    found = json.loads(run("clock", "set", "--to", "2026-03-27T09:00", "--yes", "--json")[1])
    assert [due["skipped"] for due in found["effect"]["skipped"]] == ["missed"]
    ready.control.advance(HOUR_MS)
    code, out, _ = run("clock", "set", "--to", "2026-03-27T05:00")
    assert code == 2 and "met again and not given again: 50 µL of Fri 27 Mar 08:00" in out
    assert "rate goes from 55 µL/h to 20 µL/h at once" in out
