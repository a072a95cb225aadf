"""What was counted over the last day. Owns the samples of counted steps; knows no limit and no plan (L-03).

A sample is (monotonic ms, total steps counted by then). Between two samples the rate was constant, for the journal
writes one at every change, so a straight line between them is right to a step.
"""

SAMPLES_MAX = 600


class History:
    """Counted steps over the last 24 h and more."""

    def __init__(self):
        self._times = []
        self._totals = []
        self.loose_steps = 1            # how far a line between samples may be from what was counted
        self._recounted_ms = 0

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
        if self.loose_steps > 1 and times[0] >= self._recounted_ms:
            self.loose_steps = 1
        if len(times) > SAMPLES_MAX:
            self._times = times[:1] + times[2::2]
            self._totals = self._totals[:1] + self._totals[2::2]

    def recount(self, ratio, before, total_steps):
        """What was counted until total_steps becomes as many steps of another ratio as moved the same, rounded up."""
        times, totals = self._times, self._totals
        for at in range(len(totals)):
            totals[at] = total_steps - ratio.steps_like(total_steps - totals[at], before)
        self.loose_steps = 1 + ratio.steps_like(self.loose_steps, before)
        self._recounted_ms = times[-1] if times else 0

    def least_at(self, ms):
        """Steps that had certainly been counted at `ms`, rounded down."""
        return self._at(ms)[0]

    def most_at(self, ms):
        """Steps that at most had been counted at `ms`."""
        return self._at(ms)[1]

    def knots(self, start_ms, factor):
        """The samples after `start_ms` as (ms, total steps * factor), beginning with the line's value at `start_ms`;
        one at a time, so that only one list of them is made."""
        yield start_ms, self.least_at(start_ms) * factor
        for at in range(len(self._times)):
            if self._times[at] > start_ms:
                yield self._times[at], self._totals[at] * factor

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
        loose = self.loose_steps
        return totals[low] + max(0, risen // span_ms - loose), totals[low] - (-risen // span_ms) + loose
