"""The basal rate: schedule, ramps, a temporary rate, the least and the highest rate, as straight lines (T-01, D-05)."""

from dataclasses import dataclass
from fractions import Fraction

from tests.model.calendar import DAY_MS, HOUR_MS, MINUTE_MS

RAMP_PART_MS = 15 * MINUTE_MS          # a ramp is judged against limits as chords of this length


@dataclass
class Line:
    """Delivery from `start` to `end`, ms, its rate going linearly from `first` to `last`, nL/h."""

    start: int
    end: int
    first: Fraction
    last: Fraction

    def rate(self, ms):
        return self.first + (self.last - self.first) * Fraction(ms - self.start, self.end - self.start)

    def until(self, ms):
        """The same line, cut."""
        return Line(self.start, ms, self.first, self.rate(ms))

    def volume(self, ms):
        """nL from its start to an instant."""
        return (self.first + self.rate(ms)) / 2 * (ms - self.start) / HOUR_MS


@dataclass
class Temporary:
    """A rate in place of the schedule's until `end`: `percent` of it, or where that is None `rate`.
    `or_schedule`: at each instant the higher of both, which is the most that comes of it, however soon it ends."""

    end: int
    percent: int | None
    rate: int
    or_schedule: bool = False


def line_from(start, offset, calendar, document, highest, temporary):
    """The Line in force from `start` on, as far as it is straight; `offset` is UTC less `start`'s clock."""
    utc = start + offset
    local_offset, change = calendar.offset(utc)
    day, within = divmod(utc + local_offset, DAY_MS)
    plan = document["plans"][document["days"][(day + 3) % 7]]
    at = max(k for k in range(0, len(plan), 3) if plan[k] * MINUTE_MS <= within)
    begin = plan[at] * MINUTE_MS
    stop = plan[at + 3] * MINUTE_MS if at + 3 < len(plan) else DAY_MS
    end = start + stop - within
    if change is not None:
        end = min(end, change - offset)
    first, last = plan[at + 1], plan[at + 2]
    factor, least = Fraction(1), document["minimum_nl_per_h"]
    if temporary and start < temporary.end:
        end = min(end, temporary.end)
        if temporary.percent is not None:
            factor = Fraction(max(temporary.percent, 100 if temporary.or_schedule else 0), 100)
        elif temporary.or_schedule:
            least = max(least, temporary.rate)
        else:
            first = last = temporary.rate

    def rate(ms):
        return factor * (first + Fraction((last - first) * (within + ms - start - begin), stop - begin))

    if first == last:
        return Line(start, end, *[min(max(rate(start), least), highest)] * 2)
    end = min(end, start + RAMP_PART_MS)
    for bound in (least, highest):             # cut where the ramp meets a bound, to the ms
        if (rate(start) - bound) * (rate(end) - bound) < 0:
            meets = start + (bound - rate(start)) / (rate(end) - rate(start)) * (end - start)
            end = max(start + 1, int(meets))
    return Line(start, end, *(min(max(rate(ms), least), highest) for ms in (start, end)))
