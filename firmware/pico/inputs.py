"""The inputs: levels of switches and of the driver's stall output, now. Knows no debouncing and no meaning.

Each pull gives the level of an input with nothing connected. What is not fitted is never active, and its pin is free.
"""

from machine import Pin
from micropython import const

from pump.board import INPUT_BUTTON, INPUT_LIMIT, INPUT_STALL

_STALL = const(5)
_LIMIT = const(6)


class Inputs:
    def __init__(self, button, parts):
        """Takes the button's pin number and the names of what is fitted. Button and limit switch close to ground; the
        driver's DIAG is active high."""
        self._button = Pin(button, Pin.IN, Pin.PULL_UP)
        self._stall = Pin(_STALL, Pin.IN, Pin.PULL_DOWN) if "diag" in parts else None
        self._limit = Pin(_LIMIT, Pin.IN, Pin.PULL_UP) if "limit" in parts else None

    def read(self):
        """Bits of INPUT_*, set while active. Allocates nothing."""
        bits = 0 if self._button.value() else INPUT_BUTTON
        if self._stall and self._stall.value():
            bits |= INPUT_STALL
        if self._limit and not self._limit.value():
            bits |= INPUT_LIMIT
        return bits
