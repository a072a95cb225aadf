"""What a program will deliver by its schedule: basal rate and scheduled boluses, as pieces for a walk (see window).
Knows no limit, no past and no boluses on demand.
"""

from pump.appointments import instant_of
from pump.basal import Basal
from pump.planner import Piece
from pump.zone import MINUTES_PER_DAY, minute_of_week

MINUTE_MS = 60000
NEVER_MS = 1 << 60


class Programmed:
    """A source of pieces, asked in order. Its milliseconds count from origin_ms, an instant in UTC: small integers."""

    def __init__(self, program, schedule, ratio, ceiling_nl_per_h, origin_ms):
        self._basal = Basal(schedule, _Utc(origin_ms), ratio, program.minimum_nl_per_h, ceiling_nl_per_h)
        self._ratio = ratio
        self._num = ratio.num
        self._piece = Piece(0, 0)
        self._origin_ms = origin_ms
        self._due = _boluses(program.boluses, schedule.zone, origin_ms // MINUTE_MS) if program.boluses else None
        self._due_ms = NEVER_MS                     # of the next bolus
        self._due_parts = 0
        self._due_over_ms = 1
        self._parts = 0                             # of the bolus under way
        self._over_ms = 1
        self._until_ms = 0
        self._take_next()

    def piece_from(self, start_ms):
        """The next Piece, with its rise: always the same object, which the next call fills anew."""
        while self._due_ms <= start_ms:
            self._parts, self._over_ms = self._due_parts, self._due_over_ms
            self._until_ms = self._due_ms + self._over_ms
            self._take_next()
        limit_ms = self._due_ms
        if start_ms < self._until_ms < limit_ms:
            limit_ms = self._until_ms
        end_ms, grains, rise, _ = self._basal.line_from(start_ms, limit_ms)
        piece = self._piece
        piece.end_ms = end_ms
        piece.parts = grains * self._num
        piece.rise = rise * self._num
        if start_ms < self._until_ms:
            piece.parts += self._parts * (end_ms - start_ms) // self._over_ms
        return piece

    def _take_next(self):
        self._due_ms = NEVER_MS
        if self._due:
            utc_min, bolus = next(self._due)
            self._due_ms = utc_min * MINUTE_MS - self._origin_ms
            self._due_parts = self._ratio.steps_of_nl(bolus[2]) * self._ratio.den
            self._due_over_ms = bolus[3] * 1000


class _Utc:
    """A clock whose milliseconds count from an instant in UTC."""

    def __init__(self, origin_ms):
        self._origin_ms = origin_ms

    def utc_ms(self, ms):
        return ms + self._origin_ms

    def mono_of_utc(self, ms):
        return ms - self._origin_ms


def _boluses(boluses, zone, from_utc_min):
    """(UTC minute, bolus) of the scheduled boluses from a minute on, in order, for ever; without those in a gap."""
    ordered = sorted(boluses)
    day = (from_utc_min + zone.lookup(from_utc_min)[0]) // MINUTES_PER_DAY - 1
    while True:
        weekday = minute_of_week(day * MINUTES_PER_DAY) // MINUTES_PER_DAY
        for bolus in ordered:
            if bolus[1] >> weekday & 1:
                utc_min, is_gap = instant_of(zone, day * MINUTES_PER_DAY + bolus[0])
                if utc_min >= from_utc_min and not is_gap:
                    yield utc_min, bolus
        day += 1
