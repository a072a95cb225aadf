"""Recurrence: faults of one kind that come again and again (P-06). Owns the times of the last ones; acts on nothing."""

WINDOW_MS = 600000            # 10 minutes
MOST = 3                      # of one kind within the window: then something is wrong that an acknowledgement hides


class Recurrence:
    def __init__(self):
        self._faults = []               # (monotonic ms, alarm number), oldest first

    def restore(self, faults):
        """What the journal holds of earlier boots: (ms at or before 0, alarm number), oldest first."""
        self._faults = faults

    def note(self, now_ms, number):
        """A fault of this kind at `now_ms`; True where it is the third within ten minutes."""
        self._faults.append((now_ms, number))
        while self._faults[0][0] < now_ms - WINDOW_MS:
            del self._faults[0]
        return len([kind for _, kind in self._faults if kind == number]) >= MOST
