"""The boluses of a program file: [[bolus]], [periodic_bolus] and [on_demand] (B-01, B-02, B-05). Knows no rig."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from pump.program import BOLUSES_MAX, DAY_S
from pump.zone import MINUTES_PER_DAY
from pumpfiles.day_times import TIME_EXPECTED, days_of, label_of_days, minute_of
from pumpfiles.quantities import DURATION, QuantityError, parse
from pumpfiles.quantity_value import Echo, seconds_of, volume_of
from pumpfiles.toml_source import Value

VOLUME_EXPECTED = 'such as "50 uL"'
OVER_EXPECTED = 'how long it lasts, such as "10 min"'
MISSED_EXPECTED = '"skip", or "within 30 min" and the like, in whole minutes up to "within 1440 min"'
WITHIN = "within "
EVERY_MIN_S = 60
EVERY_MAX_S = 7 * DAY_S
MOST_PER_24H = 96


@dataclass(frozen=True)
class ScheduledBolus:
    """`mask`: Monday 1 ... Sunday 64; `late_min`: latest start in minutes late, 0 for skip. `written` is its volume."""

    minute: int
    mask: int
    volume_nl: int
    over_s: int
    late_min: int
    at: Value
    written: Value


@dataclass(frozen=True)
class Boluses:
    """All that a program file says of boluses: `periodic` and `on_demand` as in the program document, or empty."""

    scheduled: list[ScheduledBolus] = field(default_factory=list)
    periodic: list[int] = field(default_factory=list)
    on_demand: list[int] = field(default_factory=list)

    def document(self) -> dict[str, list]:
        """The three fields of the program document."""
        rows = [[each.minute, each.mask, each.volume_nl, each.over_s, each.late_min] for each in self.scheduled]
        return {"boluses": rows, "periodic": self.periodic, "on_demand": self.on_demand}


def read_boluses(root: Value, concentration: Value | None, echo: Echo) -> Boluses:
    """The three kinds of bolus of a program file; all may be left out."""
    return Boluses(_scheduled(root.maybe("bolus"), concentration, echo),
                   _periodic(root.maybe("periodic_bolus"), concentration, echo),
                   _on_demand(root.maybe("on_demand"), concentration, echo))


def _scheduled(tables: Value | None, concentration: Value | None, echo: Echo) -> list[ScheduledBolus]:
    if tables is None:
        return []
    entries = tables.entries("[[bolus]] tables, in double brackets")
    if len(entries) > BOLUSES_MAX:
        raise entries[BOLUSES_MAX].refusal(f"at most {BOLUSES_MAX} scheduled boluses, not {len(entries)}")
    return [_bolus(table, concentration, echo) for table in entries]


def _bolus(table: Value, concentration: Value | None, echo: Echo) -> ScheduledBolus:
    table.only("at", "days", "volume", "over", "if_missed")
    at = table.take("at", TIME_EXPECTED)
    minute = minute_of(at)
    days = table.maybe("days")
    mask = sum(1 << day for day in days_of(days))
    label = f"bolus {label_of_days(days)} {at.raw}"
    volume, volume_nl, over_s = _dose(table, concentration, echo, label)
    late_min = _late_min(table.maybe("if_missed"), echo, f"{label} if_missed")
    return ScheduledBolus(minute, mask, volume_nl, over_s, late_min, at, volume)


def _dose(table: Value, concentration: Value | None, echo: Echo, label: str) -> tuple[Value, int, int]:
    """(the volume as written, in nL, duration in s)."""
    volume = table.take("volume", VOLUME_EXPECTED)
    volume_nl = volume_of(volume, concentration, echo, label)
    return volume, volume_nl, seconds_of(table.take("over", OVER_EXPECTED), 1, DAY_S, echo, f"{label} over")


def _late_min(value: Value | None, echo: Echo, label: str) -> int:
    """Minutes that a missed bolus may be late, 0 where it is skipped."""
    text = "skip" if value is None else value.text(MISSED_EXPECTED)
    if text == "skip":
        echo.lines.append((label, "skip"))
        return 0
    minutes = _minutes(text.removeprefix(WITHIN))
    if value is None or not text.startswith(WITHIN) or minutes is None:
        raise value.refusal(MISSED_EXPECTED)
    echo.lines.append((label, f"{text} = {minutes * 60} s"))
    return int(minutes)


def _minutes(text: str) -> Fraction | None:
    try:
        minutes = parse(text, DURATION)[0] / 60
    except QuantityError:
        return None
    return minutes if minutes.denominator == 1 and 1 <= minutes <= MINUTES_PER_DAY else None


def _periodic(table: Value | None, concentration: Value | None, echo: Echo) -> list[int]:
    """[volume nL, over s, every s], or []."""
    if table is None:
        return []
    table.only("volume", "over", "every")
    _, volume_nl, over_s = _dose(table, concentration, echo, "periodic_bolus")
    every = table.take("every", 'from start to start, such as "3 h"')
    every_s = seconds_of(every, EVERY_MIN_S, EVERY_MAX_S, echo, "periodic_bolus every")
    if every_s <= over_s:
        raise every.refusal(f"more than the {over_s} s that one bolus lasts")
    return [volume_nl, over_s, every_s]


def _on_demand(table: Value | None, concentration: Value | None, echo: Echo) -> list[int]:
    """[volume nL, over s, lockout s, most per 24 h], or []."""
    if table is None:
        return []
    table.only("volume", "over", "lockout", "max_per_24h")
    _, volume_nl, over_s = _dose(table, concentration, echo, "on_demand")
    lockout = table.take("lockout", 'from start to start, such as "1 h"')
    lockout_s = seconds_of(lockout, 1, DAY_S, echo, "on_demand lockout")
    if lockout_s < over_s:
        raise lockout.refusal(f"at least the {over_s} s that one bolus lasts")
    most = table.take("max_per_24h", "such as 4").integer(1, MOST_PER_24H)
    echo.lines.append(("on_demand max_per_24h", str(most)))
    return [volume_nl, over_s, lockout_s, most]
