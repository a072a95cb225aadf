"""push: a program, a rig, or both, checked first. Owns the order in which they are sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import connect, example, json_option, port_option, say
from pumpctl.commands.check import digest_of, echo_of, title_of

if TYPE_CHECKING:
    from datetime import datetime

    from pumpctl.program_file import ProgramFile
    from pumpctl.pump import Pump
    from pumpctl.rig_file import RigFile


@click.command(epilog=example("pumpctl push circadian.toml --rig bench.toml", "pumpctl push circadian.toml",
                              "pumpctl push --rig bench.toml"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--rig", "rig_path", type=click.Path(path_type=Path), metavar="RIG",
              help="The rig's file; sent where the pump has another rig. Left out: the rig in the pump is used.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Send the time zone's changes from the year before this date on, and 12 years more; default: today.")
@port_option
@json_option
def push(file: Path | None, rig_path: Path | None, start: datetime | None, port: str | None, as_json: bool) -> None:
    """Check the program in FILE and send it, with its rig where the pump has another one.

    Where the check fails nothing is sent. What the pump has already is not sent again.
    """
    from pumpctl.checks import check as prove
    from pumpctl.program_file import load_program
    from pumpctl.pulling import stored_rig
    from pumpctl.rig_file import load_rig

    if file is None and rig_path is None:
        raise click.UsageError("nothing to push: give a program FILE, or --rig RIG, or both")
    rig = load_rig(rig_path) if rig_path else None
    program = load_program(file, start) if file else None
    if program and rig:
        prove(program, rig.rig)
    with connect(port) as pump:
        if program and rig is None:
            prove(program, stored_rig(pump))
        sent = _send(pump, rig, program)
        board = pump.board
    files = {"rig": rig, "program": program}
    answer = {kind: {"name": each.name, "digest": digest_of(each.body), "sent": kind in sent}
              for kind, each in files.items() if each} | {"board": board}
    say(as_json, answer, lambda: "\n".join(_line(kind, each, kind in sent) for kind, each in files.items() if each))


def _send(pump: Pump, rig: RigFile | None, program: ProgramFile | None) -> list[str]:
    """Sends what the pump does not have yet, the rig first; returns which."""
    status = pump.status()
    sent = []
    if rig and digest_of(rig.body) != status.rig_digest:
        pump.push_rig(rig.body)
        sent.append("rig")
    if program and digest_of(program.body) != status.program_digest:
        pump.push_program(program.body)
        sent.append("program")
    return sent


def _line(kind: str, document: RigFile | ProgramFile, sent: bool) -> str:
    if not sent:
        return f"{kind} {document.name} ({digest_of(document.body)[:12]}): the pump has it already"
    return f"sent {echo_of(kind, document)}" if kind == "program" else f"sent {title_of(kind, document)}"
