"""The ledger: what happened, in steps. Owns the unwrapped step count and the interval in which the truth lies.

Steps are counted on the step pin, never taken from the plan (D-03). Before steps may be made they are authorised in
the journal, afterwards confirmed there (J-02); so after a power loss the truth is in [confirmed, authorised], and
what lies between is kept apart as uncertain, for good.
"""

from pump.board import COUNTER_PERIOD

_MASK = COUNTER_PERIOD - 1    # the period itself is no small integer on the Pico


class Ledger:
    def __init__(self, counter):
        self._counter = counter
        self._count = counter.steps()
        self.delivered_steps = 0        # counted, over the life of the journal
        self.uncertain_steps = 0        # authorised before power losses and never confirmed
        self.confirmed_steps = 0        # in the journal
        self.authorised_steps = 0       # in the journal; no step beyond it may be queued

    def restore(self, confirmed_steps, authorised_ahead, uncertain_steps):
        """Takes up the last journal record after a boot; what was authorised and not confirmed becomes uncertain."""
        self.delivered_steps = confirmed_steps
        self.confirmed_steps = confirmed_steps
        self.authorised_steps = confirmed_steps
        self.uncertain_steps = uncertain_steps + authorised_ahead

    def count(self):
        """Reads the counter; returns delivered_steps. Exact while called once in COUNTER_PERIOD steps."""
        count = self._counter.steps()
        if count != self._count:
            self.delivered_steps += (count - self._count) & _MASK
            self._count = count
        return self.delivered_steps
