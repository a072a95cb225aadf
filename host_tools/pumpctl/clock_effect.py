"""What setting a pump's clock does to its scheduled boluses, before it is done (T-05, B-02). Sends nothing.

The pump's own timetable is asked: it takes the new time here as it would there. Lockouts, windows, the bolus under way,
temporary rates, periodic boluses and a trial live on the monotonic clock and do not see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pump import record
from pump.appointments import Appointments
from pump.bolus import SCHEDULED, Bolus
from pump.boluses import BUSY, DENIALS, LONG_MISSED
from pump.program import Program
from pump.timetable import MANY, Timetable
from pump.volume import StepRatio
from pumpctl.localtime import MINUTE_MS

LOOK_BACK = 600               # newest records that are read for what was given: some four days of a common program
SHOWN_MAX = 100               # of each kind


@dataclass(frozen=True)
class Due:
    """A scheduled bolus: when it is due (UTC ms), its volume, and why it is skipped, "" where it is given."""

    utc_ms: int
    volume_nl: int
    skipped: str = ""


@dataclass(frozen=True)
class Effect:
    """late: given at once, after their time. skipped: passed over by the new time. repeated: met a second time and not
    given again. again: ahead again, and given then. long_missed: how many more were passed over long ago."""

    late: list[Due] = field(default_factory=list)
    skipped: list[Due] = field(default_factory=list)
    repeated: list[Due] = field(default_factory=list)
    again: list[Due] = field(default_factory=list)
    long_missed: int = 0

    @property
    def matters(self) -> bool:
        return bool(self.late or self.skipped or self.repeated or self.again or self.long_missed)


def handled_of(records: Iterable[bytes]) -> list[int]:
    """UTC minutes of the scheduled boluses that a journal's records say were dealt with, oldest first."""
    found = []
    for raw in records:
        head = record.header(raw)
        if head[7] != record.EVENT_BOLUS or head[10] >> 4 != SCHEDULED:
            continue
        _, _, _, _, due_utc_min, entry, _, _ = record.data_of(raw, record.BOLUS)
        if entry != MANY:
            found.append(due_utc_min)
    return found


def effect_of(program: Program, ratio: StepRatio, old_utc_ms: int, new_utc_ms: int,
              handled: list[int]) -> Effect:
    """What happens to the scheduled boluses of a run whose clock is set from one time to another."""
    clock = _Clock(old_utc_ms)
    table = Timetable(clock)
    table.use(program, ratio)
    table.restore(handled[::-1], old_utc_ms)
    clock.now_utc_ms = new_utc_ms
    table.clock_moved(0)
    if new_utc_ms >= old_utc_ms:
        return _forward(table)
    again = _ahead(table, old_utc_ms - new_utc_ms)
    known = {due.utc_ms for due in again}
    repeated = [due for due in _all(program, new_utc_ms, old_utc_ms) if due.utc_ms not in known]
    return Effect(repeated=repeated, again=again)


class _Clock:
    """The pump's clock at the instant of its setting, which is 0 on the monotonic clock."""

    def __init__(self, now_utc_ms: int):
        self.now_utc_ms = now_utc_ms

    def utc_ms(self, ms: int) -> int:
        return self.now_utc_ms + ms

    def mono_of_utc(self, utc_ms: int) -> int:
        return utc_ms - self.now_utc_ms


def _forward(table: Timetable) -> Effect:
    """What the new time has passed over. One begins at once; others that are late meanwhile find it under way."""
    late: list[Due] = []
    skipped: list[Due] = []
    long_missed = 0
    for bolus, why in table.due(0, False):
        if why == LONG_MISSED:
            long_missed = bolus.steps
        elif why or late:
            skipped.append(_due(bolus, DENIALS[why or BUSY]))
        else:
            late.append(_due(bolus))
    return Effect(late=late, skipped=skipped, long_missed=long_missed)


def _ahead(table: Timetable, span_ms: int) -> list[Due]:
    """What is due once more until the time that it was before, and not dealt with yet."""
    found: list[Due] = []
    while (next_ms := table.next_ms()) <= span_ms and len(found) < SHOWN_MAX:
        found += [_due(bolus, DENIALS[why]) for bolus, why in table.due(max(0, next_ms), False)]
    return found


def _all(program: Program, from_utc_ms: int, until_utc_ms: int) -> list[Due]:
    """Every scheduled bolus after one time and until another, SHOWN_MAX at most."""
    book = Appointments(program.appointments(), program.schedule.zone, [])
    book.look_from(from_utc_ms // MINUTE_MS)
    found: list[Due] = []
    while (due := book.next()) is not None and due.utc_min * MINUTE_MS <= until_utc_ms and len(found) < SHOWN_MAX:
        book.done(due)
        if not due.is_gap:
            found.append(Due(due.utc_min * MINUTE_MS, program.boluses[due.entry][2]))
    return found


def _due(bolus: Bolus, why: str = "") -> Due:
    return Due(bolus.nominal_utc_min * MINUTE_MS, bolus.volume_nl, why)
