"""Pushing: what a rig and a program would change in a pump, and then the sending (C-03). Owns the order: checks first,
the rig before the program, each committed by its digest. Reads no file and asks nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pump.check import check_program
from pump.errors import PumpError
from pump.rig import PARTS_1, PIN_DEFAULTS, Rig
from pumpctl.errors import HostError, NotConfirmedError
from pumpctl.program_diff import Difference, Pair, compare, rig_changes
from pumpctl.pulling import stored_program, stored_rig
from pumpctl.refusals import IncompatibleError
from pumpfiles import checks
from pumpfiles.documents import digest_of

if TYPE_CHECKING:
    from _typeshed import StrPath

    from pump.program import Program
    from pumpctl.pump_link import PumpLink
    from pumpfiles.program_file import ProgramFile
    from pumpfiles.rig_file import RigFile

POWER_CYCLE = "the rig's pins and parts count from the next power-up on: switch the pump off and on"


@dataclass(frozen=True)
class Sent:
    """What was sent, of "rig" and "program", and whether the pump has to be switched off and on for it."""

    kinds: list[str]
    power_cycle: bool


@dataclass(frozen=True)
class Push:
    """What would be sent to one pump. `before`: the program in it. `difference`, `rig_difference`: what changes where
    it has others; None where it has none or the same. `beyond`: what of the program's own soft limits it exceeds."""

    rig: RigFile | None
    program: ProgramFile | None
    sends_rig: bool
    sends_program: bool
    before: Program | None
    difference: Difference | None
    rig_difference: list[Pair] | None
    beyond: str
    misfit: str                        # why the program in the pump does not fit the new rig, which removes it; or ""
    had: tuple[str, str]               # digests of rig and program that it was compared with

    def send(self, pump: PumpLink) -> Sent:
        """Sends what the pump does not have. `beyond` counts as confirmed.

        HostError where the pump has got others since it was looked at; then nothing was sent.
        """
        status = pump.status()
        if (status.rig_digest, status.program_digest) != self.had:
            raise HostError("the pump has got another rig or program meanwhile", "run the command again")
        kinds = []
        wiring = _wiring_of(pump) if self.sends_rig else None
        if self.rig and self.sends_rig:
            pump.push_rig(self.rig.body)
            kinds.append("rig")
        if self.program and self.sends_program:
            pump.push_program(self.program.body, bool(self.beyond))
            kinds.append("program")
        self._require_there(pump)
        return Sent(kinds, wiring is not None and wiring != _wiring_of(pump))

    def _require_there(self, pump: PumpLink) -> None:
        """What was committed by its digest is what the pump says it has."""
        status = pump.status()
        for kind, file, digest in (("rig", self.rig, status.rig_digest),
                                   ("program", self.program, status.program_digest)):
            if file and digest != digest_of(file.body):
                raise IncompatibleError(f"the pump has another {kind} than the one that was sent",
                                        "see what it has with: pumpctl status")


def prepare(pump: PumpLink, program: ProgramFile | None, rig: RigFile | None = None) -> Push:
    """Checks program and rig, with the pump's rig where none is given, and compares them with what the pump has.

    InputError for a program beyond the limits; HostError where no rig is known. Changes nothing.
    """
    status = pump.status()
    sends_rig = rig is not None and digest_of(rig.body) != status.rig_digest
    sends_program = program is not None and digest_of(program.body) != status.program_digest
    beyond = ""
    difference = rig_difference = None
    before = stored_program(pump) if status.program_digest else None
    if sends_rig and rig and status.rig_digest:
        old = pump.document("rig")
        rig_difference = rig_changes(old, rig.body) if old else None
    if program:
        device = rig.rig if rig else stored_rig(pump)
        checks.check(program, device)
        beyond = checks.beyond_soft(program, device)
        if before and sends_program:
            difference = compare(before, program.program, device)
    misfit = _misfit(before, rig.rig) if before and rig and sends_rig and not program else ""
    return Push(rig, program, sends_rig, sends_program, before, difference, rig_difference, beyond, misfit,
                (status.rig_digest, status.program_digest))


def push_files(pump: PumpLink, program: StrPath | None, rig: StrPath | None, beyond_soft_limits: bool) -> list[str]:
    """Checks and sends files without asking; see Pump.push."""
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    plan = prepare(pump, load_program(program) if program else None, load_rig(rig) if rig else None)
    if plan.beyond and plan.sends_program and not beyond_soft_limits:
        raise NotConfirmedError(plan.beyond, "push it with beyond_soft_limits=True if that is what you want")
    return plan.send(pump).kinds


def _wiring_of(pump: PumpLink) -> tuple[object, ...]:
    """What the pump takes of its rig at power-up only."""
    body = pump.document("rig")
    rig = Rig(body) if body else None
    return (rig.pins, sorted(rig.parts), rig.tmc2209) if rig else (PIN_DEFAULTS, sorted(PARTS_1), None)


def _misfit(program: Program, rig: Rig) -> str:
    try:
        check_program(program, rig)
    except PumpError as error:
        return error.message
    return ""
