"""The basal rate on the monotonic clock: schedule, ramps, a temporary rate, the minimum rate. Knows no bolus.

Valid as long as program, clock and temporary rate stay; a new one is made when any of them changes. The rate is never
below the program's minimum rate and never above the ceiling.
"""

RAMP_STEP_MIN_MS = 100        # no piece of a ramp is shorter
COARSE_MS = 300000            # of a coarse ramp none is longer, nor than an eighth of the ramp


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

    def __init__(self, end_ms, percent, rate_nl_per_h):
        self.end_ms = end_ms
        self.percent = percent
        self.rate_nl_per_h = rate_nl_per_h


class Basal:
    """Stretches of basal delivery as exact volumes."""

    def __init__(self, schedule, clock, ratio, minimum_nl_per_h, ceiling_nl_per_h, temporary=None,
                 is_coarse=False):
        """`schedule`: a LocalSchedule; `ratio`: how fine a ramp has to be cut; rates in nL/h."""
        self._schedule = schedule
        self._clock = clock
        self._ratio = ratio
        self._minimum = minimum_nl_per_h
        self._ceiling = ceiling_nl_per_h
        self._temporary = temporary
        self._is_coarse = is_coarse     # for a static check: fewer and longer pieces of ramps

    def stretch_from(self, start_ms, limit_ms=None):
        """(end_ms, grains, is_change) of one rate from `start_ms` to at most `limit_ms`.

        A ramp comes as many short stretches, each with the volume of the ramp between its ends; inside one the
        delivery strays from the ramp by an eighth of a step at most. is_change is False where a ramp merely goes on.
        """
        segment = self._schedule.segment_at(self._clock.utc_ms(start_ms))
        end_ms = self._clock.mono_of_utc(segment.end_ms)
        percent = 100
        temporary = self._temporary
        if temporary and start_ms < temporary.end_ms:
            end_ms = min(end_ms, temporary.end_ms)
            if temporary.percent is None:
                return self._flat(start_ms, end_ms, limit_ms, temporary.rate_nl_per_h)
            percent = temporary.percent
        if segment.rate_nl_per_h == segment.end_rate_nl_per_h:
            return self._flat(start_ms, end_ms, limit_ms, segment.rate_nl_per_h * percent // 100)
        return self._ramp(start_ms, end_ms, limit_ms, segment, percent)

    def _flat(self, start_ms, end_ms, limit_ms, rate_nl_per_h):
        if limit_ms is not None:
            end_ms = min(end_ms, limit_ms)
        rate = min(max(rate_nl_per_h, self._minimum), self._ceiling)
        return end_ms, rate * (end_ms - start_ms), True

    def _ramp(self, start_ms, end_ms, limit_ms, segment, percent):
        begin_ms = self._clock.mono_of_utc(segment.begin_ms)
        length_ms = segment.length_ms
        rise = segment.end_rate_nl_per_h - segment.rate_nl_per_h
        # A chord of length d strays from a slope s by s d^2 / 8; an eighth of a step is allowed: d^2 = step / s
        chord_ms = isqrt(self._ratio.den * length_ms * 100 // (self._ratio.num * abs(rise) * max(1, percent)))
        if self._is_coarse:
            chord_ms = max(chord_ms, min(COARSE_MS, length_ms // 8))
        end_ms = min(end_ms, start_ms + max(RAMP_STEP_MIN_MS, chord_ms))
        for level in (self._minimum, self._ceiling):        # a stretch ends where the ramp meets a bound
            need = level * 100 - segment.rate_nl_per_h * percent
            if percent and need * rise > 0:
                meets_ms = begin_ms + -(-abs(need) * length_ms // (abs(rise) * percent))
                if start_ms < meets_ms < end_ms:
                    end_ms = meets_ms
        if limit_ms is not None:
            end_ms = min(end_ms, limit_ms)
        grains = (_ramp_grains(segment, percent, end_ms - begin_ms)
                  - _ramp_grains(segment, percent, start_ms - begin_ms))
        span_ms = end_ms - start_ms
        grains = min(max(grains, self._minimum * span_ms), self._ceiling * span_ms)
        return end_ms, grains, start_ms == begin_ms


def coarse_stray_grains(rise_nl_per_h, length_ms):
    """The most that a coarse ramp strays from the ramp inside one of its pieces, rounded up."""
    chord_ms = min(COARSE_MS, length_ms // 8)
    return abs(rise_nl_per_h) * chord_ms * chord_ms // (8 * length_ms) + 1


def _ramp_grains(segment, percent, ms):
    """Grains of a ramp from its begin until `ms` later, rounded down: rate t + rise t^2 / (2 length)."""
    rise = segment.end_rate_nl_per_h - segment.rate_nl_per_h
    return percent * ms * (2 * segment.length_ms * segment.rate_nl_per_h + rise * ms) // (200 * segment.length_ms)
