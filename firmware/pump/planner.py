"""The step plan: turns a rate over time into (count, interval) commands. Owns what is due and what is queued.

Time here is monotonic: ms for pieces, ticks (ms * ticks_per_ms) for steps. A piece is a stretch of constant rate.
Step k of a piece is due at the first tick at which the volume of k steps has been reached, never earlier (D-02), and
what is left over is carried into the next piece as a backlog, so any number of pieces adds up exactly (D-01).
The planner sees neither the journal nor the schedule: `source.piece_from(ms)` hands it pieces.
"""

from pump.board import MIN_INTERVAL

# A command's intervals are one whole number of ticks, so a long command drifts late by up to one tick a step.
# At most 1/8 step from that plus 1/8 from joining commands keeps every step within a quarter step of its due time.
DRIFT_PARTS = 8


class Piece:
    """Constant rate in [start_ms, end_ms): `grains` in all. steps0 were due before it, backlog0 was left over.

    backlog is in grains * ratio.num; ratio.den of it are one step.
    """

    def __init__(self, start_ms, end_ms, grains, rate_nl_per_h):
        self.start_ms = start_ms
        self.end_ms = end_ms
        self.grains = grains
        self.rate_nl_per_h = rate_nl_per_h
        self.steps0 = 0
        self.backlog0 = 0
        self.steps_end = 0


class Planner:
    def __init__(self, ratio, ticks_per_ms, max_interval, max_step_rate, steps_done):
        """steps_done: steps delivered so far (of the ledger); max_step_rate: steps/s used to catch up, at most."""
        self.ratio = ratio
        self._ticks_per_ms = ticks_per_ms
        self._max_interval = max_interval
        self._min_interval = max(MIN_INTERVAL, -(-1000 * ticks_per_ms // max_step_rate))
        self._source = None
        self._pieces = []
        self._backlog = 0                   # carried while nothing runs
        self._head_tick = 0                 # when the last queued command ends
        self.queued_steps = steps_done      # total steps at the end of the queue
        self.programmed_grains = 0          # before the first of _pieces

    def begin(self, now_ms, source):
        """Delivers from `now_ms` on what `source.piece_from(ms)` says: (end_ms, grains, rate_nl_per_h)."""
        self._source = source
        self._pieces = []
        self._head_tick = now_ms * self._ticks_per_ms
        self._add_piece(now_ms, self.queued_steps, self._backlog)

    def cut(self, now_ms, steps_done):
        """Ends the plan at `now_ms` with `steps_done` counted; the fraction of a step due is kept for `begin`."""
        piece = self._piece_at(now_ms)
        grains = self._grains_at(piece, now_ms)
        self.programmed_grains = self.programmed_grains_at(now_ms)
        self._backlog = piece.backlog0 + grains * self.ratio.num - (steps_done - piece.steps0) * self.ratio.den
        self._pieces = []
        self._source = None
        self.queued_steps = steps_done

    def forget_fraction(self):
        """Drops the carried fraction of a step, rounding down: the ratio or the fluid is about to change."""
        self._backlog = 0

    def rate_at(self, ms):
        """nL/h at an instant of the plan; at a boundary the rate that begins there."""
        return self._piece_at(ms).rate_nl_per_h

    def boundary_after(self, ms):
        """End of the piece in force at `ms`, in ms."""
        return self._piece_at(ms).end_ms

    def due_steps(self, ms):
        """Total steps due at an instant at or after the plan's begin, rounded down."""
        piece = self._piece_at(ms)
        grains = self._grains_at(piece, ms)
        return piece.steps0 + (piece.backlog0 + grains * self.ratio.num) // self.ratio.den

    def programmed_grains_at(self, ms):
        """Grains programmed since the first `begin`, at an instant of the plan."""
        total = self.programmed_grains
        piece = self._piece_at(ms)
        for earlier in self._pieces:
            if earlier is piece:
                break
            total += earlier.grains
        return total + self._grains_at(piece, ms)

    def forget_before(self, ms):
        """Drops pieces that ended at or before `ms` and are queued whole. Nothing earlier may be asked again."""
        pieces = self._pieces
        while len(pieces) > 1 and pieces[0].end_ms <= ms and self.queued_steps >= pieces[0].steps_end:
            self.programmed_grains += pieces[0].grains
            del pieces[0]

    def next_command(self, now_ms, limit_steps):
        """The next (count, interval) in ticks to queue, or None when `limit_steps` in all are queued.

        Call it only when it will be queued. An empty queue starts now: a step that is overdue then follows at the
        motor's highest rate.
        """
        if self.queued_steps >= limit_steps:
            return None
        piece = self._piece_of_step(self.queued_steps + 1)
        head = max(self._head_tick, now_ms * self._ticks_per_ms)
        first = self._tick_of_step(piece, self.queued_steps + 1) - head
        if first > self._max_interval:
            self._head_tick = head + self._max_interval
            return 0, self._max_interval
        count, interval = self._stretch(piece, head, first, limit_steps)
        self._head_tick = head + count * interval
        self.queued_steps += count
        return count, interval

    def head_ms(self):
        """The first ms at which everything queued has been stepped."""
        return -(-self._head_tick // self._ticks_per_ms)

    def _stretch(self, piece, head, first, limit_steps):
        """As many steps of one piece as one interval fits: none early, none over a quarter step later than needed."""
        count = min(piece.steps_end, limit_steps) - self.queued_steps
        if not piece.grains:                       # only a step left over from before: overdue, so at once
            return count, self._min_interval
        exact = self.ratio.den * self._length_ticks(piece) // (self.ratio.num * piece.grains)
        if first < self._min_interval:             # behind: the motor's highest rate until level with the plan
            behind = (self._min_interval - first) // max(1, exact + 1 - self._min_interval)
            return min(count, 1 + behind), self._min_interval
        count = min(count, max(1, exact // DRIFT_PARTS))
        if count > 1:
            last = self._tick_of_step(piece, self.queued_steps + count) - head
            interval = -(-last // count)
            if first <= interval <= self._max_interval and (interval - first) * DRIFT_PARTS <= exact:
                return count, interval
        return 1, first

    def _tick_of_step(self, piece, step):
        """The first tick at which total step `step` of this piece is due."""
        wait = 0
        need = (step - piece.steps0) * self.ratio.den - piece.backlog0
        if need > 0:
            wait = -(-need * self._length_ticks(piece) // (self.ratio.num * piece.grains))
        return piece.start_ms * self._ticks_per_ms + wait

    def _length_ticks(self, piece):
        return (piece.end_ms - piece.start_ms) * self._ticks_per_ms

    def _grains_at(self, piece, ms):
        return piece.grains * (ms - piece.start_ms) // (piece.end_ms - piece.start_ms)

    def _piece_at(self, ms):
        """The piece in force at `ms`; the plan is drawn on from the source as far as needed."""
        pieces = self._pieces
        while pieces[-1].end_ms <= ms:
            self._extend()
        for piece in pieces:
            if ms < piece.end_ms:
                return piece

    def _piece_of_step(self, step):
        while self._pieces[-1].steps_end < step:
            self._extend()
        for piece in self._pieces:
            if step <= piece.steps_end:
                return piece

    def _extend(self):
        last = self._pieces[-1]
        backlog = last.backlog0 + last.grains * self.ratio.num - (last.steps_end - last.steps0) * self.ratio.den
        self._add_piece(last.end_ms, last.steps_end, backlog)

    def _add_piece(self, start_ms, steps0, backlog0):
        end_ms, grains, rate_nl_per_h = self._source.piece_from(start_ms)
        piece = Piece(start_ms, end_ms, grains, rate_nl_per_h)
        piece.steps0 = steps0
        piece.backlog0 = backlog0
        piece.steps_end = steps0 + (backlog0 + grains * self.ratio.num) // self.ratio.den
        self._pieces.append(piece)
