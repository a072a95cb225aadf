"""Three LEDs of one colour each, red, yellow and cyan (or blue), on the pins of the three-coloured one."""

from micropython import const

from pico.rgb import Rgb
from pump import board

_RED = const(1)
_YELLOW = const(2)
_CYAN = const(4)
_ALL = const(7)
# As in rgb.py. None of the three is for anything but alarms, so what is no alarm shows on all at once, or on cyan with
# a long gap
_BLINKS = {
    board.PATTERN_STOPPED: (_ALL, 50, 2950),
    board.PATTERN_RUNNING: (_CYAN, 2000, 1000),
    board.PATTERN_SUSPENDED: (_ALL, 50, 950),
    board.PATTERN_MEDIUM: (_YELLOW, 1000, 1000),
    board.PATTERN_HIGH: (_RED, 250, 250),
}


class Leds(Rgb):
    def __init__(self):
        super().__init__(_BLINKS, _CYAN)
