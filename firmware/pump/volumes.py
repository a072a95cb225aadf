"""What the accounts hold in nL, whatever a step moved when it was counted (L-03). Owns the ratio of the steps that are
counted now, and what earlier ones make of each sum; counts nothing.
"""

DOSES = 0
BOLUSES = 1
PRIMES = 2
WITHDRAWALS = 3
UNCERTAIN = 4


class Volumes:
    def __init__(self, ledger, reservoir):
        self._ledger = ledger
        self._reservoir = reservoir
        self.ratio = None               # None until there is a rig
        self.is_mixed = False           # some steps had another ratio: snapshots say so
        self.earlier_nl = [0] * 5       # what such steps make a sum more than all its steps at `ratio`; may be negative

    def restore(self, ratio, earlier_nl):
        """After a boot, as a snapshot has them; the sums are the ledger's."""
        self.ratio = ratio
        self.earlier_nl = earlier_nl
        self.is_mixed = True

    def expect(self, ratio):
        """Another rig comes: True where a step will move something else. From now on snapshots say what it moves."""
        if self.ratio is None or self.ratio.equals(ratio):
            return False
        self.is_mixed = True
        return True

    def use(self, ratio):
        """A step moves something else from now on; neither a sum nor the reservoir's level changes by that."""
        before, ledger = self.ratio, self._ledger
        if before is not None and not before.equals(ratio):
            self._reservoir.settle(ledger.out_steps, before)
            steps = (ledger.dose_steps, ledger.bolus_steps, ledger.prime_steps, ledger.withdrawn_steps,
                     ledger.uncertain_steps)
            for at in range(len(steps)):
                was_nl = self.nl(at, steps[at])
                self.ratio, self.earlier_nl[at] = ratio, 0
                self.earlier_nl[at] = was_nl - self.nl(at, steps[at])
                self.ratio = before
        self.ratio = ratio

    def nl(self, at, steps):
        """nL of a sum of so many steps, rounded down, what is uncertain up; 0 without a rig."""
        if self.ratio is None:
            return 0
        if at == UNCERTAIN:
            return self.earlier_nl[at] - self.ratio.nl_of_steps(-steps)
        return self.earlier_nl[at] + self.ratio.nl_of_steps(steps)
