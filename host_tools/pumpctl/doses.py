"""Doses: what was delivered, from the journal's records. Pure functions; owns intervals and days, no file.

Every dose record says what was confirmed and programmed until then and which rate holds from then on, basal and bolus
together. An interval runs from the record where a rate begins to the next one with another rate, whatever ends it;
checkpoints and midnights inside do not split it. Inside a ramp the rate holds for an instant only: there every stretch
from one record to the next is an interval of its own, with its mean rate. Volumes are differences of cumulative whole
nanolitres, rounded down, so that rows and days add up exactly to the totals.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from pump import reasons, record
from pump.volume import StepRatio
from pumpctl.names import actor_name

DAY_MS = 86_400_000
MINUTE_MS = 60_000
MS_PER_PL_AT_1_NL_PER_H = 3600
ROUNDING_PL = 2               # programmed volumes are cut to whole picolitres, at both ends of a stretch
BOLUS_PERIOD = 1 << 32        # the bolus account of a record wraps


class Dose(NamedTuple):
    """One dose record. utc_ms is 0 where the clock was not set; steps and picolitres are cumulative.

    bolus_steps: the bolus share of steps, modulo 2**32.
    """

    seq: int
    utc_ms: int
    offset_min: int
    event: int
    actor: int
    code: int
    steps: int
    programmed_pl: int
    rate_nl_per_h: int
    bolus_steps: int

    @property
    def local_day(self) -> int:
        """Days since 1970-01-01 of the local date."""
        return (self.utc_ms + self.offset_min * MINUTE_MS) // DAY_MS

    @property
    def is_running(self) -> bool:
        """The schedule is followed from here on. A checkpoint that the setting of the clock caused ends a run."""
        return self.event in record.RUN_EVENTS and not (self.event == record.EVENT_CHECKPOINT
                                                        and self.code == reasons.HOST)


class Interval(NamedTuple):
    """Constant rate, or a stretch of a ramp with its mean rate, from one record to another; `seq` is the first one's.

    actor: who caused the rate, basal and boluses together.
    """

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
        seq, utc_s, _, utc_ms, _, offset_min, _, event, actor, _, code = record.header(raw)
        if event in record.DOSE_EVENTS:
            steps, programmed_pl, _, rate, bolus_steps = record.data_of(raw, record.DOSE)
            found.append(Dose(seq, utc_s * 1000 + utc_ms, offset_min, event, actor, code, steps, programmed_pl, rate,
                              bolus_steps))
    return found


def intervals(doses: list[Dose], ratio: StepRatio) -> list[Interval]:
    """The delivered intervals, in order. Rate 0 gives none, except where steps were counted all the same.

    What was confirmed before a reset and not after ends with the last record before it: when the power went is not
    known. An interval that is still running ends with the newest record.
    """
    begins = [at for at in range(len(doses)) if _begins(doses, at)]
    ends = [*begins[1:], len(doses) - 1]
    rows = [_interval(doses, begin, end, ratio) for begin, end in zip(begins, ends, strict=False) if end > begin]
    return [row for row in rows if row.steps or row.programmed_nl or
            (row.rate_nl_per_h and row.end_utc_ms > row.start_utc_ms)]


def _begins(doses: list[Dose], at: int) -> bool:
    """True where an interval begins with this record."""
    dose = doses[at]
    if at == 0 or not dose.is_running or dose.rate_nl_per_h != doses[at - 1].rate_nl_per_h:
        return True
    return _is_uneven(doses, at - 1) or _is_uneven(doses, at)


def _is_uneven(doses: list[Dose], at: int) -> bool:
    """True where the rate of a record did not hold until the next one: inside a ramp."""
    if at + 1 == len(doses) or doses[at + 1].event == record.EVENT_BOOT or not doses[at].utc_ms:
        return False
    span_ms = doses[at + 1].utc_ms - doses[at].utc_ms
    volume = (doses[at + 1].programmed_pl - doses[at].programmed_pl) * MS_PER_PL_AT_1_NL_PER_H
    least = doses[at].rate_nl_per_h * span_ms          # the record's rate is rounded down to whole nL/h
    slack = ROUNDING_PL * MS_PER_PL_AT_1_NL_PER_H
    return span_ms > 0 and doses[at].is_running and not least - slack <= volume <= least + span_ms + slack


def _interval(doses: list[Dose], begin: int, end: int, ratio: StepRatio) -> Interval:
    first, account = doses[begin], doses[end]
    last = doses[end - 1] if account.event == record.EVENT_BOOT else account
    rate = first.rate_nl_per_h
    if _is_uneven(doses, begin):
        rate = ((account.programmed_pl - first.programmed_pl) * MS_PER_PL_AT_1_NL_PER_H
                // (last.utc_ms - first.utc_ms))
    return Interval(first.seq, first.utc_ms, first.offset_min, last.utc_ms, last.offset_min,
                    actor_name(first.actor), rate,
                    programmed_nl(first, account), delivered_nl(first, account, ratio), account.steps - first.steps)


def programmed_nl(first: Dose, last: Dose) -> int:
    return last.programmed_pl // 1000 - first.programmed_pl // 1000


def delivered_nl(first: Dose, last: Dose, ratio: StepRatio) -> int:
    return ratio.nl_of_steps(last.steps) - ratio.nl_of_steps(first.steps)


def bolus_nl(doses: list[Dose], ratio: StepRatio) -> int:
    """What of the delivered volume were boluses, from the first record to the last; rounded down."""
    steps = sum((after.bolus_steps - before.bolus_steps) % BOLUS_PERIOD for before, after in pairwise(doses))
    return ratio.nl_of_steps(steps)


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
