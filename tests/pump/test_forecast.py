"""When the reservoir will be empty: a band between all and none of the allowed on-demand boluses (A-04)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.forecast import boluses_half_nl, empty_after_ms
from pump.program import Program
from pump.rig import Rig
from tests.pumps import BERLIN, MINUTE_MS, RIG, START_UTC_MS, body_of, program

pytestmark = pytest.mark.requirement("A-04")

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
UTC = {"name": "UTC", "first_offset_min": 0, "changes": []}


def band(level_nl, start_ms=START_UTC_MS, most_ms=60 * DAY_MS, **document):
    return empty_after_ms(Program(body_of(program(**document))), Rig(body_of(RIG)), level_nl, start_ms, most_ms)


def test_without_on_demand_boluses_the_band_is_one_instant():
    # 1000 nL/h: 48,000 nL last 48 h
    assert band(48_000, plans=[[0, 1000]]) == [48 * HOUR_MS] * 3
    assert band(1, plans=[[0, 1]]) == [HOUR_MS] * 3    # the slowest: a grain in a ms, and not a ms too soon


def test_on_demand_boluses_make_it_sooner():
    # 1000 nL/h, and up to four boluses of 1000 nL an hour apart: all at 0, 1, 2, 3 h, again 24 h later.
    # All: 28,000 nL a day; 50,000 are 28,000 + 22,000, of which 4000 at once or in the first 3 h: 24 h + 18 h.
    # Half: 26,000 a day; 24,000 more less 2000 are 22 h on the second day. None: 50 h, which is after 48 h.
    assert band(50_000, plans=[[0, 1000]], on_demand=[1000, 60, 3600, 4]) == [42 * HOUR_MS, 46 * HOUR_MS, 50 * HOUR_MS]


def test_the_lockout_alone_may_hold_boluses_apart():
    # no basal rate; a bolus of 1000 nL every 10 h at best, though ten a day are allowed: the fourth begins at 30 h
    assert band(4000, plans=[[0, 0]], on_demand=[1000, 60, 36_000, 10]) == [30 * HOUR_MS, 70 * HOUR_MS, None]


def test_a_periodic_bolus_counts_from_its_first_interval_on():
    # 1000 nL/h and 1000 nL after 3, 6, 9 h: 3999 nL are gone at 3 h, where 3000 jump to 4000
    assert band(3999, plans=[[0, 1000]], periodic=[1000, 60, 10_800]) == [3 * HOUR_MS] * 3
    # and one nanolitre more takes 3.6 s at 1000 nL/h
    assert band(4001, plans=[[0, 1000]], periodic=[1000, 60, 10_800]) == [3 * HOUR_MS + 3600] * 3


def test_scheduled_boluses_and_daylight_saving_count():
    # the start is Friday 00:00; on Sunday 02:00 to 03:00 never comes. Only that hour has a rate, and 08:00 a bolus of
    # 1000 nL over an hour: Friday 2000, Saturday 2000, Sunday 1000 by 09:00, which is 8 h after midnight
    document = {"plans": [[0, 0, 120, 1000, 180, 0]], "boluses": [[480, 127, 1000, 3600, 0]], "zone": BERLIN}
    assert band(5000, **document) == [(48 + 8) * HOUR_MS] * 3
    assert band(4500, **document) == [(48 + 7) * HOUR_MS + 30 * MINUTE_MS] * 3


def test_a_scheduled_bolus_counts_from_its_minute_on_and_not_where_that_never_comes():
    # 1000 nL over an hour at 02:30; the start is Friday
    document = {"plans": [[0, 0]], "boluses": [[150, 127, 1000, 3600, 0]], "zone": BERLIN}
    at_ms = START_UTC_MS + 150 * MINUTE_MS
    assert band(1000, at_ms, **document) == [HOUR_MS] * 3
    # half an hour after its begin it is in the level already, or never will be: the next one ends a day after this one
    assert band(1000, at_ms + 30 * MINUTE_MS, **document) == [24 * HOUR_MS + 30 * MINUTE_MS] * 3
    # Friday and Saturday; on Sunday there is no 02:30; on Monday, 71 h after Friday's, since Sunday has 23 hours
    assert band(3000, at_ms, **document) == [72 * HOUR_MS] * 3


def test_todays_bolus_counts_in_any_zone():
    # 18 h west of UTC, 12:00: a bolus at 13:00, gone at 14:00
    west = {"name": "x", "first_offset_min": -1080, "changes": []}
    assert band(1000, 30 * HOUR_MS, plans=[[0, 0]], boluses=[[780, 127, 1000, 3600, 0]], zone=west) == [2 * HOUR_MS] * 3


def test_a_ramp_is_followed():
    # from 0 to 24,000 nL/h in a day: after t hours 500 t^2 nL; 72,000 nL at 12 h
    plan = [0, 0, 24_000]
    found = empty_after_ms(Program(body_of(program(zone=UTC) | {"plans": [plan]})), Rig(body_of(RIG)), 72_000, 0)
    # a chord of a ramp that rises is ahead of it by an eighth of a step at most, 12.5 nL: 3.75 s at 12,000 nL/h
    assert all(12 * HOUR_MS - 3750 <= each <= 12 * HOUR_MS for each in found)


def test_a_program_that_ends_before_leaves_some():
    assert band(48_000, plans=[[0, 1000]], ends={"after_s": 47 * 3600, "volume_nl": 0}) == [None] * 3
    assert band(48_000, plans=[[0, 1000]], ends={"after_s": 48 * 3600, "volume_nl": 0}) == [48 * HOUR_MS] * 3
    # an hour at 3.6 uL/h; the next nanolitre would take a second
    assert band(3601, plans=[[0, 3600]], ends={"after_s": 3600, "volume_nl": 0}) == [None] * 3
    assert band(48_000, plans=[[0, 1000]], ends={"after_s": 0, "volume_nl": 47_999}) == [None] * 3
    assert band(48_000, plans=[[0, 1000]], ends={"after_s": 0, "volume_nl": 48_000}) == [48 * HOUR_MS] * 3


def test_it_looks_no_further_than_asked():
    assert band(48_000, plans=[[0, 1000]], most_ms=48 * HOUR_MS - 1) == [None] * 3
    assert band(48_000, plans=[[0, 0]]) == [None] * 3
    assert band(0, plans=[[0, 0]]) == [0] * 3


@settings(max_examples=80, deadline=None)
@given(lockout_s=st.integers(1, 86_400), most=st.integers(1, 96), ms=st.integers(0, 4 * DAY_MS))
def test_the_boluses_are_those_of_somebody_who_presses_all_the_time(lockout_s, most, ms):
    document = Program(body_of(program(on_demand=[1, 1, lockout_s, most])))
    begun, at = [], 0
    while at <= ms and len(begun) < 400:
        begun.append(at)
        at += lockout_s * 1000
        if len(begun) >= most:
            at = max(at, begun[-most] + DAY_MS)
    if len(begun) < 400:
        assert boluses_half_nl(document, ms, 2) == 2 * len(begun)
        assert boluses_half_nl(document, ms, 1) == len(begun)
        assert boluses_half_nl(document, ms, 0) == 0


@pytest.mark.long                                     # its walk by minutes takes long under coverage
@settings(max_examples=60, deadline=None)
@given(plan=st.dictionaries(st.integers(1, 1439), st.integers(0, 5000), max_size=5), first=st.integers(1, 5000),
       level=st.integers(1, 100_000), on_demand=st.one_of(st.just([]), st.just([700, 60, 5400, 5])))
def test_it_is_what_a_walk_by_minutes_finds(plan, first, level, on_demand):
    flat = [0, first] + [value for minute in sorted(plan) for value in (minute, plan[minute])]
    found = band(level, 0, plans=[flat], zone=UTC, on_demand=on_demand)
    rates = [first] * 1440
    for minute in sorted(plan):
        rates[minute:] = [plan[minute]] * (1440 - minute)
    for ms, share in zip(found, (1, Fraction(1, 2), 0), strict=True):
        gone, minute = Fraction(0), 0
        while minute < 60 * 1440:
            starts = minute // 1440 * 5 + min(5, minute % 1440 // 90 + 1) if on_demand else 0
            if gone + starts * 700 * share + Fraction(rates[minute % 1440], 60) >= level:
                break
            gone += Fraction(rates[minute % 1440], 60)
            minute += 1
        if ms is None:
            assert minute == 60 * 1440
        else:                                      # within that minute, or with the bolus at its end
            assert minute * MINUTE_MS <= ms <= (minute + 1) * MINUTE_MS


def test_periodic_and_on_demand_boluses_add_up():
    # no basal rate; 1000 nL every 3 h, from 3 h on, and 1000 at once and 24 h later (once a day)
    assert band(2000, plans=[[0, 0]], periodic=[1000, 60, 10_800], on_demand=[1000, 60, 3600, 1]) == [
        3 * HOUR_MS, 6 * HOUR_MS, 6 * HOUR_MS]
    found = Program(body_of(program(periodic=[1000, 60, 10_800], on_demand=[300, 60, 3600, 4])))
    # 4 h: one periodic; on demand at 0, 1, 2, 3 h, and then no more that day. In halves, all of them and none
    assert [boluses_half_nl(found, 4 * HOUR_MS, share) for share in (2, 1, 0)] == [2000 + 2400, 2000 + 1200, 2000]
