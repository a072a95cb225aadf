"""The force sensor: a bridge behind an HX711, read by PIO: no poll waits for a bit. Knows no force, only counts.

By the HX711's datasheet (Avia Semiconductor): DOUT goes low when one of its 10 conversions a second is ready; each
pulse on PD_SCK, 0.2 to 50 us high, shifts out a bit, the highest of 24 first, in two's complement; the 25th pulse asks
for channel A at gain 128 again, and DOUT is high after it until the next value is ready. More than 60 us high switch
the chip off. The first value comes 400 ms after power-up. 800000h and 7FFFFFh say that the input is beyond the range.
"""

from time import ticks_diff, ticks_ms

import rp2
from machine import Pin
from micropython import const

from pump.board import PRESSURE_BROKEN

# The assembler's own words (set, wait, label ...) are no names of Python's:
# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportCallIssue=false, reportAttributeAccessIssue=false

_MACHINE = const(7)
_DOUT = const(21)
_SCK = const(22)
_HZ = const(1000000)                    # a pulse is 1 us high and 2 us low
_SILENCE_MS = const(1000)               # ten conversions
_SIGN = const(0x800000)
_MOST = const(0xFFFFFF)


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW, in_shiftdir=rp2.PIO.SHIFT_LEFT)
def weighing():
    """In pin 0: DOUT, side-set pin: PD_SCK. RX FIFO: 24 bits, and a 1 where DOUT was high after the 25th pulse."""
    wrap_target()
    set(x, 24)              .side(0)
    wait(0, pin, 0)         .side(0)
    label("bit")
    nop()                   .side(1)
    in_(pins, 1)            .side(0)
    jmp(x_dec, "bit")       .side(0)
    push(noblock)           .side(0)
    wrap()


class Hx711:
    def __init__(self):
        """Takes its pins; the pull-up makes a sensor that is not there one that is never ready."""
        self._machine = rp2.StateMachine(_MACHINE, weighing, freq=_HZ, in_base=Pin(_DOUT, Pin.IN, Pin.PULL_UP),
                                         sideset_base=Pin(_SCK))
        self._machine.active(1)
        self._counts = None
        self._since_ms = ticks_ms()     # of the last word, at first of power-up

    def read(self):
        """Counts from 1 to 16777214, 8388608 for no force; None before the first value. PRESSURE_BROKEN where none came
        for a second, the line is held low, or the value is at the end of the range. Allocates nothing.
        """
        machine = self._machine
        waiting = machine.rx_fifo()     # what comes meanwhile waits for the next call
        now_ms = ticks_ms()
        while waiting:
            waiting -= 1
            word = machine.get()
            counts = word >> 1 ^ _SIGN
            self._counts = counts if word & 1 and 0 < counts < _MOST else PRESSURE_BROKEN
            self._since_ms = now_ms
        if ticks_diff(now_ms, self._since_ms) > _SILENCE_MS:
            self._counts = PRESSURE_BROKEN
        return self._counts
