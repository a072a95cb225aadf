"""The basal source: hands the planner pieces of the scheduled rate. Joins the schedule to the monotonic clock."""


class Basal:
    """Valid as long as neither program nor clock changes; make a new one then."""

    def __init__(self, local_schedule, clock):
        self._schedule = local_schedule
        self._clock = clock

    def piece_from(self, start_ms):
        """(end_ms, grains, rate_nl_per_h) of constant rate from a monotonic ms on, to the next boundary."""
        rate, end_utc_ms = self._schedule.rate_at(self._clock.utc_ms(start_ms))
        end_ms = self._clock.mono_of_utc(end_utc_ms)
        return end_ms, rate * (end_ms - start_ms), rate
