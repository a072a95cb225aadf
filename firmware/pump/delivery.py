"""Delivery: keeps the stepper fed from the plan, inside what is authorised, and holds the count against the plan.

Owns the planner and the ledger. Knows no state machine, no journal and no time of day: the controller tells it when
to begin and to halt, and writes down what it says.
"""

from pump.ledger import Ledger
from pump.planner import Planner

COUNT_TOLERANCE_STEPS = 2     # L-04


class Delivery:
    tolerance_steps = COUNT_TOLERANCE_STEPS

    def __init__(self, board):
        self._stepper = board.stepper
        self.ledger = Ledger(board.counter)
        self.planner = None
        self.is_running = False
        self._ends_ms = []              # when each queued command ends, oldest first

    def use_ratio(self, ratio, max_step_rate):
        """Takes a rig's step ratio; only while halted. A carried fraction of a step is dropped (D-02)."""
        programmed = self.planner.programmed_grains if self.planner else 0
        self.planner = Planner(ratio, self._stepper.ticks_per_ms, self._stepper.max_interval, max_step_rate,
                               self.ledger.count())
        self.planner.programmed_grains = programmed

    def begin(self, now_ms, source):
        """Enables the driver and plans from `now_ms` on. Nothing steps before `authorise` and `feed`."""
        self._stepper.enable(True)
        self.planner.queued_steps = self.ledger.count()
        self.planner.begin(now_ms, source)
        self.is_running = True

    def due_ahead(self, until_ms, confirmed_steps):
        """Steps due until `until_ms` beyond `confirmed_steps`: what is to be authorised."""
        return max(0, self.planner.due_steps(until_ms) - confirmed_steps)

    def feed(self, now_ms):
        """Queues what fits; returns the time of the next need, or None when all that is authorised is queued."""
        while self._ends_ms and self._ends_ms[0] <= now_ms:
            del self._ends_ms[0]
        limit = self.ledger.authorised_steps
        while self._stepper.room():
            command = self.planner.next_command(now_ms, limit)
            if command is None:
                return None
            self._stepper.put(*command)
            self._ends_ms.append(self.planner.head_ms())
        if self.planner.queued_steps >= limit:
            return None
        return max(now_ms + 1, self._ends_ms[0] if self._ends_ms else 0)

    def halt(self, now_ms, keep_enabled=False):
        """No step after this. The count is exact, the plan is cut at `now_ms`, the fraction of a step is kept."""
        self._stepper.halt()
        if not keep_enabled:
            self._stepper.enable(False)
        del self._ends_ms[:]
        self.ledger.count()
        if self.is_running:
            self.is_running = False
            self.planner.cut(now_ms, self.ledger.delivered_steps)

    def excess_steps(self, now_ms):
        """Counted steps beyond what the plan allows at `now_ms`: 0 or less when all is well."""
        counted = self.ledger.count()
        if not self.is_running:
            return counted - self.planner.queued_steps if self.planner else 0
        return counted - self.planner.due_steps(now_ms) - COUNT_TOLERANCE_STEPS

    def take_count(self):
        """Takes what was counted while stopped as it is: it has been reported and acknowledged."""
        if self.planner:
            self.planner.queued_steps = self.ledger.count()

    def programmed_pl(self, now_ms):
        """Picolitres programmed until `now_ms`, rounded down, over the life of the journal."""
        if self.planner is None:
            return 0
        if self.is_running:
            return self.planner.programmed_grains_at(now_ms) // 3600
        return self.planner.programmed_grains // 3600
