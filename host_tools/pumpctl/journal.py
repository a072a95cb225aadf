"""The journal on the host: whole 64-byte records in a row, proven to follow each other. Knows no doses.

Every record carries the chain of the one before it (pump/record.py), the first one of a pump its unique id. So a
record that is missing, doubled, moved or changed shows as the first one that does not follow.
"""

from __future__ import annotations

from collections.abc import Iterator

from pump import record
from pumpctl.errors import HostError


class JournalError(HostError):
    """A record does not follow the one before it; `seq` is the first bad one."""

    exit_code = 5

    def __init__(self, seq: int, found: str):
        super().__init__(f"the journal breaks at record {seq}: {found}",
                         "keep the records before it, and treat later volumes as unproven")
        self.seq = seq


def records_of(raw: bytes) -> Iterator[bytes]:
    """The records of a journal file, each 64 bytes; a cut-off last one is a JournalError."""
    for at in range(0, len(raw), record.SIZE):
        part = raw[at:at + record.SIZE]
        if len(part) < record.SIZE:
            raise JournalError(at // record.SIZE, "the file ends inside it")
        yield part


class Chain:
    """Follows a journal record by record."""

    def __init__(self, next_seq: int | None = None, chain: bytes | None = None):
        """Begins after a known record, or with `chain` None at whatever whole record comes first."""
        self.next_seq = next_seq
        self._chain = chain

    def take(self, raw: bytes) -> None:
        """Takes the next record; JournalError where it is not whole or does not follow."""
        seq = record.seq_of(raw) if len(raw) == record.SIZE else 0
        expected = seq if self.next_seq is None else self.next_seq
        if not record.is_whole(raw):
            raise JournalError(expected, "its CRC is wrong")
        if seq != expected:
            raise JournalError(expected, f"record {seq} stands in its place")
        if self._chain is not None and not record.follows(raw, self._chain):
            raise JournalError(seq, "its chain does not continue that of the record before")
        self.next_seq = seq + 1
        self._chain = record.chain_of(raw)


def proven(raw: bytes, unique_id: bytes | None = None) -> int:
    """How many records `raw` holds, all of them whole and following each other; JournalError otherwise.

    With the pump's `unique_id` a journal that begins with record 0 is proven from its very beginning.
    """
    chain = Chain()
    if unique_id is not None and raw and record.seq_of(raw) == 0:
        chain = Chain(0, unique_id)
    count = 0
    for part in records_of(raw):
        chain.take(part)
        count += 1
    return count
