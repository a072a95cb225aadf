"""The static check of a program against the rig's limits, against a minute-by-minute model (L-01, U-03)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.check import check_program, first_excess, local_name
from pump.errors import PumpError
from pump.program import Program
from pump.rig import Rig
from pump.schedule import LocalSchedule, Schedule
from pump.zone import Zone
from tests.pumps import BERLIN, RIG, body_of, program


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


def test_the_rolling_hour_spans_segments():
    # 600 nL/h until 12:30, then 1200: the hour before 13:00 holds 300 + 600 = 900, before 13:30 it holds 1200
    document = program(plans=[[0, 600, 750, 1200]])
    passes(document, max_1h_nl=1200)
    assert refusal(document, max_1h_nl=899).startswith("Monday 13:00: the 60 minutes before hold more than")
    assert refusal(document, max_1h_nl=900).startswith("Monday 13:01")


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


@settings(max_examples=60, deadline=None)
@given(
    plan=st.dictionaries(st.integers(1, 1439), st.integers(0, 5000), max_size=6),
    first=st.integers(0, 5000), window=st.sampled_from([60, 1440]), limit=st.integers(0, 120_000))
def test_the_walk_finds_what_a_walk_by_minutes_finds(plan, first, window, limit):
    flat = [0, first] + [value for minute in sorted(plan) for value in (minute, plan[minute])]
    schedule = LocalSchedule(Schedule([0] * 7, [flat]), Zone(0, []))
    start, end = 4 * 1440, 6 * 1440
    rates = [schedule.rate_at(minute * 60_000)[0] for minute in range(start, end)]
    expected = None
    for minute in range(1, end - start + 1):
        if sum(rates[max(0, minute - window):minute]) > limit * 60:
            expected = start + minute
            break
    assert first_excess(schedule, start, end, window, limit) == expected


def test_local_name():
    assert local_name(4 * 1440 + 6 * 60 + 5) == "Monday 06:05"
