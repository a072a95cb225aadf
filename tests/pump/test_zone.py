"""Local time from the table of offset changes (T-02)."""

import pytest

from pump.zone import Zone, minute_of_week

pytestmark = pytest.mark.requirement("T-02")

# Berlin 2026: 2026-03-29T01:00Z is day 20541 -> 20541 * 1440 + 60 = 29579100; 2026-10-25T01:00Z: 20751 * 1440 + 60
SPRING, AUTUMN = 29579100, 29881500
BERLIN = Zone(60, [SPRING, 120, AUTUMN, 60])


@pytest.mark.parametrize("utc_min, offset, until", [
    (0, 60, SPRING),
    (SPRING - 1, 60, SPRING),
    (SPRING, 120, AUTUMN),
    (AUTUMN - 1, 120, AUTUMN),
    (AUTUMN, 60, None),
    (AUTUMN + 10**7, 60, None),
])
def test_offset_holds_from_one_change_to_the_next(utc_min, offset, until):
    assert BERLIN.lookup(utc_min) == (offset, until)


def test_a_fixed_offset_has_no_changes():
    assert Zone(345, []).lookup(12345) == (345, None)


@pytest.mark.parametrize("local_min, expected", [
    (0, 3 * 1440),                     # Thursday 00:00
    (4 * 1440, 0),                     # Monday 1970-01-05 00:00
    (4 * 1440 - 1, 7 * 1440 - 1),      # the Sunday before, 23:59
    (-1, 3 * 1440 - 1),                # Wednesday 1969-12-31 23:59, west of Greenwich at the epoch
])
def test_minute_of_week_counts_from_monday(local_min, expected):
    assert minute_of_week(local_min) == expected


@pytest.mark.parametrize("count", range(7))
def test_the_offset_is_that_of_the_last_change_however_many_there_are(count):
    changes = [(1000 * (k + 1), 60 * (k % 2 + 1)) for k in range(count)]
    zone = Zone(30, [value for change in changes for value in change])
    for utc_min in (*range(0, 1000 * (count + 2), 500), *range(999, 1000 * (count + 2), 1000), 0):
        before = [offset for at, offset in changes if at <= utc_min]
        later = [at for at, _ in changes if at > utc_min]
        assert zone.lookup(utc_min) == (before[-1] if before else 30, later[0] if later else None)
