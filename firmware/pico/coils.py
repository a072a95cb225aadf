"""The four coils of a unipolar motor behind a ULN2003, in half steps, in the place of a STEP/DIR driver. A 28BYJ-48.

State machine 3 of PIO 0 sees the step pulses on their pin, where nothing else has to be connected, and lets the coils
follow. So queue, intervals and count are those of any driver. The coils are off while the interlock's enable line is.
"""

import rp2
from machine import Pin
from micropython import const

from pico import programs

_MACHINE = const(3)
_MOV_X_OSR = const(0xA027)
_MOV_Y_OSR = const(0xA047)
_MOV_ISR_Y = const(0xA0C2)
_MOV_PINS_Y = const(0xA002)
_PUSH = const(0x8000)                   # push(noblock)
HALF_STEPS = b"\x01\x03\x02\x06\x04\x0c\x08\x09"        # forwards; bit 0 is IN1

# The assembler's own words are no names of Python's:
# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportCallIssue=false

# following: x holds the next eight half steps, four bits each, the next one lowest; y the one the motor is in.
#   cycles behind the edge: 2 until a pin is seen, 1 wait, 1 out, 1 mov to the coils; then 1 wait for the pulse's end,
#   1 jmp and after every eighth step 1 mov. A pulse of 6 cycles would do, and has 125 (pump/drivers.py).


@rp2.asm_pio(out_init=[rp2.PIO.OUT_LOW] * 4, out_shiftdir=rp2.PIO.SHIFT_RIGHT)
def following():
    """In pin 0: step. Out pins: IN1 to IN4. Goes on until it is restarted; x and y survive that."""
    wrap_target()
    mov(osr, x)
    label("next")
    wait(1, pin, 0)
    out(y, 4)
    mov(pins, y)
    wait(0, pin, 0)
    jmp(not_osre, "next")
    wrap()


class Coils:
    def __init__(self, first, step, stepper, interlock):
        """Takes four pins from `first` on, IN1 to IN4, and the place of the stepper's enable and direction lines.
        `step`: the pin of its pulses. After a power-up the motor may jump by up to four half steps to the first one.
        """
        self._interlock = interlock
        self._reverse_line = stepper.reverse
        self._machine = rp2.StateMachine(_MACHINE, following, in_base=Pin(step), out_base=Pin(first))
        self._load(HALF_STEPS[0], _MOV_Y_OSR)
        self.reverse(False)
        stepper.reverse = self.reverse
        stepper.enable = self.enable

    def enable(self, on):
        """As the interlock's. The coils are those of the half step in which the motor was last, or none."""
        interlock = self._interlock
        has_come = on and not interlock.is_on
        interlock.enable(on)
        if has_come:
            self._machine.exec(_MOV_PINS_Y)
        elif not on:
            interlock.enable(False)     # again, for the coils of a step in the 16 ns behind the line's going off

    def reverse(self, on):
        """As the stepper's. The half steps that follow are those on the other side of the present one."""
        self._reverse_line(on)
        machine = self._machine
        machine.active(0)
        machine.exec(_MOV_ISR_Y)
        machine.exec(_PUSH)
        self._load(order(machine.get(), on), _MOV_X_OSR)
        machine.restart()
        machine.active(1)

    def _load(self, word, to_register):
        self._machine.put(word)
        self._machine.exec(programs.PULL)
        self._machine.exec(to_register)


def order(half_step, is_reverse):
    """The eight half steps that follow this one, as a word of 32 bits, the next one in its lowest four."""
    at, word = HALF_STEPS.find(bytes((half_step,))), 0
    for far in range(8, 0, -1):
        word = word << 4 | HALF_STEPS[(at - far if is_reverse else at + far) & 7]
    return word
