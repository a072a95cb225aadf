"""Two programs side by side: segment by segment, volume by day, and all else that differs (C-03). Prints nothing.

Rates and volumes are those of the pump's own code; a day's volume is that of an ordinary week, without a clock change.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pump.limits import Limits
from pump.program import Program
from pump.rig import Rig
from pump.schedule import FIELDS
from pump.zone import MINUTES_PER_DAY
from pumpctl.cli import rate_text, short, volume_text
from pumpctl.durations import seconds
from pumpctl.localtime import MINUTE_MS, utc_text
from pumpctl.preview import plain_week_nl
from pumpfiles.day_times import DAYS, clock_of
from pumpfiles.limits_table import KEY_OF_NAME


@dataclass(frozen=True)
class Pair:
    """What stands side by side under a name; "" where one has nothing there."""

    name: str
    old: str
    new: str

    @property
    def differs(self) -> bool:
        return self.old != self.new


@dataclass(frozen=True)
class Days:
    """Days of the week that are alike in both programs; `segments` are named by the time of day at which they begin."""

    label: str
    segments: list[Pair]


@dataclass(frozen=True)
class Volume:
    """One day of the week: basal, scheduled and periodic boluses; none on demand."""

    day: str
    old_nl: int
    new_nl: int

    @property
    def change(self) -> str:
        """"+12.5 µL"."""
        change_nl = self.new_nl - self.old_nl
        return f"{'+' if change_nl > 0 else ''}{short(change_nl)} µL" if change_nl else ""


@dataclass(frozen=True)
class Difference:
    days: list[Days]
    volumes: list[Volume]
    facts: list[Pair]

    @property
    def is_none(self) -> bool:
        pairs = [*self.facts, *(pair for each in self.days for pair in each.segments)]
        return not any(pair.differs for pair in pairs)

    def as_dict(self) -> dict[str, Any]:
        """For --json; volumes in nL."""
        return {
            "same": self.is_none,
            "days": [{"days": each.label, "segments": [_pair(pair) for pair in each.segments]} for each in self.days],
            "volume_per_day": [{"day": each.day, "old_nl": each.old_nl, "new_nl": each.new_nl}
                               for each in self.volumes],
            "other": [_pair(pair) for pair in self.facts if pair.differs],
        }


def _pair(pair: Pair) -> dict[str, Any]:
    return {"name": pair.name, "old": pair.old, "new": pair.new, "differs": pair.differs}


def compare(old: Program, new: Program, rig: Rig | None = None) -> Difference:
    """What changes where `new` takes the place of `old`, on a rig where it is known."""
    alike: dict[tuple[int, int], list[int]] = {}
    for day in range(7):
        alike.setdefault((old.days[day], new.days[day]), []).append(day)
    days = [Days(label_of(numbers), _segments(old.plans[plans[0]], new.plans[plans[1]]))
            for plans, numbers in alike.items()]
    volumes = [Volume(*each) for each in zip(DAYS, plain_week_nl(old, rig), plain_week_nl(new, rig), strict=True)]
    ours, theirs = _facts(old), _facts(new)
    names = list(dict.fromkeys([*ours, *theirs]))
    return Difference(days, volumes, [Pair(name, ours.get(name, ""), theirs.get(name, "")) for name in names])


def rig_changes(old: bytes, new: bytes) -> list[Pair]:
    """The fields of a rig document that differ, in the pump's units."""
    ours, theirs = (_flat("", json.loads(body)) for body in (old, new))
    pairs = [Pair(name, ours.get(name, ""), theirs.get(name, "")) for name in sorted({*ours, *theirs})]
    return [pair for pair in pairs if pair.differs]


def label_of(numbers: list[int]) -> str:
    """"mon-fri", "sat,sun", "every day" of ascending numbers, Monday being 0."""
    if len(numbers) == 7:
        return "every day"
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{DAYS[numbers[0]]}-{DAYS[numbers[-1]]}"
    return ",".join(DAYS[number] for number in numbers)


def _segments(old: list[int], new: list[int]) -> list[Pair]:
    """Every time at which a segment begins in one of two day plans."""
    times = sorted({*old[::FIELDS], *new[::FIELDS]})
    ends = [*times[1:], MINUTES_PER_DAY]
    return [Pair(clock_of(begin), _rate(old, begin, end), _rate(new, begin, end))
            for begin, end in zip(times, ends, strict=True)]


def _rate(plan: list[int], begin: int, end: int) -> str:
    """The rate of a day plan from one minute to another, between which no segment of it begins."""
    at = max(at for at in range(0, len(plan), FIELDS) if plan[at] <= begin)
    minute, rate, end_rate = plan[at:at + FIELDS]
    if rate == end_rate:
        return rate_text(rate)
    length = (plan[at + FIELDS] if at + FIELDS < len(plan) else MINUTES_PER_DAY) - minute
    first, last = (rate + (end_rate - rate) * (each - minute) // length for each in (begin, end))
    return f"{short(first)} to {rate_text(last)}"


def _facts(program: Program) -> dict[str, str]:
    """All but the schedule, in words."""
    zone = program.schedule.zone
    table = f"{len(zone.changes) // 2} changes"
    if zone.changes:
        table += f" until {utc_text(zone.changes[-2] * MINUTE_MS)[:10]}"
    concentration = f"{program.ng_per_ml} ng/mL" if program.ng_per_ml else ""
    ends = [text for value, text in ((program.ends_after_s, seconds(program.ends_after_s)),
                                     (program.ends_volume_nl, volume_text(program.ends_volume_nl))) if value]
    found = {"name": program.name, "fluid": program.fluid, "concentration": concentration,
             "time zone": program.zone_name, "offset table": table, **_bolus_facts(program),
             **_limit_facts("limits", program.limits), **_limit_facts("soft_limits", program.soft_limits),
             "ends after": " or ".join(ends), "reservoir low": _volume(program.low_nl),
             "minimum_rate": rate_text(program.minimum_nl_per_h) if program.minimum_nl_per_h else "",
             "resume": "basal" if program.resume else "stopped"}
    return {name: text for name, text in found.items() if text}


def _bolus_facts(program: Program) -> dict[str, str]:
    found: dict[str, str] = {}
    for minute, mask, volume_nl, over_s, late_min in program.boluses:
        label = label_of([day for day in range(7) if mask >> day & 1])
        late = f", within {late_min} min" if late_min else ""
        name = f"bolus {label} {clock_of(minute)}"
        text = f"{volume_text(volume_nl)} over {seconds(over_s)}{late}"
        found[name] = f"{found[name]}; {text}" if name in found else text
    if program.periodic:
        volume_nl, over_s, every_s = program.periodic
        found["periodic_bolus"] = f"{volume_text(volume_nl)} over {seconds(over_s)} every {seconds(every_s)}"
    if program.on_demand:
        volume_nl, over_s, lockout_s, most = program.on_demand
        found["on_demand"] = (f"{volume_text(volume_nl)} over {seconds(over_s)}, lockout {seconds(lockout_s)}, at most "
                              f"{most} in 24 h")
    return found


def _limit_facts(table: str, limits: Limits) -> dict[str, str]:
    return {f"{table} {key}": rate_text(value) if "rate" in key else _volume(value)
            for key, value in zip(KEY_OF_NAME.values(), limits.values(), strict=True) if value}


def _volume(nl: int) -> str:
    return volume_text(nl) if nl else ""


def _flat(name: str, value: Any) -> dict[str, str]:
    """The leaves of a JSON document as texts."""
    if not isinstance(value, dict):
        return {name: json.dumps(value)}
    found: dict[str, str] = {}
    for key, each in value.items():
        found |= _flat(f"{name}.{key}" if name else key, each)
    return found
