"""Local time by the pump's table of offsets, in both directions. Berlin: +60 min, +120 in summer."""

import pytest

from pump.zone import Zone
from pumpctl.errors import HostError
from pumpctl.localtime import after_days, date_text, local_text, read_local, utc_text
from tests.pumps import BERLIN, DAY_MS, HOUR_MS, START_UTC_MS

ZONE = Zone(BERLIN["first_offset_min"], BERLIN["changes"])


def utc_of(text):
    return utc_text(read_local(text, ZONE, "Europe/Berlin"))


@pytest.mark.parametrize("local, utc", [
    ("2026-03-27T00:00", "2026-03-26T23:00:00Z"),
    ("2026-03-29T01:59:59.250", "2026-03-29T00:59:59.250Z"),
    ("2026-03-29T03:00", "2026-03-29T01:00:00Z"),           # the minute after the gap
    ("2026-07-01T12:00", "2026-07-01T10:00:00Z"),
    ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),           # comes twice: the first
    ("2026-03-27T00:00-05:00", "2026-03-27T05:00:00Z"),     # with an offset of its own
    ("2026-03-27T00:00Z", "2026-03-27T00:00:00Z"),
])
def test_a_local_time_names_one_instant(local, utc):
    assert utc_of(local) == utc


def test_a_local_time_that_never_comes_is_refused():
    with pytest.raises(HostError, match="does not exist in Europe/Berlin"):
        utc_of("2026-03-29T02:30")


@pytest.mark.parametrize("text", ["", "soon", "27.03.2026", "2026-02-30T00:00"])
def test_anything_else_is_refused(text):
    with pytest.raises(HostError, match="is no local time"):
        utc_of(text)


@pytest.mark.parametrize("start, hours", [
    ("2026-03-27T00:00", 7 * 24 - 1), ("2026-10-23T00:00", 7 * 24 + 1), ("2026-06-01T06:30", 7 * 24)])
def test_seven_local_days_are_as_long_as_the_clocks_make_them(start, hours):
    start_ms = read_local(start, ZONE, "")
    assert after_days(ZONE, start_ms, 7) - start_ms == hours * HOUR_MS


def test_days_that_would_end_in_the_gap_end_with_it():
    start_ms = read_local("2026-03-28T02:30", ZONE, "")
    assert utc_text(after_days(ZONE, start_ms, 1)) == "2026-03-29T01:00:00Z"


def test_texts_carry_the_offset():
    assert local_text(START_UTC_MS, 60) == "2026-03-27T00:00:00+01:00"
    assert local_text(START_UTC_MS + 250, -570) == "2026-03-26T13:30:00.250-09:30"
    assert local_text(0, 60) == utc_text(0) == ""            # a time that the pump did not know
    assert date_text(START_UTC_MS // DAY_MS + 1) == "2026-03-27"
