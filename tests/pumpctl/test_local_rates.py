"""A written schedule gives the rate that a person in the zone would read off it, at any instant (T-01, T-02, T-03)."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpfiles.program_file import load_program
from tests.pumpfiles.files import write

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo",
         "Africa/Cairo", "Pacific/Chatham"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_YEARS = 11 * 365 * 1440

# One rate in nL/h, in four ways of writing it
WRITTEN = (lambda n: f"{n} nL/h", lambda n: f"{n // 1000}.{n % 1000:03d} uL/h", lambda n: f"0.{n:06d}mL/h",
           lambda n: f"{n * 24} nL/day")

plans = st.dictionaries(st.integers(1, 1439), st.integers(0, 999_999), max_size=8).flatmap(
    lambda later: st.integers(0, 999_999).map(lambda first: {0: first} | later))


@st.composite
def weeks(draw):
    """(the day plan of each weekday, the text of the [[schedule]] tables)"""
    owners = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    tables = {owner: draw(plans) for owner in sorted(set(owners))}
    text = ""
    for owner, plan in tables.items():
        days = ",".join(day for day, each in zip(DAYS, owners, strict=True) if each == owner)
        if len(tables) > 1 or draw(st.booleans()):
            text += f'[[schedule]]\ndays = "{days}"\nsegments = [\n'
        else:
            text += "[[schedule]]\nsegments = [\n"
        for minute in sorted(plan):
            rate = draw(st.sampled_from(WRITTEN))(plan[minute])
            text += f'  {{ at = "{minute // 60:02d}:{minute % 60:02d}", rate = "{rate}" }},\n'
        text += "]\n"
    return [tables[owner] for owner in owners], text


def expected_rate(week, zone, utc_min):
    """By zoneinfo, and by going through the day's segments."""
    local = (EPOCH + utc_min * MINUTE).astimezone(ZoneInfo(zone))
    plan = week[local.weekday()]
    return plan[max(minute for minute in plan if minute <= local.hour * 60 + local.minute)]


def load(text, start):
    with tempfile.TemporaryDirectory() as folder:
        return load_program(write(Path(folder), text), start).program


@pytest.mark.requirement("T-01")
@pytest.mark.requirement("T-02")
@settings(max_examples=60, deadline=None)
@given(week=weeks(), zone=st.sampled_from(ZONES), start_year=st.sampled_from([2016, 2026]), data=st.data())
def test_the_rate_is_that_of_the_local_wall_clock(week, zone, start_year, data):
    plans, text = week
    start = datetime(start_year, 6, 1, tzinfo=UTC)
    program = load(f'name = "any"\ntime_zone = "{zone}"\n{text}', start)
    first_min = (start - EPOCH) // MINUTE
    instants = data.draw(st.lists(st.integers(0, MINUTES_OF_YEARS), min_size=20, max_size=20))
    minutes = [first_min + each for each in instants]
    for change in program.schedule.zone.changes[::2]:
        minutes += [change + by for by in (-61, -31, -1, 0, 1, 29, 30, 59, 60)]
    for utc_min in minutes:
        segment = program.schedule.segment_at(utc_min * 60_000)
        assert segment.rate_nl_per_h == segment.end_rate_nl_per_h == expected_rate(plans, zone, utc_min)
        last_min = segment.end_ms // 60_000 - 1
        assert expected_rate(plans, zone, last_min) == segment.rate_nl_per_h       # it holds until then


@pytest.mark.requirement("T-03")
@pytest.mark.parametrize("zone, year", [(zone, year) for zone in ZONES for year in (2016, 2026)])
def test_every_minute_around_every_change(zone, year):
    # a segment every 15 minutes, each with a rate of its own: a quarter of an hour in the wrong place shows
    lines = "".join(f'  {{ at = "{k // 4:02d}:{k % 4 * 15:02d}", rate = "{k} nL/h" }},\n' for k in range(96))
    text = f'name = "quarters"\ntime_zone = "{zone}"\n[[schedule]]\nsegments = [\n{lines}]\n'
    program = load(text, datetime(year, 6, 1, tzinfo=UTC))
    for change in program.schedule.zone.changes[:16:2]:
        for utc_min in range(change - 130, change + 130):
            local = (EPOCH + utc_min * MINUTE).astimezone(ZoneInfo(zone))
            segment = program.schedule.segment_at(utc_min * 60_000)
            assert segment.rate_nl_per_h == local.hour * 4 + local.minute // 15
