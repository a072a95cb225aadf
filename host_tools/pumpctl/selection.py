"""Which records are wanted: by time, day, event and actor. Owns the reading of those options.

A local time is compared with the local time of the record, as the pump had it; one with its own offset or Z, with its
UTC. A record that was written while the clock was not set counts with the time of the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from pump import record
from pumpctl.errors import HostError
from pumpctl.localtime import EPOCH, MINUTE_MS
from pumpfiles.quantities import DURATION, QuantityError, parse

DAY_MS = 86_400_000
MILLISECOND = 1000


@dataclass(frozen=True)
class Bound:
    """An instant: ms since 1970, of UTC or of local time."""

    ms: int
    is_local: bool


@dataclass(frozen=True)
class Selection:
    """None and () let everything through. `until` is not part of it; `day` counts from 1970-01-01, local."""

    since: Bound | None = None
    until: Bound | None = None
    day: int | None = None
    events: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()

    def of(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        """The wanted records among those of one journal, in order."""
        return (part for part in self._timed(parts) if self._is_kind(part))

    def _timed(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        if self.since is self.until is self.day is None:
            yield from parts
            return
        utc_ms = local_ms = 0
        for part in parts:
            _, utc_s, _, ms, _, offset_min, *_ = record.header(part)
            if utc_s:
                utc_ms = utc_s * 1000 + ms
                local_ms = utc_ms + offset_min * MINUTE_MS
            if self._is_time(utc_ms, local_ms):
                yield part

    def _is_time(self, utc_ms: int, local_ms: int) -> bool:
        def at(bound: Bound) -> int:
            return local_ms if bound.is_local else utc_ms

        return ((self.since is None or at(self.since) >= self.since.ms)
                and (self.until is None or at(self.until) < self.until.ms)
                and (self.day is None or local_ms // DAY_MS == self.day))

    def _is_kind(self, part: bytes) -> bool:
        head = record.header(part)
        return ((not self.events or any(head[7] == record.EVENT_NAMES.index(name) for name in self.events))
                and (not self.actors or any(head[8] == record.ACTOR_NAMES.index(name) for name in self.actors)))


def read_bound(option: str, text: str, newest_utc_ms: int) -> Bound:
    """"2026-03-27T06:30", local or with an offset, or a duration such as "2 h" back from the newest record."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Bound(newest_utc_ms - _duration_ms(option, text), False)
    offset = moment.utcoffset()
    span = moment.replace(tzinfo=None) - EPOCH - (offset or EPOCH - EPOCH)
    return Bound(round(span.total_seconds() * MILLISECOND), offset is None)


def _duration_ms(option: str, text: str) -> int:
    try:
        return int(parse(text, DURATION)[0] * MILLISECOND)
    except QuantityError:
        raise HostError(f"{option} {text!r} is neither a time nor a duration",
                        "write it like 2026-03-27T06:30, or like \"2 h\" for that long before the newest record")


def read_day(text: str, option: str = "--day") -> int:
    """The local day "2026-03-27", in days since 1970-01-01."""
    try:
        return (date.fromisoformat(text) - EPOCH.date()).days
    except ValueError:
        raise HostError(f"{option} {text!r} is no date", "write it like 2026-03-27")


def newest_utc_ms(raw: bytes) -> int:
    """UTC of the newest record that has one; 0 where none has."""
    for at in range(len(raw) // record.SIZE - 1, -1, -1):
        _, utc_s, _, ms, *_ = record.header(raw[at * record.SIZE:(at + 1) * record.SIZE])
        if utc_s:
            return utc_s * 1000 + ms
    return 0
