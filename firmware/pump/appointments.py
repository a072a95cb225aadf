"""Appointments: when the scheduled boluses are due, in UTC. Owns which have been dealt with; delivers nothing.

A bolus in the gap of a clock change has no instant: it is due at the change, as missed for good. In an overlap it is
due at the first of its two instants. Each is dealt with once, whatever is done to the clock (B-02, T-03, T-05); it is
known by its UTC minute, and so does not come again under another program either.
"""

from pump.zone import MINUTES_PER_DAY, minute_of_week

HANDLED_KEPT = 64             # 16 entries over four days: more than a window of 24 h and a clock set back need


class Appointment:
    """entry: index in the program; day: local days since 1970; utc_min: when; is_gap: its local minute never comes."""

    def __init__(self, entry, day, utc_min, is_gap):
        self.entry = entry
        self.day = day
        self.utc_min = utc_min
        self.is_gap = is_gap


class Appointments:
    def __init__(self, entries, zone, handled):
        """entries: (minute of the day, weekday mask with Monday 1 ... Sunday 64, not 0), in the program's order.
        handled: UTC minutes of those dealt with, oldest first; a list that goes on here."""
        self._entries = entries
        self._zone = zone
        self._handled = handled
        self._next = []
        self.until_utc_min = None     # everything at or before it has been dealt with

    def look_from(self, utc_min):
        """Appointments after this minute are open; those dealt with stay so."""
        self.until_utc_min = utc_min
        self._next = [self._next_of(entry, utc_min) for entry in range(len(self._entries))]

    def next(self):
        """The next open Appointment, or None."""
        found = None
        for appointment in self._next:
            if found is None or appointment.utc_min < found.utc_min:
                found = appointment
        return found

    def pass_over(self, utc_min):
        """Deals with all open ones at or before `utc_min` at once: (how many, the UTC minute of the first)"""
        count, first_utc_min = 0, 0
        due = self.next()
        if due is not None and due.utc_min <= utc_min:
            first_utc_min = due.utc_min
            for entry in range(len(self._entries)):
                count += self._open_days(entry, utc_min)
            self.look_from(utc_min)
        return count, first_utc_min

    def done(self, appointment):
        """It has been delivered, skipped or denied."""
        mark_handled(self._handled, appointment.utc_min)
        self._next[appointment.entry] = self._next_of(appointment.entry, appointment.utc_min)

    def _open_days(self, entry, utc_min):
        """On how many days an entry is open and due at or before `utc_min`; counted by weeks, not day by day."""
        first = self._next[entry]
        if first.utc_min > utc_min:
            return 0
        minute, mask = self._entries[entry]
        last_day = self._local_day(utc_min) + 1
        while instant_of(self._zone, last_day * MINUTES_PER_DAY + minute)[0] > utc_min:
            last_day -= 1
        weeks, rest = divmod(last_day - first.day + 1, 7)
        count = weeks * sum([mask >> weekday & 1 for weekday in range(7)])
        count += sum([mask >> _weekday(day) & 1 for day in range(last_day - rest + 1, last_day + 1)])
        return count - len([handled for handled in self._handled
                            if first.utc_min <= handled <= utc_min and self._is_at(entry, handled)])

    def _is_at(self, entry, utc_min):
        """True where an entry is due at this minute."""
        minute, mask = self._entries[entry]
        day = self._local_day(utc_min)
        return mask >> _weekday(day) & 1 and instant_of(self._zone, day * MINUTES_PER_DAY + minute)[0] == utc_min

    def _next_of(self, entry, after_utc_min):
        """Its next open one after that minute: within a week, unless a clock set back meets handled ones."""
        minute, mask = self._entries[entry]
        day = self._local_day(after_utc_min) - 1
        while True:
            if mask >> _weekday(day) & 1:
                utc_min, is_gap = instant_of(self._zone, day * MINUTES_PER_DAY + minute)
                if utc_min > after_utc_min and utc_min not in self._handled:
                    return Appointment(entry, day, utc_min, is_gap)
            day += 1

    def _local_day(self, utc_min):
        return (utc_min + self._zone.lookup(utc_min)[0]) // MINUTES_PER_DAY


def mark_handled(handled, utc_min):
    """Adds a UTC minute to a list of those dealt with; the oldest gives way."""
    handled.append(utc_min)
    if len(handled) > HANDLED_KEPT:
        del handled[0]


def _weekday(day):
    """0 for Monday ... 6 for Sunday, of a day since 1970."""
    return minute_of_week(day * MINUTES_PER_DAY) // MINUTES_PER_DAY


def instant_of(zone, local_min):
    """(UTC minute, whether it lies in a gap) of a local minute; the first of two. In a gap: the change."""
    before, change_min = zone.lookup(local_min - 2 * MINUTES_PER_DAY)
    if change_min is None or change_min > local_min + MINUTES_PER_DAY:
        return local_min - before, False            # nothing changes anywhere near
    after, _ = zone.lookup(local_min + MINUTES_PER_DAY)
    found = [local_min - offset for offset in (before, after) if zone.lookup(local_min - offset)[0] == offset]
    if found:
        return min(found), False
    return change_min, True
