"""Exact volume. Owns the unit of account and the ratio between volume and motor steps; knows no time of day.

A grain is what 1 nL/h delivers in 1 ms: 1/3600 pL. A rate in nL/h times a time in ms is a whole number of grains,
so volumes add up without rounding for as long as the pump runs.
"""

GRAINS_PER_PL = 3600
GRAINS_PER_NL = 3600000


def gcd(a, b):
    """Greatest common divisor of two integers >= 0 (the VM on the Pico has no math.gcd)."""
    while b:
        a, b = b, a % b
    return a


class StepRatio:
    """How much one step moves: pl_per_rev picolitres over steps_per_rev (micro)steps, exactly.

    Kept as num/den, steps per grain in lowest terms, so that steps = grains * num // den.
    """

    def __init__(self, pl_per_rev, steps_per_rev):
        self.pl_per_rev = pl_per_rev
        self.steps_per_rev = steps_per_rev
        grains_per_rev = pl_per_rev * GRAINS_PER_PL
        common = gcd(grains_per_rev, steps_per_rev)
        self.num = steps_per_rev // common
        self.den = grains_per_rev // common

    def equals(self, other):
        return self.num == other.num and self.den == other.den

    def steps_like(self, steps, other):
        """Steps that move what `steps` steps of another ratio do, rounded up."""
        return -(-steps * other.den * self.num // (other.num * self.den))

    def steps_of_grains(self, grains):
        """Whole steps in `grains`, rounded down (D-02)."""
        return grains * self.num // self.den

    def steps_of_nl(self, nl):
        """Whole steps in `nl` nanolitres, rounded down."""
        return self.steps_of_grains(nl * GRAINS_PER_NL)

    def nl_of_steps(self, steps):
        """Nanolitres that `steps` steps move, rounded down."""
        return steps * self.pl_per_rev // (self.steps_per_rev * 1000)
