"""The chronicle: gives every event its times and place and writes it into the journal.

Owns the boot number and the record's header; decides nothing.
"""

import binascii
import struct

from pump import record
from pump.journal import SEGMENT_RECORDS


class Chronicle:
    def __init__(self, clock, board_name):
        self._journal = None
        self._clock = clock
        self._origin = record.JOURNAL_VERSION * 16 + record.BOARD_NUMBERS[board_name]
        self.local_schedule = None      # of the program in force; gives the UTC offset
        self.boot = 0

    def open(self, journal):
        """Takes the journal, once the storage has answered; until then `write` raises OSError."""
        self._journal = journal

    def unpulled_percent(self):
        """How full of unpulled records the journal is; 0 until it is open."""
        return self._journal.unpulled_percent() if self._journal else 0

    def write(self, now_ms, event, actor, code, data):
        """One event at the monotonic instant `now_ms`. Durable when it returns; OSError when the storage fails."""
        utc_ms = self._clock.utc_ms(now_ms)
        offset_min = 0
        if utc_ms is None:
            utc_ms = 0
        elif self.local_schedule is not None:
            offset_min = self.local_schedule.offset_min(utc_ms)
        head = (utc_ms // 1000, now_ms // 1000, utc_ms % 1000, now_ms % 1000, offset_min, self.boot & 65535,
                event, actor, self._origin, code)
        if self._journal is None:
            raise OSError("no journal")
        drop = self._journal.due_drop()
        if drop:
            self._journal.append(head[:6] + (record.EVENT_DROPPED, record.ACTOR_PUMP, self._origin, 0),
                                 struct.pack(record.DROPPED, *drop))
        self._journal.append(head, data)

    def note(self, now_ms, event, actor, code, layout, *values):
        """One event with typed data."""
        self.write(now_ms, event, actor, code, struct.pack(layout, *values))

    def note_pulled(self, now_ms):
        """How far a host has read, once that is a segment: less is not worth a record (J-05)."""
        if self._journal is not None and self._journal.pulled_seq >= SEGMENT_RECORDS:
            self.note(now_ms, record.EVENT_PULLED, record.ACTOR_PUMP, 0, record.PULLED, self._journal.pulled_seq)

    def stored(self, now_ms, event, digest, generation, confirmed):
        """A document was replaced; `digest` is its SHA-256 in hex; `confirmed`: beyond a soft limit, and so wanted."""
        self.note(now_ms, event, record.ACTOR_HOST, 0, record.IMAGE, binascii.unhexlify(digest)[:16], generation,
                  1 if confirmed else 0)
