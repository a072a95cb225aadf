"""push: a program, a rig, or both, checked first and sent where the pump has others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import RigPath, example
from pumpctl.commands.check import echo_of, title_of
from pumpctl.documents import digest_of
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from datetime import datetime

    from pump.program import Program
    from pumpctl.program_file import ProgramFile
    from pumpctl.pump import Pump
    from pumpctl.rig_file import RigFile


@click.command(epilog=example("pumpctl push circadian.toml --rig bench.toml", "pumpctl push circadian.toml",
                              "pumpctl push --rig bench.toml"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG",
              help="The rig's file; sent where the pump has another rig. Left out: the rig in the pump is used.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Send the time zone's changes from the year before this date on, and 12 years more; default: today.")
@on_pumps(changes=True)
def push(file: Path | None, rig_path: Path | None, start: datetime | None) -> One:
    """Check the program in FILE and send it, with its rig where the pump has another one.

    Where the check fails nothing is sent. What the pump has already is not sent again. Beyond the program's own soft
    limits it asks first.
    """
    from pumpctl import checks
    from pumpctl.program_file import load_program
    from pumpctl.pulling import stored_program, stored_rig
    from pumpctl.rig_file import load_rig
    from pumpctl.sending import POWER_CYCLE, send_documents, wiring_of

    if file is None and rig_path is None:
        raise click.UsageError("nothing to push: give a program FILE, or --rig RIG, or both")
    rig = load_rig(rig_path) if rig_path else None
    program = load_program(file, start) if file else None
    if program and rig:
        checks.check(program, rig.rig)
    files = {"rig": rig, "program": program}

    def one(pump: Pump) -> Steps:
        if program and rig is None:
            checks.check(program, stored_rig(pump))
        beyond = checks.beyond_soft(program, rig.rig if rig else stored_rig(pump)) if program else ""
        has_it = program is not None and pump.status().program_digest == digest_of(program.body)
        yield Change(beyond or f"push {' and '.join(each.name for each in files.values() if each)}",
                     asks=bool(beyond) and not has_it)
        before = stored_program(pump) if program else None
        wiring = wiring_of(pump) if rig else ()
        sent = send_documents(pump, rig, program, bool(beyond))
        is_rewired = rig is not None and wiring != wiring_of(pump)
        answer = {kind: {"name": each.name, "digest": digest_of(each.body), "sent": kind in sent}
                  for kind, each in files.items() if each}
        answer |= {"beyond_soft_limits": beyond, "power_cycle": is_rewired}
        notes = [_fluid_note(before, program.program) if program else "", "note: " + POWER_CYCLE if is_rewired else ""]
        return Answer(answer, lambda: "\n".join(
            [*(_line(kind, each, kind in sent) for kind, each in files.items() if each), *filter(None, notes)]))
    return one


def _fluid_note(before: Program | None, after: Program) -> str:
    """What a change of concentration asks for (U-02), or ""."""
    if before is None or not before.ng_per_ml or before.ng_per_ml == after.ng_per_ml:
        return ""
    return (f"note: the concentration changes from {before.ng_per_ml} to {after.ng_per_ml} ng/mL. The line still holds "
            "the old fluid: once the pump runs, plan a bridge with pumpctl bridge OLD (the old program's file)")


def _line(kind: str, document: RigFile | ProgramFile, sent: bool) -> str:
    if not sent:
        return f"{kind} {document.name} ({digest_of(document.body)[:12]}): the pump has it already"
    return f"sent {echo_of(kind, document)}" if kind == "program" else f"sent {title_of(kind, document)}"
