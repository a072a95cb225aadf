"""The [[schedule]] tables of a program file: seven day plans (T-01). Owns days and times of day; knows no zone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pump.check import DAY_NAMES
from pump.program import SEGMENTS_MAX
from pump.zone import MINUTES_PER_DAY
from pumpctl.quantity_value import Echo, rate_of
from pumpctl.toml_source import Value

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_EXPECTED = 'days such as "mon", "sat,sun", "mon-fri" or "fri-mon"'
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
TIME_EXPECTED = 'a time of day from "00:00" to "23:59"'
SEGMENT_EXPECTED = 'a list of segments, such as [{ at = "00:00", rate = "20 uL/h" }]'


@dataclass(frozen=True)
class Segment:
    """From `minute` of the day on, `rate_nl_per_h`; `written` is the rate in the file."""

    minute: int
    rate_nl_per_h: int
    written: Value


Week = list[list[Segment]]    # seven, Monday first; each ascends from minute 0


def read_week(tables: Value, concentration: Value | None, echo: Echo) -> Week:
    """The seven days of the [[schedule]] tables; InputError where a minute of the week is not covered exactly once."""
    owners: list[Value | None] = [None] * 7
    week: Week = [[] for _ in DAYS]
    entries = tables.entries("one [[schedule]] table or more, in double brackets")
    for table in entries:
        table.only("days", "segments")
        days = table.maybe("days")
        numbers = list(range(7)) if days is None else _days(days)
        for day in numbers:
            if owners[day] is not None:
                raise (days or table).refusal(_twice(day, owners[day]))
            owners[day] = table
        label = "every day" if days is None else days.raw
        segments = _segments(table.take("segments", SEGMENT_EXPECTED), concentration, echo, label)
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
        plan = [number for segment in segments for number in (segment.minute, segment.rate_nl_per_h)]
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


def _days(value: Value) -> list[int]:
    numbers: list[int] = []
    for part in value.text(DAYS_EXPECTED).split(","):
        first, dash, last = (each.strip(" ") for each in part.partition("-"))
        if first not in DAYS or (dash and (last not in DAYS or last == first)):
            raise value.refusal(DAYS_EXPECTED)
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 + 1 if dash else 1
        numbers += [(start + each) % 7 for each in range(length)]
    for day in numbers:
        if numbers.count(day) > 1:
            raise value.refusal(f"each day once: {DAY_NAMES[day]} is named twice")
    return numbers


def _segments(value: Value, concentration: Value | None, echo: Echo, label: str) -> list[Segment]:
    found: list[Segment] = []
    entries = value.entries(SEGMENT_EXPECTED)
    for entry in entries:
        entry.only("at", "rate")
        at = entry.take("at", TIME_EXPECTED)
        minute = _minute(at)
        _check_order(at, minute, found)
        rate = entry.take("rate", 'such as "20 uL/h"')
        nl_per_h = rate_of(rate, concentration, echo, f"{label} {at.raw}")
        found.append(Segment(minute, nl_per_h, rate))
    if len(entries) > SEGMENTS_MAX:
        raise entries[SEGMENTS_MAX].refusal(f"at most {SEGMENTS_MAX} segments a day, not {len(entries)}")
    return found


def _minute(at: Value) -> int:
    match = TIME.fullmatch(at.text(TIME_EXPECTED))
    if match is None:
        raise at.refusal(TIME_EXPECTED)
    return int(match[1]) * 60 + int(match[2])


def _check_order(at: Value, minute: int, before: list[Segment]) -> None:
    if not before and minute:
        last = f"{(minute - 1) // 60:02d}:{(minute - 1) % 60:02d}"
        raise at.refusal(f'"00:00" first: a gap of {minute} minutes, 00:00 to {last}, has no rate')
    if before and minute <= before[-1].minute:
        earlier = f"{before[-1].minute // 60:02d}:{before[-1].minute % 60:02d}"
        what = "two segments begin at one time" if minute == before[-1].minute else "segments are out of order"
        raise at.refusal(f'a time after "{earlier}": {what}')
