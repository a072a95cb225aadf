"""The chronicle: gives every event its times and place and writes it into the journal.

Owns the boot number and the record's header; decides nothing.
"""

import binascii
import struct

from pump import record


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
        self._journal.append(head, data)

    def dose(self, now_ms, event, actor, code, confirmed_steps, programmed_pl, ahead_steps, rate_nl_per_h,
             uncertain_steps):
        """An event with the ledger in it: confirms `confirmed_steps`, authorises `ahead_steps` beyond them."""
        data = struct.pack(record.DOSE, confirmed_steps, programmed_pl, ahead_steps, rate_nl_per_h, uncertain_steps)
        self.write(now_ms, event, actor, code, data)

    def clock_set(self, now_ms, old_utc_ms, new_utc_ms):
        """The clock was set: written in the new time, 0 for a time that was not known."""
        self.write(now_ms, record.EVENT_CLOCK, record.ACTOR_HOST, 0, struct.pack(record.CLOCK, old_utc_ms, new_utc_ms))

    def stored(self, now_ms, event, digest, generation):
        """A document was replaced; `digest` is its SHA-256 in hex."""
        data = struct.pack(record.IMAGE, binascii.unhexlify(digest)[:16], generation)
        self.write(now_ms, event, record.ACTOR_HOST, 0, data)
