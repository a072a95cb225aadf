"""The journal on the host: whole 64-byte records in a row, proven to follow each other. Knows no doses, gaps or files.

Every record carries the chain of the one before it (pump/record.py), the first one of a pump its unique id. So a
record that is missing, doubled, moved or changed shows as the first one that does not follow.
"""

from __future__ import annotations

import binascii
import hashlib
import struct
from collections.abc import Iterator

from pump import record
from pumpctl.errors import HostError

# A record as its proof sees it: the chained bytes, the chain, the CRC of all before it; and its number
_PROOF = struct.Struct("<52s8sI")
_SEQ = struct.Struct("<I60x")


class JournalError(HostError):
    """A record does not follow the one before it; `seq` is the first bad one."""

    exit_code = 5

    def __init__(self, seq: int, found: str):
        super().__init__(f"the journal breaks at record {seq}: {found}",
                         "keep the records before it, and treat later volumes as unproven")
        self.seq = seq
        self.found = found


def records_of(raw: bytes) -> Iterator[bytes]:
    """The records of a journal file, each 64 bytes; a cut-off last one is a JournalError."""
    for at in range(0, len(raw), record.SIZE):
        part = raw[at:at + record.SIZE]
        if len(part) < record.SIZE:
            raise JournalError(at // record.SIZE, "the file ends inside it")
        yield part


def following(raw: bytes, seq: int, chain: bytes) -> tuple[int, bytes]:
    """How many records at the beginning of `raw` are whole, numbered from `seq` on and continue `chain`; their chain.

    The one place where speed counts: a year's journal is proven in a fraction of a second. `Chain.take` says what is
    wrong with the first that is not counted.
    """
    sha256, crc32, size = hashlib.sha256, binascii.crc32, record.CHAIN_SIZE
    count = 0
    whole = raw[:len(raw) // record.SIZE * record.SIZE]
    for (body, link, crc), (number,) in zip(_PROOF.iter_unpack(whole), _SEQ.iter_unpack(whole), strict=True):
        if number != seq + count or crc32(link, crc32(body)) != crc or sha256(chain + body).digest()[:size] != link:
            break
        chain = link
        count += 1
    return count, chain


class Chain:
    """Follows a journal record by record."""

    def __init__(self, next_seq: int | None = None, chain: bytes | None = None):
        """Begins after a known record, or with `chain` None at whatever whole record comes first."""
        self.next_seq = next_seq
        self.chain = chain

    @classmethod
    def after(cls, raw: bytes) -> Chain:
        """One that goes on behind a proven record."""
        return cls(record.seq_of(raw) + 1, record.chain_of(raw))

    def take(self, raw: bytes) -> None:
        """Takes the next record; JournalError where it is not whole or does not follow."""
        seq = record.seq_of(raw) if len(raw) == record.SIZE else 0
        expected = seq if self.next_seq is None else self.next_seq
        if not record.is_whole(raw):
            raise JournalError(expected, "its CRC is wrong")
        if seq != expected:
            raise JournalError(expected, f"record {seq} stands in its place")
        if self.chain is not None and not record.follows(raw, self.chain):
            raise JournalError(seq, "its chain does not continue that of the record before")
        self.next_seq = seq + 1
        self.chain = record.chain_of(raw)

    def take_all(self, raw: bytes) -> int:
        """Takes as many records as follow; returns how many. What `take` says of the next one is what is wrong."""
        taken = 0
        if self.chain is None and len(raw) >= record.SIZE:
            try:
                self.take(raw[:record.SIZE])
            except JournalError:
                return 0
            taken = 1
        if self.next_seq is None or self.chain is None:
            return taken
        count, self.chain = following(raw[taken * record.SIZE:], self.next_seq, self.chain)
        self.next_seq += count
        return taken + count
