"""Doses: what was delivered, from the journal's records. Pure functions; owns intervals and days, no file.

Every dose record says what was confirmed and programmed until then and which rate holds from then on. An interval
runs from the record where a rate begins to the next one with another rate, whatever ends it; checkpoints and
midnights inside do not split it. Volumes are differences of cumulative whole nanolitres, rounded down, so that rows
and days add up exactly to the totals.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from pump import record
from pump.volume import StepRatio

DAY_MS = 86_400_000
MINUTE_MS = 60_000
RUNNING_EVENTS = (record.EVENT_START, record.EVENT_RESUME, record.EVENT_RATE, record.EVENT_DAY,
                  record.EVENT_CHECKPOINT)


class Dose(NamedTuple):
    """One dose record. utc_ms is 0 where the clock was not set; steps and picolitres are cumulative."""

    seq: int
    utc_ms: int
    offset_min: int
    event: int
    actor: int
    steps: int
    programmed_pl: int
    rate_nl_per_h: int
    uncertain_steps: int

    @property
    def local_day(self) -> int:
        """Days since 1970-01-01 of the local date."""
        return (self.utc_ms + self.offset_min * MINUTE_MS) // DAY_MS

    @property
    def is_running(self) -> bool:
        return self.event in RUNNING_EVENTS and (self.event != record.EVENT_CHECKPOINT or
                                                 self.actor == record.ACTOR_SCHEDULE)


class Interval(NamedTuple):
    """Constant rate from one record to another; `seq` is the first one's."""

    seq: int
    start_utc_ms: int
    start_offset_min: int
    end_utc_ms: int
    end_offset_min: int
    actor: str
    rate_nl_per_h: int
    programmed_nl: int
    delivered_nl: int
    steps: int


class Day(NamedTuple):
    """One local date, in days since 1970-01-01.

    difference_steps: programmed less delivered since the journal's begin, at the end of the day.
    """

    local_day: int
    programmed_nl: int
    delivered_nl: int
    steps: int
    difference_steps: Fraction


def doses_of(raws: Iterable[bytes]) -> list[Dose]:
    """The dose records among journal records, in order."""
    found = []
    for raw in raws:
        seq, utc_s, _, utc_ms, _, offset_min, _, event, actor, _, _ = record.header(raw)
        if event in record.DOSE_EVENTS:
            steps, programmed_pl, _, rate, uncertain = record.data_of(raw, record.DOSE)
            found.append(Dose(seq, utc_s * 1000 + utc_ms, offset_min, event, actor, steps, programmed_pl, rate,
                              uncertain))
    return found


def intervals(doses: list[Dose], ratio: StepRatio) -> list[Interval]:
    """The delivered intervals, in order. Rate 0 gives none, except where steps were counted all the same.

    What was confirmed before a reset and not after ends with the last record before it: when the power went is not
    known. An interval that is still running ends with the newest record.
    """
    rows = []
    opened = last = None
    for dose in doses:
        if opened is None:
            opened = dose
        elif dose.rate_nl_per_h != opened.rate_nl_per_h or not dose.is_running:
            rows.append(_interval(opened, last if dose.event == record.EVENT_BOOT else dose, dose, ratio))
            opened = dose
        last = dose
    if opened is not last:
        rows.append(_interval(opened, last, last, ratio))
    return [row for row in rows if row.steps or row.programmed_nl or
            (row.rate_nl_per_h and row.end_utc_ms > row.start_utc_ms)]


def _interval(first: Dose, end: Dose, account: Dose, ratio: StepRatio) -> Interval:
    return Interval(first.seq, first.utc_ms, first.offset_min, end.utc_ms, end.offset_min,
                    record.ACTOR_NAMES[first.actor], first.rate_nl_per_h,
                    programmed_nl(first, account), delivered_nl(first, account, ratio), account.steps - first.steps)


def programmed_nl(first: Dose, last: Dose) -> int:
    return last.programmed_pl // 1000 - first.programmed_pl // 1000


def delivered_nl(first: Dose, last: Dose, ratio: StepRatio) -> int:
    return ratio.nl_of_steps(last.steps) - ratio.nl_of_steps(first.steps)


def difference_steps(first: Dose, last: Dose, ratio: StepRatio) -> Fraction:
    """Programmed less delivered between two records, in steps, exactly."""
    due = Fraction((last.programmed_pl - first.programmed_pl) * ratio.steps_per_rev, ratio.pl_per_rev)
    return due - (last.steps - first.steps)


def days(doses: list[Dose], ratio: StepRatio) -> list[Day]:
    """One entry for each local date on which the pump ran, at rate 0 too, or on which steps were counted.

    While running a record stands at every local midnight, so nothing has to be divided. Steps at a time that the
    pump did not know are those of day 0.
    """
    found: dict[int, list[int]] = {}
    ends: dict[int, Fraction] = {}
    for before, after in pairwise(doses):
        steps = after.steps - before.steps
        runs = before.is_running and after.utc_ms > before.utc_ms
        if not runs and not steps and after.programmed_pl == before.programmed_pl:
            continue
        day = (before if before.is_running or not after.utc_ms else after).local_day
        sums = found.setdefault(day, [0, 0, 0])
        sums[0] += programmed_nl(before, after)
        sums[1] += delivered_nl(before, after, ratio)
        sums[2] += steps
        ends[day] = difference_steps(doses[0], after, ratio)
    return [Day(day, *found[day], ends[day]) for day in sorted(found)]
