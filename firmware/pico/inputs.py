"""The inputs: levels of switches and of the driver's stall output, now. Knows no debouncing and no meaning.

What is not fitted is never active.
"""

from machine import Pin

from pump.board import INPUT_BUTTON, INPUT_LIMIT, INPUT_STALL, INPUT_STOP


class Inputs:
    def __init__(self, button, interlock):
        """Takes the button's pin number; the button closes to ground. The interlock has the others, as fitted."""
        self._button = Pin(button, Pin.IN, Pin.PULL_UP)
        self._interlock = interlock

    def read(self):
        """Bits of INPUT_*, set while active; while the motor has its current, what has tripped the interlock, which
        does not mind disturbances of microseconds. Allocates nothing."""
        bits = 0 if self._button.value() else INPUT_BUTTON
        interlock = self._interlock
        if interlock.is_on:
            return bits | interlock.tripped()
        if interlock.stall and interlock.stall.value():
            bits |= INPUT_STALL
        if interlock.limit and not interlock.limit.value():
            bits |= INPUT_LIMIT
        if interlock.stop and not interlock.stop.value():
            bits |= INPUT_STOP
        return bits
