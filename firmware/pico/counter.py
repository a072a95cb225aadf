"""The step counter: counts rising edges on the step pin by its own state machine. Knows nothing of commands.

programs.counting puts each new count into its FIFO, DMA carries it into a watchdog scratch register, and the
interpreter has no part in it. The register keeps its value through a watchdog reset and a soft reset (P-03), and so
does another one with the total that came before the count; the SDK and the boot ROM use none of the two.
"""

import rp2
from machine import Pin, mem32
from micropython import const

from pico import programs
from pico.carrier import TRANSFERS, carry
from pump.board import COUNTER_PERIOD

_MACHINE = const(4)                     # the first of PIO 1
_DREQ = const(12)                       # its RX FIFO
_SCRATCH2 = const(0x40058014)           # the count
_SCRATCH3 = const(0x40058018)           # the total before it, and _VALID
_CONTROL_XOR = const(0x40015004)        # exclusive-or alias of GPIO 0's GPIO_CTRL (RP2040 datasheet, IO_BANK0)
_INVERTED = const(0x10000)              # INOVER: what is inside the chip sees the pin inverted; the pin itself stays
_VALID = COUNTER_PERIOD
_MASK = COUNTER_PERIOD - 1


class Counter:
    def __init__(self, step, is_retained, transfers=TRANSFERS):
        """Counts on pin number `step`. `is_retained`: this boot was no power-up, so the register holds a count."""
        self._kept = None
        base = mem32[_SCRATCH3]
        if is_retained and base & _VALID:
            self._kept = (base + mem32[_SCRATCH2]) & _MASK
        mem32[_SCRATCH3] = 0            # in this order a reset at any point finds the sum or nothing
        mem32[_SCRATCH2] = 0
        if self._kept is not None:
            mem32[_SCRATCH3] = self._kept | _VALID
        machine = rp2.StateMachine(_MACHINE, programs.counting, in_base=Pin(step))
        machine.exec(programs.CLEAR_COUNT)
        self._dma = carry(machine, _SCRATCH2, _DREQ, transfers)
        machine.active(1)
        self.is_counting = self._counts_an_edge(_CONTROL_XOR + 8 * step)

    def _counts_an_edge(self, control_xor):
        """Shows the machine one edge that the driver does not see, and leaves the sum as it was."""
        before = self.steps()
        mem32[_SCRATCH3] = 0            # a reset in these microseconds finds nothing, and no sum that is one too many
        mem32[control_xor] = _INVERTED
        mem32[control_xor] = _INVERTED
        counted = self.steps() - before
        if self._kept is not None:
            self.keep(self._kept)
        return counted == 1

    def steps(self):
        """Rising edges since this object was made, its own test's too, modulo COUNTER_PERIOD. Allocates nothing."""
        return mem32[_SCRATCH2] & _MASK

    def keep(self, total):
        """The next reset but a loss of power finds `total` plus the steps from now on. Only while nothing steps."""
        mem32[_SCRATCH3] = ((total - self.steps()) & _MASK) | _VALID

    def kept(self):
        """What `keep` and the steps since came to when the boot before this one ended, or None."""
        return self._kept
