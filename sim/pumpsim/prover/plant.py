"""The plant: what the motor really did. Owns the edges on the step pin and their times; knows nothing of the pump's
own counting. Which edges were a prime's or a withdrawal's it has from whoever asked for them.
"""

from bisect import bisect_right

from pumpsim.stepper import TICKS_PER_MS

DOSE = 0
PRIME = 1
WITHDRAWAL = 2


class Plant:
    """Edges over all boots of one life, numbered from 0."""

    def __init__(self):
        self._stepper = None
        self._before = 0              # edges of earlier boots
        self._starts = []             # tick of the first edge of each batch
        self._batches = []            # (edges before it, first tick, interval, count)
        self._listed = 0
        self._transfers = []          # (first edge, count, account)

    def on_edges(self, first_tick, interval, count):
        """See SimStepper."""
        self._starts.append(first_tick)
        self._batches.append((self._listed, first_tick, interval, count))
        self._listed += count

    def power_on(self, stepper):
        """Another boot's stepper; the one before has made its last edge at this instant."""
        self.power_off()
        self._stepper = stepper

    def power_off(self):
        self._before = self.edges()
        self._stepper = None

    def edges(self):
        """Until now."""
        return self._before + (self._stepper.edges() if self._stepper else 0)

    def edges_until(self, ms):
        """Until `ms`, which may be to come, if the firmware does nothing more."""
        return self._before + (self._stepper.edges_until(ms) if self._stepper else 0)

    def edges_at(self, ms):
        """Until an instant in the past."""
        tick = ms * TICKS_PER_MS
        at = bisect_right(self._starts, tick) - 1
        if at < 0:
            return 0
        before, first_tick, interval, count = self._batches[at]
        return before + min(count, (tick - first_tick) // interval + 1)

    def expect(self, account, steps):
        """The next `steps` edges are those of a prime or a withdrawal."""
        self._transfers.append((self.edges(), steps, account))

    def split(self, edges):
        """The first `edges` edges by account: doses, primes, withdrawals."""
        moved = [edges, 0, 0]
        for first, count, account in self._transfers:
            steps = min(count, max(0, edges - first))
            moved[DOSE] -= steps
            moved[account] += steps
        return tuple(moved)
