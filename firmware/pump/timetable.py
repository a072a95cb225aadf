"""The timetable: when the program's own boluses are due, scheduled ones by the clock and periodic ones by time gone by.
Owns what has been dealt with, and which are too late; grants and writes nothing.
"""

from pump.appointments import Appointments, mark_handled
from pump.bolus import PERIODIC, SCHEDULED, Bolus
from pump.boluses import BAD_STATE, GAP, LONG_MISSED, MISSED

MISSED_MAX_MIN = 2880         # appointments missed longer ago share one record
MANY = 65535                  # the entry in such a record
LATE_MS = 250                 # a periodic bolus is begun as late as a due step may take to be seen
NEVER_MS = 1 << 60


class Timetable:
    def __init__(self, clock):
        self._clock = clock
        self._program = None
        self._ratio = None
        self._book = None               # Appointments of the program in force
        self._handled = []              # UTC minutes of those dealt with, under any program
        self._periodic_ms = NEVER_MS

    def use(self, program, ratio):
        """Takes a checked program and the step ratio of its rig. What one before has dealt with stays so (T-05)."""
        self._ratio = ratio
        if program is not self._program:                # another rig repeats nothing
            self._program = program
            self._book = Appointments(program.appointments(), program.schedule.zone, self._handled)
        self._periodic_ms = NEVER_MS

    def restore(self, handled, until_utc_ms):
        """After a reset: UTC minutes of what was dealt with, newest first, and up to when (0: did not run)."""
        for utc_min in reversed(handled):
            mark_handled(self._handled, utc_min)
        if until_utc_ms and self._book:
            self._book.look_from(until_utc_ms // 60000)

    def open(self, now_ms):
        """Appointments after `now_ms` will be dealt with, if it is only later; earlier ones that are open stay so."""
        if self._book.until_utc_min is None:
            self._book.look_from(self._utc_min(now_ms))

    def begin(self, now_ms):
        """The schedule is followed from now on. A periodic bolus that was due while nothing ran is not caught up."""
        self.open(now_ms)
        if self._program.periodic:
            every_ms = self._program.periodic[2] * 1000
            if self._periodic_ms == NEVER_MS:
                self._periodic_ms = now_ms + every_ms
            missed_ms = now_ms - LATE_MS - self._periodic_ms
            if missed_ms > 0:
                self._periodic_ms += -(-missed_ms // every_ms) * every_ms

    def close(self):
        """The schedule is over: everything begins anew with the next start."""
        self._periodic_ms = NEVER_MS
        if self._book:
            self._book.until_utc_min = None

    def clock_moved(self, now_ms):
        """The clock was set: appointments passed over are judged as missed, earlier ones are not repeated."""
        book = self._book
        if book and book.until_utc_min is not None:
            book.look_from(min(book.until_utc_min, self._utc_min(now_ms)))

    def next_ms(self):
        """The monotonic ms at which something is due next; in the past where it came due while nothing ran."""
        due = self._book.next()
        if due is None:
            return self._periodic_ms
        return min(self._periodic_ms, self._clock.mono_of_utc(due.utc_min * 60000))

    def due(self, event_ms, is_over):
        """(Bolus, why it is skipped or 0) of everything up to this instant, in order; asked one by one.

        is_over: the schedule ends at this instant, so nothing may begin.
        """
        book = self._book
        utc_min = self._utc_min(event_ms)
        # A bolus begun within its last minute is late by seconds more than it may be: part of a minute is a minute
        late_utc_min = -(-self._clock.utc_ms(event_ms) // 60000)
        count, first_utc_min = book.pass_over(utc_min - MISSED_MAX_MIN - 1)
        if count:                       # a clock set forward by years must not fill the journal
            bolus = Bolus(SCHEDULED, 0, 0, self._ratio, first_utc_min, MANY)
            bolus.steps = count
            yield bolus, LONG_MISSED
        while True:
            found = book.next()
            if found is None or found.utc_min > utc_min:
                break
            book.done(found)
            _, _, volume_nl, over_s, late_min = self._program.boluses[found.entry]
            why = BAD_STATE if is_over else 0
            if found.is_gap:
                why = GAP
            elif late_utc_min - found.utc_min > late_min:
                why = MISSED
            yield Bolus(SCHEDULED, volume_nl, over_s * 1000, self._ratio, found.utc_min, found.entry), why
        book.until_utc_min = utc_min
        if self._periodic_ms <= event_ms and not is_over:
            volume_nl, over_s, every_s = self._program.periodic
            self._periodic_ms += every_s * 1000
            yield Bolus(PERIODIC, volume_nl, over_s * 1000, self._ratio), 0

    def _utc_min(self, ms):
        return self._clock.utc_ms(ms) // 60000
