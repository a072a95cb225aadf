"""Time zones as the pump needs them: a table of offset changes (T-02). Owns the search for them; knows no schedule."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from pump.program import CHANGES_MAX, OFFSET_MAX_MIN
from pumpfiles.errors import HostError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STRIDE_MIN = 360              # between two looks at the offset: no zone changes it twice within six hours
FIXED = re.compile(r"([+-])([0-9]{2}):([0-5][0-9])")


class ZoneError(HostError):
    """A zone that cannot be used; `expected` says what could."""

    def __init__(self, name: str, expected: str):
        super().__init__(f"found time zone {name!r}, expected {expected}")
        self.expected = expected


def zone_table(name: str, start_utc: datetime, years: int = 12) -> tuple[int, list[int]]:
    """(first_offset_min, [utc_min, offset_min, ...]) of a zone of the tz database, in the sense of pump.zone.

    Reaches from 1 January of the year before start_utc to the end of the year `years` after it, so that the table is
    the same all year. A start without a zone is UTC. ZoneError where the zone is unknown or not in whole minutes.
    """
    if name not in _zone_names():
        raise ZoneError(name, _known(name))
    year = start_utc.astimezone(UTC).year if start_utc.tzinfo else start_utc.year
    first, changes = _table(name, year - 1, year + years + 1)
    return first, list(changes)


@cache
def _table(name: str, first_year: int, end_year: int) -> tuple[int, tuple[int, ...]]:
    """The same from year to year: a search of a tenth of a second, and programs have few zones."""
    zone = ZoneInfo(name)
    now, end = (_minute(datetime(each, 1, 1, tzinfo=UTC)) for each in (first_year, end_year))
    first = offset = _offset_min(zone, now)
    changes: list[int] = []
    while now < end:
        then = min(now + STRIDE_MIN, end)
        if _offset_min(zone, then) != offset:
            at = _first_minute_of_change(zone, now, then)
            offset = _offset_min(zone, at)
            changes += [at, offset]
            then = at
        now = then
    if len(changes) > 2 * CHANGES_MAX:
        raise ZoneError(name, f"at most {CHANGES_MAX} changes of the offset in the years to cover")
    return first, tuple(changes)


def fixed_offset(text: str) -> tuple[str, int]:
    """("UTC+01:00", 60) of "+01:00"; ZoneError for anything but a sign, hours and minutes up to 18:00."""
    match = FIXED.fullmatch(text)
    minutes = int(match[2]) * 60 + int(match[3]) if match else OFFSET_MAX_MIN + 1
    if minutes > OFFSET_MAX_MIN:
        raise ZoneError(text, 'an offset from "-18:00" to "+18:00", such as "+01:00"')
    sign = "-" if minutes and match[1] == "-" else "+"
    return f"UTC{sign}{text[1:]}", -minutes if sign == "-" else minutes


@cache
def _zone_names() -> set[str]:
    return available_timezones()        # looks through the whole database


def _minute(moment: datetime) -> int:
    return (moment - EPOCH) // MINUTE


def _offset_min(zone: ZoneInfo, utc_min: int) -> int:
    offset = (EPOCH + utc_min * MINUTE).astimezone(zone).utcoffset()
    if offset % MINUTE:
        raise ZoneError(zone.key, "a zone whose offset from UTC is in whole minutes in the years to cover")
    return offset // MINUTE


def _first_minute_of_change(zone: ZoneInfo, low: int, high: int) -> int:
    """The first minute in (low, high] with another offset than at low, which high has: bisection."""
    before = _offset_min(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_min(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _known(name: str) -> str:
    zones = sorted(_zone_names())
    same_place = [zone for zone in zones if zone.rpartition("/")[2].lower() == name.rpartition("/")[2].lower()]
    near = list(dict.fromkeys(same_place + difflib.get_close_matches(name, zones, n=3)))[:3]
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    return f'a zone of the tz database, such as "Europe/Berlin"{hint}'
