"""The table of offset changes that goes with a program (T-02), against the tz database."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.zone import Zone
from pumpctl.errors import HostError
from pumpfiles.zones import fixed_offset, zone_table

pytestmark = pytest.mark.requirement("T-02")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
START = datetime(2026, 3, 27, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# Lord Howe changes by 30 minutes, Cairo and (until 2019) Sao Paulo at midnight, Chatham is at 12:45, Casablanca goes
# back for Ramadan, Kathmandu never changes.
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo",
         "Africa/Cairo", "Pacific/Chatham", "Africa/Casablanca", "UTC"]


def offset_min(zone, utc_min):
    """What zoneinfo says."""
    return (EPOCH + utc_min * MINUTE).astimezone(ZoneInfo(zone)).utcoffset() // MINUTE


def minute(year, month=1, day=1):
    return (datetime(year, month, day, tzinfo=UTC) - EPOCH) // MINUTE


def test_berlin_by_hand():
    # 2025-03-30T01:00Z is day 20177, so 20177 * 1440 + 60 = 29054940; then the last Sundays of October and March
    first, changes = zone_table("Europe/Berlin", START)
    assert first == 60
    assert changes[:8] == [29054940, 120, 29357340, 60, 29579100, 120, 29881500, 60]
    assert len(changes) == 2 * 28                     # two a year, 2025 to 2038
    assert changes[-2] == minute(2038, 10, 31) + 60


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(ZONES), year=st.sampled_from([2017, 2026]), data=st.data())
def test_the_table_says_what_zoneinfo_says(tables, name, year, data):
    first, changes = tables(name, year)
    utc_min = data.draw(st.one_of(
        st.integers(minute(year - 1), minute(year + 13) - 1),
        st.sampled_from(changes[::2] or [0]).flatmap(lambda at: st.integers(at - 90, at + 90))))
    if minute(year - 1) <= utc_min < minute(year + 13):
        assert Zone(first, changes).lookup(utc_min)[0] == offset_min(name, utc_min)


@pytest.fixture(scope="module")
def tables():
    found = {}

    def table(name, year):
        if (name, year) not in found:
            found[name, year] = zone_table(name, datetime(year, 7, 1, tzinfo=UTC))
        return found[name, year]

    return table


@pytest.mark.parametrize("name", ZONES)
def test_every_change_is_where_zoneinfo_has_it(name):
    first, changes = zone_table(name, START)
    offset = first
    for at, after in zip(changes[::2], changes[1::2], strict=True):
        assert (offset_min(name, at - 1), offset_min(name, at)) == (offset, after)
        offset = after


@pytest.mark.parametrize("name", ZONES)
def test_no_change_is_missed(name):
    zone = Zone(*zone_table(name, START))
    for utc_min in range(minute(2025), minute(2039), 1440):
        assert zone.lookup(utc_min)[0] == offset_min(name, utc_min)


def test_the_table_reaches_ten_years_ahead_and_is_the_same_all_year():
    new_year = zone_table("Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC))
    assert new_year == zone_table("Europe/Berlin", datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert new_year[1][-2] > minute(2036, 12, 31)
    assert new_year[1][0] > minute(2025)
    assert zone_table("Europe/Berlin", START, years=10)[1] == new_year[1][:-8]      # two years of two changes


def test_the_year_of_the_start_is_that_in_utc():
    east = timezone(timedelta(hours=14))
    assert zone_table("UTC", datetime(2027, 1, 1, tzinfo=east)) == zone_table("UTC", START)
    still_2026 = zone_table("Europe/Berlin", datetime(2027, 1, 1, 5, tzinfo=east))
    assert still_2026 == zone_table("Europe/Berlin", START)
    assert zone_table("Europe/Berlin", datetime(2026, 3, 27)) == zone_table("Europe/Berlin", START)


@pytest.mark.parametrize("name, words", [
    ("Europe/Berln", "did you mean Europe/Berlin"),
    ("Berlin", r"did you mean Europe/Berlin\?"),
    ("europe/berlin", "did you mean Europe/Berlin"),
    ("Chatam", "such as"),
    ("Mars/Base", r'such as "Europe/Berlin"$'),
    ("", "such as"),
    ("../Berlin", "such as"),
    ("/etc/localtime", "such as"),
    ("Europe", "such as"),
    ("right/Europe/Berlin", "did you mean Europe/Berlin"),
    ("x" * 400, "such as"),
    ("a\0b", "such as"),
])
def test_an_unknown_zone_names_its_neighbours(name, words):
    with pytest.raises(HostError, match=words):
        zone_table(name, START)


def test_an_offset_with_seconds_is_refused():
    with pytest.raises(HostError, match="whole minutes"):
        zone_table("Africa/Monrovia", datetime(1971, 6, 1, tzinfo=UTC))        # -00:44:30 until 1972


@pytest.mark.parametrize("text, name, minutes", [
    ("+01:00", "UTC+01:00", 60),
    ("-03:30", "UTC-03:30", -210),                    # -(3 * 60 + 30)
    ("+05:45", "UTC+05:45", 345),
    ("+00:00", "UTC+00:00", 0),
    ("-00:00", "UTC+00:00", 0),
    ("+18:00", "UTC+18:00", 1080),
])
def test_a_fixed_offset(text, name, minutes):
    assert fixed_offset(text) == (name, minutes)


@pytest.mark.parametrize("text", [
    "", "1", "+1", "01:00", "+1:00", "+01:60", "+18:01", "-18:01", "+0100", "Z", "+01:00 "])
def test_what_is_no_offset_is_refused(text):
    with pytest.raises(HostError, match=r"from .-18:00. to .\+18:00."):
        fixed_offset(text)
