"""The indicator: one lamp, its patterns made by PIO without the interpreter, and the buzzer. Knows no pump's states."""

import rp2
from machine import Pin
from micropython import const

from pico import programs
from pico.buzzer import Buzzer
from pump import board

_MACHINE = const(5)
_PULL = const(0x8080)                   # pull(noblock) with side-set 0
_LIGHT = const(0xB042)                  # a nop with side-set 1
_TICKS_PER_MS = programs.BLINK_HZ // 1000
# pattern: (ms on, ms off). One lamp has no colours, so the alarms differ by their frequencies alone, as IEC 60601-1-8
# has them: high 2 Hz (1.4 to 2.8), medium 0.5 Hz (0.4 to 0.8), low steady. No other pattern is within those bands.
_BLINKS = {
    board.PATTERN_STOPPED: (50, 2950),
    board.PATTERN_RUNNING: (2950, 50),
    board.PATTERN_SUSPENDED: (50, 950),
    board.PATTERN_MEDIUM: (1000, 1000),
    board.PATTERN_HIGH: (250, 250),
}


class Indicator:
    def __init__(self, lamp):
        """Takes the lamp's pin number; dark and silent at first."""
        self._buzzer = Buzzer()
        self._machine = rp2.StateMachine(_MACHINE, programs.blinking, freq=programs.BLINK_HZ, sideset_base=Pin(lamp))

    def show(self, pattern):
        """Shows and sounds a PATTERN_* of the board contract from now on; dark for PATTERN_OFF."""
        self._buzzer.show(pattern)
        machine = self._machine
        machine.active(0)
        machine.restart()               # its jump to the first instruction has side-set 0: dark
        while machine.tx_fifo():        # a pattern that was replaced before this slow machine has taken it
            machine.exec(_PULL)
        if pattern in _BLINKS:
            on_ms, off_ms = _BLINKS[pattern]
            machine.put(off_ms * _TICKS_PER_MS - 1)
            machine.put(on_ms * _TICKS_PER_MS - 1)
            machine.active(1)
        elif pattern == board.PATTERN_LOW:
            machine.exec(_LIGHT)        # and the machine rests: the pin stays as it is
