"""The weekly rate schedule in local time. Owns segments and weekdays; knows no monotonic time and no steps.

Seven days point at day plans; a plan is flat, three numbers a segment: minute, rate, end rate (nL/h), ascending from
minute 0, each segment lasting until the next one's minute or midnight. The rate goes linearly to the end rate; both
are the same where it is constant. So every minute of the week is covered once (T-01).
"""

from pump.zone import MINUTES_PER_DAY, minute_of_week

FIELDS = 3                    # numbers per segment in a plan


class Segment:
    """One stretch of the schedule between two UTC instants without a change of the UTC offset.

    It began, or in this offset would have begun, at begin_ms and would last length_ms; it is left at end_ms.
    """

    def __init__(self, begin_ms, end_ms, length_ms, rate_nl_per_h, end_rate_nl_per_h):
        self.begin_ms = begin_ms
        self.end_ms = end_ms
        self.length_ms = length_ms
        self.rate_nl_per_h = rate_nl_per_h
        self.end_rate_nl_per_h = end_rate_nl_per_h


class Schedule:
    def __init__(self, days, plans):
        self.days = days
        self.plans = plans
        self._plan = plans[0]
        self._at = 0                               # of the segment looked up last: the next is most often its follower

    def lookup(self, local_min):
        """(minutes since the segment began, minutes it lasts, rate, end rate) at a local minute."""
        week_min = minute_of_week(local_min)
        plan = self.plans[self.days[week_min // MINUTES_PER_DAY]]
        minute = week_min % MINUTES_PER_DAY
        at = self._at + FIELDS if plan is self._plan else 0
        if at >= len(plan) or minute != plan[at]:
            at = _last_from(plan, minute)
        self._plan, self._at = plan, at
        end = plan[at + FIELDS] if at + FIELDS < len(plan) else MINUTES_PER_DAY
        return minute - plan[at], end - plan[at], plan[at + 1], plan[at + 2]


def _last_from(plan, minute):
    """The place of the last segment that starts at or before `minute`: bisection."""
    low = 0
    high = len(plan) // FIELDS
    while high - low > 1:
        middle = (low + high) // 2
        if plan[FIELDS * middle] <= minute:
            low = middle
        else:
            high = middle
    return FIELDS * low


class LocalSchedule:
    """A schedule read in a zone: a segment for every UTC instant, daylight saving included.

    In a gap the skipped local minutes never come, in an overlap they come twice, and the rate follows (T-03).
    """

    def __init__(self, schedule, zone):
        self.schedule = schedule
        self.zone = zone

    def segment_at(self, utc_ms):
        """The Segment in force at an instant."""
        utc_min = utc_ms // 60000
        offset_min, change_min = self.zone.lookup(utc_min)
        since_min, length_min, rate, end_rate = self.schedule.lookup(utc_min + offset_min)
        begin_min = utc_min - since_min
        end_min = begin_min + length_min
        if change_min is not None and change_min < end_min:
            end_min = change_min
        return Segment(begin_min * 60000, end_min * 60000, length_min * 60000, rate, end_rate)

    def offset_min(self, utc_ms):
        """UTC offset in minutes east at an instant."""
        return self.zone.lookup(utc_ms // 60000)[0]

    def local_day(self, utc_ms):
        """Days since 1970-01-01 of the local date at an instant."""
        utc_min = utc_ms // 60000
        return (utc_min + self.zone.lookup(utc_min)[0]) // MINUTES_PER_DAY
