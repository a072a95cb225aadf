"""What was counted over the last day. Owns the samples of counted steps; knows no limit and no plan (L-03).

A sample is (monotonic ms, total steps counted by then). Between two samples the rate was constant, for the journal
writes one at every change, so a straight line between them is right to a step. Where there are too many, those go that
lie on the line of their neighbours, and it is known by how many steps the lines are less right then.
"""

SAMPLES_MAX = 600
SAMPLES_LEFT = 450            # at most, when some have been left out


class History:
    """Counted steps over the last 24 h and more."""

    def __init__(self):
        self._times = []
        self._totals = []
        self.loose_steps = 1            # how far a line between samples may be from what was counted
        self._loosened = []             # (ms, steps): by so many it is looser while there are lines of before
        self._off_steps = 1             # how far from a line a sample may be that is left out

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

        Makes room, too."""
        times = self._times
        gone = 0
        while gone + 1 < len(times) and times[gone + 1] <= ms:
            gone += 1
        if gone:
            del self._times[:gone]
            del self._totals[:gone]
        while self._loosened and times[0] >= self._loosened[0][0]:
            self.loose_steps -= self._loosened.pop(0)[1]
        if not self._loosened:
            self._off_steps = 1
        self.make_room()

    def make_room(self):
        """Past SAMPLES_MAX those samples go that are within a step of a line between others; where that leaves too
        many, within 2, 4, 8 steps."""
        if len(self._times) > SAMPLES_MAX:
            self._leave_out()
            while len(self._times) > SAMPLES_LEFT:
                self._off_steps *= 2
                self._leave_out()

    def recount(self, ratio, before, total_steps):
        """What was counted until total_steps becomes as many steps of another ratio as moved the same, rounded up."""
        times, totals = self._times, self._totals
        for at in range(len(totals)):
            totals[at] = total_steps - ratio.steps_like(total_steps - totals[at], before)
        if times:
            del self._loosened[:]
            more_steps = ratio.steps_like(self.loose_steps, before)
            self.loose_steps = 1
            self.loosen(more_steps)

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

    def backwards(self):
        """The samples as (ms, total steps), newest first."""
        for at in range(len(self._times) - 1, -1, -1):
            yield self._times[at], self._totals[at]

    def loosen(self, steps):
        """Lines up to now may be so many steps further from what was counted."""
        self.loose_steps += steps
        self._loosened.append((self._times[-1], steps))

    def _leave_out(self):
        """Of samples in a row that are all within _off_steps of a line, the ends of the line stay."""
        times, totals, off_steps = self._times, self._totals, self._off_steps
        begin_ms, begin_steps, kept = times[0], totals[0], 1
        low, high = (-1, 0), (1, 0)     # slopes of a line from there past all that are left out, as (steps, ms)
        for at in range(1, len(times)):
            ms, steps = times[at] - begin_ms, totals[at] - begin_steps
            if steps * low[1] < low[0] * ms or steps * high[1] > high[0] * ms:
                begin_ms, begin_steps = times[at - 1], totals[at - 1]
                times[kept], totals[kept] = begin_ms, begin_steps
                kept += 1
                ms, steps = times[at] - begin_ms, totals[at] - begin_steps
                low, high = (-1, 0), (1, 0)
            if (steps - off_steps) * low[1] > low[0] * ms:
                low = (steps - off_steps, ms)
            if (steps + off_steps) * high[1] < high[0] * ms:
                high = (steps + off_steps, ms)
        times[kept], totals[kept] = times[-1], totals[-1]
        del times[kept + 1:]
        del totals[kept + 1:]
        self.loosen(off_steps)

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
