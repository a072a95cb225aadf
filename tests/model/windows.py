"""The limits over time, judged twice: from what the reference would deliver, and from the edges of the motor (L-01)."""

from bisect import bisect_right
from itertools import accumulate

from tests.model.calendar import DAY_MS, HOUR_MS

TICKS_PER_MS = 125_000
WINDOWS = ((HOUR_MS, "max_1h_nl"), (DAY_MS, "max_24h_nl"))


def most_held(curve, from_ms, window):
    """The most that a window of `window` ms ending at or after from_ms holds, along a curve of (ms, nL in all)."""
    times = [point[0] for point in curve]

    def at(ms):
        k = bisect_right(times, ms)
        if k in (0, len(curve)):
            return curve[min(k, len(curve) - 1)][1]
        (a, low), (b, high) = curve[k - 1], curve[k]
        return low + (high - low) * (ms - a) / (b - a)

    ends = [ms for ms in times if ms >= from_ms] + [ms + window for ms in times if ms + window >= from_ms]
    return max((at(ms) - at(ms - window) for ms in ends if ms <= times[-1]), default=0.0)


class Edges:
    """The motor's edges as (first tick, interval, count), in order."""

    def __init__(self, runs):
        self.runs = runs
        self._starts = [first for first, _, _ in runs]
        self._sums = [0, *accumulate(count for _, _, count in runs)]

    def until(self, tick):
        """How many at or before a tick."""
        at = bisect_right(self._starts, tick)
        if not at:
            return 0
        first, interval, count = self.runs[at - 1]
        return self._sums[at - 1] + min(count, (tick - first) // interval + 1)

    def fullest_window(self, window_ms, low_ms, high_ms):
        """(most edges in a window that lies in [low, high), its end in ms)."""
        width, low, high = window_ms * TICKS_PER_MS, low_ms * TICKS_PER_MS, high_ms * TICKS_PER_MS
        found = (0, low_ms)
        for first, interval, count in self.runs:
            for end in (first + (count - 1) * interval, first + width - 1):
                if low <= end - width and end < high:
                    found = max(found, (self.until(end) - self.until(end - width), end // TICKS_PER_MS))
        return found

    def most_ahead_of(self, steps_per_ms, low_ms, high_ms):
        """How many steps the motor was ever ahead of a constant rate that it may fall behind of."""
        level = most = 0.0
        last, per_tick = low_ms * TICKS_PER_MS, float(steps_per_ms / TICKS_PER_MS)
        for first, interval, count in self.runs:
            if low_ms * TICKS_PER_MS <= first < high_ms * TICKS_PER_MS:
                level = max(0.0, level - per_tick * (first - last)) + 1
                level = max(level, level + (count - 1) * (1 - per_tick * interval))
                last = first + (count - 1) * interval
                most = max(most, level)
        return most


def outside(runs, motions, slack_ms):
    """The first run of edges that does not lie in one of the motions, (from ms, to ms or None) in order; or None."""
    starts = [start for start, _ in motions]
    for first, interval, count in runs:
        last = first + (count - 1) * interval
        at = bisect_right(starts, first // TICKS_PER_MS) - 1
        end = motions[at][1] if at >= 0 else 0
        if at < 0 or (end is not None and last > (end + slack_ms) * TICKS_PER_MS):
            return first // TICKS_PER_MS, interval, count
    return None
