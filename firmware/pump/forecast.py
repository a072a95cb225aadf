"""The forecast: when the reservoir will be empty, as a band (A-04, U-03). Owns the walk ahead; knows no past.

Basal rate and scheduled boluses come in the very pieces that the static check walks; a periodic or an on-demand bolus
counts whole at the moment when it begins. On-demand boluses are taken as early and as often as their lockout and their
most per 24 h allow.
"""

from pump.limits import DAY_MS
from pump.programmed import Programmed
from pump.volume import GRAINS_PER_NL
from pump.window import done_parts

YEAR_MS = 366 * DAY_MS
SHARES = (2, 1, 0)            # halves of the on-demand boluses: all, the typical half, none


def empty_after_ms(program, rig, level_nl, start_ms, most_ms=YEAR_MS):
    """[soonest, typical, latest]: ms from a start at start_ms (UTC) until level_nl is gone, rounded up.

    None where it lasts longer than most_ms or than the program (U-05).
    """
    found = []
    for _ in SHARES:
        found.append(None)
    if program.ends_volume_nl and program.ends_volume_nl < level_nl:
        return found
    if program.ends_after_s:
        most_ms = min(most_ms, program.ends_after_s * 1000)
    walk = _Walk(program, rig, start_ms)
    while walk.now < most_ms and None in found:
        walk.step()
        for at in range(len(SHARES)):
            if found[at] is None:
                found[at] = walk.first_empty(level_nl, SHARES[at], min(walk.end, most_ms))
    return found


class _Walk:
    """The piece of the program from `now` to `end`, in ms since the start, and what went before it."""

    def __init__(self, program, rig, start_ms):
        ceiling = program.limits.tightest(rig.limits).max_rate_nl_per_h
        self._source = Programmed(program, program.schedule, rig.ratio, ceiling, start_ms)
        self._program = program
        self._parts_per_nl = GRAINS_PER_NL * rig.ratio.num
        self._before = 0                # parts of the pieces before `now`
        self._parts = 0
        self._rise = 0
        self.now = 0
        self.end = 0

    def step(self):
        """Goes on to the next piece."""
        self._before += self._parts
        self.now = self.end
        piece = self._source.piece_from(self.now)
        self._parts = piece.parts
        self._rise = piece.rise
        self.end = piece.end_ms

    def first_empty(self, level_nl, share, until):
        """The first ms of this piece, up to `until`, at which level_nl is gone, or None: bisection."""
        level = 2 * level_nl * self._parts_per_nl
        if self._gone(until, share) < level:
            return None
        low, high = self.now, until
        while low < high:
            middle = (low + high) // 2
            if self._gone(middle, share) < level:
                low = middle + 1
            else:
                high = middle
        return low

    def _gone(self, ms, share):
        """Twice the parts that are gone by an instant of this piece."""
        schedule = self._before + done_parts(self._parts, self._rise, ms - self.now, self.end - self.now)
        return 2 * schedule + boluses_half_nl(self._program, ms, share) * self._parts_per_nl


def boluses_half_nl(program, ms, share):
    """Volume in halves of a nL of the periodic and on-demand boluses begun until `ms` after the start."""
    volume = 0
    if program.periodic:
        volume_nl, _, every_s = program.periodic
        volume = 2 * volume_nl * (ms // (every_s * 1000))           # the first one a whole interval after the start
    if program.on_demand:
        volume_nl, _, lockout_s, most_24h = program.on_demand
        lockout_ms = lockout_s * 1000
        if most_24h * lockout_ms >= DAY_MS:                         # the lockout alone holds them apart
            count = ms // lockout_ms + 1
        else:                                                       # the most in a row, again after each 24 h
            count = ms // DAY_MS * most_24h + min(most_24h, ms % DAY_MS // lockout_ms + 1)
        volume += share * volume_nl * count
    return volume
