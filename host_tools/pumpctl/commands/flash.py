"""flash: this clone's firmware onto a Pico, bare or with a pump that runs, and its rig and program after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import RigPath, example
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pumpctl.flash_job import Outcome
    from pumpctl.targets import Target
    from pumpfiles.program_file import ProgramFile
    from pumpfiles.rig_file import RigFile


@click.command(epilog=example("pumpctl flash --rig bench.toml --dry-run", "pumpctl flash --rig bench.toml",
                              "pumpctl flash --stop"))
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG",
              help="The rig's file; needed where the Pico has none yet, sent where it has another.")
@click.option("--program", "program_path", type=click.Path(path_type=Path), metavar="FILE",
              help="A program's file; checked against the rig and sent at the end.")
@click.option("--stop", "may_stop", is_flag=True,
              help="Stop a running pump for it, and start it again afterwards, its clock carried on by this computer; "
                   "one that was suspended stays stopped.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@click.option("--open", "stays_open", is_flag=True,
              help="Make no keys at a first installation: whoever is at the pump's port may change everything.")
@on_pumps(changes=True, opens=False)
def flash(rig_path: Path | None, program_path: Path | None, may_stop: bool, dry_run: bool, stays_open: bool) -> One:
    """Put the firmware of this clone onto a Pico, or update the pump that runs on one.

    A Pico needs MicroPython first. The new firmware goes beside the old one, is proven there, and is kept once it has
    answered; otherwise the pump goes back to the old one by itself. Journal, rig, program and limits stay; a rig that
    the program in the pump does not fit is refused. What a run that was cut has sent is not sent again. The first
    installation makes the pump's keys, see pumpctl keys --help.
    """
    from pumpctl.commands.push import asks, question, shown
    from pumpctl.firmware_image import build_image
    from pumpctl.flash_job import FlashJob
    from pumpctl.pico_board import NO_PORT
    from pumpctl.probe import probe
    from pumpctl.transport import NoConnectionError
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    rig = load_rig(rig_path) if rig_path else None
    program = load_program(program_path) if program_path else None
    beyond = _checked(program, rig)
    image = build_image()

    def one(target: Target) -> Steps:
        port = target.require_port()
        try:
            found = probe(port)
        except NoConnectionError as error:
            raise NoConnectionError(error.message, "; ".join(filter(None, (error.hint, NO_PORT))))
        job = FlashJob(port, image, found, rig, program)
        if dry_run:
            would = job.dry_run(may_stop)
            return Answer(_answer(would, True), lambda: _dry_text(would))
        plan = job.plan()
        if plan:
            yield from shown(plan)
        replaces = asks(plan) if plan else False
        documents = question(plan) if plan and replaces else beyond
        yield Change("; ".join(filter(None, (f"firmware {image.version} ({image.build})", documents))),
                     asks=bool(documents))
        outcome = job.run(may_stop, stays_open)
        return Answer(_answer(outcome, False), lambda: _text(outcome))
    return one


def _checked(program: ProgramFile | None, rig: RigFile | None) -> str:
    """Refuses what can be wrong with the files, before the pump is touched; what is beyond a soft limit, or ""."""
    from pumpfiles import checks

    if program and rig is None:
        raise click.UsageError("a program is checked against its rig: give --rig too, or push the program afterwards")
    if not program or not rig:
        return ""
    checks.check(program, rig.rig)
    return checks.beyond_soft(program, rig.rig)


def _answer(outcome: Outcome, dry_run: bool) -> dict[str, Any]:
    old, image = outcome.old, outcome.image
    return {
        "dry_run": dry_run, "micropython": outcome.micropython,
        "from": dict(zip(("version", "build", "slot"), old, strict=True)) if old else None,
        "to": {"version": image.version, "build": image.build, "slot": outcome.slot},
        "files": {f"/{name}": len(data) for name, data in image.installed(outcome.slot or "a").items()},
        "sent_bytes": outcome.sent_bytes, "free_bytes": outcome.free_bytes,
        "seconds_without_answer": outcome.seconds_without_answer,
        "documents": outcome.documents, "notes": outcome.notes, "keys": outcome.keys, "state": outcome.state,
    }


def _step(outcome: Outcome) -> str:
    old, image = outcome.old, outcome.image
    new = f"{image.version} ({image.build})"
    if outcome.is_current:
        return f"firmware {new}: this is what the Pico has"
    return f"firmware {new} in place of {f'{old[0]} ({old[1]})' if old else 'none'}"


def _dry_text(outcome: Outcome) -> str:
    lines = [_step(outcome)]
    if outcome.sent_bytes:
        lines.append("files: " + ", ".join(f"{name} {size} bytes"
                                           for name, size in _answer(outcome, True)["files"].items()))
        free = "" if outcome.free_bytes is None else f", {outcome.free_bytes // 1024} KB are free"
        lines.append(f"{'' if outcome.old is None else 'at most '}{outcome.sent_bytes} bytes would be sent{free}")
    if outcome.documents:
        lines.append(f"{' and '.join(outcome.documents)} would be sent")
    return "\n".join([*lines, *outcome.notes, "nothing was changed"])


def _text(outcome: Outcome) -> str:
    lines = [_step(outcome)]
    if outcome.sent_bytes:
        lines.append(f"{outcome.sent_bytes} bytes sent and proven, in slot {outcome.slot}; it has answered and is kept")
    if outcome.seconds_without_answer:
        lines.append(f"no answer for {outcome.seconds_without_answer:.1f} s")
    lines += [f"{kind} sent" for kind in outcome.documents]
    if outcome.keys:
        lines.append(f"keys made, kept in {outcome.keys}")
    return "\n".join([*lines, *outcome.notes, f"the pump is {outcome.state} now"])
