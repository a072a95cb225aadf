"""Delivery: keeps the stepper fed from a plan, inside what is authorised, and holds the count against the plan.

Owns the ledger and the plans: the dose plan, whose fractions of a step are carried for ever, and while a prime or a
withdrawal runs a plan of its own. Knows no state machine, no journal and no time of day.
"""

from pump.ledger import DOSE, WITHDRAWAL, Ledger
from pump.planner import Planner
from pump.stairs import Stairs


class Delivery:
    def __init__(self, board):
        self._stepper = board.stepper
        self.ledger = Ledger(board.counter)
        self.planner = None             # of doses
        self._transfer = None           # the plan of a prime or withdrawal that runs
        self.transfer_steps = 0         # and how many steps it has in all
        self.is_running = False         # the dose plan runs
        self._tolerance_steps = 0
        self._rest_steps = 0            # steps of the account in use when the motor was last halted
        self._planned_steps = 0         # due by when the next record must be there
        self._ends_ms = []              # when each queued command ends, oldest first
        self._max_step_rate = 0
        self._ramp = None
        self._earlier_pl = 0            # programmed with other ratios and before this boot

    def use_rig(self, rig):
        """Takes a rig's driver, step ratio and tolerance; only while halted. A carried fraction is dropped (D-02)."""
        self._earlier_pl = self.programmed_pl(0)
        self._tolerance_steps = rig.tolerance_steps
        self._max_step_rate = rig.max_step_rate
        self._ramp = rig.ramp
        self._stepper.drive(rig.driver)
        self.planner = self._plan(rig.ratio, self.ledger.dose_steps)

    def restore_programmed(self, programmed_pl):
        """Picolitres programmed before this boot."""
        self._earlier_pl = programmed_pl

    def begin(self, start_ms, source):
        """Enables the driver and plans doses from `start_ms` on. Nothing steps before it is authorised and fed."""
        self._stepper.enable(True)
        self.ledger.account = DOSE
        self.planner.begin(start_ms, source, self.ledger.count())
        self.is_running = True

    def cut(self, at_ms):
        """Halts the pulses, and ends the dose plan as of `at_ms`, keeping the driver enabled for the next `begin`."""
        self._stepper.halt()
        del self._ends_ms[:]
        self._rest_steps = self.ledger.count()
        if self.is_running:
            self.is_running = False
            self.planner.cut(at_ms, self.ledger.dose_steps)

    def stop_pulses(self):
        """No step after this and the driver disabled, before anything else that may fail."""
        self._stepper.halt()
        self._stepper.enable(False)

    def halt(self, now_ms):
        """Motor off: no step after this, the driver disabled, the count exact, every plan ended at `now_ms`."""
        self.cut(now_ms)
        self._stepper.enable(False)
        self._transfer = None

    def begin_transfer(self, now_ms, account, steps, rate_nl_per_h):
        """Plans `steps` steps at a rate for the prime or withdrawal account; backwards for the latter."""
        ratio = self.planner.ratio
        self._stepper.reverse(account == WITHDRAWAL)
        self._stepper.enable(True)
        self.ledger.count()
        self.ledger.account = account
        self.transfer_steps = self.ledger.count() + steps
        self._transfer = self._plan(ratio, self.ledger.count())
        # A grain is what 1 nL/h delivers in 1 ms, so ratio.num parts per ms; a step is ratio.den parts
        first, gain = [per_s * ratio.den // 1000 for per_s in self._ramp] if self._ramp else (0, 0)
        stairs = Stairs(steps * ratio.den, rate_nl_per_h * ratio.num, first, gain)
        self._transfer.begin(now_ms, stairs, self.ledger.count())
        return now_ms + stairs.span_ms

    def end_transfer(self):
        """Halts a prime or withdrawal; returns the steps it has still missed. The dose account is in use again."""
        self._stepper.halt()
        self._stepper.enable(False)
        self._stepper.reverse(False)
        del self._ends_ms[:]
        missed = self.transfer_steps - self.ledger.count()
        self._transfer = None
        self.ledger.account = DOSE
        self._rest_steps = self.ledger.count()
        return missed

    def due_ahead(self, until_ms, confirmed_steps):
        """Dose steps due until `until_ms` beyond `confirmed_steps`: what is to be authorised."""
        self._planned_steps = self.planner.due_steps(until_ms)
        return max(0, self._planned_steps - confirmed_steps)

    def feed(self, now_ms):
        """Queues what fits; returns the time of the next need, or None when all that is authorised is queued."""
        # Steps counted too many are authorised, too: a plan of rate 0 has none to queue for them, however far one looks
        plan, limit = self.planner, min(self.ledger.authorised_steps, self._planned_steps)
        if self._transfer:
            plan, limit = self._transfer, self.transfer_steps
        while self._ends_ms and self._ends_ms[0] <= now_ms:
            del self._ends_ms[0]
        while self._stepper.room():
            command = plan.next_command(now_ms, limit)
            if command is None:
                return None
            self._stepper.put(*command)
            self._ends_ms.append(plan.head_ms())
        if plan.queued_steps >= limit:
            return None
        return self._ends_ms[0] if self._ends_ms else now_ms + 1       # put late: the motor is behind

    def catch_up(self, now_ms, due_ms):
        """Queues what fits where a step due at `due_ms` is not queued. What is may only have to be waited for: to queue
        more before its time would cut the commands elsewhere."""
        if self.planner.queued_steps < self.planner.due_steps(due_ms):
            self.feed(now_ms)

    def excess_steps(self, now_ms):
        """Counted steps beyond what is allowed at `now_ms`: 0 or less when all is well (L-04)."""
        counted = self.ledger.count()
        if self._transfer:
            return counted - self._transfer.due_steps(now_ms) - self._tolerance_steps
        if self.is_running:
            return counted - self.planner.due_steps(now_ms) - self._tolerance_steps
        return counted - self._rest_steps

    def missing_steps(self, ms):
        """Dose steps that were due at `ms` and have not been counted."""
        return self.planner.due_steps(ms) - self.ledger.dose_steps

    def is_short(self, missing):
        return missing > self._tolerance_steps

    def take_count(self):
        """Takes the count as it is: what was too much or too little has been reported and acknowledged."""
        self._rest_steps = self.ledger.count()
        if self.planner:
            self.planner.settle()

    def programmed_pl(self, at_ms):
        """Picolitres programmed until `at_ms`, rounded down, over the life of the journal."""
        if self.planner is None:
            return self._earlier_pl
        return self._earlier_pl + self.planner.programmed_pl(at_ms)

    def _plan(self, ratio, steps_done):
        stepper = self._stepper
        fastest = max(stepper.min_interval, -(-1000 * stepper.ticks_per_ms // self._max_step_rate))
        return Planner(ratio, stepper.ticks_per_ms, fastest, stepper.max_interval, steps_done)
