"""A record of the journal as the invariants see it: with its instant in world time, and what was in force then."""

from dataclasses import dataclass
from functools import cached_property

from pump import record


@dataclass
class Event:
    raw: bytes
    ms: int                       # world time of the record
    pump: object                  # as it is after the poll in which the record was found

    @cached_property
    def head(self):
        return record.header(self.raw)

    @property
    def number(self):
        """EVENT_*"""
        return self.head[7]

    @property
    def name(self):
        return record.EVENT_NAMES[self.number]

    @property
    def boot(self):
        """Its number."""
        return self.head[6]

    @property
    def actor(self):
        """ACTOR_*"""
        return self.head[8]

    @property
    def utc_ms(self):
        """Of the record, 0 where the clock was not set."""
        return self.head[1] * 1000 + self.head[3]

    @property
    def code(self):
        return self.head[10]

    def data(self, layout):
        return record.data_of(self.raw, layout)

    @property
    def program(self):
        """In force, or None."""
        return self.pump.app.program.document

    @property
    def rig(self):
        return self.pump.app.rig.document

    @property
    def limits(self):
        """The tightest of rig and program, or None without a rig."""
        if self.rig is None:
            return None
        return self.program.limits.tightest(self.rig.limits) if self.program else self.rig.limits
