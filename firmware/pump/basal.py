"""The basal rate on the monotonic clock: schedule, ramps, a temporary rate, the minimum rate. Knows no bolus.

Valid as long as program, clock and temporary rate stay; a new one is made when any of them changes. The rate is never
below the program's minimum rate and never above the ceiling.
"""

RAMP_STEP_MIN_MS = 100        # no piece of a ramp is shorter


def isqrt(value):
    """Square root of an integer >= 0, rounded down (Newton's method)."""
    guess = value
    better = (guess + 1) // 2
    while better < guess:
        guess = better
        better = (guess + value // guess) // 2
    return guess


class Temporary:
    """A rate in place of the schedule's until `end_ms`: `percent` of it, or where that is None `rate_nl_per_h`."""

    def __init__(self, end_ms, percent, rate_nl_per_h, is_least=False):
        self.end_ms = end_ms
        self.percent = percent
        self.rate_nl_per_h = rate_nl_per_h
        self.is_least = is_least        # the schedule's rate where that is higher: for a judgement, none is given so

    def at_most(self):
        """The most that comes of it, however soon it ends: at each instant the higher of it and the schedule."""
        percent = self.percent if self.percent is None else max(100, self.percent)
        return Temporary(self.end_ms, percent, self.rate_nl_per_h, True)


class Basal:
    """Stretches of basal delivery as exact volumes."""

    def __init__(self, schedule, clock, ratio, minimum_nl_per_h, ceiling_nl_per_h, temporary=None):
        """`schedule`: a LocalSchedule; `ratio`: how fine a ramp has to be cut; rates in nL/h."""
        self._schedule = schedule
        self._clock = clock
        self._ratio = ratio
        self._minimum = minimum_nl_per_h
        self._lowest = minimum_nl_per_h     # where the rate is asked for
        self._ceiling = ceiling_nl_per_h
        self._temporary = temporary
        self._segment = None            # the one in force from _from_ms to _until_ms
        self._is_within = False         # it never meets minimum or ceiling
        self._from_ms = 0
        self._until_ms = 0

    def stretch_from(self, start_ms, limit_ms=None):
        """(end_ms, grains, is_change) of one rate from `start_ms` to at most `limit_ms`.

        A ramp comes as many short stretches, each with the volume of the ramp between its ends; inside one the
        delivery strays from the ramp by an eighth of a step at most. is_change is False where a ramp merely goes on.
        """
        end_ms, grains, _, is_change = self.line_from(start_ms, limit_ms, False)
        return end_ms, grains, is_change

    def line_from(self, start_ms, limit_ms=None, is_whole=True):
        """(end_ms, grains, rise, is_change): as `stretch_from`, or with `is_whole` a ramp in one.

        rise: grains that the rate at the end would deliver in all that time more than the rate at its begin.
        """
        segment = self._segment
        if not self._from_ms <= start_ms < self._until_ms:
            segment = self._look(start_ms)
        end_ms = self._until_ms if limit_ms is None else min(self._until_ms, limit_ms)
        percent = 100
        self._lowest = self._minimum
        temporary = self._temporary
        if temporary and start_ms < temporary.end_ms:
            end_ms = min(end_ms, temporary.end_ms)
            if temporary.percent is not None:
                percent = temporary.percent
            elif temporary.is_least:
                self._lowest = max(self._minimum, temporary.rate_nl_per_h)
            else:
                return self._flat(start_ms, end_ms, temporary.rate_nl_per_h)
        if segment.rate_nl_per_h == segment.end_rate_nl_per_h:
            return self._flat(start_ms, end_ms, segment.rate_nl_per_h * percent // 100)
        return self._ramp(start_ms, end_ms, percent, is_whole)

    def _look(self, start_ms):
        segment = self._segment = self._schedule.segment_at(self._clock.utc_ms(start_ms))
        self._from_ms = start_ms
        self._until_ms = self._clock.mono_of_utc(segment.end_ms)
        lower, upper = segment.rate_nl_per_h, segment.end_rate_nl_per_h
        if lower > upper:
            lower, upper = upper, lower
        self._is_within = self._minimum <= lower and upper <= self._ceiling
        return segment

    def _flat(self, start_ms, end_ms, rate_nl_per_h):
        rate = min(max(rate_nl_per_h, self._lowest), self._ceiling)
        return end_ms, rate * (end_ms - start_ms), 0, True

    def _ramp(self, start_ms, end_ms, percent, is_whole):
        segment = self._segment
        begin_ms = self._clock.mono_of_utc(segment.begin_ms)
        length_ms = segment.length_ms
        rise = segment.end_rate_nl_per_h - segment.rate_nl_per_h
        if not is_whole:
            # A chord of length d strays from a slope s by s d^2 / 8; an eighth of a step is allowed: d^2 = step / s
            chord_ms = isqrt(self._ratio.den * length_ms * 100 // (self._ratio.num * abs(rise) * max(1, percent)))
            end_ms = min(end_ms, start_ms + max(RAMP_STEP_MIN_MS, chord_ms))
        is_free = self._is_within and percent == 100 and self._lowest == self._minimum
        if not is_free:
            for level in (self._lowest, self._ceiling):    # a stretch ends where the ramp meets a bound
                need = level * 100 - segment.rate_nl_per_h * percent
                if percent and need * rise > 0:
                    meets_ms = begin_ms + -(-abs(need) * length_ms // (abs(rise) * percent))
                    if start_ms < meets_ms < end_ms:
                        end_ms = meets_ms
        before = 0 if start_ms == begin_ms else _ramp_grains(segment, percent, start_ms - begin_ms)
        grains = _ramp_grains(segment, percent, end_ms - begin_ms) - before
        span_ms = end_ms - start_ms
        bounded = grains if is_free else min(max(grains, self._lowest * span_ms), self._ceiling * span_ms)
        climb = 0
        if is_whole and bounded == grains:
            climb = rise * percent * span_ms * span_ms // (100 * length_ms)
        return end_ms, bounded, climb, start_ms == begin_ms


def _ramp_grains(segment, percent, ms):
    """Grains of a ramp from its begin until `ms` later, rounded down: rate t + rise t^2 / (2 length)."""
    rise = segment.end_rate_nl_per_h - segment.rate_nl_per_h
    return percent * ms * (2 * segment.length_ms * segment.rate_nl_per_h + rise * ms) // (200 * segment.length_ms)
