"""Three lamps on three pins, red, green and blue in one housing: patterns by PIO without the interpreter. Knows no
states of the pump.

Alarms have the colours of IEC 60601-1-8, table 2 (red, yellow, cyan), and the frequencies of the single lamp. What is
no alarm has none of these colours: white and green.
"""

import rp2
from machine import Pin
from micropython import const

from pico import programs
from pump import board

# The assembler's own words (pull, mov, label ...) are no names of Python's:
# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportCallIssue=false, reportAttributeAccessIssue=false

_MACHINE = const(5)
_FIRST = const(18)                      # red; green and blue are the two after it
_LIGHT = const(0xE020)                  # set(x, colour)
_X_TO_PINS = const(0xA001)              # mov(pins, x)
_DARK = const(0xA003)                   # mov(pins, null)
_HZ = const(2000)                       # as the single lamp's
_TICKS_PER_MS = const(2)
_RED = const(1)
_GREEN = const(2)
_YELLOW = const(3)
_CYAN = const(6)
_WHITE = const(7)
# pattern: (colour, ms on, ms off)
_BLINKS = {
    board.PATTERN_STOPPED: (_WHITE, 50, 2950),
    board.PATTERN_RUNNING: (_GREEN, 2950, 50),
    board.PATTERN_SUSPENDED: (_GREEN, 50, 950),
    board.PATTERN_MEDIUM: (_YELLOW, 1000, 1000),
    board.PATTERN_HIGH: (_RED, 250, 250),
}


@rp2.asm_pio(out_init=[rp2.PIO.OUT_LOW] * 3)
def colouring():
    """Out pins: red, green, blue. TX FIFO: ticks off, ticks on, each less one, and the colour; for good."""
    pull(block)
    mov(y, osr)
    pull(block)
    mov(isr, osr)
    pull(block)
    wrap_target()
    mov(pins, osr)
    mov(x, isr)
    label("on")
    jmp(x_dec, "on")
    mov(pins, null)
    mov(x, y)
    label("off")
    jmp(x_dec, "off")
    wrap()


class Rgb:
    def __init__(self, blinks=_BLINKS, low=_CYAN):
        """Takes its pins; dark at first. `blinks`: as _BLINKS; `low`: the colour of a low alarm."""
        self._blinks = blinks
        self._low = low
        self._machine = rp2.StateMachine(_MACHINE, colouring, freq=_HZ, out_base=Pin(_FIRST))

    def show(self, pattern):
        """Shows a PATTERN_* of the board contract from now on; dark for PATTERN_OFF."""
        machine = self._machine
        programs.rest(machine)
        machine.exec(_DARK)
        if pattern in self._blinks:
            colour, on_ms, off_ms = self._blinks[pattern]
            machine.put(off_ms * _TICKS_PER_MS - 1)
            machine.put(on_ms * _TICKS_PER_MS - 1)
            machine.put(colour)
            machine.active(1)
        elif pattern == board.PATTERN_LOW:
            machine.exec(_LIGHT | self._low)         # and the machine rests: the pins stay as they are
            machine.exec(_X_TO_PINS)
