"""Rolling windows over what was delivered and what is to come. Owns the samples of counted steps; has none of the
planner's state (L-01, L-03).

A sample is (monotonic ms, total steps counted by then). Between two samples the rate was constant, for the journal
writes one at every change, so a straight line between them is right to a step.
"""

SAMPLES_MAX = 600


class History:
    """Counted steps over the last 24 h and more."""

    def __init__(self):
        self._times = []
        self._totals = []

    def add(self, ms, total_steps):
        """A sample; times ascend. A second one at one time is a jump at that time, and spread over no time before it:
        the first one moves a millisecond ahead, once."""
        times = self._times
        if times and times[-1] >= ms:
            if total_steps <= self._totals[-1]:
                return
            ms = times[-1]
            if len(times) > 1 and times[-2] >= ms - 1:
                self._totals[-1] = total_steps
                return
            times[-1] = ms - 1
        self._times.append(ms)
        self._totals.append(total_steps)

    def forget_before(self, ms):
        """Drops samples that no window reaches any more; the newest one at or before `ms` stays.

        Past SAMPLES_MAX every other one goes too, which spreads its steps evenly over a longer time: at a change of
        rate less exact, and still right in sum.
        """
        times = self._times
        gone = 0
        while gone + 1 < len(times) and times[gone + 1] <= ms:
            gone += 1
        if gone:
            del self._times[:gone]
            del self._totals[:gone]
        if len(times) > SAMPLES_MAX:
            self._times = times[:1] + times[2::2]
            self._totals = self._totals[:1] + self._totals[2::2]

    def least_at(self, ms):
        """Steps that had certainly been counted at `ms`, rounded down."""
        return self._at(ms)[0]

    def most_at(self, ms):
        """Steps that at most had been counted at `ms`."""
        return self._at(ms)[1]

    def knots(self, start_ms):
        """The samples after `start_ms` as (ms, total steps), beginning with the line's value at `start_ms`."""
        knots = [(start_ms, self.least_at(start_ms))]
        for at in range(len(self._times)):
            if self._times[at] > start_ms:
                knots.append((self._times[at], self._totals[at]))
        return knots

    def _at(self, ms):
        times, totals = self._times, self._totals
        if not times:
            return 0, 0
        if ms <= times[0]:
            return totals[0], totals[0]
        low, high = 0, len(times)                  # the last sample at or before `ms`: bisection
        while high - low > 1:
            middle = (low + high) // 2
            if times[middle] <= ms:
                low = middle
            else:
                high = middle
        if high == len(times) or times[low] == ms:
            return totals[low], totals[low]
        span_ms = times[high] - times[low]
        risen = (totals[high] - totals[low]) * (ms - times[low])
        return totals[low] + max(0, risen // span_ms - 1), totals[low] - (-risen // span_ms) + 1


def first_excess(knots, now_parts, source, start_ms, end_ms, window_ms, limit_parts):
    """First ms in (start, end] at which the window of window_ms that ends there holds more than limit_parts, or None.

    knots: what was, as (ms, parts in all) ascending from before start - window, the last at or before start;
    now_parts: parts in all at start; source: what will be, `piece_from(ms)` with end_ms and parts. All is piecewise
    linear, so the walk stops only where a piece or a knot begins or ends.
    """
    tail = _Tail(knots, start_ms, now_parts, window_ms)
    volume = now_parts - knots[0][1] if knots else 0
    now = start_ms
    piece_end, parts_left = now, 0
    while now < end_ms:
        if now >= piece_end:
            piece = source.piece_from(now)
            piece_end, parts_left = piece.end_ms, piece.parts
            tail.add(piece.end_ms, piece.parts)
        until = min(piece_end, tail.next_ms(), end_ms)
        gained = parts_left * (until - now) // (piece_end - now)
        lost = tail.move_to(until)
        after = volume + gained - lost
        if after > limit_parts:
            rise = gained - lost
            return min(until, now + (limit_parts - volume) * (until - now) // rise + 1) if rise > 0 else until
        volume = after
        parts_left -= gained
        now = until
    return None


class _Tail:
    """The end of the window that leaves: knots of the past, then the pieces that the head has gone over."""

    def __init__(self, knots, start_ms, now_parts, window_ms):
        self._window_ms = window_ms
        self._ends = []                            # (ms, parts) of stretches not yet left, in order
        self._now = start_ms - window_ms
        self._last_end = start_ms
        for at in range(1, len(knots)):
            self._ends.append((knots[at][0], knots[at][1] - knots[at - 1][1]))
        if knots and knots[-1][0] < start_ms:
            self._ends.append((start_ms, now_parts - knots[-1][1]))
        elif not knots:
            self._ends.append((start_ms, 0))

    def add(self, end_ms, parts):
        self._ends.append((end_ms, parts))

    def next_ms(self):
        """When, in the head's time, the tail comes to the end of its stretch."""
        return self._ends[0][0] + self._window_ms

    def move_to(self, head_ms):
        """Parts that leave until the head is at `head_ms`, which is not beyond next_ms()."""
        to = head_ms - self._window_ms
        end, parts = self._ends[0]
        left = parts * (to - self._now) // (end - self._now) if end > self._now else parts
        self._now = to
        if to >= end:
            del self._ends[0]
        else:
            self._ends[0] = (end, parts - left)
        return left
