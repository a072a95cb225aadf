"""The pump's own log as marks: the table that `pumpctl log export --csv` writes. Owns what its events mean here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from flowtest.marks import Clock, Mark
from flowtest.readings import moment_of
from flowtest.text_table import Row, TextTable, read_text_table

NEEDED = ("utc", "local", "event", "ramp", "alarm", "outcome", "volume_nl", "rate_nl_per_h")
STARTS = ("start", "resume")
STOPS = ("boot", "stop", "suspend")
RATES = ("rate", "day", "checkpoint", "ack")
GRANTED, COMPLETE = "granted", "complete"
NOT_GIVEN = ("denied", "skipped")


def read_log(path: Path, clock: Clock) -> list[Mark]:
    """The marks of all records, in their order; ReadingsError where the file is wrong.

    A balance whose times have an offset is compared with the pump's UTC, another one with its local time. Records of a
    pump whose clock was not set have no time and are left out.
    """
    table = read_text_table(path, f"{','.join(NEEDED)}, as pumpctl log export --csv writes them")
    for name in NEEDED:
        if name not in table.names:
            raise table.refusal(f"{name} too, as pumpctl log export --csv writes it")
    return [Mark(-math.inf, "rate"), *_Records(table, clock)]


class _Records:
    """A pass over the records. While a bolus is given, records have the sum of its rate and the schedule's."""

    def __init__(self, table: TextTable, clock: Clock):
        self._table = table
        self._clock = clock
        self._places = {name: table.names.index(name) for name in NEEDED}
        self._in_bolus = False
        self._is_stopped_untold = False           # by a record without a time

    def __iter__(self) -> Iterator[Mark]:
        for row in self._table.rows():
            event, has_time = self._text(row, "event"), bool(self._text(row, "utc"))
            if event in STOPS:
                self._in_bolus, self._is_stopped_untold = False, not has_time
            if has_time:
                if self._is_stopped_untold:
                    self._is_stopped_untold = False
                    yield Mark(self._time_s(row), "stop")
                yield from self._marks(row, event)

    def _marks(self, row: Row, event: str) -> Iterator[Mark]:
        if event in STARTS:
            yield Mark(self._time_s(row), "start", self._rate(row))
        elif event in STOPS:
            yield Mark(self._time_s(row), "stop")
        elif event in RATES and not self._in_bolus:
            yield Mark(self._time_s(row), "rate", self._rate(row))
        elif event == "fault":
            yield Mark(self._time_s(row), "alarm", text=self._text(row, "alarm"))
        elif event == "bolus":
            yield from self._bolus(row, self._text(row, "outcome"))
        elif event == "transfer":
            yield Mark(self._time_s(row), "other")

    def _bolus(self, row: Row, outcome: str) -> Iterator[Mark]:
        if outcome == GRANTED:
            self._in_bolus = True
            yield Mark(self._time_s(row), "bolus", requested_ul=row.value(self._places["volume_nl"]) / 1000)
        elif outcome not in NOT_GIVEN:
            self._in_bolus = False
            yield Mark(self._time_s(row), "done", text="" if outcome == COMPLETE else outcome)

    def _text(self, row: Row, name: str) -> str:
        return row.cells[self._places[name]].strip()

    def _rate(self, row: Row) -> float:
        """NaN inside a ramp."""
        return math.nan if self._text(row, "ramp") == "true" else row.value(self._places["rate_nl_per_h"]) / 1000

    def _time_s(self, row: Row) -> float:
        moment = self._moment(row, "utc" if self._clock.has_offset else "local")
        return self._clock.since_s(moment if self._clock.has_offset else moment.replace(tzinfo=None))

    def _moment(self, row: Row, name: str) -> datetime:
        moment = moment_of(row, self._places[name])
        if moment.tzinfo is None:
            raise row.refusal(self._places[name], "a time with its offset, such as 2026-03-27T06:30:00Z")
        return moment


