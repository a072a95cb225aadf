"""Appointments: when the scheduled boluses are due, in UTC. Owns which have been dealt with; delivers nothing.

A bolus in the gap of a clock change has no instant: it is due at the change, as missed for good. In an overlap it is
due at the first of its two instants. Each (entry, local day) is dealt with once, whatever is done to the clock (B-02,
T-03, T-05).
"""

from pump.zone import MINUTES_PER_DAY, minute_of_week

HANDLED_KEPT = 64             # 16 entries over four days: more than a window of 24 h and a clock set back need
DAYS_AHEAD = 8                # the next one is within a week, and a day for the offset


class Appointment:
    """entry: index in the program; day: local days since 1970; utc_min: when; is_gap: its local minute never comes."""

    def __init__(self, entry, day, utc_min, is_gap):
        self.entry = entry
        self.day = day
        self.utc_min = utc_min
        self.is_gap = is_gap


class Appointments:
    def __init__(self, entries, zone):
        """entries: (minute of the day, weekday mask with Monday 1 ... Sunday 64), in the program's order."""
        self._entries = entries
        self._zone = zone
        self._handled = []            # (entry, day), oldest first
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
            if appointment is not None and (found is None or appointment.utc_min < found.utc_min):
                found = appointment
        return found

    def done(self, appointment):
        """It has been delivered, skipped or denied."""
        self.mark_handled(appointment.entry, appointment.day)
        self._next[appointment.entry] = self._next_of(appointment.entry, appointment.utc_min)

    def mark_handled(self, entry, day):
        self._handled.append((entry, day))
        if len(self._handled) > HANDLED_KEPT:
            del self._handled[0]

    def local_day(self, utc_min):
        return (utc_min + self._zone.lookup(utc_min)[0]) // MINUTES_PER_DAY

    def _next_of(self, entry, after_utc_min):
        minute, mask = self._entries[entry]
        today = self.local_day(after_utc_min)
        for day in range(today - 1, today + DAYS_AHEAD + 1):
            if not mask >> (minute_of_week(day * MINUTES_PER_DAY) // MINUTES_PER_DAY) & 1:
                continue
            utc_min, is_gap = self._instant(day * MINUTES_PER_DAY + minute)
            if utc_min > after_utc_min and (entry, day) not in self._handled:
                return Appointment(entry, day, utc_min, is_gap)
        return None

    def _instant(self, local_min):
        """(UTC minute, whether it lies in a gap) of a local minute; the first of two."""
        zone = self._zone
        before, change_min = zone.lookup(local_min - 2 * MINUTES_PER_DAY)
        after, _ = zone.lookup(local_min + MINUTES_PER_DAY)
        found = [local_min - offset for offset in (before, after) if zone.lookup(local_min - offset)[0] == offset]
        if found:
            return min(found), False
        return change_min, True
