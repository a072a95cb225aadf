"""Stairs of speed: a transfer whose rate is beyond the one at which a motor starts gets there, and back, by degrees.

A source of pieces for the planner. Knows rates as parts per ms, no motor and no steps' instants.
"""

from pump.planner import Piece

IDLE_PIECE_MS = 3600000
# The queue holds five commands, and the longest poll with its erase takes 0.2 s: it is not to run dry, for what follows
# on that is sudden.
STAIR_MS = 40
STAIRS_MOST = 16              # each is a piece in memory, on the way up and again on the way down


class Stairs:
    """`parts` at `rate` parts per ms, from `first` and back to it by `gain` parts per ms in a second.

    Stair i of n lasts 1/n of the time that the whole way up takes, rounded up to a ms, at first + (rate - first) i / n:
    never above the straight line. Where the parts do not last for that, the highest stairs are left out. Without
    `gain` all is one piece.
    """

    def __init__(self, parts, rate, first=0, gain=0):
        self._first = first
        self._rise = rate - first if gain and rate > first else 0
        ramp_ms = -(-1000 * self._rise // gain) if gain else 0
        self._stairs = min(STAIRS_MOST, max(1, ramp_ms // STAIR_MS))
        self._stair_ms = -(-ramp_ms // self._stairs)
        self._top = 0                                   # stairs on the way up, before the level part
        self._level_parts = parts
        if not self._rise:
            self._first = rate
        while self._rise and self._top < self._stairs and self._is_worth(self._top + 1):
            self._level_parts -= 2 * self._parts(self._top)
            self._top += 1
        self._level_ms = -(-self._level_parts // self._rate(self._top))
        self.span_ms = self._level_ms + 2 * self._top * self._stair_ms
        self._next = 0                                  # of 2 * top + 1 pieces

    def piece_from(self, start_ms):
        """The piece that begins where the last one has ended; after the last of them there is nothing."""
        at = self._next
        self._next += 1
        if at > 2 * self._top:
            return Piece(start_ms + IDLE_PIECE_MS, 0)
        if at == self._top:
            return Piece(start_ms + self._level_ms, self._level_parts)
        return Piece(start_ms + self._stair_ms, self._parts(min(at, 2 * self._top - at)))

    def _is_worth(self, top):
        """True where on so many stairs up and down there is enough left for as long on the next one."""
        return 2 * self._parts(top - 1) + self._parts(top) <= self._level_parts

    def _rate(self, stair):
        return self._first + self._rise * stair // self._stairs

    def _parts(self, stair):
        return self._rate(stair) * self._stair_ms
