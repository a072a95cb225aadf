"""The link: bytes to and from the host over USB serial. Knows no lines and no messages.

Taking the link also takes Ctrl-C from the interpreter, so that no byte of the host's stops the pump (C-04).

MicroPython's read waits until its whole buffer is full, so bytes are read one by one. Its write waits half a second
for a host that stops taking bytes, so it gets a USB packet at a time and only when the stream says there is room.
"""

import select
import sys
from time import ticks_diff, ticks_ms

import micropython
from micropython import const

from pump.board import LINK_PATIENCE_MS

_PACKET = const(64)                     # bytes, of full-speed USB


class Link:
    def __init__(self):
        micropython.kbd_intr(-1)
        self._byte = memoryview(bytearray(1))
        self._read = sys.stdin.buffer.readinto          # kept bound: looking a method up allocates
        self._send = sys.stdout.buffer.write
        self._in = select.poll()
        self._in.register(sys.stdin, select.POLLIN)
        self._out = select.poll()
        self._out.register(sys.stdout, select.POLLOUT)
        self._patience_ms = LINK_PATIENCE_MS

    def readinto(self, buffer):
        """Moves waiting bytes into `buffer`; returns how many. Never blocks, allocates nothing."""
        byte = self._byte
        room = len(buffer)
        size = 0
        while size < room:
            for _ in self._in.ipoll(0):
                break
            else:
                break
            self._read(byte)
            buffer[size] = byte[0]
            size += 1
        return size

    def write(self, data):
        """Sends `data`; what the host has not taken after LINK_PATIENCE_MS is dropped.

        The patience is for all that is written between two calls of `wait_ms`, so that a host that asks a lot and
        reads little does not hold up the pump. There may be room for part of a packet only: so a host that stops
        reading can cost half a second more, once.
        """
        view = memoryview(data)
        started = ticks_ms()
        for at in range(0, len(view), _PACKET):
            packet = view[at:at + _PACKET]
            left_ms = self._patience_ms - ticks_diff(ticks_ms(), started)
            if left_ms <= 0 or not self._is_writable(left_ms) or self._send(packet) != len(packet):
                self._patience_ms = 0
                return
        self._patience_ms -= ticks_diff(ticks_ms(), started)

    def wait_ms(self, ms):
        """Lets up to `ms` milliseconds pass; returns at once when a byte is waiting."""
        self._patience_ms = LINK_PATIENCE_MS
        for _ in self._in.ipoll(ms):
            break

    def _is_writable(self, within_ms):
        for _ in self._out.ipoll(within_ms):
            return True
        return False
