"""The stop mark: a host's stop that is obeyed before the interpreter has read it. Knows no lines.

A host puts STOP_MARK in front of a stop, so the first word of its USB packet is this one. The USB controller puts every
packet into the same buffer without the interpreter; DMA reads the buffer's first word all the time and hands it to
state machine 1 of PIO 0, programs.hearing, which takes the enable line off. So the motor stops within a millisecond,
also while flash is erased, garbage is collected or a plan is made; the line is read and answered later.
"""

import rp2
from machine import Pin, mem8, mem16, mem32
from micropython import const

from pico import programs
from pico.carrier import carry
from pump.board import STOP_MARK

_MACHINE = const(1)
_DREQ = const(1)                        # its TX FIFO
_HZ = const(10000)                      # two cycles a word, so 5000 looks a second; four words wait: 1 ms
_USB = const(0x50100000)                # the controller's memory
_OUT_2 = const(0x50100014)              # control of its endpoint 2 from the host: MicroPython's serial data
_IN_USE = const(0x80)                   # bit 31 of it; bits 15 to 6 say where the buffer is
_BUFFER = const(0xFFC0)
_MARK = int.from_bytes(STOP_MARK, "little")


class StopMark:
    def __init__(self, enable, coils):
        """Takes the pins that `programs.watching` sets too, enable and the first of the coils or None."""
        self._machine = rp2.StateMachine(_MACHINE, programs.hearing, freq=_HZ, sideset_base=Pin(enable),
                                         set_base=None if coils is None else Pin(coils))
        self._buffer = 0                # its address, from the first time that a host has been there
        self._dma = None                # kept: channels that nobody holds are given back

    def listen(self):
        """Begins to listen where a host is there by now. Allocates nothing where none is, or that is done."""
        if self._buffer or not mem8[_OUT_2 + 3] & _IN_USE:
            return
        self._buffer = _USB + (mem16[_OUT_2] & _BUFFER)
        machine = self._machine
        machine.put(_MARK)
        machine.exec(programs.PULL_PLAIN)
        machine.exec(programs.MOV_Y_OSR)
        machine.restart()               # OSR counts as empty, or the first look would be at the mark itself
        self._dma = carry(self._buffer, machine, _DREQ)
        machine.active(1)

    def is_there(self):
        """True while the packet that came last begins with the mark. Allocates where other packets are."""
        return self._buffer != 0 and mem32[self._buffer] == _MARK
