"""check: a program file against a rig file, with every quantity echoed. Talks to no pump."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import RigPath, example, json_option, lines_of, say
from pumpfiles.documents import digest_of

if TYPE_CHECKING:
    from fractions import Fraction

    from pumpfiles.program_file import ProgramFile
    from pumpfiles.rig_file import RigFile

LIFE = ("soonest", "typical", "latest")


@click.command(epilog=example("pumpctl check circadian.toml --rig bench.toml"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rig", "rig_path", type=RigPath(), required=True, metavar="RIG",
              help="The rig's file.")
@json_option
def check(file: Path, rig_path: Path, as_json: bool) -> None:
    """Prove that the program in FILE stays within the limits of RIG, and show it in the pump's units."""
    from pumpfiles import checks
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    rig = load_rig(rig_path)
    program = load_program(file)
    checks.check(program, rig.rig)
    beyond = checks.beyond_soft(program, rig.rig)
    life = checks.reservoir_life(program, rig.rig)
    answer = {"program": answer_of(program), "rig": answer_of(rig), "beyond_soft_limits": beyond,
              "reservoir_h": dict(zip(LIFE, [None if hours is None else round(float(hours), 2) for hours in life],
                                      strict=True))}
    say(as_json, answer, lambda: f"{echo_of('program', program)}\n\n{echo_of('rig', rig)}\n\n{_life(life)}\n"
                                 f"{program.name} is within the limits of {rig.name}; nothing was sent"
                                 + (f"\n{beyond}\npush will ask" if beyond else ""))


def _life(life: tuple[Fraction | None, ...]) -> str:
    """A full reservoir's life, for a person."""
    soonest, typical, latest = ("over a year" if hours is None else f"{float(hours):.1f} h" for hours in life)
    return f"a full reservoir lasts {latest}; with half of the allowed on-demand boluses {typical}, with all {soonest}"


def answer_of(document: ProgramFile | RigFile) -> dict[str, Any]:
    """What --json says of a file: its name, its digest as the pump shows it, and every quantity in canonical units."""
    return {"file": str(document.path), "name": document.name, "digest": digest_of(document.body),
            "values": [list(pair) for pair in document.canonical]}


def echo_of(kind: str, document: ProgramFile | RigFile) -> str:
    """The file in canonical units, for a person."""
    lines = [(f"  {name}", value) for name, value in document.canonical]
    return f"{title_of(kind, document)}\n{lines_of(lines)}"


def title_of(kind: str, document: ProgramFile | RigFile) -> str:
    return f"{kind} {document.name} ({digest_of(document.body)[:12]})"
