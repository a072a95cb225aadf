"""The buzzer: a passive one on a fixed pin, its beeps made by PIO without the interpreter. Knows no states of the pump.

Without a buzzer the pin sounds into nothing.
"""

import rp2
from machine import Pin
from micropython import const

from pico import programs
from pump import board

_MACHINE = const(6)
_BUZZER = const(16)
_PULL = const(0x8080)                   # pull(noblock) with side-set 0
# pattern: (ms of tone, ms of silence). As the lamp, IEC 60601-1-8 in its simplest form: high beeps twice a second,
# medium every two seconds. Low is a steady light; its sound, which may be none, comes every 20 s (15 at least).
_BEEPS = {
    board.PATTERN_LOW: (100, 19900),
    board.PATTERN_MEDIUM: (250, 1750),
    board.PATTERN_HIGH: (250, 250),
}


class Buzzer:
    def __init__(self):
        """Takes its pin; silent at first."""
        self._machine = rp2.StateMachine(_MACHINE, programs.sounding, freq=programs.TONE_HZ * programs.TONE_TICKS,
                                         sideset_base=Pin(_BUZZER))

    def show(self, pattern):
        """Sounds a PATTERN_* of the board contract from now on; silent where that is no alarm."""
        machine = self._machine
        machine.active(0)
        machine.restart()               # its jump to the first instruction has side-set 0: no current through the coil
        while machine.tx_fifo():        # a pattern that was replaced before the machine has taken it
            machine.exec(_PULL)
        if pattern in _BEEPS:
            tone_ms, silence_ms = _BEEPS[pattern]
            machine.put(silence_ms * programs.TONE_HZ // 1000 - 1)
            machine.put(tone_ms * programs.TONE_HZ // 1000 - 1)
            machine.active(1)
