"""The scheduled boluses: which is due when, each of a local day once, whatever program it is of (B-02, T-03, T-05)."""

from tests.model.calendar import DAY_MS, HOUR_MS, MINUTE_MS

ALONE_MS = 48 * HOUR_MS                # those missed by more share a record


class Appointments:
    def __init__(self, calendar, boluses, before=()):
        self._calendar = calendar
        self._boluses = boluses
        self._handled = set()          # (entry, local day)
        self._before = set(before)     # UTC ms of those that were dealt with under programs before
        self.seen_ms = None            # UTC up to which all have been dealt with; None: no schedule is followed

    def open(self, days=100):
        """(UTC ms, entry, local day, is in a gap) of the next one of each entry after seen_ms, the earliest first."""
        found = []
        if self.seen_ms is None:
            return found
        today = (self.seen_ms + self._calendar.offset(self.seen_ms)[0]) // DAY_MS
        for entry, bolus in enumerate(self._boluses):
            for day in range(today - 1, today + days):
                if not bolus[1] >> (day + 3) % 7 & 1 or (entry, day) in self._handled:
                    continue
                utc, is_gap = self._calendar.instant(day, bolus[0])
                if utc > self.seen_ms and utc not in self._before:
                    found.append((utc, entry, day, is_gap))
                    break
        return sorted(found)

    def pass_over(self, utc):
        """(how many, UTC ms of the first) of those missed by more than 48 h, by whole minutes."""
        old = utc // MINUTE_MS * MINUTE_MS - ALONE_MS
        passed = []
        while (book := self.open()) and book[0][0] < old:
            passed += [due for due in book if due[0] == book[0][0]]
            self.seen_ms = book[0][0]
        return len(passed), passed[0][0] if passed else 0

    def take(self, utc):
        """The next one due by `utc` as (UTC ms, entry, why it is skipped or ""), or None."""
        book = self.open()
        if not book or book[0][0] > utc:
            self.seen_ms = utc if self.seen_ms is None else max(self.seen_ms, utc)
            return None
        due, entry, day, is_gap = book[0]
        self._handled.add((entry, day))
        if is_gap:
            return due, entry, "gap"
        return due, entry, "missed" if utc - due > self._boluses[entry][4] * MINUTE_MS else ""

    def clock_set(self, utc):
        if self.seen_ms is not None:
            self.seen_ms = min(self.seen_ms, utc)

    def dealt_with(self):
        """UTC ms of all that were, whatever program they were of."""
        return self._before | {self._calendar.instant(day, self._boluses[entry][0])[0] for entry, day in self._handled}

    def copy(self):
        twin = Appointments(self._calendar, self._boluses, self._before)
        twin.seen_ms, twin._handled = self.seen_ms, set(self._handled)
        return twin
