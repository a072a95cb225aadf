"""A pump at the end of its port: one method a message. Volumes in nL, rates in nL/h, times in s, UTC in ms. Knows the
messages' fields; no unit, no retry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Self

from pump import protocol, record
from pumpctl.control import Control
from pumpctl.exchange import TIMEOUT_S, TRIES, Exchange
from pumpctl.journal import Chain
from pumpctl.key_store import KeyStore
from pumpctl.refusals import IncompatibleError, PumpRefused
from pumpctl.replies import Hello, Inputs, LogPage, Refill, Status, checked, checked_bytes
from pumpctl.transport import Transport, open_transport

DOCUMENT_MAX = 65536          # bytes: what a request for a piece can reach


class PumpLink:
    """Talks to one pump; a context manager. One request at a time: threads have to take turns.

    Every method may raise PumpRefused, NoConnectionError and IncompatibleError; one that changes something also
    NoKeyError where the pump has keys, and where its reply was lost NotDoneError or, if nobody can tell,
    UncertainError.
    """

    def __init__(self, transport: Transport, timeout_s: float = TIMEOUT_S, tries: int = TRIES,
                 reopen: Callable[[], Transport] | None = None, keys: KeyStore | None = None,
                 notice: Callable[[str], None] = lambda text: None):
        """reopen: makes the connection anew, to find out what became of a request; keys: the user's own where None;
        notice: hears of replies that were lost, and of what became of them."""
        self._exchange = Exchange(transport, timeout_s, tries, reopen)
        self._control = Control(self._exchange, keys, notice)
        self._ask = self._control.ask

    @classmethod
    def open(cls, port: str, keys: KeyStore | None = None, notice: Callable[[str], None] = lambda text: None,
             tries: int = TRIES) -> Self:
        """The pump at a serial device, a pty or a pyserial URL. keys, notice: as above."""
        return cls(open_transport(port), tries=tries, reopen=lambda: open_transport(port), keys=keys, notice=notice)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives the port back."""
        self._exchange.close()

    @property
    def board(self) -> str | None:
        """The board that answered, None before the first reply."""
        return self._exchange.board

    def hello(self) -> Hello:
        """Who answers: board, versions, unique id, boot number."""
        return Hello.of(self._ask("hello"))

    def status(self) -> Status:
        """State, alarms, volumes, clock, and what is stored."""
        return Status.of(self._ask("status"))

    def inputs(self) -> Inputs:
        """Levels of the inputs and readings of the sensors, now."""
        return Inputs.of(self._ask("inputs"))

    def show(self, pattern: int, for_s: int) -> None:
        """The lamp and the buzzer give a PATTERN_* of pump.board for 1 to 10 s; only stopped or at fault."""
        self._ask("show", pattern=pattern, for_s=for_s)

    def push_rig(self, body: bytes) -> int:
        """Makes the JSON document `body` the pump's rig; returns its generation."""
        return self._push("rig", body, False)

    def push_program(self, body: bytes, confirm: bool = False) -> int:
        """Makes the JSON document `body` the pump's program; returns its generation.

        `confirm`: even where it is beyond its own soft limits, which is PumpRefused "soft_limit" otherwise.
        """
        return self._push("program", body, confirm)

    def start(self) -> str:
        """Begins the stored program. This and those that follow, up to `withdraw`, return the state after it."""
        return self._state("start")

    def stop(self) -> str:
        """Motor off, program ended. Always allowed; a fault stays."""
        return self._state("stop")

    def suspend(self) -> str:
        """Motor off until `resume`; a bolus under way ends for good."""
        return self._state("suspend")

    def resume(self) -> str:
        """Goes on after `suspend`, at the rate of the time of day."""
        return self._state("resume")

    def ack(self) -> str:
        """Acknowledges all alarms; a fault whose cause is gone ends."""
        return self._state("ack")

    def bolus(self, volume_nl: int = 0, over_s: int = 0, confirm: bool = False) -> str:
        """A bolus of whole nL over whole s, or with volume 0 the on-demand bolus of the program.

        PumpRefused "denied" where limits, a lockout, an alarm or another bolus forbid it; "soft_limit" above the
        program's soft limit without `confirm`.
        """
        return self._state("bolus", volume_nl=volume_nl, over_s=over_s, confirm=int(confirm))

    def cancel(self) -> str:
        """Ends the bolus under way; the basal rate goes on."""
        return self._state("cancel")

    def temp_percent(self, percent: int, for_s: int) -> str:
        """A percentage of the schedule, 0 to 1000, for a time."""
        return self._state("temp", percent=percent, rate_nl_per_h=0, for_s=for_s)

    def temp_rate(self, rate_nl_per_h: int, for_s: int) -> str:
        """A rate in place of the schedule's, for a time."""
        return self._state("temp", percent=-1, rate_nl_per_h=rate_nl_per_h, for_s=for_s)

    def temp_off(self) -> str:
        """Ends a temporary rate; the schedule goes on."""
        return self._state("temp", percent=-1, rate_nl_per_h=0, for_s=0)

    def bridge(self, volume_nl: int, over_s: int) -> str:
        """volume_nl over over_s in place of the schedule: what the line still holds, at the old dose's flow."""
        return self._state("bridge", volume_nl=volume_nl, over_s=over_s)

    def prime(self, volume_nl: int) -> str:
        """Fills the line; not a dose. A bolus under way is interrupted for good."""
        return self._state("prime", volume_nl=volume_nl)

    def withdraw(self, volume_nl: int) -> str:
        """Runs the motor backwards; only while stopped."""
        return self._state("withdraw", volume_nl=volume_nl)

    def refill(self, added_nl: int, withdrawn_nl: int | None = None) -> Refill:
        """The reservoir was filled with added_nl; withdrawn_nl was taken out before, None: it was not emptied."""
        return Refill.of(self._ask("refill", added_nl=added_nl, withdrawn_nl=-1 if withdrawn_nl is None else
                                   withdrawn_nl))

    def maintenance(self) -> str:
        """Ends the pump: the port leads to MicroPython's prompt until the next reset. Only stopped or at fault."""
        return self._ask("maintenance")["state"]

    def admit(self, do: str) -> None:
        """Makes sure that the request `do` may be sent, and sends it not: NoKeyError where its key is missing here."""
        self._control.admit(do)

    def set_keys(self, keys: bytes) -> None:
        """Makes these 64 bytes the pump's keys (operate's, then program's), b"" for an open pump. They go veiled where
        it has some already."""
        self._ask("keys", keys=keys)

    def clock_set(self, utc_ms: int) -> None:
        """Sets the pump's UTC, in ms since 1970."""
        self._ask("clock", utc_ms=utc_ms)

    def document(self, kind: str) -> bytes | None:
        """The "rig" or "program" in force, None where there is none."""
        body = b""
        while True:
            reply = self._ask("document", kind=kind, at=len(body))
            piece = checked_bytes(reply, "data")
            body += piece
            if len(body) >= checked(reply, "size", int):
                break
            if not piece or len(body) > DOCUMENT_MAX:
                raise IncompatibleError(f"the pump's {kind} ends before its size", "run the command again")
        if body and hashlib.sha256(body).hexdigest() != checked(reply, "digest", str):
            raise IncompatibleError(f"the pump's {kind} changed while it was read", "run the command again")
        return body or None

    def log(self, first: int, most: int = protocol.RECORDS_MAX) -> LogPage:
        """Up to `most` records of the journal from `first` on, or from the oldest there is; none where it ends."""
        return LogPage.of(self._ask("log", **{"from": first, "max": most}))

    def pulled(self, next_seq: int, chain: bytes) -> None:
        """Tells the pump that all records before `next_seq` are held; `chain` is that of the last of them.

        Firmware that does not know this request is left alone.
        """
        try:
            self._ask("pulled", next=next_seq, chain=chain.hex())
        except PumpRefused as error:
            if error.code != "unknown_request":
                raise

    def records(self, first: int = 0) -> Iterator[bytes]:
        """The journal's records from `first` on, 64 bytes each, proven to follow each other.

        Begins with the oldest that the pump still has; ends with the newest at the time of reading.
        """
        chain = Chain(0, self.hello().unique_bytes)
        at = max(0, first - 1)         # the one before, for its chain
        begun = False
        while True:
            page = self.log(at)
            if not page.records:
                return
            if not begun and page.first > 0:
                chain = Chain()
            begun = True
            for start in range(0, len(page.records), record.SIZE):
                part = page.records[start:start + record.SIZE]
                chain.take(part)
                if record.seq_of(part) >= first:
                    yield part
            at = chain.next_seq

    def _state(self, do: str, **values: int) -> str:
        return checked(self._ask(do, **values), "state", str)

    def _push(self, kind: str, body: bytes, confirm: bool) -> int:
        for at in range(0, len(body), protocol.CHUNK_MAX):
            self._ask("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
        digest = hashlib.sha256(body).hexdigest()
        return checked(self._ask("commit", kind=kind, digest=digest, confirm=int(confirm)), "generation", int)
