"""The interlock: the driver's enable line, and what takes it off without the interpreter. Knows no alarms.

State machine 2 of PIO 0 runs programs.watching on the stall output, the limit switch and the stop switch. What trips it
takes the enable line off within 2 ms, also while a flash erase keeps the interpreter still; and programs.stepping makes
no pulse while that line is off. So the count is what the motor was asked for while it had its current. A host's stop
takes the line off too: stop_mark.py.
"""

import rp2
from machine import Pin, mem32
from micropython import const

from pico import programs
from pico.stop_mark import StopMark
from pump.board import INPUT_LINK

_MACHINE = const(2)
_FIRST = const(5)                       # stall; limit and stop follow
_CONTROL = const(0x40014004)            # GPIO_CTRL of GPIO 0 (RP2040 datasheet, IO_BANK0), 8 bytes a pin
_HELD_LOW = const(0x2001F)              # INOVER: what is inside the chip, PIO too, sees a 0; no function has the pin
_HELD_HIGH = const(0x3001F)             # and a 1
_TO_INPUTS = const(1)                   # stall is bit 0 here and INPUT_STALL, 2, in the board contract; so the others


class Interlock:
    def __init__(self, enable, parts, has_stop, coils=None):
        """Takes the enable line's pin number, before anything else is set up; the line is off. `parts`: names of what
        is fitted; an input that is not, or not connected, is never active. `has_stop`: GPIO 7 is a stop switch and has
        no other use. `coils`: the first of four pins that are low while the line is off.
        """
        # high while the motor stalls; the others close to ground; None where there is none
        self.stall = _watched("diag" in parts, _FIRST, Pin.PULL_DOWN, _HELD_LOW)
        self.limit = _watched("limit" in parts, _FIRST + 1, Pin.PULL_UP, _HELD_HIGH)
        self.stop = Pin(_FIRST + 2, Pin.IN, Pin.PULL_UP) if has_stop else None
        self._line = Pin(enable, Pin.OUT, value=1)          # active low; it keeps its level when PIO takes it over
        self._quiet = programs.QUIET
        if not has_stop:
            programs.watch_two()
            self._quiet &= 3
        self._machine = rp2.StateMachine(_MACHINE, programs.watching, freq=programs.WATCH_HZ, in_base=Pin(_FIRST),
                                         sideset_base=Pin(enable), set_base=None if coils is None else Pin(coils))
        self._mark = StopMark(enable, coils)
        self.is_on = False              # as asked for; an input may have taken it off
        self._cause = 0

    def enable(self, on):
        """The line on, or off. Where it has been on and was taken off by an input, only off and on again helps."""
        machine = self._machine
        if not on:
            machine.exec(programs.LINE_OFF)
        elif not self.is_on:
            machine.active(0)
            machine.restart()
            machine.exec(programs.SET_Y | self._quiet)
            self._mark.listen()
            if not self._mark.is_there():           # a stop that waits to be read comes first
                machine.exec(programs.LINE_ON)
            machine.active(1)
            self._cause = 0
        self.is_on = on

    def tripped(self):
        """Bits of INPUT_* that have taken the line off since it was put on, 0 for none. Only while `is_on`; allocates
        nothing.
        """
        if not self._line.value():
            self._mark.listen()
            return 0
        if not self._cause:
            self._machine.exec(programs.TELL_CAUSE)
            self._machine.exec(programs.PUSH)
            self._cause = (self._machine.get() ^ self._quiet) << _TO_INPUTS
        return self._cause or INPUT_LINK


def _watched(is_fitted, gpio, pull, held):
    """The pin, or None: then it looks quiet to the state machine, whatever may be wired to it."""
    if is_fitted:
        return Pin(gpio, Pin.IN, pull)
    mem32[_CONTROL + 8 * gpio] = held
    return None
