"""The indicator: one lamp, its patterns made by PIO without the interpreter. Knows no states of the pump."""

import rp2
from machine import Pin
from micropython import const

from pico import programs
from pump import board

_MACHINE = const(5)
_PULL = const(0x8080)                   # pull(noblock) with side-set 0
_TICKS_PER_MS = programs.BLINK_HZ // 1000
# pattern: (ms on, ms off). A fault blinks at 2 Hz, as IEC 60601-1-8 has it for high priority (1.4 to 2.8 Hz).
_BLINKS = {
    board.PATTERN_STOPPED: (50, 2950),
    board.PATTERN_RUNNING: (2950, 50),
    board.PATTERN_SUSPENDED: (1000, 1000),
    board.PATTERN_FAULT: (250, 250),
}


class Indicator:
    def __init__(self, lamp):
        """Takes the pin number; dark at first."""
        self._machine = rp2.StateMachine(_MACHINE, programs.blinking, freq=programs.BLINK_HZ, sideset_base=Pin(lamp))

    def show(self, pattern):
        """Shows a PATTERN_* of the board contract from now on; dark for PATTERN_OFF."""
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
