"""The stepper: step pulses from PIO alone, and the direction line. Knows commands, no volumes and no plan.

State machine 0 runs programs.stepping. What is queued is stepped without the interpreter, so flash writes and garbage
collection do not show on the step pin; it makes none while the interlock's enable line is off.
"""

import rp2
from machine import Pin, freq, mem32
from micropython import const

from pico import programs
from pump.drivers import SAFEST, pulse

_MACHINE = const(0)
_FIFO_WORDS = const(8)
_NOP = const(0xA042)                    # with side-set 0: drives the step pin low
_PULL = const(0x8080)                   # pull(noblock) with side-set 0
_MOV_ISR_OSR = const(0xA0C7)
_SHIFTCTRL_XOR = const(0x502010D0)      # exclusive-or alias of the state machine's SHIFTCTRL
_FJOIN_RX = 0x80000000                  # any change of this bit empties the FIFOs; so two changes do, and restore it


class Stepper:
    def __init__(self, step, direction, enable, interlock):
        """Takes three pin numbers, the enable line's only to look at it. The step pin starts low."""
        self._direction = Pin(direction, Pin.OUT, value=0)
        self._machine = rp2.StateMachine(_MACHINE, programs.stepping, in_base=Pin(enable), sideset_base=Pin(step))
        self.enable = interlock.enable
        self.ticks_per_ms = freq() // 1000
        self.max_interval = 0xFFFFFFFF                      # 34 s at 125 MHz
        self.drive(SAFEST)

    def drive(self, driver):
        """Pulses for this driver of pump/drivers.py from now on; RuntimeError while commands are queued."""
        if self._machine.tx_fifo():
            raise RuntimeError("not while stepping")
        self._pulse, self.min_interval = pulse(driver, self.ticks_per_ms)
        self.halt()

    def room(self):
        """How many commands fit into the queue now; the one being stepped does not count."""
        return (_FIFO_WORDS - self._machine.tx_fifo()) >> 1

    def put(self, count, interval):
        """Queues a command: see pump/board.py. RuntimeError where the queue is full, ValueError out of range."""
        if not self.min_interval <= interval <= self.max_interval or not 0 <= count < 1 << 30:
            raise ValueError("no such command")
        if not self.room():
            raise RuntimeError("the queue is full")
        self._machine.put(count)
        self._machine.put(interval - (self._pulse + programs.STEP_TICKS if count else programs.PAUSE_TICKS))

    def halt(self):
        """No step after this returns, the queue is empty. A pulse that has begun is never cut short: the calls that
        follow take longer than it does.
        """
        machine = self._machine
        machine.active(0)
        mem32[_SHIFTCTRL_XOR] = _FJOIN_RX
        mem32[_SHIFTCTRL_XOR] = _FJOIN_RX
        machine.restart()
        machine.exec(_NOP)
        machine.put(self._pulse - programs.PULSE_TICKS)     # a restart has cleared the ISR
        machine.exec(_PULL)
        machine.exec(_MOV_ISR_OSR)
        machine.active(1)

    def reverse(self, on):
        """The direction line, high for backwards; RuntimeError while commands are queued.

        A driver wants it steady before a step, a DRV8825 for 0.65 us, an A4988 for 0.2, a TMC2209 for 0.02: the first
        step of any command comes at least its low time after its put, 1.9 us, 1 us, 0.1 us.
        """
        if self._machine.tx_fifo():
            raise RuntimeError("not while stepping")
        self._direction.value(1 if on else 0)
