"""The bridge after a change of fluid: how long the line still holds the old fluid, and at which flow it has to leave.

Behind the pump the line is full of the old fluid, whatever the reservoir holds. Until the line's volume has passed,
the dose at the outlet is old concentration times flow, so the flow has to stay what the old program's mean was:
over = line volume / old mean rate. Pure arithmetic, exact; knows no link.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from pump import record
from pump.program import Program
from pump.schedule import FIELDS
from pump.volume import StepRatio
from pump.zone import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pumpctl.doses import BOLUS_PERIOD, doses_of
from pumpctl.durations import seconds
from pumpctl.entries import ratio_text
from pumpctl.errors import HostError

WEEK_MS = 7 * 86_400_000
MS_PER_H = 3_600_000
OVER_MAX_S = 604_800          # as pump.protocol's table has it


@dataclass(frozen=True)
class OldFlow:
    """Mean basal rate in nL/h before the change, where it is known from, and the old fluid's ng/mL (0: not known)."""

    nl_per_h: Fraction
    source: str
    ng_per_ml: int = 0


@dataclass(frozen=True)
class Plan:
    """What is sent; `lines` spell out how it came about."""

    volume_nl: int
    over_s: int
    lines: list[str]


def mean_nl_per_h(program: Program) -> Fraction:
    """The basal rate averaged over a week of 168 h; a ramp counts with the mean of its ends."""
    total = sum(_plan_volume(program.plans[day]) for day in program.days)
    return total / MINUTES_PER_WEEK


def _plan_volume(plan: list[int]) -> Fraction:
    """nL/h times minutes of a day's plan."""
    ends = [*plan[FIELDS::FIELDS], MINUTES_PER_DAY]
    total = Fraction(0)
    for at, end in zip(range(0, len(plan), FIELDS), ends, strict=True):
        minute, rate, end_rate = plan[at:at + FIELDS]
        total += Fraction(rate + end_rate, 2) * (end - minute)
    return total


def flow_of_program(program: Program) -> OldFlow:
    return OldFlow(mean_nl_per_h(program), f"program {program.name}, mean of a week", program.ng_per_ml)


def flow_of_journal(raws: Iterable[bytes], program_digest: str, ratio: StepRatio) -> OldFlow | None:
    """What was programmed without boluses while running, in the last week before the present program came; or None."""
    raws = list(raws)
    came = [at for at, raw in enumerate(raws) if record.header(raw)[7] == record.EVENT_PROGRAM
            and record.data_of(raw, record.IMAGE)[0].hex() == program_digest[:32]]
    doses = doses_of(raws[:came[-1]]) if came else []
    since_ms = max((dose.utc_ms for dose in doses), default=0) - WEEK_MS
    span_ms, picolitres = 0, Fraction(0)
    for before, after in pairwise(doses):
        if before.is_running and after.utc_ms > before.utc_ms >= max(since_ms, 1):
            bolus_steps = (after.bolus_steps - before.bolus_steps) % BOLUS_PERIOD
            picolitres += after.programmed_pl - before.programmed_pl - Fraction(bolus_steps * ratio.pl_per_rev,
                                                                                ratio.steps_per_rev)
            span_ms += after.utc_ms - before.utc_ms
    if not span_ms:
        return None
    return OldFlow(picolitres / 1000 * MS_PER_H / span_ms,
                   f"journal: {ratio_text(picolitres / 10**6)} µL of basal rate in {seconds(span_ms // 1000)} of "
                   f"running, before the present program came with record {record.seq_of(raws[came[-1]])}")


def plan_bridge(line_nl: int, old: OldFlow, new: Program | None) -> Plan:
    """The bridge for a line of line_nl; HostError where there is none. The time is rounded up: never faster."""
    if not line_nl:
        raise HostError("the rig's line has no volume, so nothing of the old fluid is left in it",
                        'give it in the rig file as [line] volume = "0.5 mL", then: pumpctl push --rig RIG')
    if old.nl_per_h <= 0:
        raise HostError("the old program's mean rate is 0: the old fluid would never leave the line",
                        "fill the line with the new one: pumpctl prime VOLUME")
    hours = line_nl / old.nl_per_h
    over_s = -int(-hours * 3600 // 1)
    if over_s > OVER_MAX_S:
        raise HostError(f"the bridge would take {seconds(over_s)}, more than 7 days",
                        "fill the line with the new fluid: pumpctl prime VOLUME")
    line, rate = ratio_text(Fraction(line_nl, 1000)), ratio_text(old.nl_per_h / 1000)
    lines = [f"line volume    {line} µL (rig): it still holds the old fluid",
             f"old mean rate  {rate} µL/h ({old.source})",
             f"over           {line} µL / {rate} µL/h = {ratio_text(hours)} h, so {over_s} s ({seconds(over_s)})"]
    if old.ng_per_ml:
        lines.append(f"old dose rate  {_dose(old.nl_per_h, old.ng_per_ml)}: stays so at the outlet during the bridge")
    if new is not None and new.ng_per_ml:
        lines.append(f"new dose rate  {_dose(mean_nl_per_h(new), new.ng_per_ml)} afterwards, by program {new.name}")
    return Plan(line_nl, over_s, lines)


def _dose(nl_per_h: Fraction, ng_per_ml: int) -> str:
    """"20 µL/h * 0.5 mg/mL = 10 µg/h": nL/h * ng/mL = 10^-6 ng/h = 10^-9 ug/h."""
    return (f"{ratio_text(nl_per_h / 1000)} µL/h * {ratio_text(Fraction(ng_per_ml, 10**6))} mg/mL = "
            f"{ratio_text(nl_per_h * ng_per_ml / 10**9)} µg/h")
