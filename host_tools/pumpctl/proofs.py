"""The proof of a stored journal: which records follow each other, what is not here, and why. Knows no pump, no file.

The pump drops its oldest segment when it needs the room, and writes a record that says which records went, with the
chain of the last of them. So where records are missing and the next one continues that chain, the gap is explained:
the pump dropped them, and nobody took them out. It always drops the oldest, so whatever is older went before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pump import record
from pumpctl.journal import Chain, JournalError

_EVENT_AT = 20


@dataclass(frozen=True)
class Gap:
    """Records `first` to `last` are not here; `dropped_by` is the record that explains it, None where none does."""

    first: int
    last: int
    dropped_by: int | None

    @property
    def text(self) -> str:
        why = f"the pump dropped them, record {self.dropped_by} says" if self.dropped_by is not None else "unexplained"
        which = f"records {self.first} to {self.last} are" if self.last > self.first else f"record {self.first} is"
        return f"{which} not here: {why}"


@dataclass
class Proof:
    """What was found in a journal. `count` records are proven; `broken` is the first that does not follow."""

    count: int = 0
    first_seq: int | None = None
    last_seq: int | None = None
    gaps: list[Gap] = field(default_factory=list)
    broken: JournalError | None = None

    @property
    def unexplained(self) -> list[Gap]:
        return [gap for gap in self.gaps if gap.dropped_by is None]

    @property
    def is_good(self) -> bool:
        """Nothing is broken, and whatever is not here was dropped by the pump itself."""
        return self.broken is None and not self.unexplained

    @property
    def first_bad_seq(self) -> int | None:
        """The first sequence number that is missing without a reason, or wrong."""
        found = [gap.first for gap in self.unexplained] + ([self.broken.seq] if self.broken else [])
        return min(found, default=None)

    def as_dict(self) -> dict[str, Any]:
        return {"good": self.is_good, "records": self.count, "first_seq": self.first_seq, "last_seq": self.last_seq,
                "first_bad_seq": self.first_bad_seq, "broken": self.broken.message if self.broken else None,
                "gaps": [{"first_seq": gap.first, "last_seq": gap.last, "dropped_by_seq": gap.dropped_by}
                         for gap in self.gaps]}


def prove(raw: bytes, unique_id: bytes | None = None) -> Proof:
    """Follows a journal from its first record to its last, over gaps too, until something is wrong.

    With the pump's `unique_id` record 0 is proven to be this pump's; without, it is taken as it is.
    """
    proof = Proof()
    drops = _drops(raw)
    chain = Chain(0, unique_id)
    at = 0
    while at < len(raw):
        taken = chain.take_all(raw[at:])
        if taken:
            proof.first_seq = record.seq_of(raw[at:]) if proof.first_seq is None else proof.first_seq
            proof.count += taken
            proof.last_seq = chain.next_seq - 1
            at += taken * record.SIZE
            continue
        part = raw[at:at + record.SIZE]
        if len(part) < record.SIZE:
            proof.broken = JournalError(chain.next_seq, "the file ends inside it")
            break
        if not record.is_whole(part) or record.seq_of(part) <= chain.next_seq:
            proof.broken = _what_is_wrong(chain, part)
            break
        proof.gaps.append(_gap(chain.next_seq, part, drops))
        chain = Chain(record.seq_of(part), None)
    return proof


def proven(raw: bytes, unique_id: bytes | None = None) -> Proof:
    """The proof of a journal whose records are all whole and follow each other; JournalError otherwise.

    What is older than the first of them may be missing, and so may what the pump dropped.
    """
    proof = prove(raw, unique_id)
    inside = [JournalError(gap.first, f"record {gap.last + 1} stands in its place")
              for gap in proof.unexplained if gap.last + 1 != proof.first_seq]
    wrong = inside + ([proof.broken] if proof.broken else [])
    if wrong:
        raise min(wrong, key=lambda error: error.seq)
    return proof


def _what_is_wrong(chain: Chain, part: bytes) -> JournalError:
    try:
        chain.take(part)
    except JournalError as error:
        return error
    raise AssertionError("a record that follows was not taken")


def _gap(first: int, behind: bytes, drops: dict[int, tuple[int, bytes]]) -> Gap:
    """The gap from record `first` to the one before `behind`."""
    seq = record.seq_of(behind)
    told_by, chain = drops.get(seq, (None, b""))
    return Gap(first, seq - 1, told_by if record.follows(behind, chain) else None)


def _drops(raw: bytes) -> dict[int, tuple[int, bytes]]:
    """{first record that stayed: (number of the record that says so, chain of the last that went)}."""
    return {first + count: (seq, chain) for seq, first, count, chain in dropped(raw)}


def dropped(raw: bytes) -> list[tuple[int, int, int, bytes]]:
    """(sequence number, first that went, how many, chain of the last) of each whole drop record."""
    found = []
    events = raw[_EVENT_AT::record.SIZE]
    place = events.find(record.EVENT_DROPPED)
    while place >= 0:
        part = raw[place * record.SIZE:(place + 1) * record.SIZE]
        if record.is_whole(part):
            found.append((record.seq_of(part), *record.data_of(part, record.DROPPED)))
        place = events.find(record.EVENT_DROPPED, place + 1)
    return found
