"""The auditor: reads what a pump writes as it writes it, and holds every record against the invariants.

What a fault makes impossible is not asked for, once it has come: a counter that miscounts may be wrong by so many
steps, one that is dead by any number, and after a flipped bit of the journal, or on a chip that reads wrongly, nothing
is asked that rests on records.
"""

from math import inf

from pump import record
from pump.alarms import STORAGE_FAULT
from pumpsim.invariants.appointments import Appointments
from pumpsim.invariants.boluses import Boluses
from pumpsim.invariants.causes import Causes
from pumpsim.invariants.chain import Chain
from pumpsim.invariants.doses import Doses
from pumpsim.invariants.event import Event
from pumpsim.invariants.latches import Latches
from pumpsim.invariants.motor import Motor
from pumpsim.invariants.running import Running
from pumpsim.invariants.standing import Standing

PIECE = 64                    # records read at once


class Auditor:
    """`found`: {invariant: (ms, what happened)}, of each the first time."""

    def __init__(self, status_of, troubles=()):
        """troubles: names of the faults that the pump may meet. `attach` it before anything is done."""
        self._status_of = status_of
        self._troubles = set(troubles)
        self.found = {}
        self._next_seq = 0
        self._newest = b""            # the record before it
        self._app = None              # which the journal has been read through last
        self._forgets = False         # the journal is not what was written any more
        self._began_ms = {}           # boots by their numbers: what a power cut leaves is read in the next one

    def attach(self, pump):
        self._pump = pump
        self.motor = Motor(pump)
        self._standing = Standing(self.motor)
        self._latches, self._boluses = Latches(), Boluses()
        self._takers = [Chain(), Doses(), self._boluses, Appointments(), Running(), self.motor, self._standing,
                        self._latches, Causes(self._troubles)]

    def meets(self, fault):
        """A fault is about to be applied."""
        if fault.name == "extra_steps":
            self.motor.slack_steps += abs(fault.steps)
        elif fault.name == "counter_dead":
            self.motor.slack_steps = inf
        elif fault.name == "flash_read" or (fault.name == "bit_flip" and fault.file.startswith("j.")):
            self._forgets = True
            self.motor.has_history = False
        elif fault.name == "clock_jump":
            self._boluses.ahead_ms += max(0, fault.seconds) * 1000
            self.motor.is_misled |= fault.seconds > 0
        elif fault.name == "clock_drift":
            self._boluses.gains_ppm += max(0, fault.ppm)
            self.motor.is_misled |= fault.ppm > 0

    @property
    def slack_steps(self):
        """How many steps the pump's account may be wrong by in the end; None: by any number."""
        return None if self._forgets else self.motor.slack_steps

    def look(self):
        """After a poll."""
        pump = self._pump
        for text, happened in self.motor.found():
            self._note(text, happened)
        journal = pump.app.journal if pump.is_on and not pump.is_starved else None
        if journal is None or self._forgets:
            return
        if pump.app.parts.alarms.shown >> STORAGE_FAULT & 1:
            self._latches.is_unwritten = self._boluses.is_unwritten = True
        self._began_ms[pump.app.parts.chronicle.boot & 65535] = pump.now_ms - pump.app.clock.mono_ms
        if journal.next_seq == self._next_seq:
            return
        if journal.next_seq < self._next_seq:
            self._note("what was written stays", f"{journal.next_seq} records after {self._next_seq}")
            self._next_seq = journal.next_seq
            return
        self._look_back(journal)
        while raw := journal.read(self._next_seq, PIECE):
            for at in range(0, len(raw), record.SIZE):
                self._take(raw[at:at + record.SIZE])
            self._next_seq += len(raw) // record.SIZE
        status = self._status_of(pump)
        if status is not None:
            for text, happened in (*self._standing.look(pump, status), *self._latches.look(pump, status)):
                self._note(text, happened)

    def _look_back(self, journal):
        """After a boot: the newest record that was read before is still there."""
        if self._app not in (None, self._pump.app) and journal.read(self._next_seq - 1, 1) != self._newest:
            self._note("what was written stays", f"record {self._next_seq - 1} is another after a boot")
        self._app = self._pump.app

    def _take(self, raw):
        head = record.header(raw)
        self._newest = raw
        began_ms = self._began_ms.get(head[6], self._pump.now_ms)       # or of a boot that was cut off at once
        event = Event(raw, began_ms + head[2] * 1000 + head[4], self._pump)
        for taker in self._takers:
            for text, happened in taker.take(event):
                self._note(text, happened)

    def _note(self, text, happened):
        self.found.setdefault(text, (self._pump.now_ms, happened))
