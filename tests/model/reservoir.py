"""The reservoir: filled, less what went out of it, uncertain volume included (A-04)."""

from fractions import Fraction


class Reservoir:
    def __init__(self, capacity):
        """nL; a new one is full."""
        self.capacity = capacity
        self.level_then = Fraction(capacity)
        self.out_then = Fraction(0)

    def level(self, out):
        """nL left when `out` has gone out in all: doses and primes, certain or not, less what was withdrawn."""
        level = self.level_then - (out - self.out_then)
        if level < 0:                  # it held more than was told; what comes back from now on is there
            level = self.level_then = Fraction(0)
            self.out_then = out
        return level

    def refill(self, added, withdrawn, out):
        """Filled by `added`; `withdrawn` None: on top of what was there."""
        self.level_then = Fraction(added) if withdrawn is not None else self.level(out) + added
        self.out_then = out
