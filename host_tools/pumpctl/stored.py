"""Journals at rest: those of an archive, or of one file of records such as journal.bin. Knows no pump and no filter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pump import record
from pumpctl.archive import Archive, Stored
from pumpctl.archive_file import default_path, is_database
from pumpctl.errors import HostError

LOOK_AT = 16                  # records of a file: where none of them is whole, it is no journal


@dataclass(frozen=True)
class StoredJournal:
    """`pump` is the pump's unique id, b"" where the file does not say; `number` counts the journals of one pump."""

    pump: bytes
    name: str
    number: int
    raw: bytes


def stored_journals(path: Path | None, pump: str | None = None) -> list[StoredJournal]:
    """The journals at `path`, or in the user's archive; only of one pump where its id or its rig's name is given.

    HostError where there are none.
    """
    path = path or default_path()
    if path.exists() and not is_database(path):
        return [_of_file(path)]
    with Archive(path) as archive:
        return [StoredJournal(each.pump, each.name, each.number, archive.raw(each.id))
                for each in _chosen(archive, pump)]


def _chosen(archive: Archive, pump: str | None) -> list[Stored]:
    stored = archive.journals()
    if not stored:
        raise HostError(f"the archive {archive.path} holds no record yet", "pull some with: pumpctl log pull")
    chosen = [each for each in stored if pump is None or _is_called(pump, each.pump, each.name)]
    if not chosen:
        there = ", ".join(sorted({f"{each.pump.hex()} ({each.name})" for each in stored}))
        raise HostError(f"no pump {pump!r} in the archive", f"it has {there}")
    return chosen


def newest_journal(archive: Archive, pump: str | None = None) -> Stored:
    """The newest journal of the only pump in an archive, or of the one that is called so; HostError where that is not
    one pump."""
    found = _chosen(archive, pump)
    if len({each.pump for each in found}) > 1:
        there = ", ".join(sorted({f"{each.pump.hex()} ({each.name})" for each in found}))
        raise HostError(f"the archive has several pumps: {there}", "choose one with --pump")
    return found[-1]


def _is_called(text: str, pump: bytes, name: str) -> bool:
    return text == name or (bool(text) and pump.hex().startswith(text.lower()))


def _of_file(path: Path) -> StoredJournal:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise HostError(f"cannot read {path}: {error.strerror}", "give another file")
    looked_at = (raw[at:at + record.SIZE] for at in range(0, LOOK_AT * record.SIZE, record.SIZE))
    if not any(record.is_whole(part) for part in looked_at):
        raise HostError(f"{path} is neither an archive nor a file of journal records",
                        "give an archive, or the journal.bin of pumpctl log pull --out")
    return StoredJournal(b"", "", 1, raw)
