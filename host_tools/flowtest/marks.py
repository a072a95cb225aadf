"""Marks: what was done and what happened while a balance was read, on the balance's time. Owns a person's file of them.

A file of marks has a line of column names and a line for each mark: when (`time`, `time_s`, `time_min` or `time_h`, as
in the balance's own file), `mark` (one of KINDS), and what belongs to it: `rate_ul_per_h`, `requested_ul`,
`pressure_kpa`, or the same in their other units.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flowtest.readings import kinds_of, moment_of, names_of
from flowtest.text_table import Row, read_text_table

KINDS = {                     # {mark: the quantity that it cannot do without}
    "start": "rate_ul_per_h",     # from standstill, with this rate
    "rate": "rate_ul_per_h",      # another one from here on
    "stop": "",
    "bolus": "requested_ul",      # begins
    "done": "",                   # a bolus has ended
    "occluded": "",               # the line was shut
    "alarm": "",                  # the pump has stopped itself
    "released": "",               # the line was opened
}
QUANTITIES = ("rate_ul_per_h", "requested_ul", "kpa")


@dataclass(frozen=True)
class Mark:
    """At `time_s` since the first reading. `kind`: of KINDS, or "other", which disturbs the flow.

    Numbers are NaN where they do not belong to the kind, a rate also where it is not known or not constant. `text`: how
    the pump calls an alarm, or the end of a bolus that is not complete.
    """

    time_s: float
    kind: str
    rate_ul_per_h: float = math.nan
    requested_ul: float = math.nan
    kpa: float = math.nan
    text: str = ""


@dataclass(frozen=True)
class Clock:
    """The balance's: `zero` is when the first reading was, None where nobody knows; `first_s` what time_s was then."""

    zero: datetime | None
    first_s: float = 0.0

    @property
    def has_offset(self) -> bool:
        return self.zero is not None and self.zero.tzinfo is not None

    def since_s(self, moment: datetime) -> float:
        """Seconds since the first reading; TypeError where only one of the two has an offset, or `zero` is None."""
        assert self.zero is not None
        return (moment - self.zero).total_seconds()

    def text(self, time_s: float) -> str:
        """For a person, with whole seconds."""
        if self.zero is None:
            return f"{self.first_s + time_s:.0f} s"
        return (self.zero + timedelta(seconds=round(time_s))).isoformat(timespec="seconds")


def read_marks(path: Path, clock: Clock) -> list[Mark]:
    """A person's marks, in the order of the file; ReadingsError where it is wrong."""
    table = read_text_table(path, f"time,mark,{','.join(QUANTITIES[:2])}")
    quantities = kinds_of(table, "time_s")
    if "mark" not in table.names:
        raise table.refusal("a column mark too")
    places = {quantity: (at, factor) for at, (quantity, factor) in enumerate(quantities) if quantity}
    return [_mark_of(row, table.names.index("mark"), places, clock) for row in table.rows()]


def _mark_of(row: Row, mark_at: int, places: dict[str, tuple[int, float]], clock: Clock) -> Mark:
    kind = row.cells[mark_at].strip().lower()
    if kind not in KINDS:
        raise row.refusal(mark_at, f"one of {', '.join(KINDS)}")
    values = {}
    for quantity, (at, factor) in places.items():
        if quantity in QUANTITIES and row.cells[at].strip():
            values[quantity] = row.value(at) * factor
    needed = KINDS[kind]
    if needed and needed not in values:
        if needed in places:
            raise row.refusal(places[needed][0], f"a number, which the mark {kind} needs")
        raise row.refusal(mark_at, f"a column for it too: one of {names_of(needed)}")
    if kind == "bolus" and values["requested_ul"] <= 0:
        raise row.refusal(places["requested_ul"][0], "more than 0")
    return Mark(_time_s(row, *places["time_s"], clock), kind, **values)


def _time_s(row: Row, at: int, factor: float, clock: Clock) -> float:
    if factor:
        return row.value(at) * factor - clock.first_s
    if clock.zero is None:
        raise row.refusal(at, "seconds as in the balance's file, or the time of its first reading with --began")
    try:
        return clock.since_s(moment_of(row, at))
    except TypeError:
        raise row.refusal(at, f"a time like the balance's own, such as {clock.text(0)}") from None
