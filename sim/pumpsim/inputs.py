"""The simulated switches and outputs that the pump reads: levels, faults, a button that bounces."""

from random import Random

from pump.board import INPUT_BUTTON, INPUT_LINK, INPUT_NAMES, STOP_MARK
from pumpsim.interlock import WATCHED


class SimInputs:
    """`level`: what the bench does; faults force single inputs. Bits of INPUT_*."""

    def __init__(self):
        self._level = self._plant = self._on = self._off = 0
        self._fitted = (1 << len(INPUT_NAMES)) - 1
        self.seen = 0                 # by the board: the level, but for faults and for what is not fitted
        self.marked = 0               # INPUT_LINK where the last packet began with the stop's mark
        self._interlock = None
        self._bounce_ms = 0
        self._dice = Random(0)

    def fit(self, bits):
        """A board boots that takes only these for fitted; the others it never sees. Nothing is watched meanwhile."""
        self._interlock = None
        self._fitted = bits
        self.level = self._level

    def has(self, bits):
        """The board takes these for fitted."""
        return self._fitted & bits == bits

    def attach(self, interlock):
        """The board that they are wired to now has this interlock."""
        self._interlock = interlock
        self.marked = 0

    def read(self):
        if self._interlock and self._interlock.is_asked:
            return self.seen & ~WATCHED | self._interlock.tripped
        return self.seen

    @property
    def level(self):
        return self._level

    @level.setter
    def level(self, bits):
        self._level = bits
        self.seen = (bits | self._plant | self._on) & ~self._off & self._fitted
        if self._interlock:
            self._interlock.look(self.seen)

    def hear(self, packet):
        """This came over the link, and lies there until the next does; the interlock sees how it begins."""
        self.marked = INPUT_LINK if packet.startswith(STOP_MARK) else 0
        if self._interlock:
            self._interlock.look(self.marked)

    def wire(self, bits):
        """What the plant's switches say, beside the level."""
        if bits != self._plant:
            self._plant = bits
            self.level = self._level

    def force(self, bits, is_on):
        """The pump sees these on or off, whatever the level, until `release`."""
        self.release(bits)
        if is_on:
            self._on |= bits
        else:
            self._off |= bits
        self.level = self._level

    def release(self, bits):
        self._on &= ~bits
        self._off &= ~bits
        self.level = self._level

    def bounce(self, ms, seed=0):
        """The button's contact bounces for `ms` at each press and letting go from now on; 0: no more."""
        self._bounce_ms = ms
        self._dice = Random(seed)

    def bounces_ms(self):
        """When the contact toggles after one change, an even number of times."""
        found, at_ms = [], 0
        while at_ms < self._bounce_ms:
            found.append(at_ms)
            at_ms += self._dice.randint(1, 4)
        return found[1:] if len(found) % 2 else found

    def toggle(self):
        """The button's contact opens or closes."""
        self.level = self._level ^ INPUT_BUTTON
