"""The pump's journal as the reference would write it: names, details and instants on the simulation's clock."""

from dataclasses import dataclass

from pump import record
from pump.alarms import REPEATED, TABLE
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from pump.reasons import PROGRAM_ENDED
from pump.transfer import KINDS
from tests.pumps import records

# Records of time passing are held against the clock (see Checks), all others against the reference one by one
TIMED = ("rate", "day", "checkpoint", "accounts", "levels")
NAMES = ("boot", "clock", "program", "start", "stop", "suspend", "resume", "fault", "ack", "denied", "bolus",
         "transfer", "temporary", "refill", "alarm")
PHASES = ("begun", "complete", "", "cancelled", "interrupted", "uncertain")


@dataclass
class Found:
    """One record; `steps`: delivered, of a bolus or a transfer that ended."""

    ms: int
    name: str
    actor: int
    detail: tuple = ()
    steps: int | None = None


class Journal:
    def __init__(self, pump):
        """Begins with the next record; what was written before belongs to no story."""
        self._pump = pump
        self._next_seq = pump.app.journal.next_seq
        self.boots = {pump.app.parts.chronicle.boot: 0}        # boot number: when
        self.events = []
        self.timed = []
        self.raws = []
        self.newest_utc = 0                                    # of the newest record with a time

    def booted(self):
        self.boots[self._pump.app.parts.chronicle.boot] = self._pump.now_ms

    def read(self):
        """The events written since the last time."""
        found = []
        for raw in records(self._pump, self._next_seq):
            self._next_seq += 1
            self.raws.append(raw)
            head = record.header(raw)
            self.newest_utc = head[1] * 1000 + head[3] or self.newest_utc
            event = self._event(raw, head)
            if event.name in TIMED:
                self.timed.append(event)
            elif event.name in NAMES and event.detail != ("repeated",):
                found.append(event)
        self.events += found
        return found

    def _event(self, raw, head):
        name, code = record.EVENT_NAMES[head[7]], head[10]
        found = Found(head[2] * 1000 + head[4] + self.boots[head[6]], name, head[8])
        if name == "bolus":
            data = record.data_of(raw, record.BOLUS)
            kind, outcome, denial = KIND_NAMES[code >> 4], OUTCOME_NAMES[code & 15], DENIALS[data[6]]
            found.detail = (kind, outcome, denial, data[5], data[4] * 60_000)
            if denial == "long_missed":
                found.detail += (data[1],)
            found.steps = data[2]
        elif name == "transfer":
            found.detail = (KINDS[(code >> 4) - 1], PHASES[code & 15])
            found.steps = record.data_of(raw, record.TRANSFER)[2]
        elif name == "alarm" and code == REPEATED:
            found.detail = ("repeated",)
        elif name == "alarm":
            found.detail = (TABLE[code][0], *[_names(mask) for mask in record.data_of(raw, record.ALARM)])
        elif name == "fault":
            found.detail = (TABLE[code][0],)
        elif name == "stop":
            found.detail = ("program ended",) if code == PROGRAM_ENDED else ("",)
        elif name == "denied":
            found.detail = (record.data_of(raw, record.REQUEST)[0].rstrip(b"\0").decode(),)
        return found


def _names(mask):
    return frozenset(row[0] for number, row in enumerate(TABLE) if mask >> number & 1)
