"""The weekly rate schedule in local time. Owns segments and weekdays; knows no UTC and no steps.

Seven days point at day plans; a plan is flat: minute, rate_nl_per_h, minute, rate_nl_per_h ... ascending from
minute 0, each rate holding until the next minute or midnight. So every minute of the week is covered once (T-01).
"""

from pump.zone import MINUTES_PER_DAY, minute_of_week


class Schedule:
    def __init__(self, days, plans):
        self.days = days
        self.plans = plans

    def rate_at(self, local_min):
        """(rate_nl_per_h, minutes until this segment ends at a boundary or midnight) at a local minute."""
        week_min = minute_of_week(local_min)
        plan = self.plans[self.days[week_min // MINUTES_PER_DAY]]
        minute = week_min % MINUTES_PER_DAY
        low = 0                                    # the last segment that starts at or before `minute`: bisection
        high = len(plan) // 2
        while high - low > 1:
            middle = (low + high) // 2
            if plan[2 * middle] <= minute:
                low = middle
            else:
                high = middle
        end = plan[2 * low + 2] if 2 * low + 2 < len(plan) else MINUTES_PER_DAY
        return plan[2 * low + 1], end - minute


class LocalSchedule:
    """A schedule read in a zone: a rate for every UTC minute, daylight saving included.

    In a gap the skipped local minutes never come, in an overlap they come twice, and the rate follows (T-03).
    """

    def __init__(self, schedule, zone):
        self.schedule = schedule
        self.zone = zone

    def rate_at(self, utc_ms):
        """(rate_nl_per_h, UTC ms at which to ask again: the next segment, local midnight or clock change)."""
        utc_min = utc_ms // 60000
        offset_min, change_min = self.zone.lookup(utc_min)
        rate, minutes = self.schedule.rate_at(utc_min + offset_min)
        end_min = utc_min + minutes
        if change_min is not None and change_min < end_min:
            end_min = change_min
        return rate, end_min * 60000

    def offset_min(self, utc_ms):
        """UTC offset in minutes east at an instant."""
        return self.zone.lookup(utc_ms // 60000)[0]

    def local_day(self, utc_ms):
        """Days since 1970-01-01 of the local date at an instant."""
        utc_min = utc_ms // 60000
        return (utc_min + self.zone.lookup(utc_min)[0]) // MINUTES_PER_DAY
