"""The ledger: what happened, in steps. Owns the unwrapped step count, the accounts, and the interval of the truth.

Steps are counted on the step pin, never taken from the plan (D-03). Before dose steps may be made they are authorised
in the journal, afterwards confirmed there (J-02); so after a power loss the truth is in [confirmed, authorised], and
what lies between is kept apart as uncertain, for good. Primes and withdrawals have accounts of their own (D-06, D-09).
"""

from pump.board import COUNTER_PERIOD

_MASK = COUNTER_PERIOD - 1    # the period itself is no small integer on the Pico

DOSE = 0
PRIME = 1
WITHDRAWAL = 2


class Ledger:
    def __init__(self, counter):
        self._counter = counter
        self._count = counter.steps()
        self.account = DOSE             # takes what is counted now
        self._steps = [0, 0, 0]
        self.uncertain_steps = 0        # of doses: authorised before power losses and never confirmed
        self.unsettled_steps = 0        # of these, what no accounts record has yet
        self.uncertain_prime_steps = 0
        self.bolus_steps = 0            # of boluses that have ended; a share of the dose account
        self.confirmed_steps = 0        # dose steps in the journal
        self.authorised_steps = 0       # dose steps in the journal; no step beyond it may be queued

    def restore(self, confirmed_steps, authorised_ahead, uncertain_steps):
        """Takes up the last journal record after a boot; what was authorised and not confirmed becomes uncertain."""
        self._steps[DOSE] = confirmed_steps
        self.confirmed_steps = confirmed_steps
        self.authorised_steps = confirmed_steps
        self.uncertain_steps = uncertain_steps + authorised_ahead
        self.unsettled_steps = authorised_ahead

    def restore_accounts(self, bolus_steps, prime_steps, withdrawn_steps):
        self.bolus_steps = bolus_steps
        self._steps[PRIME] = prime_steps
        self._steps[WITHDRAWAL] = withdrawn_steps

    def count(self):
        """Reads the counter; returns the steps of the account in use. To be called once in COUNTER_PERIOD steps."""
        count = self._counter.steps()
        if count != self._count:
            self._steps[self.account] += (count - self._count) & _MASK
            self._count = count
        return self._steps[self.account]

    def restore_exactly(self, account, steps):
        """Nothing is uncertain: so many steps more than the records have were counted before the reset (P-03)."""
        self.uncertain_steps -= self.unsettled_steps
        self.unsettled_steps = 0
        self._steps[account] += steps
        self.confirmed_steps = self.authorised_steps = self._steps[DOSE]

    @property
    def counted_steps(self):
        """Of all accounts: what the counter has seen over the life of the journal."""
        return self._steps[DOSE] + self._steps[PRIME] + self._steps[WITHDRAWAL]

    @property
    def dose_steps(self):
        """Basal and boluses together."""
        return self._steps[DOSE]

    @property
    def prime_steps(self):
        return self._steps[PRIME]

    @property
    def withdrawn_steps(self):
        return self._steps[WITHDRAWAL]

    @property
    def upper_steps(self):
        """The most that may have been dosed."""
        return self._steps[DOSE] + self.uncertain_steps

    @property
    def out_steps(self):
        """The most that may have left the reservoir, less what came back."""
        return self.upper_steps + self._steps[PRIME] + self.uncertain_prime_steps - self._steps[WITHDRAWAL]
