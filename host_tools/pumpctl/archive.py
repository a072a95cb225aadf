"""The archive: the records of every pump that was pulled, for good. Owns which journal of which pump a record is of.

A pump whose flash was wiped begins at record 0 again, with another chain: that is another journal of the same pump,
numbered from 1, and never mixed with the old one. Records are kept as the 64 bytes that came; a record that is here
is never changed. Knows no link; which journal a pump continues is decided in archiving.py.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from pump import record
from pumpctl.archive_file import ArchiveError, open_file, told, writing
from pumpctl.journal import records_of
from pumpctl.proofs import dropped


@dataclass(frozen=True)
class Stored:
    """One journal in the archive. `pump` is its unique id, `name` that of its rig, `number` counts its journals."""

    id: int
    pump: bytes
    name: str
    number: int
    first_seq: int
    last_seq: int
    count: int


class Archive:
    """A context manager. Every method may raise ArchiveError."""

    def __init__(self, path: Path, for_writing: bool = False):
        """Opens the archive at `path`; for writing it is made where there is none."""
        self.path = path
        self._file: sqlite3.Connection = open_file(path, for_writing)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._file.close()

    # reading

    def journals(self, pump: bytes | None = None) -> list[Stored]:
        """The journals of one pump, or of all, in their order."""
        with told(self.path):
            rows = self._file.execute(
                "SELECT journals.id, pump, name, number, min(seq), max(seq), count(*) FROM records "
                "JOIN journals ON journals.id = journal JOIN pumps ON pumps.id = pump "
                "WHERE ?1 IS NULL OR pump = ?1 GROUP BY journals.id ORDER BY pump, number", (pump,))
            return [Stored(*row) for row in rows]

    def journal(self, id_: int) -> Stored:
        return next(stored for stored in self.journals() if stored.id == id_)

    def raw(self, journal: int, first: int = 0) -> bytes:
        """The records of a journal from number `first` on, in a row."""
        with told(self.path):
            return b"".join(raw for raw, in self._file.execute(
                "SELECT raw FROM records WHERE journal = ? AND seq >= ? ORDER BY seq", (journal, first)))

    def record(self, journal: int, seq: int) -> bytes | None:
        with told(self.path):
            row = self._file.execute("SELECT raw FROM records WHERE journal = ? AND seq = ?", (journal, seq)).fetchone()
            return row[0] if row else None

    def document(self, pump: bytes, kind: str, digest: str | None = None) -> bytes | None:
        """The "rig" or "program" whose SHA-256 in hex begins with `digest`, or the newest one; None: not here."""
        with told(self.path):
            rows = self._file.execute("SELECT digest, body FROM documents WHERE pump = ? AND kind = ? ORDER BY id DESC",
                                      (pump, kind))
            return next((body for found, body in rows if digest is None or found.startswith(digest)), None)

    # writing

    def meet(self, pump: bytes, name: str, board: str) -> None:
        """The pump is known from now on, under its present name."""
        with told(self.path), writing(self._file):
            self._file.execute("INSERT INTO pumps VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
                               "SET name = excluded.name, board = excluded.board", (pump, name, board))

    def keep(self, pump: bytes, kind: str, body: bytes) -> None:
        """Keeps a rig or a program; one that is here already stays as it is."""
        with told(self.path), writing(self._file):
            self._file.execute("INSERT INTO documents (pump, kind, digest, body) VALUES (?, ?, ?, ?) "
                               "ON CONFLICT DO NOTHING", (pump, kind, hashlib.sha256(body).hexdigest(), body))

    def begin(self, pump: bytes, raw: bytes, known: list[Stored]) -> int:
        """A new journal that begins with these proven records; returns its id.

        Where another pull has begun the same one since `known` was read, that one goes on.
        """
        with told(self.path), writing(self._file):
            seen = {stored.id for stored in known}
            for other in self.journals(pump):
                if other.id not in seen and self.record(other.id, record.seq_of(raw)) == raw[:record.SIZE]:
                    self._insert(other.id, raw)
                    return other.id
            [number] = self._file.execute("SELECT coalesce(max(number), 0) + 1 FROM journals WHERE pump = ?",
                                          (pump,)).fetchone()
            id_ = self._file.execute("INSERT INTO journals (pump, number) VALUES (?, ?)", (pump, number)).lastrowid
            self._insert(id_, raw)
            return id_

    def append(self, journal: int, raw: bytes) -> None:
        """Adds proven records. Those that another pull has added meanwhile must be the same."""
        with told(self.path), writing(self._file):
            self._insert(journal, raw)

    def _insert(self, journal: int, raw: bytes) -> None:
        rows = [(journal, record.seq_of(part), part) for part in records_of(raw)]
        before = self._file.total_changes
        self._file.executemany("INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (journal, seq) DO NOTHING", rows)
        if self._file.total_changes - before < len(rows) and any(self.record(journal, seq) != part
                                                                 for _, seq, part in rows):
            raise ArchiveError(f"another pull has put other records into {self.path}", "run the command again")

    def join(self, pump: bytes) -> dict[int, int]:
        """Puts journals of a pump together that its drop records prove to be one; returns {old id: new id}.

        The pump drops records that nobody has pulled when it needs the room. What is pulled then cannot be proven to
        go on from what is here, and stands as a journal of its own, until a record comes that names the chain of a
        dropped record which is here.
        """
        joined: dict[int, int] = {}
        with told(self.path), writing(self._file):
            known = self.journals(pump)
            for later in known:
                earlier = next((each for each in known if each.number < later.number and later.first_seq
                                and each.last_seq < later.first_seq and self._names(later, each)), None)
                if earlier:
                    into = joined.get(earlier.id, earlier.id)
                    self._file.execute("UPDATE records SET journal = ? WHERE journal = ?", (into, later.id))
                    self._file.execute("DELETE FROM journals WHERE id = ?", (later.id,))
                    joined[later.id] = into
        return joined

    def _names(self, later: Stored, earlier: Stored) -> bool:
        """True where a drop record of the one names a record of the other."""
        for _, first, count, chain in dropped(self.raw(later.id)):
            here = self.record(earlier.id, first + count - 1)
            if here is not None and record.chain_of(here) == chain:
                return True
        return False
