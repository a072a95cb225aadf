"""A pump as the host sees it: one method a message. Knows the messages' fields; no file, no unit, no retry."""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Iterator

from pump import protocol, record
from pumpctl.exchange import TIMEOUT_S, TRIES, Exchange
from pumpctl.journal import Chain
from pumpctl.refusals import IncompatibleError
from pumpctl.replies import Hello, Status
from pumpctl.transport import Transport, open_transport


class Pump:
    """Talks to one pump; a context manager.

    Every method may raise PumpRefused, NoConnectionError, UncertainError and IncompatibleError.
    """

    def __init__(self, transport: Transport, timeout_s: float = TIMEOUT_S, tries: int = TRIES):
        self._transport = transport
        self._exchange = Exchange(transport, timeout_s, tries)
        self._ask = self._exchange.ask

    @classmethod
    def open(cls, port: str) -> Pump:
        """The pump at a serial device, a pty or a pyserial URL."""
        return cls(open_transport(port))

    def __enter__(self) -> Pump:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    @property
    def board(self) -> str | None:
        """The board that answered, None before the first reply."""
        return self._exchange.board

    def hello(self) -> Hello:
        return Hello.of(self._ask("hello"))

    def status(self) -> Status:
        return Status.of(self._ask("status"))

    def push_rig(self, body: bytes) -> int:
        """Makes the JSON document `body` the pump's rig; returns its generation."""
        return self._push("rig", body)

    def push_program(self, body: bytes) -> int:
        """Makes the JSON document `body` the pump's program; returns its generation."""
        return self._push("program", body)

    def start(self) -> str:
        """This and the four that follow return the state after it."""
        return self._ask("start")["state"]

    def stop(self) -> str:
        return self._ask("stop")["state"]

    def suspend(self) -> str:
        return self._ask("suspend")["state"]

    def resume(self) -> str:
        return self._ask("resume")["state"]

    def ack(self) -> str:
        return self._ask("ack")["state"]

    def clock_set(self, utc_ms: int) -> None:
        """Sets the pump's UTC, in ms since 1970."""
        self._ask("clock", utc_ms=utc_ms)

    def document(self, kind: str) -> bytes | None:
        """The "rig" or "program" in force, None where there is none."""
        body = b""
        while True:
            reply = self._ask("document", kind=kind, at=len(body))
            body += binascii.a2b_base64(reply["data"])
            if len(body) >= reply["size"]:
                break
            if not reply["data"]:
                raise IncompatibleError(f"the pump's {kind} ends before its size", "run the command again")
        if body and hashlib.sha256(body).hexdigest() != reply["digest"]:
            raise IncompatibleError(f"the pump's {kind} changed while it was read", "run the command again")
        return body or None

    def records(self, first: int = 0) -> Iterator[bytes]:
        """The journal's records from `first` on, 64 bytes each, proven to follow each other.

        Begins with the oldest that the pump still has; ends with the newest at the time of reading.
        """
        chain = Chain(0, self.hello().unique_bytes)
        at = max(0, first - 1)         # the one before, for its chain
        begun = False
        while True:
            reply = self._ask("log", **{"from": at, "max": protocol.RECORDS_MAX})
            raw = binascii.a2b_base64(reply["records"])
            if not raw:
                return
            if not begun and reply["first"] > 0:
                chain = Chain()
            begun = True
            for start in range(0, len(raw), record.SIZE):
                part = raw[start:start + record.SIZE]
                chain.take(part)
                if record.seq_of(part) >= first:
                    yield part
            at = chain.next_seq

    def _push(self, kind: str, body: bytes) -> int:
        for at in range(0, len(body), protocol.CHUNK_MAX):
            self._ask("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
        return self._ask("commit", kind=kind, digest=hashlib.sha256(body).hexdigest())["generation"]
