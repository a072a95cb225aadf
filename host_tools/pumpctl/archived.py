"""A run from the archive: a journal with the rig and program that it was made with. Knows no link and no command."""

from __future__ import annotations

from pump import record
from pump.program import Program
from pump.rig import Rig
from pumpctl.archive import Archive, Stored
from pumpctl.archiving import Pulled
from pumpctl.pulling import parsed
from pumpctl.summary import NothingError, Run

_EVENT_AT = 20


def pulled_run(archive: Archive, pulled: Pulled, first: int = 0) -> Run:
    """What was just pulled and all before it, from record `first` on, with the pump's present rig and program."""
    if not pulled.status.rig_digest:
        raise NothingError("the pump has no rig", "send one with: pumpctl push --rig RIG")
    raw = archive.raw(pulled.journal.id, first) if pulled.journal else b""
    rig = archive.document(pulled.unique_id, "rig", pulled.status.rig_digest)
    program = None
    if pulled.status.program_digest:
        program = archive.document(pulled.unique_id, "program", pulled.status.program_digest)
    return Run(raw, parsed(Rig, rig), parsed(Program, program) if program else None, pulled.unique_id,
               wall_s=pulled.wall_s)


def archived_run(archive: Archive, journal: Stored, first: int = 0) -> Run:
    """A journal from record `first` on, with the last rig and program that it names. NothingError without a rig.

    Records that name them may be gone: then the newest ones of this pump that the archive has are taken.
    """
    raw = archive.raw(journal.id, first)
    rig = archive.document(journal.pump, "rig", _last_digest(raw, record.EVENT_RIG))
    program = archive.document(journal.pump, "program", _last_digest(raw, record.EVENT_PROGRAM))
    if rig is None:
        raise NothingError("the archive has no rig of this pump", "pull from the pump: pumpctl log pull")
    return Run(raw, parsed(Rig, rig), parsed(Program, program) if program else None, journal.pump)


def _last_digest(raw: bytes, event: int) -> str | None:
    """The digest, shortened, in the last record of this event."""
    place = raw[_EVENT_AT::record.SIZE].rfind(event)
    if place < 0:
        return None
    return record.data_of(raw[place * record.SIZE:(place + 1) * record.SIZE], record.IMAGE)[0].hex()
