"""The part of a journal that belongs to a period of time. Knows no file and no report.

Doses are confirmed at records, so what was dosed belongs to stretches from one dose record to the next. A stretch of a
run belongs to the time at which it began, any other to the time at which it ended: that is how days are told apart in
doses.py too, and at each local midnight stands a record. So what is kept is the records of the period, the dose record
that the first of its stretches began with, and the one that the last ended with. A clock that was set back shows the
period twice; both times are kept, with all between.
"""

from __future__ import annotations

from pump import record
from pumpctl.doses import doses_of
from pumpctl.localtime import MINUTE_MS
from pumpctl.selection import DAY_MS, Bound, Selection


def records_in(raw: bytes, selection: Selection) -> bytes:
    """The records of one journal that `selection`'s times ask for, with those that begin and end its doses; may be
    b"". The first and the last may not follow the others directly."""
    if selection.since is selection.until is selection.day is None:
        return raw
    walk = _Walk(selection)
    for index in range(len(raw) // record.SIZE):
        walk.take(index, raw[index * record.SIZE:(index + 1) * record.SIZE])
    return b"".join(raw[index * record.SIZE:(index + 1) * record.SIZE] for index in walk.kept())


def begin_of(chosen: bytes) -> int:
    """The number of the first record that `records_in` has chosen, but for a lone one that tells where the doses stood:
    what was written between it and the next is of the period before."""
    first = record.seq_of(chosen)
    if len(chosen) < 2 * record.SIZE or record.seq_of(chosen[record.SIZE:]) == first + 1:
        return first
    return record.seq_of(chosen[record.SIZE:])


class _Walk:
    def __init__(self, selection: Selection):
        self._selection = selection
        self._utc_ms = self._local_ms = 0
        self._inside: list[int] = []                  # first and last record of the period
        self._stretches: list[int] = []               # dose records that begin the first and end the last stretch
        self._dose: tuple[int, bool, bool] | None = None      # index, is in the period, is of a run
        self._before: int | None = None               # the last dose record before the period's first record
        self._has_dose = False                        # one is in the period: it may end a stretch of the one before

    def take(self, index: int, raw: bytes) -> None:
        _, utc_s, _, ms, _, offset_min, _, event, *_ = record.header(raw)
        if utc_s:
            self._utc_ms = utc_s * 1000 + ms
            self._local_ms = self._utc_ms + offset_min * MINUTE_MS
        is_inside = self._is_inside()
        if is_inside:
            if not self._inside:
                self._before = self._dose[0] if self._dose else None
            self._inside = [*self._inside[:1], index] if self._inside else [index, index]
        if event in record.DOSE_EVENTS:
            [dose] = doses_of([raw])
            if self._dose and (self._dose[1] if self._dose[2] else is_inside):
                self._stretches = [self._stretches[0] if self._stretches else self._dose[0], index]
            self._dose = (index, is_inside, dose.is_running)
            self._has_dose = self._has_dose or is_inside

    def _is_inside(self) -> bool:
        def at(bound: Bound) -> int:
            return self._local_ms if bound.is_local else self._utc_ms

        chosen = self._selection
        return ((chosen.since is None or at(chosen.since) >= chosen.since.ms)
                and (chosen.until is None or at(chosen.until) < chosen.until.ms)
                and (chosen.day is None or self._local_ms // DAY_MS == chosen.day))

    def kept(self) -> list[int]:
        """Numbers of the records, in order."""
        inside = list(range(self._inside[0], self._inside[1] + 1)) if self._inside else []
        if not self._stretches:                       # nothing was dosed: only where the doses stood
            head = [self._before] if inside and self._before is not None and not self._has_dose else []
            return head + inside
        first, last = self._stretches
        return sorted({first, *inside, last})
