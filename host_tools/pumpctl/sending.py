"""Sending documents to a pump: what it does not have yet, the rig first. Knows no file and no check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pump.rig import PARTS_1, PIN_DEFAULTS, Rig
from pumpctl.documents import digest_of

if TYPE_CHECKING:
    from pumpctl.program_file import ProgramFile
    from pumpctl.pump import Pump
    from pumpctl.rig_file import RigFile

POWER_CYCLE = "the rig's pins and parts count from the next power-up on: switch the pump off and on"


def send_documents(pump: Pump, rig: RigFile | None, program: ProgramFile | None, beyond: bool) -> list[str]:
    """Sends rig and program where the pump has others; returns which. `beyond`: beyond soft limits, and so wanted."""
    sent = []
    if rig and digest_of(rig.body) != pump.status().rig_digest:
        pump.push_rig(rig.body)
        sent.append("rig")
    if program and digest_of(program.body) != pump.status().program_digest:
        pump.push_program(program.body, beyond)
        sent.append("program")
    return sent


def wiring_of(pump: Pump) -> tuple[object, ...]:
    """What the pump takes of its rig at power-up only."""
    body = pump.document("rig")
    rig = Rig(body) if body else None
    return (rig.pins, sorted(rig.parts)) if rig else (PIN_DEFAULTS, sorted(PARTS_1))
