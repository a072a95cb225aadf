"""Demand: basal and bolus added up into pieces for the planner. Owns the clipping; knows no steps and no state."""

from pump.planner import Piece

CLIPPED_MS = 300000           # of a whole ramp on which a bolus is clipped, no piece is longer


class Demand:
    """What the planner is to deliver: the basal rate with a bolus on top, clipped to the ceiling (D-04).

    A planner's source, or with `whole` a walk's (see window): asked piece by piece, in order, once.
    """

    def __init__(self, basal, ratio, ceiling_nl_per_h, bolus=None, given_parts=0):
        """given_parts: of a bolus under way, since `done_parts` of it were."""
        self._basal = basal
        self._num = ratio.num
        self._ceiling = ceiling_nl_per_h
        self._bolus = bolus
        self._left = bolus.parts - bolus.done_parts - given_parts if bolus else 0
        self._is_whole = False

    def whole(self):
        """The same for a walk that judges limits: a ramp is one piece, or a few while a bolus on it is clipped."""
        self._is_whole = True
        return self

    def piece_from(self, start_ms):
        """The next Piece; it ends where the basal stretch or the bolus ends."""
        end_ms, grains, rise, is_change = self._basal.line_from(start_ms, None, self._is_whole)
        if not self._left:
            return self._piece(end_ms, grains, 0, rise, is_change)
        span_ms = end_ms - start_ms
        if self._is_whole and rise and span_ms > CLIPPED_MS:
            highest = grains + abs(rise) // 2 + 1       # what the highest rate of the ramp would deliver
            if self._bolus.parts * span_ms > self._room(span_ms, highest) * self._bolus.over_ms:
                end_ms, grains, rise, is_change = self._basal.line_from(start_ms, start_ms + CLIPPED_MS)
                span_ms = end_ms - start_ms
        # Rounded up, so that a bolus on several pieces is not a millisecond late for the one that follows it
        amount = min(-(-self._bolus.parts * span_ms // self._bolus.over_ms), self._room(span_ms, grains))
        if amount >= self._left:
            until_ms = start_ms - (-self._left * span_ms // amount)
            if until_ms < end_ms:
                end_ms, grains, rise, is_change = self._basal.line_from(start_ms, until_ms)
            amount = min(self._left, self._room(end_ms - start_ms, grains))
        self._left -= amount
        return self._piece(end_ms, grains, amount, rise, is_change)

    def parts_until(self, piece, ms):
        """Parts of a piece due until an instant within it; of a ramp's the exact integral, not the straight line."""
        grains = self._basal.stretch_from(piece.start_ms, ms)[1]
        bolus = piece.bolus_parts * (ms - piece.start_ms) // (piece.end_ms - piece.start_ms)
        return grains * self._num + bolus

    def _piece(self, end_ms, grains, amount, rise, is_change):
        piece = Piece(end_ms, grains * self._num + amount, amount, is_change)
        if self._is_whole:
            piece.rise = rise * self._num
        return piece

    def _room(self, span_ms, grains):
        """Parts between the basal volume and the ceiling."""
        return (self._ceiling * span_ms - grains) * self._num
