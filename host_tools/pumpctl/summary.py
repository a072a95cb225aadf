"""The summary of a run: totals, days, and how the journal was proven. Owns summary.json; knows no picture."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pump import record
from pump.program import Program
from pump.rig import Rig
from pumpctl import doses as dosing
from pumpctl.doses import Dose
from pumpctl.errors import HostError
from pumpctl.events import AlarmRow, events_of
from pumpctl.journal import records_of
from pumpctl.localtime import date_text, local_text, utc_text
from pumpctl.names import board_name
from pumpctl.proofs import Proof, proven


class NothingError(HostError):
    """There is nothing yet that a dose log could be made of."""


@dataclass(frozen=True)
class Run:
    """A pulled journal with the rig and program it was made with; volumes are those of this rig.

    unique_id is b"" where the records do not say which pump they are of. wall_s is how long simulating and pulling
    took; simulated_s is None where this process did not simulate.
    """

    raw: bytes
    rig: Rig
    program: Program | None
    unique_id: bytes
    simulated_s: int | float | None = None
    wall_s: float | None = None


class Results:
    """A run, worked out: doses, events, intervals, days and totals. JournalError where the records do not follow."""

    def __init__(self, run: Run, proof: Proof | None = None):
        """`proof`: where the records are a part of a journal that was proven as a whole."""
        if not run.raw:
            raise NothingError("there are no records from there on", "give a lower number with --from")
        self.run = run
        self.ratio = run.rig.ratio
        self.proof = proof or proven(run.raw, run.unique_id or None)
        self.record_count = len(run.raw) // record.SIZE
        self.doses = dosing.doses_of(records_of(run.raw))
        if not self.doses:
            raise NothingError("the journal holds no doses yet", "start the pump with: pumpctl start")
        self.events = events_of(records_of(run.raw))
        self.intervals = dosing.intervals(self.doses, self.ratio)
        self.days = dosing.days(self.doses, self.ratio)
        self.first_seq = record.seq_of(run.raw)

    @property
    def board(self) -> str:
        return board_name(self.run.raw)

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
        return -self.ratio.nl_of_steps(-(self.events.uncertain_steps or 0))

    @property
    def bolus_nl(self) -> int:
        """What of `delivered_nl` were boluses."""
        return dosing.bolus_nl(self.doses, self.ratio)

    @property
    def prime_nl(self) -> int:
        """Moved to fill the line; not delivered."""
        return self.ratio.nl_of_steps(self.events.primed_steps)

    @property
    def withdrawn_nl(self) -> int:
        return self.ratio.nl_of_steps(self.events.withdrawn_steps)

    @property
    def chain(self) -> str:
        """What the proof of the journal says, for a person."""
        last = self.first_seq + self.record_count - 1
        begin = "the pump's first one" if self.first_seq == 0 else f"record {self.first_seq}; older ones are not here"
        return f"{self.record_count} records, each following the one before, from {begin} to record {last}"

    @property
    def notes(self) -> list[str]:
        """What a reader of the volumes must know besides."""
        found = self.gap_notes
        if self.events.uncertain_steps is None:
            found.append("these records do not say how much volume is uncertain; pull them from an earlier one on")
        return found + [f"the rig was replaced at record {seq}; all volumes here are those of the present rig"
                        for seq in self.rig_changes] + self.clock_notes

    @property
    def gap_notes(self) -> list[str]:
        return [gap.text for gap in self.proof.gaps if gap.last + 1 > self.first_seq]

    @property
    def rig_changes(self) -> list[int]:
        """Numbers of the records at which another rig was sent after the beginning; a pump's first one replaces none.
        """
        found = [record.seq_of(raw) for raw in records_of(self.run.raw) if record.header(raw)[7] == record.EVENT_RIG]
        return [seq for seq in (found if self.first_seq else found[1:]) if seq > self.begin.seq]

    @property
    def clock_notes(self) -> list[str]:
        found = []
        for raw in records_of(self.run.raw):
            seq, event = record.seq_of(raw), record.header(raw)[7]
            if event == record.EVENT_CLOCK and seq > self.begin.seq:
                old_ms, new_ms = record.data_of(raw, record.CLOCK)
                if new_ms < old_ms:
                    found.append(f"the clock was set back from {utc_text(old_ms)} to {utc_text(new_ms)} at record "
                                 f"{seq}; times before and after it overlap")
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
            "bolus_nl": self.bolus_nl,
            "prime_nl": self.prime_nl,
            "withdrawn_nl": self.withdrawn_nl,
            "steps": self.steps,
            "simulated_s": run.simulated_s,
            "wall_s": round(run.wall_s, 3) if run.wall_s is not None else None,
            "speedup": speedup,
            "records": self.record_count,
            "first_seq": self.first_seq,
            "notes": self.notes,
            "boluses": len(self.events.boluses),
            "alarms": [_alarm(row) for row in self.events.alarms],
            "denied": len(self.events.denied),
            "refills": len(self.events.refills),
            "days": [{"date": date_text(day.local_day), "programmed_nl": day.programmed_nl,
                      "delivered_nl": day.delivered_nl, "steps": day.steps,
                      "difference_steps": round(float(day.difference_steps), 3)} for day in self.days],
        }


def _alarm(row: AlarmRow) -> dict[str, Any]:
    """Times in local time; None for what has not come, "" for a time that the pump did not know."""
    times = {"raised": row.raised, "ended": row.ended, "acknowledged": row.acknowledged}
    return {"seq": row.seq, "alarm": row.name, "priority": row.priority,
            **{name: local_text(at.utc_ms, at.offset_min) if at else None for name, at in times.items()}}


def json_text(summary: dict[str, Any]) -> str:
    return json.dumps(summary, indent=2) + "\n"
