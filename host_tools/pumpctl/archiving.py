"""Pulling into the archive: only what is new is asked of the pump. Owns which journal a pump goes on with.

A pump goes on with an archived journal where the record behind the newest one here continues its chain, or, where
there is none behind it, where the pump still holds that newest one. Otherwise its flash was wiped, or it has dropped
records that nobody pulled: what it holds is a journal of its own then. Nothing is written that was not proven, and
whatever was proven before a link breaks is in the archive.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pump import record
from pumpctl.archive import Archive, Stored
from pumpctl.journal import Chain, JournalError, records_of
from pumpctl.pump_link import PumpLink
from pumpctl.refusals import IncompatibleError
from pumpctl.replies import Status

FLUSH_S = 0.5                 # proven records wait so long at most, because a commit waits for the disk


@dataclass(frozen=True)
class Pulled:
    """What a pull has brought into the archive. `journal` is None where the pump holds no record at all."""

    unique_id: bytes
    status: Status
    journal: Stored | None
    new: int
    wall_s: float
    began: bool                   # a journal that the archive did not have


def pull_into(archive: Archive, pump: PumpLink,
              on_count: Callable[[int, int], None] = lambda count, most: None) -> Pulled:
    """Pulls every record that the archive does not have; `on_count` hears how many came, of how many.

    JournalError where a record does not follow; it and NoConnectionError leave all records before it archived.
    """
    began = time.perf_counter()
    hello, status = pump.hello(), pump.status()
    if hello.journal > record.JOURNAL_VERSION:
        raise IncompatibleError(f"the pump writes journal version {hello.journal}, this pumpctl knows "
                                f"{record.JOURNAL_VERSION}", "update pumpctl")
    unique_id = hello.unique_bytes
    archive.meet(unique_id, status.rig or "", status.board)
    known = archive.journals(unique_id)
    going_on = next((each for each in reversed(known) if _goes_on(pump, archive, each)), None)
    shelf = _Shelf(archive, unique_id, known, going_on)
    try:
        _pull(pump, shelf, on_count)
    finally:
        shelf.flush()
    if shelf.next_seq and shelf.chain.chain is not None:
        pump.pulled(shelf.next_seq, shelf.chain.chain)
    joined = archive.join(unique_id)
    _keep_documents(archive, pump, unique_id, status)
    journal = archive.journal(joined.get(shelf.journal, shelf.journal)) if shelf.journal is not None else None
    return Pulled(unique_id, status, journal, shelf.count, time.perf_counter() - began,
                  journal is not None and journal.id not in {each.id for each in known})


class _Shelf:
    """Takes proven records and puts them into the archive, some at a time."""

    def __init__(self, archive: Archive, pump: bytes, known: list[Stored], going_on: Stored | None):
        self.journal = going_on.id if going_on else None
        self.next_seq = going_on.last_seq + 1 if going_on else 0
        self.chain = Chain(0, pump)
        if going_on:
            self.chain = Chain.after(archive.record(going_on.id, going_on.last_seq))
        self.count = 0
        self._archive = archive
        self._pump = pump
        self._known = known
        self._waiting = b""
        self._flushed_s = time.monotonic()

    def take(self, raw: bytes) -> None:
        """Takes the next records as far as they follow; JournalError where one does not."""
        taken = self.chain.take_all(raw)
        self.count += taken
        self._waiting += raw[:taken * record.SIZE]
        if taken * record.SIZE < len(raw):
            self.chain.take(raw[taken * record.SIZE:][:record.SIZE])
        self.next_seq = self.chain.next_seq
        if time.monotonic() - self._flushed_s > FLUSH_S:
            self.flush()

    def begin(self, seq: int) -> None:
        """What comes from record `seq` on cannot be proven to go on from what came before."""
        self.flush()
        self.journal, self.next_seq, self.chain = None, seq, Chain(seq, None)

    def flush(self) -> None:
        raw, self._waiting = self._waiting, b""
        if raw and self.journal is None:
            self.journal = self._archive.begin(self._pump, raw, self._known)
        elif raw:
            self._archive.append(self.journal, raw)
        self._flushed_s = time.monotonic()


def _pull(pump: PumpLink, shelf: _Shelf, on_count: Callable[[int, int], None]) -> None:
    while True:
        page = pump.log(shelf.next_seq)
        if not page.records:
            return
        if page.first > shelf.next_seq:
            shelf.begin(page.first)
        shelf.take(page.records)
        on_count(shelf.count, shelf.count + max(0, page.next_seq - shelf.next_seq))


def _goes_on(pump: PumpLink, archive: Archive, journal: Stored) -> bool:
    """True where the pump's journal is this one; JournalError where the pump's record at the junction is bad."""
    seq = journal.last_seq
    newest = archive.record(journal.id, seq)
    found = _around(pump, seq)
    before, same, behind = found.get(seq - 1), found.get(seq), found.get(seq + 1)
    if behind is not None and record.is_whole(behind) and record.follows(behind, record.chain_of(newest)):
        return True
    if same is None or same == newest:
        return same is not None
    if not record.is_whole(same):
        raise JournalError(seq, "its CRC is wrong")
    if before is not None and record.is_whole(before) and not record.follows(same, record.chain_of(before)):
        raise JournalError(seq, "its chain does not continue that of the record before")
    return False


def _around(pump: PumpLink, seq: int) -> dict[int, bytes]:
    """Record `seq`, the one before and the one behind it, as far as the pump has them; a reply may end between two."""
    found = {}
    at, last = max(0, seq - 1), seq + 1
    while at <= last:
        page = pump.log(at, last - at + 1)
        found |= {record.seq_of(part): part for part in records_of(page.records)}
        if not page.records:
            break
        at = max(at, page.first) + len(page.records) // record.SIZE
    return found


def _keep_documents(archive: Archive, pump: PumpLink, unique_id: bytes, status: Status) -> None:
    """The pump's rig and program, where the archive does not have them: volumes are told with the rig."""
    for kind, digest in (("rig", status.rig_digest), ("program", status.program_digest)):
        if digest and archive.document(unique_id, kind, digest) is None:
            body = pump.document(kind)
            if body:
                archive.keep(unique_id, kind, body)
