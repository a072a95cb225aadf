"""A bolus under way: how much of it a stretch of time takes, on top of the basal rate and under the ceiling (D-04)."""

from dataclasses import dataclass
from fractions import Fraction

from tests.model.calendar import HOUR_MS

TINY = Fraction(1, 10**9)              # of a step: instants are whole ms, so a whole step may be missed by that


@dataclass
class Dose:
    """A bolus that was granted. nL, nL/h; `entry` and `nominal` (UTC ms) where it was scheduled."""

    kind: str
    volume: Fraction                   # of its whole steps
    rate: Fraction                     # unless clipped
    steps: int
    entry: int = 0
    nominal: int = 0
    done: Fraction = Fraction(0)

    def volume_in(self, line, end, ceiling):
        """What it takes from line.start to `end`, clipped at every instant; not more than is left."""
        room_a, room_b = ceiling - line.first, ceiling - line.rate(end)
        span = end - line.start
        if room_a >= self.rate and room_b >= self.rate:
            volume = self.rate * span
        elif room_a <= self.rate and room_b <= self.rate:
            volume = (room_a + room_b) / 2 * span
        else:
            low, high = min(room_a, room_b), max(room_a, room_b)
            clipped = (self.rate - low) / (high - low) * span
            volume = (low + self.rate) / 2 * clipped + self.rate * (span - clipped)
        return min(self.volume - self.done, volume / HOUR_MS)

    def end_in(self, line, ceiling):
        """The first ms at which it is whole, or None where that is after the line."""
        left = self.volume - self.done
        return first_ms(line.start, line.end, lambda ms: self.volume_in(line, ms, ceiling) >= left)


def first_ms(start, end, is_so):
    """The first ms in (start, end] at which what stays true once it is true is so, or None."""
    if not is_so(end):
        return None
    low, high = start, end
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_so(middle) else (middle, high)
    return high
