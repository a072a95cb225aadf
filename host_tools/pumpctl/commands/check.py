"""check: a program file against a rig file, with every quantity echoed. Talks to no pump."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import example, json_option, lines_of, say

if TYPE_CHECKING:
    from pumpctl.program_file import ProgramFile
    from pumpctl.rig_file import RigFile


@click.command(epilog=example("pumpctl check circadian.toml --rig bench.toml"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rig", "rig_path", type=click.Path(path_type=Path), required=True, metavar="RIG",
              help="The rig's file.")
@json_option
def check(file: Path, rig_path: Path, as_json: bool) -> None:
    """Prove that the program in FILE stays within the limits of RIG, and show it in the pump's units."""
    from pumpctl.checks import check as prove
    from pumpctl.program_file import load_program
    from pumpctl.rig_file import load_rig

    rig = load_rig(rig_path)
    program = load_program(file)
    prove(program, rig.rig)
    answer = {"program": answer_of(program), "rig": answer_of(rig)}
    say(as_json, answer, lambda: f"{echo_of('program', program)}\n\n{echo_of('rig', rig)}\n\n"
                                 f"{program.name} is within the limits of {rig.name}; nothing was sent")


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


def digest_of(body: bytes) -> str:
    """SHA-256 in hex, as `pumpctl status` shows it of what the pump holds."""
    import hashlib

    return hashlib.sha256(body).hexdigest()
