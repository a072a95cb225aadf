"""One request and its reply, over any transport. Owns request ids, retries, and what a lost reply means.

A request that gets no whole reply is sent again with the same id and the same bytes: the pump answers a repeat with
the first outcome and does nothing twice. When it stays silent, a request that changes nothing is a NoConnectionError;
one that may have changed something is an UncertainError, and the journal tells. Framing and the table of messages are
pump.protocol's, the same as on the device.
"""

from __future__ import annotations

import random
from typing import Any

from pump import protocol, record
from pump.errors import PumpError
from pumpctl.refusals import IncompatibleError, PumpRefused, UncertainError
from pumpctl.transport import NoConnectionError, Transport

TRIES = 4
TIMEOUT_S = 2.0               # per try
SLOW = {"commit": 4}          # times as many tries: a Pico checks 48 segments a day in 6 s, the longest program in 13
HARMLESS = ("stage",)         # changes nothing in force: what is staged and not committed is forgotten
DAMAGED = (("bad_crc",), ("bad_line",))


class Exchange:
    def __init__(self, transport: Transport, timeout_s: float, tries: int):
        self._transport = transport
        self._timeout_s = timeout_s
        self._tries = tries
        self._id = random.randrange(protocol.ID_MAX + 1)
        self.board: str | None = None  # that answered
        transport.write(b"\n")         # ends a line that another program may have left half sent

    def ask(self, do: str, **values: object) -> dict[str, Any]:
        """Sends a request until its reply is here; returns the reply's fields, with the board's name."""
        self._id = (self._id + 1) % (protocol.ID_MAX + 1)
        line = protocol.frame((("id", self._id), ("do", do), *values.items()))
        reply = self._reply_to(do, line)
        answered = (reply.get("protocol"), reply.get("board"))
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

    def _reply_to(self, do: str, line: bytes) -> dict[str, Any]:
        sent = False
        try:
            for _ in range(self._tries * SLOW.get(do, 1)):
                self._transport.write(line)
                sent = True
                reply = self._wait()
                if reply is not None:
                    return reply
        except NoConnectionError as error:
            if sent and self._may_have_changed(do):
                raise self._uncertain(do, error.message)
            raise
        if self._may_have_changed(do):
            raise self._uncertain(do, "no reply")
        raise NoConnectionError(f"no pump answers on this port ({self._tries} tries)",
                           "check the port, the cable and the pump's power")

    def _wait(self) -> dict[str, Any] | None:
        """The reply with our id; None when it does not come or came damaged."""
        while True:
            line = self._transport.read_line(self._timeout_s)
            if not line:
                return None
            try:
                reply, checked = protocol.unframe(line)
            except PumpError:
                return None
            if not checked:
                continue
            if reply.get("id") == self._id:
                return reply
            if reply.get("id") is None and _error_of(reply)[:1] in DAMAGED:
                return None            # our request arrived damaged, or half a line of somebody before us did

    @staticmethod
    def _may_have_changed(do: str) -> bool:
        return protocol.MESSAGES[do][0] != protocol.READ and do not in HARMLESS

    @staticmethod
    def _uncertain(do: str, why: str) -> UncertainError:
        return UncertainError(f"uncertain: {do} was sent and its outcome is not known ({why})",
                         "see what happened with pumpctl status and pumpctl log pull before you send anything else")


def _error_of(reply: dict[str, Any]) -> tuple[str, ...]:
    """(code, message) of a refusal, () where the reply is none."""
    error = reply.get("error")
    found = (error.get("code"), error.get("message")) if isinstance(error, dict) else ()
    return found if all(isinstance(text, str) for text in found) else ()
