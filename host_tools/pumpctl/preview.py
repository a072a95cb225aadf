"""What a program will do in the days ahead: rates, boluses, clock changes, volumes, the reservoir (T-03, A-04, U-04).

Every number comes from the pump's own code: the basal rate from pump.basal, scheduled boluses from pump.appointments,
volumes from the pieces that the pump's check and forecast walk. Knows no picture and no terminal.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pump.appointments import Appointments
from pump.basal import Basal
from pump.check import MONDAY_MIN
from pump.forecast import SHARES, boluses_half_nl, empty_after_ms
from pump.limits import DAY_MS, Limits
from pump.program import DAY_S, RATE_MAX, Program
from pump.programmed import Programmed
from pump.rig import Rig
from pump.schedule import LocalSchedule
from pump.volume import GRAINS_PER_NL, StepRatio
from pump.window import done_parts
from pump.zone import Zone
from pumpctl.errors import HostError
from pumpctl.localtime import MINUTE_MS, after_days, utc_min_of_local

if TYPE_CHECKING:
    from pumpctl.pump_link import PumpLink

DAY_MIN = 1440
UNROUNDED = StepRatio(1000, 1)         # where no rig is known: a step of a nanolitre
BAND = ("all", "typical", "none")      # of the allowed on-demand boluses, in the order of pump.forecast.SHARES


@dataclass(frozen=True)
class Stretch:
    """Basal rate from one instant to another, linear between its ends; UTC in ms, rates in nL/h."""

    start_ms: int
    end_ms: int
    rate_nl_per_h: int
    end_rate_nl_per_h: int


@dataclass(frozen=True)
class PlannedBolus:
    """`is_gap`: its local minute never comes, so it is skipped; utc_ms is the change then."""

    utc_ms: int
    volume_nl: int
    over_s: int
    kind: str                          # "scheduled" or "periodic"
    is_gap: bool = False


@dataclass(frozen=True)
class ClockChange:
    """The UTC offset goes from `before_min` to `after_min`: a gap where it grows, an overlap where it shrinks."""

    utc_ms: int
    before_min: int
    after_min: int

    @property
    def is_gap(self) -> bool:
        return self.after_min > self.before_min


@dataclass(frozen=True)
class Day:
    """One local day of the preview, whole or the part that lies in it. `left_nl`: by BAND, at its end."""

    start_ms: int
    end_ms: int
    programmed_nl: int
    left_nl: tuple[int, ...]


class Preview:
    """The days ahead of an instant. Without a rig there are no rig limits, no whole steps and no reservoir."""

    def __init__(self, program: Program, rig: Rig | None, start_ms: int, days: int, level_nl: int | None = None):
        """start_ms: UTC; days: local calendar days; level_nl: in the reservoir at the start, full by default."""
        self.program = program
        self.rig = rig
        self.zone = program.schedule.zone
        self.start_ms = start_ms
        self.end_ms = after_days(self.zone, start_ms, days)
        if program.ends_after_s:
            self.end_ms = min(self.end_ms, start_ms + program.ends_after_s * 1000)
        self.level_nl = level_nl if level_nl is not None or rig is None else rig.reservoir_nl
        self._ratio = rig.ratio if rig else UNROUNDED

    @property
    def limits(self) -> Limits:
        """The tighter of rig and program."""
        return self.program.limits.tightest(self.rig.limits) if self.rig else self.program.limits

    @cached_property
    def stretches(self) -> list[Stretch]:
        """The basal rate, without gaps."""
        basal = Basal(self.program.schedule, _Utc(), self._ratio, self.program.minimum_nl_per_h, self._ceiling)
        found = []
        at_ms = self.start_ms
        while at_ms < self.end_ms:
            end_ms, grains, rise, _ = basal.line_from(at_ms, self.end_ms)
            mean, half = grains / (end_ms - at_ms), rise / (end_ms - at_ms) / 2       # a grain is a nL/h for a ms
            found.append(Stretch(at_ms, end_ms, round(mean - half), round(mean + half)))
            at_ms = end_ms
        return found

    @cached_property
    def boluses(self) -> list[PlannedBolus]:
        """Scheduled and periodic ones, in order. The first periodic one comes an interval after the start."""
        found = []
        book = Appointments(self.program.appointments(), self.zone, [])
        book.look_from(self.start_ms // MINUTE_MS - 1)
        while (due := book.next()) is not None and due.utc_min * MINUTE_MS < self.end_ms:
            book.done(due)
            _, _, volume_nl, over_s, _ = self.program.boluses[due.entry]
            found.append(PlannedBolus(due.utc_min * MINUTE_MS, volume_nl, over_s, "scheduled", due.is_gap))
        if self.program.periodic:
            volume_nl, over_s, every_s = self.program.periodic
            times = range(self.start_ms + every_s * 1000, self.end_ms, every_s * 1000)
            found += [PlannedBolus(at_ms, volume_nl, over_s, "periodic") for at_ms in times]
        return sorted(found, key=lambda bolus: bolus.utc_ms)

    @cached_property
    def changes(self) -> list[ClockChange]:
        """The clock changes within."""
        return [ClockChange(change * MINUTE_MS, self.zone.lookup(change - 1)[0], self.zone.lookup(change)[0])
                for change in self.zone.changes[::2] if self.start_ms < change * MINUTE_MS < self.end_ms]

    @cached_property
    def days(self) -> list[Day]:
        """The local days; the first and the last may be parts of one."""
        bounds = [self.start_ms, *self._midnights(), self.end_ms]
        levels = list(self.gone_nl(bounds))
        start_nl = self.level_nl or 0
        return [Day(bounds[at], bounds[at + 1], levels[at + 1][-1] - levels[at][-1],
                    tuple(max(0, start_nl - gone) for gone in levels[at + 1])) for at in range(len(bounds) - 1)]

    @cached_property
    def empty_ms(self) -> tuple[int | None, ...]:
        """By BAND: UTC at which the reservoir is empty by the pump's own forecast; None: not within a year, not before
        the program's end, or no rig is known."""
        if self.rig is None or self.level_nl is None:
            return (None,) * len(BAND)
        found = empty_after_ms(self.program, self.rig, self.level_nl, self.start_ms)
        return tuple(None if ms is None else self.start_ms + ms for ms in found)

    @property
    def highest_nl_per_h(self) -> int:
        """The highest basal rate."""
        return max(max(each.rate_nl_per_h, each.end_rate_nl_per_h) for each in self.stretches)

    def rate_at(self, utc_ms: int) -> int:
        """The basal rate at an instant within."""
        for each in self.stretches:
            if each.start_ms <= utc_ms < each.end_ms:
                climb = (each.end_rate_nl_per_h - each.rate_nl_per_h) * (utc_ms - each.start_ms)
                return each.rate_nl_per_h + climb // (each.end_ms - each.start_ms)
        return 0

    def gone_nl(self, times_ms: Iterable[int]) -> Iterator[tuple[int, ...]]:
        """By BAND, at ascending instants from the start on: nL that have left since the start, rounded down.

        As the forecast counts: a periodic or an on-demand bolus whole when it begins.
        """
        source = Programmed(self.program, self.program.schedule, self._ratio, self._ceiling, self.start_ms)
        parts_per_nl = GRAINS_PER_NL * self._ratio.num
        before = begin = end = parts = rise = 0
        for time_ms in times_ms:
            ms = time_ms - self.start_ms
            while end <= ms:
                before += parts
                begin = end
                piece = source.piece_from(begin)
                end, parts, rise = piece.end_ms, piece.parts, piece.rise
            schedule = before + done_parts(parts, rise, ms - begin, end - begin)
            yield tuple(schedule // parts_per_nl + boluses_half_nl(self.program, ms, share) // 2 for share in SHARES)

    @property
    def _ceiling(self) -> int:
        return self.limits.max_rate_nl_per_h or RATE_MAX

    def _midnights(self) -> list[int]:
        first, last = (self.local_min(ms) for ms in (self.start_ms, self.end_ms))
        found = [utc_min_of_local(self.zone, minute) * MINUTE_MS
                 for minute in range(first // DAY_MIN * DAY_MIN + DAY_MIN, last + 1, DAY_MIN)]
        return [at for at in found if self.start_ms < at < self.end_ms]

    def local_min(self, utc_ms: int) -> int:
        """Local minutes since 1970 at an instant."""
        utc_min = utc_ms // MINUTE_MS
        return utc_min + self.zone.lookup(utc_min)[0]


def preview_of(pump: PumpLink, days: int) -> Preview:
    """Of the program in a pump, from its clock, or where that is not set this computer's, and its level on."""
    program = pump.program()
    if program is None:
        raise HostError("the pump has no program", "send one with: pumpctl push FILE --rig RIG")
    status = pump.status()
    now_ms = time.time_ns() // 1_000_000 if status.utc_ms is None else status.utc_ms
    return Preview(program, pump.rig(), now_ms // MINUTE_MS * MINUTE_MS, days, status.reservoir_nl)


def plain_week_nl(program: Program, rig: Rig | None = None) -> list[int]:
    """What a program delivers by itself on each day of a week without a clock change, Monday first, in nL rounded down:
    basal rate, scheduled boluses, and the day's share of the periodic ones."""
    ratio = rig.ratio if rig else UNROUNDED
    ceiling = (program.limits.tightest(rig.limits) if rig else program.limits).max_rate_nl_per_h or RATE_MAX
    plain = LocalSchedule(program.schedule.schedule, Zone(0, []))
    source = Programmed(program, plain, ratio, ceiling, MONDAY_MIN * MINUTE_MS - DAY_MS)
    periodic_nl = program.periodic[0] * DAY_S // program.periodic[2] if program.periodic else 0
    parts = [0] * 8                                  # from the Sunday before, whose last bolus may go on after midnight
    at_ms = 0
    while at_ms < 8 * DAY_MS:
        piece = source.piece_from(at_ms)             # none goes over a midnight, where every segment ends
        parts[at_ms // DAY_MS] += piece.parts
        at_ms = piece.end_ms
    return [each // (GRAINS_PER_NL * ratio.num) + periodic_nl for each in parts[1:]]


class _Utc:
    """A clock whose milliseconds are UTC."""

    def utc_ms(self, ms: int) -> int:
        return ms

    def mono_of_utc(self, ms: int) -> int:
        return ms
