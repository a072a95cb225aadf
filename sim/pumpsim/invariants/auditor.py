"""The auditor: reads what a pump writes as it writes it, and holds every record against the invariants.

What a fault makes impossible is not asked for: a counter that miscounts, or a flash chip that forgets, takes those
invariants away that rest on it.
"""

from pump import record
from pumpsim.invariants.appointments import Appointments
from pumpsim.invariants.boluses import Boluses
from pumpsim.invariants.causes import STORAGE, Causes
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
        self._began_ms = {}           # boots by their numbers: what a power cut leaves is read in the next one

    def attach(self, pump):
        self._pump = pump
        self.motor = Motor(pump)
        self._standing = Standing(self.motor)
        self._latches = Latches()
        self._takers = [Chain(), Doses(), Boluses(), Appointments(), Running(), self.motor, self._standing,
                        self._latches, Causes(self._troubles)]
        self._miscounts = "extra_steps" in self._troubles
        self._forgets = bool(self._troubles.intersection(STORAGE))

    def look(self):
        """After a poll."""
        pump = self._pump
        for text, happened in self.motor.found():
            if not self._miscounts:
                self._note(text, happened)
        journal = pump.app.journal if pump.is_on and not pump.is_starved else None
        if journal is None or self._forgets:
            return
        self._began_ms[pump.app.parts.chronicle.boot & 65535] = pump.now_ms - pump.app.clock.mono_ms
        if journal.next_seq == self._next_seq:
            return
        if journal.next_seq < self._next_seq:
            self._note("what was written stays", f"{journal.next_seq} records after {self._next_seq}")
            self._next_seq = journal.next_seq
            return
        while raw := journal.read(self._next_seq, PIECE):
            for at in range(0, len(raw), record.SIZE):
                self._take(raw[at:at + record.SIZE])
            self._next_seq += len(raw) // record.SIZE
        status = self._status_of(pump)
        if status is not None and not self._miscounts:
            for text, happened in (*self._standing.look(pump, status), *self._latches.look(pump, status)):
                self._note(text, happened)

    def _take(self, raw):
        head = record.header(raw)
        began_ms = self._began_ms.get(head[6], self._pump.now_ms)       # or of a boot that was cut off at once
        event = Event(raw, began_ms + head[2] * 1000 + head[4], self._pump)
        for taker in self._takers:
            for text, happened in taker.take(event):
                self._note(text, happened)

    def _note(self, text, happened):
        self.found.setdefault(text, (self._pump.now_ms, happened))
