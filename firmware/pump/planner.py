"""The step plan: turns a rate over time into (count, interval) commands. Owns what is due and what is queued.

Time here is monotonic: ms for pieces, ticks (ms * ticks_per_ms) for steps. A piece is a stretch of constant rate.
Step k is due at the first tick at which the volume of k steps has been reached, never earlier (D-02), and what is
left over is carried into the next piece as a backlog, so any number of pieces adds up exactly (D-01).

Volume is counted in parts: ratio.num parts are a grain, ratio.den parts are a step, so both are whole numbers.
The planner sees neither journal nor schedule: `source.piece_from(ms)` hands it pieces in order, and
`source.parts_until(piece, ms)` says what of one was exactly due by then.
"""

from pump.volume import GRAINS_PER_PL

# A command's intervals are one whole number of ticks, so a long command drifts late by up to one tick a step, or not at
# all where a step takes a whole number of them: then all that is authorised is one command.
# At most 1/8 step from that plus 1/8 from joining commands keeps every step within a quarter step of its due time, and
# at most 1 ms from each within 2 ms of it: what begins behind a late step waits for it, and would have to catch up.
DRIFT_PARTS = 8


class Piece:
    """Constant rate in [start_ms, end_ms): `parts` in all, of which `bolus_parts` for the bolus.

    `is_change` is False where a ramp merely goes on: nothing to write about.
    """

    rise = 0                          # a planner's rates are constant; a walk over whole ramps has others, see window

    def __init__(self, end_ms, parts, bolus_parts=0, is_change=True):
        self.end_ms = end_ms
        self.parts = parts
        self.bolus_parts = bolus_parts
        self.is_change = is_change
        self.start_ms = 0
        self.steps0 = 0               # due before it
        self.backlog0 = 0             # parts left over before it; below 0 where steps are ahead of the plan
        self.bolus0 = 0               # bolus parts since `begin`
        self.steps_end = 0


class Planner:
    def __init__(self, ratio, ticks_per_ms, min_interval, max_interval, steps_done):
        """steps_done: steps delivered so far (of the ledger); min_interval: used to catch up."""
        self.ratio = ratio
        self._ticks_per_ms = ticks_per_ms
        self._max_interval = max_interval
        self._min_interval = min_interval
        self._source = None
        self._pieces = []
        self._backlog = 0                   # carried while nothing runs
        self._programmed_parts = 0          # before the first of _pieces
        self._head_tick = 0                 # when the last queued command ends
        self.queued_steps = steps_done      # total steps at the end of the queue

    def begin(self, start_ms, source, steps_done):
        """Delivers from `start_ms` on what `source.piece_from(ms)` hands out, after `steps_done` steps in all."""
        self._source = source
        self._pieces = []
        self._head_tick = start_ms * self._ticks_per_ms
        self.queued_steps = steps_done
        self._add_piece(start_ms, steps_done, self._backlog, 0)

    def cut(self, at_ms, steps_done):
        """Ends the plan at `at_ms` with `steps_done` counted; the fraction of a step due is kept for `begin`."""
        piece = self._piece_at(at_ms)
        # A ramp's piece is straight where the ramp is not: what counts from now on is the ramp, or cuts would add up
        parts = self._source.parts_until(piece, at_ms)
        self._programmed_parts = self._programmed_at(at_ms) - self._parts_at(piece, at_ms) + parts
        self._backlog = piece.backlog0 + parts - (steps_done - piece.steps0) * self.ratio.den
        self._pieces = []
        self._source = None
        self.queued_steps = steps_done

    def drop(self, parts):
        """Takes `parts` off what is carried to the next `begin`: they will not be delivered. Only while cut."""
        self._backlog -= parts

    def settle(self):
        """Carries on no step that was missed or too many: only a fraction still due. Only while cut.

        One whole step may have been due and still on its way (DRIFT_PARTS): that one is not missed. And where a bolus
        ended early the fraction of a step that was dropped may already have been made: the basal rate owes it.
        """
        if not -self.ratio.den < self._backlog < 2 * self.ratio.den:
            self._backlog = max(0, self._backlog) % self.ratio.den

    def piece_at(self, ms):
        """The piece in force at an instant of the plan; at a boundary the one that begins there."""
        return self._piece_at(ms)

    def rate_at(self, ms):
        """nL/h at an instant of the plan, basal and bolus, rounded down; of a ramp its mean over the piece."""
        piece = self._piece_at(ms)
        return piece.parts // (self.ratio.num * (piece.end_ms - piece.start_ms))

    def due_steps(self, ms):
        """Total steps due at an instant at or after the plan's begin, rounded down."""
        piece = self._piece_at(ms)
        return piece.steps0 + (piece.backlog0 + self._parts_at(piece, ms)) // self.ratio.den

    def bolus_parts(self, ms):
        """Parts of the bolus due since `begin`, at an instant of the plan."""
        piece = self._piece_at(ms)
        return piece.bolus0 + piece.bolus_parts * (ms - piece.start_ms) // (piece.end_ms - piece.start_ms)

    def ms_of_step(self, step):
        """The first ms at which total step `step` is due."""
        tick = self._tick_of_step(self._piece_of_step(step), step)
        return -(-tick // self._ticks_per_ms)

    def programmed_pl(self, ms):
        """Picolitres programmed since this planner was made, at an instant of the plan, rounded down."""
        parts = self._programmed_at(ms) if self._pieces else self._programmed_parts
        return parts // (self.ratio.num * GRAINS_PER_PL)

    def forget_before(self, ms):
        """Drops pieces that ended at or before `ms` and are queued whole. Nothing earlier may be asked again."""
        pieces = self._pieces
        while len(pieces) > 1 and pieces[0].end_ms <= ms and self.queued_steps >= pieces[0].steps_end:
            self._programmed_parts += pieces[0].parts
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
        if not piece.parts:                        # only a step left over from before: overdue, so at once
            return count, self._min_interval
        period = self.ratio.den * self._length_ticks(piece)     # of a step, in ticks over piece.parts
        exact = period // piece.parts
        slack = min(exact, DRIFT_PARTS * self._ticks_per_ms)
        if first < self._min_interval:             # behind: the motor's highest rate until level with the plan
            behind = (self._min_interval - first) // max(1, exact + 1 - self._min_interval)
            return min(count, 1 + behind), self._min_interval
        late = -period % piece.parts               # what a step of whole ticks adds to the lateness
        if late:
            count = min(count, slack * piece.parts // (DRIFT_PARTS * late))
        if count > 1:
            last = self._tick_of_step(piece, self.queued_steps + count) - head
            interval = -(-last // count)
            if head + interval * count > piece.end_ms * self._ticks_per_ms:
                # late into the next piece, where the time may be more than a step: the last one by itself, when due
                count -= 1
                last = self._tick_of_step(piece, self.queued_steps + count) - head
                interval = -(-last // count)
            later = max(interval - first, interval * count - last)
            if first <= interval <= self._max_interval and later * DRIFT_PARTS <= slack:
                return count, interval
        return 1, first

    def _tick_of_step(self, piece, step):
        """The first tick at which total step `step` of this piece is due."""
        wait = 0
        need = (step - piece.steps0) * self.ratio.den - piece.backlog0
        if need > 0:
            wait = -(-need * self._length_ticks(piece) // piece.parts)
        return piece.start_ms * self._ticks_per_ms + wait

    def _length_ticks(self, piece):
        return (piece.end_ms - piece.start_ms) * self._ticks_per_ms

    def _parts_at(self, piece, ms):
        return piece.parts * (ms - piece.start_ms) // (piece.end_ms - piece.start_ms)

    def _programmed_at(self, ms):
        total, at = self._programmed_parts, 0
        piece = self._piece_at(ms)
        while self._pieces[at] is not piece:
            total += self._pieces[at].parts
            at += 1
        return total + self._parts_at(piece, ms)

    def _piece_at(self, ms):
        """The piece in force at `ms`; the plan is drawn on from the source as far as needed."""
        pieces, at = self._pieces, 0
        while pieces[at].end_ms <= ms:
            at += 1
            if at == len(pieces):
                self._extend()
        return pieces[at]

    def _piece_of_step(self, step):
        """The piece in which total step `step` is due, drawn on likewise."""
        pieces, at = self._pieces, 0
        while pieces[at].steps_end < step:
            at += 1
            if at == len(pieces):
                self._extend()
        return pieces[at]

    def _extend(self):
        last = self._pieces[-1]
        backlog = last.backlog0 + last.parts - (last.steps_end - last.steps0) * self.ratio.den
        self._add_piece(last.end_ms, last.steps_end, backlog, last.bolus0 + last.bolus_parts)

    def _add_piece(self, start_ms, steps0, backlog0, bolus0):
        piece = self._source.piece_from(start_ms)
        piece.start_ms = start_ms
        piece.steps0 = steps0
        piece.backlog0 = backlog0
        piece.bolus0 = bolus0
        piece.steps_end = steps0 + (backlog0 + piece.parts) // self.ratio.den
        self._pieces.append(piece)
