"""Changing something on a pump: the session it needs, one sending, and the truth where the reply was lost.

A line that changes something is sent once. Where no reply comes, nothing is sent again before the pump's status and
journal have been read (C-06): it was carried out, it was refused, it was not carried out, or nobody can tell. Only what
was not carried out, in the same boot and over the same connection, is sent again, as the same line. STOP is the
exception: it is sent until it is answered, since to stop twice is to stop. Opens sessions by itself where the pump has
keys. Owns no transport and no key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pump import protocol, record, seal
from pumpctl import aftermath
from pumpctl.exchange import Exchange
from pumpctl.key_store import KeyStore
from pumpctl.refusals import IncompatibleError, NoKeyError, NotDoneError, PumpRefused, UncertainError
from pumpctl.replies import LogPage, checked, checked_bytes
from pumpctl.transport import NoConnectionError

STANDS = ("stopped", "fault")
# Change nothing in force: a staged document that is not committed is forgotten, and a lamp's test is over in seconds
HARMLESS = ("stage", "login", "show")
ANEW = ("no_session", "id_reused")                    # refusals that another session ends
BUSY_EACH_S = 0.25
BUSY_S = 60.0                 # the longest check of a program takes 13 s
SEE = "see what happened with pumpctl status and pumpctl log pull before you send anything else"


class Session:
    """One that is open: its role, and the key that seals its lines."""

    def __init__(self, role: str, key: bytes):
        self.role = role
        self.key = key

    def seal(self, body: bytes) -> bytes:
        return seal.of(self.key, body)

    def may(self, needs: str) -> bool:
        return self.role in (protocol.CHANGE, needs)


class Control:
    def __init__(self, exchange: Exchange, keys: KeyStore | None, notice: Callable[[str], None]):
        """keys: where the keys of pumps are, the user's own where None; notice: hears that a reply was lost."""
        self._exchange = exchange
        self._keys = keys
        self._notice = notice
        self._session: Session | None = None
        self._is_known = False          # whether the pump has keys

    def ask(self, do: str, **values: object) -> dict[str, Any]:
        """The reply's fields, with the board's name; where it was lost, what the journal has of it."""
        needs = protocol.MESSAGES[do][0]
        if needs == protocol.READ:
            return self._exchange.ask(do, **values)
        if do == "stop":
            return self._stop()
        try:
            return self._change(do, needs, values)
        except PumpRefused as error:
            if error.code not in ANEW:
                raise
        self._session, self._is_known = None, False
        return self._change(do, needs, values)

    def admit(self, do: str) -> None:
        """Opens the session that `do` needs where the pump has keys; NoKeyError where none here opens it."""
        self._admitted(protocol.MESSAGES[do][0])

    def challenge(self) -> dict[str, Any]:
        """A nonce, and how far the pump and its journal are."""
        return self._exchange.ask("challenge")

    def _change(self, do: str, needs: str, values: dict[str, object]) -> dict[str, Any]:
        mark = {} if do in HARMLESS and self._is_known else self._admitted(needs)
        number, line = self._exchange.line(do, values, self._session.seal if self._session else None,
                                           lambda number: self._veiled(do, number, values))
        if do in HARMLESS:
            return self._exchange.repeat(number, line)
        for _ in range(self._exchange.tries):
            is_broken = ""
            try:
                reply = self._exchange.once(do, number, line)
                if reply is not None:
                    return reply
            except NoConnectionError as error:
                is_broken = error.message
            found = self._settled(do, values, number, mark, is_broken)
            if found is not None:
                self._notice(f"{do}: no reply came; the pump says that it was carried out")
                return found
            if is_broken:
                break
        raise NotDoneError(f"no reply came to {do}; the pump says that it was not carried out", "send it again")

    def _stop(self) -> dict[str, Any]:
        number, line = self._exchange.line("stop", {})
        try:
            return self._exchange.repeat(number, line)
        except NoConnectionError as error:
            why = error.message
        self._notice(f"uncertain: stop was sent and no reply came ({why}); reading the pump's status")
        try:
            status = self._status(True)
            if checked(status, "state", str) not in STANDS:
                return self._exchange.repeat(number, line)
        except NoConnectionError:
            raise UncertainError(f"uncertain: stop was sent and its outcome is not known ({why})", SEE)
        self._notice("stop: no reply came; the pump says that it stands")
        return aftermath.reply_of("stop", {}, None, status)

    def _veiled(self, do: str, number: int, values: dict[str, object]) -> dict[str, object]:
        keys = values.get("keys")
        if do != "keys" or not self._session or not isinstance(keys, bytes) or not keys:
            return {}
        return {"keys": seal.veiled(self._session.key, number, keys)}

    # sessions

    def _admitted(self, needs: str) -> dict[str, Any]:
        """The challenge's reply; a session that may do this is open where the pump has keys."""
        mark = self.challenge()
        self._is_known = True
        if checked(mark, "access", str) != "keys":
            self._session = None
        elif self._session is None or not self._session.may(needs):
            self._session = None
            self._log_in(needs, mark)
        return mark

    def _log_in(self, needs: str, mark: dict[str, Any]) -> None:
        unique_id = checked_bytes(mark, "unique_id")
        for keys in (self._keys or KeyStore()).of(unique_id):
            role, key = keys.key_for(needs)
            if not key:
                continue
            session = Session(role, seal.session_key(key, checked(mark, "nonce", str)))
            values = {"role": role, "nonce": checked(mark, "nonce", str)}
            try:
                self._exchange.repeat(*self._exchange.line("login", values, session.seal))
            except PumpRefused as error:
                if error.code != "bad_key":
                    raise
                mark = self.challenge()
                continue
            self._session = session
            return
        raise NoKeyError(f"the pump {unique_id.hex()} has keys, and none here opens a session of the role {needs}",
                         "bring its key with pumpctl keys import FILE; where it is lost, see pumpctl keys --help")

    # lost replies

    def _settled(self, do: str, values: dict[str, Any], number: int, mark: dict[str, Any], broken: str
                 ) -> dict[str, Any] | None:
        """The reply as the journal has it, None where the request was not carried out. PumpRefused where it was
        refused, UncertainError where it cannot be told."""
        why = broken or "nothing came in time"
        self._notice(f"uncertain: {do} was sent and no reply came ({why}); reading the pump's journal")
        try:
            status = self._status(bool(broken))
            late = self._exchange.late(number)
            if late is not None:
                return late
            now = self.challenge()
            raw = aftermath.outcome(do, values, number, self._records(mark, now))
            if raw is None and checked(now, "boot", int) != checked(mark, "boot", int):
                raise NotDoneError(f"no reply came to {do}: the pump has started anew and says that it was not carried "
                                   "out", "send it again")
            return aftermath.reply_of(do, values, raw, status) if raw else None
        except (NoConnectionError, IncompatibleError, aftermath.UnknownError) as error:
            raise UncertainError(f"uncertain: {do} was sent and its outcome is not known ({why}; {error})", SEE)

    def _status(self, is_broken: bool) -> dict[str, Any]:
        """Once no commit is being checked any more. A connection that is silent is made anew."""
        if is_broken:
            self._session = None
            self._exchange.replug()
        end_s = time.monotonic() + BUSY_S
        while True:
            try:
                status = self._exchange.ask("status")
            except NoConnectionError:
                if is_broken:
                    raise
                is_broken, self._session = True, None
                self._exchange.replug()
                continue
            if not checked(status, "busy", bool):
                return status
            if time.monotonic() > end_s:
                raise aftermath.UnknownError("the pump is busy for longer than any check takes")
            time.sleep(BUSY_EACH_S)

    def _records(self, mark: dict[str, Any], now: dict[str, Any]) -> list[bytes]:
        """Those written since `mark`, a challenge's reply; UnknownError where they cannot be had any more."""
        at, end = checked(mark, "next_seq", int), checked(now, "next_seq", int)
        if now.get("unique_id") != mark.get("unique_id") or end < at:
            raise aftermath.UnknownError("another pump answers, or its journal was wiped")
        found: list[bytes] = []
        while at < end:
            try:
                page = LogPage.of(self._exchange.ask("log", **{"from": at, "max": protocol.RECORDS_MAX}))
            except PumpRefused as error:
                raise aftermath.UnknownError(error.message)
            if page.first != at or not page.records:
                raise aftermath.UnknownError("the records of that time are gone")
            parts = [page.records[start:start + record.SIZE] for start in range(0, len(page.records), record.SIZE)]
            if not all(record.is_whole(part) for part in parts):
                raise aftermath.UnknownError("a record of that time is damaged")
            found += parts
            at += len(parts)
        return found

