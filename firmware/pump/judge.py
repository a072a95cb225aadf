"""The judge: holds what was counted against the plan and the rolling limits (L-03, L-04). Owns what it has judged
already; acts on nothing.

Time passing without a step makes both judgements only better: the plan goes on, the windows move on. So a count that
has been judged is not judged again, unless a plan or a limit may have changed meanwhile.
"""

from pump.alarms import LIMIT_EXCEEDED, OVER_DELIVERY, STEP_WHILE_STOPPED
from pump.ledger import DOSE

_NOTHING = -1


class Judge:
    def __init__(self, clock, delivery, guard):
        self._clock = clock
        self._delivery = delivery
        self._guard = guard
        self._judged_steps = _NOTHING

    def forget(self):
        """Plans or limits may have changed: the count is judged again."""
        self._judged_steps = _NOTHING

    def look(self, now_ms, is_moving):
        """The number of the alarm that the count asks for, or 0. Allocates nothing where no step was made."""
        steps = self._delivery.ledger.count()
        if steps == self._judged_steps:
            return 0
        self._judged_steps = steps
        excess = self._delivery.excess_steps(now_ms)
        if excess > 0:                  # or answering a request has taken a while, and the motor stepped meanwhile
            excess = self._delivery.excess_steps(self._clock.advance())
        if excess > 0:
            return OVER_DELIVERY if is_moving else STEP_WHILE_STOPPED
        ledger = self._delivery.ledger
        if is_moving and ledger.account == DOSE and self._guard.exceeded(now_ms, ledger.upper_steps):
            return LIMIT_EXCEEDED
        return 0
