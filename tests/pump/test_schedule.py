"""The weekly schedule in local time (T-01, T-03)."""

import pytest

from pump.schedule import LocalSchedule, Schedule
from pump.zone import Zone

DAY = [0, 20_000, 20_000, 390, 55_000, 55_000, 1320, 20_000, 30_000]       # 00:00, 06:30, 22:00 rising to midnight
WEEKEND = [0, 10_000, 10_000]
WEEK = Schedule([0, 0, 0, 0, 0, 1, 1], [DAY, WEEKEND])
MONDAY = 4 * 1440                                      # 1970-01-05
SPRING, AUTUMN = 29579100, 29881500                    # 2026-03-29T01:00Z and 2026-10-25T01:00Z, both Sundays
BERLIN = Zone(60, [SPRING, 120, AUTUMN, 60])


@pytest.mark.requirement("T-01")
@pytest.mark.parametrize("day, minute, since, length, rate, end_rate", [
    (0, 0, 0, 390, 20_000, 20_000),
    (0, 389, 389, 390, 20_000, 20_000),
    (0, 390, 0, 930, 55_000, 55_000),
    (4, 1439, 119, 120, 20_000, 30_000),
    (5, 0, 0, 1440, 10_000, 10_000),
    (6, 1439, 1439, 1440, 10_000, 10_000),
])
def test_each_local_minute_has_its_segment(day, minute, since, length, rate, end_rate):
    assert WEEK.lookup(MONDAY + day * 1440 + minute) == (since, length, rate, end_rate)


@pytest.mark.requirement("T-01")
def test_48_segments_a_day_for_seven_different_days():
    plans = [[value for k in range(48) for value in (k * 30, 1000 * (day + 1) + k, 5)] for day in range(7)]
    week = Schedule(list(range(7)), plans)
    for day in range(7):
        for minute in range(1440):
            assert week.lookup(MONDAY + day * 1440 + minute)[2] == 1000 * (day + 1) + minute // 30


def hourly(zone):
    """A schedule whose rate names the local hour: 1 nL/h at 00, 2 at 01 ..."""
    return LocalSchedule(Schedule([0] * 7, [[v for h in range(24) for v in (h * 60, h + 1, h + 1)]]), zone)


def rate_and_end(schedule, utc_min):
    segment = schedule.segment_at(utc_min * 60_000)
    return segment.rate_nl_per_h, segment.end_ms // 60_000


@pytest.mark.requirement("T-03")
def test_skipped_local_minutes_deliver_nothing():
    schedule = hourly(BERLIN)
    assert rate_and_end(schedule, SPRING - 1) == (2, SPRING)           # 01:59 local
    assert rate_and_end(schedule, SPRING) == (4, SPRING + 60)          # 03:00 local: hour 02 never came


@pytest.mark.requirement("T-03")
def test_repeated_local_minutes_repeat_the_rate():
    schedule = hourly(BERLIN)
    assert rate_and_end(schedule, AUTUMN - 60) == (3, AUTUMN)          # 02:00 summer time
    assert rate_and_end(schedule, AUTUMN) == (3, AUTUMN + 60)          # 02:00 again, winter time


@pytest.mark.requirement("T-03")
def test_a_change_inside_a_segment_ends_the_piece_there():
    flat = LocalSchedule(Schedule([0] * 7, [[0, 7, 7]]), BERLIN)
    assert rate_and_end(flat, SPRING - 30) == (7, SPRING)


@pytest.mark.requirement("T-03")
def test_a_ramp_follows_local_time_over_a_change():
    ramp = LocalSchedule(Schedule([0] * 7, [[0, 0, 1440]]), BERLIN)    # 1 nL/h more every minute of the day
    before, after = ramp.segment_at((SPRING - 1) * 60_000), ramp.segment_at(SPRING * 60_000)
    assert before.begin_ms == (SPRING - 120) * 60_000                  # 00:00 winter time
    assert after.begin_ms == (SPRING - 180) * 60_000                   # where 00:00 summer time would have been


def test_local_day_follows_the_offset():
    schedule = hourly(BERLIN)
    midnight_utc = 20541 * 1440 * 60_000                                               # 2026-03-29T00:00Z
    assert schedule.local_day(midnight_utc - 3_600_000) == 20541                       # 00:00 local, UTC+1
    assert schedule.local_day(midnight_utc - 3_600_001) == 20540
