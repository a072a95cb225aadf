"""The inputs: levels of switches and of the driver's stall output, now. Knows no debouncing and no meaning.

What is not fitted is never active.
"""

from machine import Pin

from pump.board import INPUT_BUTTON, INPUT_LIMIT, INPUT_STALL, INPUT_STOP


class Inputs:
    def __init__(self, button, parts, interlock):
        """Takes the button's pin number and the names of what is fitted. The button closes to ground."""
        self._button = Pin(button, Pin.IN, Pin.PULL_UP)
        self._interlock = interlock
        self._has_stall = "diag" in parts
        self._has_limit = "limit" in parts

    def read(self):
        """Bits of INPUT_*, set while active; while the motor has its current, what has tripped the interlock, which
        does not mind disturbances of microseconds. Allocates nothing."""
        bits = 0 if self._button.value() else INPUT_BUTTON
        interlock = self._interlock
        if interlock.is_on:
            return bits | interlock.tripped()
        if self._has_stall and interlock.stall.value():
            bits |= INPUT_STALL
        if self._has_limit and not interlock.limit.value():
            bits |= INPUT_LIMIT
        if interlock.stop and not interlock.stop.value():
            bits |= INPUT_STOP
        return bits
