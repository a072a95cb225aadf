"""The summary of a run: totals, days, and how the journal was proven. Owns summary.json and doses.csv, no picture."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pump import record
from pump.program import Program
from pump.rig import Rig
from pumpctl import doses as dosing
from pumpctl.doses import Dose
from pumpctl.errors import HostError
from pumpctl.journal import proven, records_of
from pumpctl.localtime import date_text, local_text, utc_text

CSV_COLUMNS = ("seq", "start_utc", "end_utc", "start_local", "end_local", "actor", "rate_nl_per_h", "programmed_nl",
               "delivered_nl", "steps")


@dataclass(frozen=True)
class Run:
    """A pulled journal with the rig and program it was made with; volumes are those of this rig.

    wall_s is how long simulating and pulling took; simulated_s is None where this process did not simulate.
    """

    raw: bytes
    rig: Rig
    program: Program | None
    unique_id: bytes
    simulated_s: int | float | None = None
    wall_s: float | None = None


class Results:
    """A run, worked out: doses, intervals, days and totals. JournalError where the records do not follow."""

    def __init__(self, run: Run):
        if not run.raw:
            raise HostError("there are no records from there on", "give a lower number with --from")
        self.run = run
        self.ratio = run.rig.ratio
        self.record_count = proven(run.raw, run.unique_id)
        self.doses = dosing.doses_of(records_of(run.raw))
        if not self.doses:
            raise HostError("the journal holds no doses yet", "start the pump with: pumpctl start")
        self.intervals = dosing.intervals(self.doses, self.ratio)
        self.days = dosing.days(self.doses, self.ratio)
        self.first_seq = record.seq_of(run.raw)

    @property
    def board(self) -> str:
        return record.BOARD_NAMES[record.header(self.run.raw)[9] % 16]

    @property
    def begin(self) -> Dose:
        """The record at which the pump began to run, or the first one."""
        return next((dose for dose in self.doses if dose.is_running), self.doses[0])

    @property
    def programmed_nl(self) -> int:
        return dosing.programmed_nl(self.doses[0], self.doses[-1])

    @property
    def delivered_nl(self) -> int:
        return dosing.delivered_nl(self.doses[0], self.doses[-1], self.ratio)

    @property
    def steps(self) -> int:
        return self.doses[-1].steps - self.doses[0].steps

    @property
    def uncertain_nl(self) -> int:
        """Volume that may have been delivered beyond `delivered_nl`, rounded up."""
        return -self.ratio.nl_of_steps(-self.doses[-1].uncertain_steps)

    @property
    def chain(self) -> str:
        """What the proof of the journal says, for a person."""
        last = self.first_seq + self.record_count - 1
        begin = "the pump's first one" if self.first_seq == 0 else f"record {self.first_seq}; older ones are not here"
        return f"{self.record_count} records, each following the one before, from {begin} to record {last}"

    @property
    def notes(self) -> list[str]:
        """What a reader of the volumes must know besides."""
        found = []
        for raw in records_of(self.run.raw):
            seq, event = record.seq_of(raw), record.header(raw)[7]
            if event == record.EVENT_RIG and seq > self.begin.seq:
                found.append(f"the rig was replaced at record {seq}; all volumes here are those of the present rig")
        return found

    def summary(self) -> dict[str, Any]:
        """What summary.json holds; volumes in nL."""
        run, begin = self.run, self.begin
        speedup = round(run.simulated_s / run.wall_s) if run.simulated_s and run.wall_s else None
        return {
            "name": run.program.name if run.program else None,
            "start": local_text(begin.utc_ms, begin.offset_min),
            "zone": run.program.zone_name if run.program else None,
            "rig": run.rig.name,
            "board": self.board,
            "programmed_nl": self.programmed_nl,
            "delivered_nl": self.delivered_nl,
            "uncertain_nl": self.uncertain_nl,
            "steps": self.steps,
            "simulated_s": run.simulated_s,
            "wall_s": round(run.wall_s, 3) if run.wall_s is not None else None,
            "speedup": speedup,
            "records": self.record_count,
            "first_seq": self.first_seq,
            "notes": self.notes,
            "days": [{"date": date_text(day.local_day), "programmed_nl": day.programmed_nl,
                      "delivered_nl": day.delivered_nl, "steps": day.steps,
                      "difference_steps": round(float(day.difference_steps), 3)} for day in self.days],
        }


def csv_text(results: Results) -> str:
    """doses.csv: one row for each delivered interval of constant rate."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(_rows(results.intervals))
    return out.getvalue()


def _rows(intervals: Iterable[dosing.Interval]) -> Iterable[tuple[object, ...]]:
    for row in intervals:
        yield (row.seq, utc_text(row.start_utc_ms), utc_text(row.end_utc_ms),
               local_text(row.start_utc_ms, row.start_offset_min), local_text(row.end_utc_ms, row.end_offset_min),
               row.actor, row.rate_nl_per_h, row.programmed_nl, row.delivered_nl, row.steps)


def json_text(summary: dict[str, Any]) -> str:
    return json.dumps(summary, indent=2) + "\n"
