"""Local time: a table of (UTC instant, offset) changes. Owns no clock and no rule of any country (T-02)."""

MINUTES_PER_DAY = 1440
MINUTES_PER_WEEK = 10080
THURSDAY = 3                  # 1970-01-01 was one; Monday is 0


class Zone:
    """UTC offsets in minutes east. `changes` is flat and ascending: utc_min, offset_min, utc_min, offset_min ...

    utc_min counts minutes since 1970-01-01 UTC. Before the first change `first_offset_min` holds, after the last
    change its offset holds on.
    """

    def __init__(self, first_offset_min, changes):
        self.first_offset_min = first_offset_min
        self.changes = changes
        self._from_min, self._to_min = 0, 0        # what was looked up last holds in between: most often again
        self._found = (0, None)

    def lookup(self, utc_min):
        """(offset_min at this UTC minute, UTC minute of the next change or None)."""
        if not self._from_min <= utc_min < self._to_min:
            self._found = self._find(utc_min)
            self._from_min = utc_min
            self._to_min = utc_min + 1 if self._found[1] is None else self._found[1]
        return self._found

    def _find(self, utc_min):
        changes = self.changes
        low = 0                                    # how many changes lie at or before utc_min: bisection
        high = len(changes) // 2
        while low < high:
            middle = (low + high) // 2
            if changes[2 * middle] <= utc_min:
                low = middle + 1
            else:
                high = middle
        offset_min = changes[2 * low - 1] if low else self.first_offset_min
        until_min = changes[2 * low] if 2 * low < len(changes) else None
        return offset_min, until_min


def minute_of_week(local_min):
    """Local minutes since 1970-01-01 00:00 local -> 0..10079, Monday 00:00 being 0."""
    return (local_min + THURSDAY * MINUTES_PER_DAY) % MINUTES_PER_WEEK
