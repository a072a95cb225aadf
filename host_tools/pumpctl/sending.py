"""Sending documents to a pump: what it does not have yet, the rig first. Knows no file and no check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pumpctl.documents import digest_of

if TYPE_CHECKING:
    from pumpctl.program_file import ProgramFile
    from pumpctl.pump import Pump
    from pumpctl.rig_file import RigFile


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
