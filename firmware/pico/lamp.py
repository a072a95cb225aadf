"""The single lamp: its patterns made by PIO without the interpreter. Knows no states of the pump."""

import rp2
from machine import Pin
from micropython import const

from pico import programs
from pump import board

# The assembler's own words (pull, mov, label ...) are no names of Python's:
# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportCallIssue=false, reportAttributeAccessIssue=false

_MACHINE = const(5)
_LIGHT = const(0xB042)                  # a nop with side-set 1
_HZ = const(2000)                       # near the slowest that a clock divider of 16 bits gives
_TICKS_PER_MS = const(2)
# pattern: (ms on, ms off). One lamp has no colours, so the alarms differ by their frequencies alone, as IEC 60601-1-8
# has them: high 2 Hz (1.4 to 2.8), medium 0.5 Hz (0.4 to 0.8), low steady. No other pattern is within those bands.
_BLINKS = {
    board.PATTERN_STOPPED: (50, 2950),
    board.PATTERN_RUNNING: (2950, 50),
    board.PATTERN_SUSPENDED: (50, 950),
    board.PATTERN_MEDIUM: (1000, 1000),
    board.PATTERN_HIGH: (250, 250),
}


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW)
def blinking():
    """Side-set pin: lamp. TX FIFO: ticks off, ticks on, each less one; for good."""
    pull(block)             .side(0)
    mov(y, osr)             .side(0)
    pull(block)             .side(0)
    wrap_target()
    mov(x, osr)             .side(1)
    label("on")
    jmp(x_dec, "on")        .side(1)
    mov(x, y)               .side(0)
    label("off")
    jmp(x_dec, "off")       .side(0)
    wrap()


class Lamp:
    def __init__(self, pin):
        """Takes its pin; dark at first."""
        self._machine = rp2.StateMachine(_MACHINE, blinking, freq=_HZ, sideset_base=Pin(pin))

    def show(self, pattern):
        """Shows a PATTERN_* of the board contract from now on; dark for PATTERN_OFF."""
        machine = self._machine
        programs.rest(machine)          # its jump to the first instruction has side-set 0: dark
        if pattern in _BLINKS:
            on_ms, off_ms = _BLINKS[pattern]
            machine.put(off_ms * _TICKS_PER_MS - 1)
            machine.put(on_ms * _TICKS_PER_MS - 1)
            machine.active(1)
        elif pattern == board.PATTERN_LOW:
            machine.exec(_LIGHT)        # and the machine rests: the pin stays as it is
