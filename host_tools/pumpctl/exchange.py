"""Lines to a pump and their replies, over any transport. Owns request ids and the waiting; knows no session.

`repeat` is for what may be sent again freely: it goes on until a reply comes. `once` sends a line a single time and
says when no reply came: what that means is control.py's. Framing and the table of messages are pump.protocol's, the
same as on the device.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from pump import protocol, record
from pump.board import STOP_MARK
from pump.errors import PumpError
from pumpctl.refusals import IncompatibleError, PumpRefused
from pumpctl.transport import NoConnectionError, Transport

TRIES = 4
TIMEOUT_S = 2.0               # per try
SLOW = {"commit": 4}          # times as many tries: a Pico checks 48 segments a day in 6 s, the longest program in 13
DAMAGED = (("bad_crc",), ("bad_line",))
STRAY_MAX = 500               # lines that are no reply of ours: more of them, and nothing is waited for
REPLUG_S = 10.0               # for a pump that was unplugged: a Pico answers 3 s after it has power again
REPLUG_EACH_S = 0.25


class Exchange:
    def __init__(self, transport: Transport, timeout_s: float, tries: int,
                 reopen: Callable[[], Transport] | None = None):
        """reopen: makes the connection anew where it broke; without it a broken one stays so."""
        self.tries = tries
        self._transport = transport
        self._reopen = reopen
        self._timeout_s = timeout_s
        self._id = random.randrange(protocol.ID_MAX + 1)
        self._lost_id: int | None = None        # of a line whose reply was given up
        self._late: dict[str, Any] | None = None                # that reply, come all the same
        self.board: str | None = None  # that answered
        transport.write(b"\n")         # ends a line that another program may have left half sent

    def line(self, do: str, values: dict[str, object],
             seal: Callable[[bytes], bytes] | None = None, use: Callable[[int], dict[str, object]] | None = None
             ) -> tuple[int, bytes]:
        """A request under a new id, and that id. `use`: makes further values of it. A stop has its mark in front."""
        self._id = (self._id + 1) % (protocol.ID_MAX + 1)
        fields = {**values, **(use(self._id) if use else {})}
        line = protocol.frame((("id", self._id), ("do", do), *fields.items()), seal)
        return self._id, STOP_MARK + line if do == "stop" else line

    def ask(self, do: str, **values: object) -> dict[str, Any]:
        """A question: sent until its reply is here; returns the reply's fields, with the board's name."""
        return self.repeat(*self.line(do, values))

    def repeat(self, number: int, line: bytes) -> dict[str, Any]:
        """Sends a line until its reply is here. NoConnectionError where none comes."""
        for _ in range(self.tries):
            self._transport.write(line)
            reply = self._wait(number, self._timeout_s)
            if reply is not None:
                return self._fields(reply)
        raise NoConnectionError(f"no pump answers on this port ({self.tries} tries)",
                                "check the port, the cable and the pump's power")

    def once(self, do: str, number: int, line: bytes) -> dict[str, Any] | None:
        """Sends a line a single time; None where no reply comes. NoConnectionError where the connection broke."""
        self._transport.write(line)
        reply = self._wait(number, self._timeout_s * SLOW.get(do, 1) * (self.tries if do in SLOW else 1))
        if reply is None:
            self._lost_id, self._late = number, None
            return None
        return self._fields(reply)

    def late(self, number: int) -> dict[str, Any] | None:
        """The reply to a line that was given up, if it has come in the meantime."""
        return self._fields(self._late) if self._late and self._lost_id == number else None

    def replug(self) -> None:
        """Opens the connection anew, waiting for a pump that comes back. NoConnectionError where it does not."""
        end_s = time.monotonic() + REPLUG_S
        self._transport.close()
        while True:
            try:
                if self._reopen is None:
                    raise NoConnectionError("the connection broke", "check the cable and the pump's power")
                self._transport = self._reopen()
                self._transport.write(b"\n")
                self.ask("hello")
                return
            except NoConnectionError:
                if self._reopen is None or time.monotonic() > end_s:
                    raise
            time.sleep(REPLUG_EACH_S)

    def close(self) -> None:
        self._transport.close()

    def _wait(self, number: int, timeout_s: float) -> dict[str, Any] | None:
        """The reply with our id; None when it does not come, came damaged, or other lines do not cease to come."""
        deadline = time.monotonic() + timeout_s
        for _ in range(STRAY_MAX):
            line = self._transport.read_line(max(0.0, deadline - time.monotonic()))
            if not line:
                return None
            try:
                reply, checked = protocol.unframe(line)
            except PumpError:
                return None
            if not checked:
                continue
            if reply.get("id") == number:
                return reply
            if self._lost_id is not None and reply.get("id") == self._lost_id:
                self._late = reply
            elif reply.get("id") is None and _error_of(reply)[:1] in DAMAGED:
                return None            # our request arrived damaged, or half a line of somebody before us did
        return None

    def _fields(self, reply: dict[str, Any]) -> dict[str, Any]:
        """What a reply says; PumpRefused where it is a refusal, IncompatibleError where it makes no sense."""
        answered = (reply.get("protocol"), reply.get("board"))
        if answered == (None, None):
            raise IncompatibleError("what answers on this port is no pump", "find the pump's port with: pumpctl list")
        if answered[0] != protocol.PROTOCOL_VERSION or answered[1] not in record.BOARD_NAMES:
            raise IncompatibleError(f"protocol {answered[0]} on board {answered[1]} answers, this pumpctl knows "
                                    f"protocol {protocol.PROTOCOL_VERSION}", "update pumpctl or the firmware")
        if self.board not in (None, answered[1]):
            raise IncompatibleError(f"the board was {self.board} and is {answered[1]} now",
                                    "check what is on this port")
        self.board = answered[1]
        if isinstance(reply.get("ok"), dict):
            return {**reply["ok"], "board": answered[1], "protocol": answered[0]}
        error = _error_of(reply)
        if not error:
            raise IncompatibleError("the pump's reply is neither ok nor an error", "update pumpctl or the firmware")
        raise PumpRefused(*error)


def _error_of(reply: dict[str, Any]) -> tuple[str, ...]:
    """(code, message) of a refusal, () where the reply is none."""
    error = reply.get("error")
    found = (error.get("code"), error.get("message")) if isinstance(error, dict) else ()
    return found if all(isinstance(text, str) for text in found) else ()
