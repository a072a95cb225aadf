"""The inputs: levels of switches, now. Knows no debouncing and no meaning."""

from machine import Pin

from pump.board import INPUT_BUTTON


class Inputs:
    def __init__(self, button):
        """Takes the pin number; the switch closes to ground."""
        self._button = Pin(button, Pin.IN, Pin.PULL_UP)

    def read(self):
        """Bits of INPUT_*, set while pressed."""
        return 0 if self._button.value() else INPUT_BUTTON
