"""Local time on the host, by the pump's own table of offsets (pump/zone.py). Owns both directions and the texts."""

from __future__ import annotations

from datetime import datetime, timedelta

from pump.zone import MINUTES_PER_DAY, Zone
from pumpctl.errors import HostError

MINUTE_MS = 60_000
EPOCH = datetime(1970, 1, 1)
LATEST_MS = 253_402_300_799_999                # the end of the year 9999


def utc_min_of_local(zone: Zone, local_min: int) -> int:
    """The first UTC minute that shows this local minute (minutes since 1970-01-01 00:00 local).

    In an overlap that is the earlier of two; a local minute that a gap skips gives the end of the gap.
    """
    offsets = {zone.first_offset_min, *zone.changes[1::2]}
    found = [local_min - offset for offset in offsets if zone.lookup(local_min - offset)[0] == offset]
    return min(found) if found else _end_of_gap(zone, local_min)


def is_skipped(zone: Zone, local_min: int) -> bool:
    """True where no clock in the zone ever shows this local minute."""
    utc_min = utc_min_of_local(zone, local_min)
    return utc_min + zone.lookup(utc_min)[0] != local_min


def _end_of_gap(zone: Zone, local_min: int) -> int:
    for change_min in zone.changes[::2]:
        before, after = zone.lookup(change_min - 1)[0], zone.lookup(change_min)[0]
        if change_min + before <= local_min < change_min + after:
            return change_min
    raise ValueError(f"no offset of the zone fits local minute {local_min}")


def read_local(text: str, zone: Zone, zone_name: str) -> int:
    """UTC ms of "2026-03-27T00:00" in the zone; a text with its own offset or Z is taken as it is.

    HostError for anything else, and for a local time that the change to summer time skips.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise HostError(f"{text!r} is no local time", "write it like 2026-03-27T06:30")
    if moment.tzinfo is not None:
        return _ms(moment.replace(tzinfo=None) - moment.utcoffset() - EPOCH)
    local_ms = _ms(moment - EPOCH)
    local_min, rest_ms = divmod(local_ms, MINUTE_MS)
    if is_skipped(zone, local_min):
        raise HostError(f"{text} does not exist in {zone_name}: the clocks skip it", "choose a time an hour later")
    return utc_min_of_local(zone, local_min) * MINUTE_MS + rest_ms


def after_days(zone: Zone, start_utc_ms: int, days: int) -> int:
    """UTC ms at which the local clock shows the time of `start_utc_ms`, `days` calendar days later."""
    start_min, rest_ms = divmod(start_utc_ms, MINUTE_MS)
    local_min = start_min + zone.lookup(start_min)[0] + days * MINUTES_PER_DAY
    return utc_min_of_local(zone, local_min) * MINUTE_MS + rest_ms


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def utc_text(utc_ms: int) -> str:
    """"2026-03-26T23:00:00Z", with milliseconds where there are any; "" for 0, a time that was not known.

    A time that no calendar has, which only a damaged record holds, is "after 9999".
    """
    if utc_ms > LATEST_MS:
        return "after 9999"
    return _iso(utc_ms) + "Z" if utc_ms else ""


def local_text(utc_ms: int, offset_min: int) -> str:
    """"2026-03-27T00:00:00+01:00"; "" for 0."""
    if not utc_ms:
        return ""
    sign = "-" if offset_min < 0 else "+"
    return _iso(utc_ms + offset_min * MINUTE_MS) + f"{sign}{abs(offset_min) // 60:02d}:{abs(offset_min) % 60:02d}"


def _iso(ms: int) -> str:
    timespec = "milliseconds" if ms % 1000 else "seconds"
    return (EPOCH + timedelta(milliseconds=ms)).isoformat(timespec=timespec)


def date_text(local_day: int) -> str:
    """"2026-03-27" of days since 1970-01-01; "" for 0, a day that was not known."""
    return (EPOCH + timedelta(days=local_day)).date().isoformat() if local_day else ""
