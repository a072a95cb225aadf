"""The buzzer: a passive one on a fixed pin, its beeps made by PIO without the interpreter. Knows no pump's states."""

import rp2
from machine import Pin
from micropython import const

from pico import programs
from pump import board

# The assembler's own words (pull, mov, label ...) are no names of Python's:
# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportCallIssue=false, reportAttributeAccessIssue=false

_MACHINE = const(6)
_BUZZER = const(16)
_TONE_HZ = const(2500)                  # passive buzzers are loudest at 2 to 3 kHz
_TONE_TICKS = const(16)                 # of the machine's divided clock in a period of the tone
# pattern: (ms of tone, ms of silence). As the lamp, IEC 60601-1-8 in its simplest form: high beeps twice a second,
# medium every two seconds. Low is a steady light; its sound, which may be none, comes every 20 s (15 at least).
_BEEPS = {
    board.PATTERN_LOW: (100, 19900),
    board.PATTERN_MEDIUM: (250, 1750),
    board.PATTERN_HIGH: (250, 250),
}


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW)
def sounding():
    """Side-set pin: buzzer. TX FIFO: periods silent, periods sounding, each less one; by turns, for good."""
    pull(block)             .side(0)
    mov(isr, osr)           .side(0)
    pull(block)             .side(0)
    wrap_target()
    mov(x, osr)             .side(0)
    label("tone")
    nop()                   .side(1)    [7]
    jmp(x_dec, "tone")      .side(0)    [7]
    mov(x, isr)             .side(0)
    label("silence")
    jmp(x_dec, "silence")   .side(0)    [15]
    wrap()


class Buzzer:
    def __init__(self):
        """Takes its pin; silent at first."""
        self._machine = rp2.StateMachine(_MACHINE, sounding, freq=_TONE_HZ * _TONE_TICKS, sideset_base=Pin(_BUZZER))

    def show(self, pattern):
        """Sounds a PATTERN_* of the board contract from now on; silent where that is no alarm."""
        machine = self._machine
        programs.rest(machine)          # its jump to the first instruction has side-set 0: no current through the coil
        if pattern in _BEEPS:
            tone_ms, silence_ms = _BEEPS[pattern]
            machine.put(silence_ms * _TONE_HZ // 1000 - 1)
            machine.put(tone_ms * _TONE_HZ // 1000 - 1)
            machine.active(1)
