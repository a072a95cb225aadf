"""Quantities and times as a scenario file writes them, and its refusals. Knows no pump."""

import re
from datetime import datetime

from pump.zone import Zone

TIMES_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
VOLUMES_NL = {"nL": 1, "uL": 1000, "mL": 1_000_000}
EPOCH = datetime(1970, 1, 1)
MINUTE_MS = 60_000
DAY_MIN = 1440


class ScenarioError(ValueError):
    """A scenario that cannot be read or played; the text says where it is wrong and what should stand there."""


def amount(text, units, what):
    """"1.5 h" in the smallest unit, a whole number."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)", text) if isinstance(text, str) else None
    if not match or match[2] not in units:
        raise ScenarioError(f"found {text!r}, expected {what}: a number and one of {', '.join(units)}, in quotes")
    value = float(match[1]) * units[match[2]]
    if value != round(value):
        raise ScenarioError(f"found {text!r}, expected {what} in whole {next(iter(units))}")
    return round(value)


def duration_ms(text):
    return amount(text, TIMES_MS, "a duration")


def duration_s(text):
    ms = duration_ms(text)
    if ms % 1000:
        raise ScenarioError(f"found {text!r}, expected a duration in whole seconds, in which the pump counts")
    return ms // 1000


def volume_nl(text):
    return amount(text, VOLUMES_NL, "a volume")


def rate_nl_per_h(text):
    if not isinstance(text, str) or not text.endswith("/h"):
        raise ScenarioError(f'found {text!r}, expected a rate such as "20 uL/h"')
    return volume_nl(text[:-2].strip())


def one_of(value, known):
    if not isinstance(value, str) or value not in known:
        raise ScenarioError(f"{value!r} must be one of {', '.join(filter(None, known))}")
    return value


def whole(value):
    if type(value) is not int or value < 0:
        raise ScenarioError(f"found {value!r}, expected a whole number from 0 on")
    return value


def number(value):
    if type(value) not in (int, float):
        raise ScenarioError(f"found {value!r}, expected a number")
    return value


def of_kind(value, kind, what):
    """The value, which must be a str, bool, list or dict: as `what` says for a person."""
    if type(value) is not kind:
        raise ScenarioError(f"found {value!r}, expected {what}")
    return value


def placed(place, read, *given):
    """What read(*given) makes; what it refuses says where that is."""
    try:
        return read(*given)
    except ScenarioError as error:
        raise ScenarioError(f"{place}: {error}") from None


def only(given, known, what):
    for key in given:
        if key not in known:
            raise ScenarioError(f"{what} has no {key!r}; it has {', '.join(known) or 'nothing else'}")


class LocalTime:
    """World time 0 is `start`, a local time of the program's zone; of two such the first."""

    def __init__(self, start, zone):
        self._zone = Zone(zone["first_offset_min"], zone["changes"])
        try:
            moment = datetime.fromisoformat(start)
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo or len(str(start)) < 16:
            raise ScenarioError(f'found start = {start!r}, expected local time such as "2026-03-28T22:00"')
        self._start_min = int((moment - EPOCH).total_seconds()) // 60       # local
        self.start_utc_ms = self._utc_min(self._start_min) * MINUTE_MS

    def ms_of(self, text):
        """World time of "08:00", the next one after the start, or "1 08:00", a day later than that day."""
        match = re.fullmatch(r"(?:([0-9]{1,3}) )?([0-2][0-9]):([0-5][0-9])", text) if isinstance(text, str) else None
        if not match or int(match[2]) > 23:
            raise ScenarioError(f'found {text!r}, expected a time such as "08:00", or "1 08:00" for the day after')
        local = self._start_min - self._start_min % DAY_MIN + int(match[2]) * 60 + int(match[3])
        if match[1] is not None:
            local += int(match[1]) * DAY_MIN
        elif local < self._start_min:
            local += DAY_MIN
        ms = self._utc_min(local) * MINUTE_MS - self.start_utc_ms
        if ms < 0:
            raise ScenarioError(f"{text!r} is before the start")
        return ms

    def clock(self, ms):
        """Local "day hh:mm:ss" of a world time, for a person; the first day is left out."""
        utc_min = (self.start_utc_ms + ms) // MINUTE_MS
        local = utc_min + self._zone.lookup(utc_min)[0]
        day = local // DAY_MIN - self._start_min // DAY_MIN
        time = f"{local % DAY_MIN // 60:02d}:{local % 60:02d}:{(self.start_utc_ms + ms) // 1000 % 60:02d}"
        return f"{day} {time}" if day else time

    def _utc_min(self, local_min):
        """The first UTC minute at which the local clock shows this; in a gap the minute after it."""
        offsets = {self._zone.lookup(local_min + shift)[0] for shift in (-DAY_MIN, DAY_MIN)}
        found = [local_min - offset for offset in offsets if self._zone.lookup(local_min - offset)[0] == offset]
        return min(found) if found else local_min - min(offsets)
