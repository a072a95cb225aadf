"""The static check of a program against the rig's limits, against a minute-by-minute model (L-01, U-03)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump import check
from pump.check import beyond_soft, check_program, local_name
from pump.errors import PumpError
from pump.planner import Piece
from pump.program import Program
from pump.rig import Rig
from pump.schedule import LocalSchedule, Schedule
from pump.window import first_excess
from pump.zone import Zone
from tests.pumps import BERLIN, HOUR_MS, NO_LIMITS, RIG, ask, body_of, program, push, running_pump


def refusal(document, **limits):
    with pytest.raises(PumpError) as caught:
        check_program(Program(body_of(document)), Rig(body_of(RIG | limits)))
    assert caught.value.code == "limit"
    return caught.value.message


def passes(document, **limits):
    check_program(Program(body_of(document)), Rig(body_of(RIG | limits)))


pytestmark = pytest.mark.requirement("L-01")


def test_a_rate_above_the_rigs_names_its_first_minute():
    document = program(plans=[[0, 1000], [0, 1000, 405, 2001]], days=[0, 0, 1, 1, 0, 0, 0])
    assert refusal(document, max_rate_nl_per_h=2000).startswith("Wednesday 06:45: 2001 nL/h is above")
    passes(document, max_rate_nl_per_h=2001)
    falling = program() | {"plans": [[0, 2001, 0]]}
    assert refusal(falling, max_rate_nl_per_h=2000).startswith("Monday 00:00: 2001 nL/h is above")
    passes(falling, max_rate_nl_per_h=2001)


def test_the_rolling_hour_spans_segments():
    # 600 nL/h until 12:30, then 1200: the hour before 13:00 holds 300 + 600 = 900, before 13:30 it holds 1200
    document = program(plans=[[0, 600, 750, 1200]])
    passes(document, max_1h_nl=1200)
    assert refusal(document, max_1h_nl=899).startswith("Monday 13:00: the 1 h before hold more than max_1h")
    assert refusal(document, max_1h_nl=900).startswith("Monday 13:01")
    assert refusal(document, max_1h_nl=1199).startswith("Monday 13:30")    # 13:29:54, rounded up


def test_the_rolling_day_spans_midnight_and_the_end_of_the_week():
    # Sunday 12:00-24:00 and Monday 00:00-12:00 at 1000 nL/h, else nothing: 24,000 nL in one window
    document = program(plans=[[0, 1000, 720, 0], [0, 0], [0, 0, 720, 1000]], days=[0, 1, 1, 1, 1, 1, 2])
    passes(document, max_24h_nl=24_000)
    assert refusal(document, max_24h_nl=23_999).startswith("Monday 12:00")


def test_a_repeated_hour_counts_twice():
    # 02:00 to 03:00 at 10,000 nL/h: 10,000 nL in any hour and day, 20,000 in the two hours of the autumn change
    document = program(plans=[[0, 0, 120, 10_000, 180, 0]], zone=BERLIN)
    passes(document, max_24h_nl=20_000)
    assert "Sunday 02:01" in refusal(document, max_24h_nl=10_000)      # a minute into the second 02:00
    passes(program(plans=[[0, 0, 120, 10_000, 180, 0]], zone=BERLIN | {"changes": []}), max_24h_nl=10_000)


def test_an_hour_that_is_full_once_a_year_is_told_before_a_day_that_is_full_each_week():
    # 60 uL/h from 01:30 to 02:00 and from 03:00 to 03:30: 30 uL in any hour, 60 a day. In spring 03:00 follows on
    # 02:00: the hour is fuller than 50 after 50 min, at 03:20
    document = program(plans=[[0, 0, 90, 60_000, 120, 0, 180, 60_000, 210, 0]], zone=BERLIN)
    assert refusal(document, max_1h_nl=50_000, max_24h_nl=59_999).startswith("Sunday 03:21: the 1 h before")
    assert refusal(document, max_1h_nl=60_000, max_24h_nl=59_999).startswith("Monday 03:30: the 24 h before")
    passes(document, max_1h_nl=60_000, max_24h_nl=90_000)              # three of them in 24 h that end then


class Flat:
    """A week of minutes with rates in nL/h as a source of pieces; parts are grains."""

    def __init__(self, schedule):
        self._schedule = schedule

    def piece_from(self, start_ms):
        segment = self._schedule.segment_at(start_ms)
        return Piece(segment.end_ms, segment.rate_nl_per_h * (segment.end_ms - start_ms))


@settings(max_examples=60, deadline=None)
@given(
    plan=st.dictionaries(st.integers(1, 1439), st.integers(0, 5000), max_size=6),
    first=st.integers(0, 5000), window=st.sampled_from([60, 1440]), limit=st.integers(0, 120_000),
    past=st.lists(st.integers(0, 300), max_size=1440))
def test_the_walk_finds_what_a_walk_by_minutes_finds(plan, first, window, limit, past):
    """`past` is what was delivered in each minute before the start, in nL, the last one last."""
    past = past[-window:]
    flat = [0, first, first] + [value for minute in sorted(plan) for value in (minute, plan[minute], plan[minute])]
    schedule = LocalSchedule(Schedule([0] * 7, [flat]), Zone(0, []))
    start, end = 4 * 1440, 6 * 1440
    by_minute = [nl * 60 for nl in past]                               # nL/h * min
    by_minute += [schedule.segment_at(minute * 60_000).rate_nl_per_h for minute in range(start, end)]
    by_minute = [0] * (window - len(past)) + by_minute
    expected = None
    held = sum(by_minute[:window])
    for minute in range(window, len(by_minute)):
        held += by_minute[minute] - by_minute[minute - window]
        if held > limit * 60:
            expected = start + minute + 1 - window
            break
    knots, total = [((start - window) * 60_000, 0)], 0
    for place, nl in enumerate(past):
        if place == 0:
            knots.append(((start - len(past)) * 60_000, 0))
        total += nl * 3_600_000
        knots.append(((start - len(past) + place + 1) * 60_000, total))
    if sum(past) > limit:
        return                                                         # exceeded before the walk begins
    found = first_excess(knots, total, Flat(schedule), start * 60_000, end * 60_000, window * 60_000,
                         limit * 3_600_000)
    assert (None if found is None else -(-found // 60_000)) == expected


@pytest.mark.requirement("U-03")
def test_scheduled_boluses_count_in_the_windows():
    # 1000 nL/h all day and 5000 nL at 08:00 over an hour: the hour before 09:00 holds 6000
    document = program(plans=[[0, 1000]], boluses=[[480, 127, 5000, 3600, 0]])
    passes(document, max_1h_nl=6000)
    assert refusal(document, max_1h_nl=5999).startswith("Monday 09:00")


@pytest.mark.requirement("U-03")
def test_on_demand_and_periodic_boluses_count_at_the_worst_moment():
    # lockout 30 min: at 0, 30 and 60 min, three in an hour; periodic every 20 min: four
    on_demand = program(plans=[[0, 1000]], on_demand=[2000, 60, 1800, 10])
    passes(on_demand, max_1h_nl=7000)
    assert refusal(on_demand, max_1h_nl=6999)
    periodic = program(plans=[[0, 1000]], periodic=[500, 60, 1200])
    passes(periodic, max_1h_nl=3000)
    assert refusal(periodic, max_1h_nl=2999)
    both = program(plans=[[0, 1000]], on_demand=[2000, 60, 1800, 10], periodic=[500, 60, 1200])
    passes(both, max_1h_nl=1000 + 3 * 2000 + 4 * 500)
    assert refusal(both, max_1h_nl=8999)
    few = program(plans=[[0, 0]], on_demand=[2000, 60, 1800, 2])
    passes(few, max_24h_nl=4000)                                       # no more than two a day


@pytest.mark.requirement("B-04")
def test_scheduled_boluses_must_not_overlap():
    boluses = [[480, 1, 500, 3600, 0], [539, 127, 500, 60, 0]]
    assert refusal(program(plans=[[0, 0]], boluses=boluses)).startswith("Monday 08:59: a bolus begins before")
    passes(program(plans=[[0, 0]], boluses=[boluses[0], [540, 127, 500, 60, 0]]))
    late = [[480, 1, 500, 3541, 0], [539, 127, 500, 60, 0]]            # a second into the next one
    assert refusal(program(plans=[[0, 0]], boluses=late)).startswith("Monday 08:59: a bolus begins before")
    once = [[480, 1, 500, 3600, 0], [490, 1, 500, 60, 0]]              # the last two of the week
    assert refusal(program(plans=[[0, 0]], boluses=once)).startswith("Monday 08:10")
    night = [[1430, 64, 500, 1200, 0], [5, 1, 500, 60, 0]]             # Sunday 23:50 into Monday 00:05
    assert refusal(program(plans=[[0, 0]], boluses=night)).startswith("Monday 00:05")


@pytest.mark.requirement("B-03")
def test_a_bolus_above_max_bolus_is_refused():
    assert "08:00" in refusal(program(boluses=[[480, 127, 501, 60, 0]]), max_bolus_nl=500)
    assert "on_demand" in refusal(program(on_demand=[501, 60, 60, 1]), max_bolus_nl=500)
    passes(program(boluses=[[480, 127, 500, 60, 0]]), max_bolus_nl=500)


def test_local_name():
    assert local_name(4 * 1440 + 6 * 60 + 5) == "Monday 06:05"


@pytest.mark.requirement("U-03")
def test_a_ramp_is_checked_exactly():
    # 0 to 60 uL/h from 00:00 to 12:00, then 60: the hour before 13:00 holds 60 uL; x minutes earlier it holds
    # 60000 nL/h / 720 min * x min * x min / 2 / 60 = 0.694 x^2 nL less, 1 nL at x = 1.2 (12:58:48)
    document = program()
    document["plans"] = [[0, 0, 60_000, 720, 60_000, 60_000]]
    passes(document, max_1h_nl=60_000)
    assert refusal(document, max_1h_nl=59_999).startswith("Monday 12:59")
    # 36 min before 13:00: 0.694 * 1296 = 900 nL less; a millisecond later there is more than that
    assert refusal(document, max_1h_nl=59_100).startswith("Monday 12:25")


@pytest.mark.requirement("U-03")
def test_the_fullest_window_may_lie_within_two_ramps():
    # up from 0 to 60 uL/h from 11:00 to 12:00, down again to 13:00: the hour around noon holds 2 * 22.5 uL. It ends at
    # 12:30, where no segment does. The reserve for the ramp that falls: 60000 nL/h * (10 min)^2 / (8 * 60 min)
    # = 60000 * 100 / 480 / 60 = 208.3 nL; with 208.4 less the window is full at x minutes before 12:30, and what it
    # holds less then is x^2 * 60000 / 60 / 60 nL: 209 nL at x = 3.5
    document = program()
    document["plans"] = [[0, 0, 0, 660, 0, 60_000, 720, 60_000, 0, 780, 0, 0]]
    passes(document, max_1h_nl=45_209)
    assert refusal(document, max_1h_nl=45_208).startswith("Monday 12:30")
    assert refusal(document, max_1h_nl=45_000).startswith("Monday 12:27")


@pytest.mark.requirement("L-03")
def test_a_program_that_just_passes_never_faults():
    # 36 mL/h down to 0 within the first hour: 18 mL in any 24 h; reserve 36 mL/h * (10 min)^2 / (8 * 60 min) = 125 uL
    document = program(zone=BERLIN | {"changes": []}, limits=NO_LIMITS | {"max_24h_nl": 18_125_001})
    document["plans"] = [[0, 36_000_000, 0, 60, 0, 0]]
    assert refusal(document | {"limits": NO_LIMITS | {"max_24h_nl": 18_125_000}}).startswith("Monday 01:00")
    pump = running_pump(document=document)
    pump.run_for(50 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("L-03")
def test_the_least_ramp_that_falls_has_its_reserve():
    # 2 nL/h down to 1 in two hours are 3 nL, and 22 at 1 nL/h: 25 a day. The reserve is far less than 1 nL, and not 0
    document = program(zone=BERLIN | {"changes": []}) | {"plans": [[0, 2, 1, 120, 1, 1]]}
    assert "the 24 h before hold more than max_24h" in refusal(document, max_24h_nl=25)
    passes(document, max_24h_nl=26)


@pytest.mark.requirement("L-03")
def test_limits_that_are_tightened_are_judged_at_once():
    # 36 mL/h for a minute are 600 uL; then a program that delivers nothing and allows 599 uL an hour
    pump = running_pump(document=program(plans=[[0, 36_000_000]]))
    pump.run_for(60_000)
    push(pump, "program", program(plans=[[0, 0]], limits=NO_LIMITS | {"max_1h_nl": 599_000}))
    assert ask(pump, "status")["reason"] == "limit exceeded"


def test_a_long_bolus_over_the_end_of_the_week_counts():
    # Sunday 23:00 to Monday 23:00 1000 nL/h more: Monday's hours hold 2000, which the walk's first Monday does not show
    document = program(plans=[[0, 1000]], boluses=[[1380, 64, 24_000, 86_400, 0]], zone=BERLIN | {"changes": []})
    passes(document, max_1h_nl=2000)
    assert refusal(document | {"plans": [[0, 1000, 1000, 60, 1500, 1500], [0, 1000, 1000]],
                               "days": [0, 1, 1, 1, 1, 1, 1]}, max_1h_nl=2000).startswith("Monday 01:01")


def test_a_bolus_of_a_day_over_the_end_of_the_week_counts_to_its_last_minute():
    # 24 uL from Sunday 23:59 to Monday 23:59; Tuesday 6 uL/h until 23:50: 143 uL, with nine minutes of the bolus 143.15
    document = program(plans=[[0, 0], [0, 6000, 1430, 0]], days=[0, 1, 0, 0, 0, 0, 0], zone=BERLIN | {"changes": []},
                       boluses=[[1439, 64, 24_000, 86_400, 0]])
    passes(document, max_24h_nl=143_150)
    assert refusal(document, max_24h_nl=143_149).startswith("Tuesday 23:50: the 24 h before")


@pytest.mark.parametrize("volume_nl, fits", [(99, False), (100, True)])
@pytest.mark.parametrize("words, entry", [
    ("the bolus at 08:00", lambda nl: {"boluses": [[480, 127, nl, 60, 0]]}),
    ("periodic_bolus", lambda nl: {"periodic": [nl, 60, 3600]}),
    ("on_demand", lambda nl: {"on_demand": [nl, 60, 3600, 4]})])
def test_a_bolus_of_less_than_a_step_is_refused(volume_nl, fits, words, entry):
    document = program(**entry(volume_nl))             # a step is 100 nL
    if fits:
        passes(document)
    else:
        assert refusal(document) == f"{words} is less than one step of the motor, 100 nL"


def test_the_least_bolus_that_is_named_is_one_that_passes():
    # 123,456,789 pL over 3200 steps: 38.58 nL a step
    assert refusal(program(on_demand=[38, 60, 3600, 4]), pl_per_rev=123_456_789).endswith("motor, 39 nL")
    passes(program(on_demand=[39, 60, 3600, 4]), pl_per_rev=123_456_789)


def test_a_low_level_that_a_full_reservoir_is_at_is_refused():
    assert refusal(program(low_nl=1_000_000), reservoir_nl=1_000_000).startswith("reservoir low must be less than")
    passes(program(low_nl=999_999), reservoir_nl=1_000_000)


@pytest.mark.requirement("L-05")
@pytest.mark.parametrize("soft, words", [
    ({}, ""),
    ({"max_rate_nl_per_h": 1999}, "Monday 06:00: 2000 nL/h is above max_rate, 1999 nL/h"),
    ({"max_bolus_nl": 499}, "the bolus at 08:00 is above max_bolus, 499 nL"),
    ({"max_1h_nl": 2499}, "Monday 08:02: the 1 h before hold more than max_1h allows"),    # 2000 + 500, 07:02 to 08:02
    ({"max_1h_nl": 2500}, ""),
    # 1000 * 6 + 2000 * 18 + 500 = 42,500 in any 24 h
    ({"max_24h_nl": 42_499}, "Tuesday 00:00: the 24 h before hold more than max_24h allows"),
    ({"max_1h_nl": 1999, "max_24h_nl": 1}, "Monday 07:00: the 1 h before"),                # the shorter window first
])
def test_what_is_beyond_the_soft_limits_is_told_and_not_refused(soft, words):
    document = program(plans=[[0, 1000, 360, 2000]], boluses=[[480, 127, 500, 120, 0]], soft_limits=NO_LIMITS | soft)
    passes(document)
    assert beyond_soft(Program(body_of(document)), Rig(body_of(RIG))).startswith(words)


@pytest.mark.requirement("L-05")
def test_a_hard_limit_is_told_before_a_soft_one():
    document = program(plans=[[0, 1000, 360, 2000]], soft_limits=NO_LIMITS | {"max_1h_nl": 1500})
    assert refusal(document, max_1h_nl=1900).endswith("max_1h allows")
    assert refusal(document, max_1h_nl=1900).startswith("Monday 06:55")           # 54 min at 2000, 6 at 1000: 1900


def test_boluses_on_demand_that_alone_exceed_a_limit_are_refused_as_such():
    # at 0, 30 and 60 min, three of 2000 nL in an hour
    document = program(plans=[[0, 0]], on_demand=[2000, 60, 1800, 10])
    assert refusal(document, max_1h_nl=5999) == "on-demand and periodic boluses alone can exceed max_1h"
    passes(document, max_1h_nl=6000)


def test_a_day_that_ends_in_a_falling_ramp_is_checked_to_its_end():
    document = program(zone=BERLIN | {"changes": []}) | {"plans": [[0, 60_000, 0]]}
    passes(document, max_24h_nl=720_010)               # 720 uL in any day, and what a line between records may stray
    assert refusal(document, max_24h_nl=719_999)
    # The fullest hour is the first of each day: 60 - 60 / 48 uL
    assert refusal(document, max_1h_nl=58_700).startswith("Monday 01:00")


def test_a_minimum_rate_above_the_rigs_is_refused():
    document = program(plans=[[0, 0]], minimum_nl_per_h=2001)
    assert refusal(document, max_rate_nl_per_h=2000) == "minimum_rate is above max_rate"
    passes(document, max_rate_nl_per_h=2001)


def test_a_change_of_the_clock_that_comes_alike_again_is_walked_once():
    zone = BERLIN | {"changes": [29_579_100, 120, 29_881_500, 60, 30_103_260, 120, 30_405_660, 60]}
    walked = list(check._walks(Program(body_of(program(zone=zone)))))
    assert [start for _, start, _ in walked[1:]] == [29_579_100 - 2880, 29_881_500 - 2880]      # two days before each
    early = BERLIN | {"changes": [2880, 120]}           # what lies before 1970 is not walked
    assert len(list(check._walks(Program(body_of(program(zone=early)))))) == 1
    later = BERLIN | {"changes": [2881, 120]}
    assert len(list(check._walks(Program(body_of(program(zone=later)))))) == 2


def test_changes_of_the_clock_at_one_minute_of_the_week_are_told_apart_by_both_offsets():
    # a week apart: 60 -> 120 -> 60 -> 120 -> 180 -> 60 -> 180 -> 60 -> 0; the third and the seventh have been before
    offsets = [120, 60, 120, 180, 60, 180, 60, 0]
    weeks = [29_579_100 + 10_080 * week for week in range(len(offsets))]
    zone = BERLIN | {"changes": [value for pair in zip(weeks, offsets, strict=True) for value in pair]}
    walked = list(check._walks(Program(body_of(program(zone=zone)))))
    assert [start + 2880 for _, start, _ in walked[1:]] == [weeks[at] for at in (0, 1, 3, 4, 5, 7)]


@pytest.mark.requirement("C-03")
def test_a_check_is_done_in_slices_of_five_pieces():
    # eight days of 48 segments are 384 pieces, 76 whole slices; three before them, and one behind the week
    plan = [value for half_hour in range(48) for value in (30 * half_hour, 1000 + half_hour)]
    found = check.Check(Program(body_of(program(plans=[plan], zone=BERLIN | {"changes": []}))), Rig(body_of(RIG)))
    assert sum(1 for _ in found.steps()) == 3 + 384 // 5 + 1
