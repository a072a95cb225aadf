"""From a stored journal to what a report shows: the period's records, their rigs, accounts, checks and proof.

Owns which rig was in force when, and what is left out where a journal is broken. Knows no page and no command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pump import record
from pump.program import Program
from pump.rig import Rig
from pump.volume import StepRatio
from pumpctl.accounts import Accounts, accounts_of, uncertain_before
from pumpctl.errors import HostError
from pumpctl.period import begin_of, records_in
from pumpctl.proofs import Proof, prove
from pumpctl.pulling import parsed
from pumpctl.selection import Selection
from pumpctl.summary import NothingError, Results, Run

if TYPE_CHECKING:
    from pumpctl.report_curves import Curves

DIGEST_DIGITS = 32            # of the SHA-256 in hex that a record has
Find = Callable[[str, str | None], bytes | None]


@dataclass(frozen=True)
class Report:
    """What a report shows. `names`: the beginning of a document's digest to its name; `period`: in words."""

    results: Results
    accounts: Accounts
    proof: Proof
    period: str = ""
    journal: int = 1
    names: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    curves: Curves | None = None


def report_of_run(results: Results) -> Report:
    """Of all of a run that this process pulled or simulated; its present rig counts for all of it."""
    raw = results.run.raw
    accounts = accounts_of(_parts(raw), results.ratio, before=uncertain_before(raw, record.seq_of(raw)))
    return Report(results, accounts, results.proof, notes=results.notes)


def report_of(raw: bytes, pump: bytes, find: Find, selection: Selection, period: str = "",
              journal: int = 1) -> Report:
    """Of the part of a journal that `selection` asks for. `find` gives a "rig" or "program" by the beginning of its
    digest, None for the newest.

    What follows a record that is wrong is left out. NothingError where there is nothing to tell.
    """
    proof = prove(raw, pump or None)
    if proof.broken:
        raw = raw[:proof.count * record.SIZE]
    chosen = records_in(raw, selection)
    if not chosen:
        raise NothingError("no record belongs to that period", "see what there is with: pumpctl log show --last 20")
    documents = _Documents(find)
    first, last = begin_of(chosen), record.seq_of(chosen[-record.SIZE:])
    rig_then = documents.rig(_digest_at(raw, record.EVENT_RIG, first))
    rig = documents.rig(_digest_at(raw, record.EVENT_RIG, last + 1))
    program = documents.program(_digest_at(raw, record.EVENT_PROGRAM, last + 1))
    results = Results(Run(chosen, rig, program, pump), proof)
    accounts = accounts_of(_parts(chosen), rig_then.ratio, documents.ratio, uncertain_before(raw, first))
    notes = results.gap_notes + results.clock_notes + documents.notes()
    if not accounts.knows_uncertain:
        notes.append("these records do not reach back to where it is written how much volume was uncertain before; "
                     "what their first sums say is taken to be of before the period")
    if results.rig_changes:
        notes.append("the rig was replaced in this period: the accounts have each rig's own volume, the picture and "
                     "the list of boluses that of the last one")
    return Report(results, accounts, proof, period, journal, documents.names, notes)


class _Documents:
    """The rigs and programs of a journal, each read once; those that are not here are noted."""

    def __init__(self, find: Find):
        self._find = find
        self._rigs: dict[str | None, Rig] = {}
        self._missing: list[str] = []
        self.names: dict[str, str] = {}

    def rig(self, digest: str | None) -> Rig:
        """That of a digest; the newest one where it is not here. HostError where there is none."""
        if digest not in self._rigs:
            body = self._find("rig", digest)
            if body is None and digest is not None:
                self._missing.append(digest)
                body = self._find("rig", None)
            if body is None:
                raise HostError("there is no rig of this pump here",
                                "pull from the pump with pumpctl log pull, or give the rig's file with --rig")
            self._rigs[digest] = parsed(Rig, body)
            if digest and digest not in self._missing:
                self.names[digest] = self._rigs[digest].name
        return self._rigs[digest]

    def ratio(self, digest: str) -> StepRatio:
        return self.rig(digest).ratio

    def program(self, digest: str | None) -> Program | None:
        body = self._find("program", digest) or (self._find("program", None) if digest else None)
        program = parsed(Program, body) if body else None
        if program and digest:
            self.names[digest] = program.name
        return program

    def notes(self) -> list[str]:
        return [f"the rig {digest[:12]} is not here; its volumes are those of the newest rig"
                for digest in self._missing]


def _parts(raw: bytes) -> list[bytes]:
    return [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]


def _digest_at(raw: bytes, event: int, before_seq: int) -> str | None:
    """The digest in the last record of this event before a record; the first one's after it where there is none."""
    found = None
    for part in _parts(raw):
        if record.header(part)[7] == event:
            if record.seq_of(part) >= before_seq and found is not None:
                break
            found = record.data_of(part, record.IMAGE)[0].hex()
            if record.seq_of(part) >= before_seq:
                break
    return found
