"""The [[schedule]] tables of a program file: seven day plans with their ramps (T-01, D-05). Knows no zone."""

from __future__ import annotations

from dataclasses import dataclass

from pump.check import DAY_NAMES
from pump.program import SEGMENTS_MAX
from pump.zone import MINUTES_PER_DAY
from pumpfiles.day_times import DAYS, TIME_EXPECTED, clock_of, days_of, label_of_days, minute_of
from pumpfiles.quantity_value import Echo, rate_of
from pumpfiles.toml_source import Value

SEGMENT_EXPECTED = 'a list of segments, such as [{ at = "00:00", rate = "20 uL/h" }]'


@dataclass(frozen=True)
class Segment:
    """From `minute` of the day on, linear from `rate_nl_per_h` to `end_rate_nl_per_h` at the next one or midnight.

    `written` is the rate in the file, `written_end` the ramp_to, or the rate again where there is none.
    """

    minute: int
    rate_nl_per_h: int
    end_rate_nl_per_h: int
    written: Value
    written_end: Value


Week = list[list[Segment]]    # seven, Monday first; each ascends from minute 0


def read_week(tables: Value, concentration: Value | None, echo: Echo) -> Week:
    """The seven days of the [[schedule]] tables; InputError where a minute of the week is not covered exactly once."""
    owners: list[Value | None] = [None] * 7
    week: Week = [[] for _ in DAYS]
    entries = tables.entries("one [[schedule]] table or more, in double brackets")
    for table in entries:
        table.only("days", "segments")
        days = table.maybe("days")
        numbers = days_of(days)
        for day in numbers:
            if owners[day] is not None:
                raise (days or table).refusal(_twice(day, owners[day]))
            owners[day] = table
        segments = _segments(table.take("segments", SEGMENT_EXPECTED), concentration, echo, label_of_days(days))
        for day in numbers:
            week[day] = segments
    missing = [name for name, owner in zip(DAY_NAMES, owners, strict=True) if owner is None]
    if missing:
        raise entries[0].refusal("every day of the week in one of the tables", f"no schedule for {', '.join(missing)}")
    return week


def plans_of(week: Week) -> tuple[list[int], list[list[int]]]:
    """(days, plans) of the program document: equal days share a plan, in the order of the week."""
    plans: list[list[int]] = []
    days = []
    for segments in week:
        plan = [number for segment in segments
                for number in (segment.minute, segment.rate_nl_per_h, segment.end_rate_nl_per_h)]
        if plan not in plans:
            plans.append(plan)
        days.append(plans.index(plan))
    return days, plans


def segment_at(week: Week, week_min: int) -> Segment:
    """The segment that holds a minute of the week, 0..10079 from Monday 00:00."""
    day, minute = divmod(week_min, MINUTES_PER_DAY)
    return [segment for segment in week[day] if segment.minute <= minute][-1]


def _twice(day: int, owner: Value) -> str:
    return f"each day once: {DAY_NAMES[day]} is covered already, by the table on line {owner.line}"


def _segments(value: Value, concentration: Value | None, echo: Echo, label: str) -> list[Segment]:
    found: list[Segment] = []
    entries = value.entries(SEGMENT_EXPECTED)
    for entry in entries:
        entry.only("at", "rate", "ramp_to")
        at = entry.take("at", TIME_EXPECTED)
        minute = minute_of(at)
        _check_order(at, minute, found)
        rate = entry.take("rate", 'such as "20 uL/h"')
        nl_per_h = end_nl_per_h = rate_of(rate, concentration, echo, f"{label} {at.raw}")
        ramp_to = entry.maybe("ramp_to")
        if ramp_to is not None:
            end_nl_per_h = rate_of(ramp_to, concentration, echo, f"{label} {at.raw} ramp_to")
        found.append(Segment(minute, nl_per_h, end_nl_per_h, rate, ramp_to or rate))
    if len(entries) > SEGMENTS_MAX:
        raise entries[SEGMENTS_MAX].refusal(f"at most {SEGMENTS_MAX} segments a day, not {len(entries)}")
    return found


def _check_order(at: Value, minute: int, before: list[Segment]) -> None:
    if not before and minute:
        raise at.refusal(f'"00:00" first: a gap of {minute} minutes, 00:00 to {clock_of(minute - 1)}, has no rate')
    if before and minute <= before[-1].minute:
        what = "two segments begin at one time" if minute == before[-1].minute else "segments are out of order"
        raise at.refusal(f'a time after "{clock_of(before[-1].minute)}": {what}')
