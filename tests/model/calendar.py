"""Local time of a zone by Python's own rules: offsets, their changes, instants of local minutes (T-02, T-03)."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
EPOCH = date(1970, 1, 1)


class Calendar:
    """Local time of a named zone, for a year around a day."""

    def __init__(self, zone_name, around_ms):
        self._zone = ZoneInfo(zone_name)
        self.changes = []              # (UTC ms, offset ms from then on)
        day = around_ms // DAY_MS - 366
        self._first = self._offset(day * DAY_MS)
        for start in range(day * DAY_MS, (day + 2 * 366) * DAY_MS, DAY_MS):
            if self._offset(start) != self._offset(start + DAY_MS):
                low, high = start, start + DAY_MS
                while high - low > MINUTE_MS:
                    middle = (low + high) // 2 // MINUTE_MS * MINUTE_MS
                    low, high = (middle, high) if self._offset(middle) == self._offset(start) else (low, middle)
                self.changes.append((high, self._offset(high)))
        self._times = [change[0] for change in self.changes]

    def _offset(self, utc_ms):
        moment = datetime.fromtimestamp(utc_ms // 1000, UTC).astimezone(self._zone)
        return moment.utcoffset() // timedelta(milliseconds=1)

    def document(self, name):
        """The zone as a program holds it."""
        return {"name": name, "first_offset_min": self._first // MINUTE_MS,
                "changes": [value // MINUTE_MS for change in self.changes for value in change]}

    def offset(self, utc_ms):
        """(offset in ms at an instant, the next change in UTC ms or None)."""
        at = bisect_right(self._times, utc_ms)
        return (self.changes[at - 1][1] if at else self._first,
                self._times[at] if at < len(self._times) else None)

    def instant(self, day, minute):
        """(UTC ms, whether it is in a gap) of a local minute of a day since 1970: the first of two, or its end."""
        local = datetime.combine(EPOCH + timedelta(day), datetime.min.time()) + timedelta(minutes=minute)
        utc = local.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
        utc_ms = int(utc.timestamp()) * 1000
        if utc.astimezone(self._zone).replace(tzinfo=None) == local:
            return utc_ms, False
        return max(change for change in self._times if change <= utc_ms), True
