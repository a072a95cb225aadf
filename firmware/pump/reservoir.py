"""The reservoir: what is left, from what was delivered and what may have been (A-04). Knows no rate and no program."""

MISMATCH_WARN_PERCENT = 5


class Reservoir:
    def __init__(self):
        self.filled_nl = 0            # by the last refill
        self._level_nl = 0            # at `_level_steps`
        self._level_steps = 0

    def set(self, level_nl, out_steps):
        """It holds level_nl when out_steps have gone out in all."""
        self.filled_nl = level_nl
        self._level_nl = level_nl
        self._level_steps = out_steps

    def level_nl(self, out_steps, ratio):
        """nL left when out_steps have gone out in all (doses, primes, uncertain, less withdrawals); rounds down."""
        level_nl = self._level_nl + ratio.nl_of_steps(self._level_steps - out_steps)
        if level_nl < 0:                # it held more than was told: what is withdrawn from now on is there
            self._level_nl = level_nl = 0
            self._level_steps = out_steps
        return level_nl

    def settle(self, out_steps, ratio):
        """The level is what it is by this ratio, whatever a step moves from now on."""
        self._level_nl = self.level_nl(out_steps, ratio)
        self._level_steps = out_steps

    def refill(self, added_nl, withdrawn_nl, out_steps, ratio):
        """A refill: (level after, difference of what was withdrawn from what was expected, whether above 5 %).

        withdrawn_nl None: added to what is there. Otherwise the reservoir was emptied first, which tells how true the
        level was: difference = withdrawn - expected.
        """
        expected_nl = self.level_nl(out_steps, ratio)
        if withdrawn_nl is None:
            difference_nl, warns, level_nl = 0, False, expected_nl + added_nl
        else:
            difference_nl = withdrawn_nl - expected_nl
            used_nl = self.filled_nl - expected_nl
            warns = abs(difference_nl) * 100 > MISMATCH_WARN_PERCENT * max(used_nl, 1)
            level_nl = added_nl
        self.set(level_nl, out_steps)
        return self.filled_nl, difference_nl, warns
