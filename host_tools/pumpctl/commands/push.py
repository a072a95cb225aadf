"""push: a program, a rig, or both, checked first, shown against what the pump has, and sent where it has others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import RigPath, example
from pumpctl.commands.check import echo_of, title_of
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps
from pumpfiles.documents import digest_of

if TYPE_CHECKING:
    from datetime import datetime

    from pump.program import Program
    from pumpctl.pump import Pump
    from pumpctl.pushing import Push
    from pumpfiles.program_file import ProgramFile
    from pumpfiles.rig_file import RigFile

OLD, NEW = "in the pump", "in the file"


@click.command(epilog=example("pumpctl push circadian.toml --rig bench.toml", "pumpctl push circadian.toml",
                              "pumpctl push --rig bench.toml", "pumpctl push circadian.toml --all --yes"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG",
              help="The rig's file; sent where the pump has another rig. Left out: the rig in the pump is used.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="Send the time zone's changes from the year before this date on, and 12 years more; default: today.")
@on_pumps(changes=True)
def push(file: Path | None, rig_path: Path | None, start: datetime | None) -> One:
    """Check the program in FILE and send it, with its rig where the pump has another one.

    Where the check fails nothing is sent. What the pump has already is not sent again. Where it has another program or
    rig, and beyond the program's own soft limits, it shows what changes and asks first.
    """
    from pumpctl.pushing import POWER_CYCLE, prepare
    from pumpfiles import checks
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    if file is None and rig_path is None:
        raise click.UsageError("nothing to push: give a program FILE, or --rig RIG, or both")
    rig = load_rig(rig_path) if rig_path else None
    program = load_program(file, start) if file else None
    if program and rig:
        checks.check(program, rig.rig)                         # before any pump is opened

    def one(pump: Pump) -> Steps:
        plan = prepare(pump, program, rig)
        yield from shown(plan)
        yield Change(question(plan), asks=asks(plan))
        sent = plan.send(pump)
        files = {"rig": rig, "program": program}
        answer = {kind: {"name": each.name, "digest": digest_of(each.body), "sent": kind in sent.kinds}
                  for kind, each in files.items() if each}
        answer |= {"beyond_soft_limits": plan.beyond, "power_cycle": sent.power_cycle}
        if plan.difference:
            answer["difference"] = plan.difference.as_dict()
        notes = [_fluid_note(plan.before, program.program) if program else "",
                 f"note: {POWER_CYCLE}" if sent.power_cycle else ""]
        return Answer(answer, lambda: "\n".join(
            [*(_line(kind, each, kind in sent.kinds) for kind, each in files.items() if each), *filter(None, notes)]))
    return one


def shown(plan: Push) -> Iterator[str]:
    """What changes, in text."""
    from pumpctl.diff_view import diff_lines, pair_lines

    if plan.rig_difference:
        yield "\n".join(["rig, in the pump's units", *pair_lines(plan.rig_difference, OLD, NEW)])
    if plan.misfit and plan.before:
        yield f"program {plan.before.name} does not fit this rig and will be removed: {plan.misfit}"
    if plan.difference:
        yield "\n".join(diff_lines(plan.difference, OLD, NEW))


def asks(plan: Push) -> bool:
    """Where something in the pump is replaced, or a soft limit is exceeded."""
    return bool(plan.rig_difference or plan.difference or (plan.beyond and plan.sends_program))


def question(plan: Push) -> str:
    """What is about to be sent, or the soft limit that it is beyond."""
    if plan.beyond and plan.sends_program:
        return plan.beyond
    words = [f"{kind} {file.name} ({digest_of(file.body)[:12]})" for kind, file, sends in (
        ("rig", plan.rig, plan.sends_rig), ("program", plan.program, plan.sends_program)) if file and sends]
    replaced = f" in place of {plan.before.name}" if plan.before and plan.sends_program else ""
    return f"send {' and '.join(words)}{replaced}" if words else "nothing to send"


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
