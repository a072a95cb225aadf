"""diff: two programs side by side, or the one in the pump and a file. Changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import RigPath, example, json_option, say
from pumpctl.on_pumps import Answer, One, pump_options, run_on

if TYPE_CHECKING:
    from pumpctl.pump import Pump
    from pumpctl.targets import Wanted
    from pumpfiles.program_file import ProgramFile


@click.command(epilog=example("pumpctl diff old.toml new.toml", "pumpctl diff new.toml",
                              "pumpctl diff new.toml --pump left --json"))
@click.argument("old", type=click.Path(path_type=Path), metavar="[OLD]")
@click.argument("new", type=click.Path(path_type=Path), required=False)
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG",
              help="The rig's file, for its limits and its whole motor steps; with a pump its own is taken.")
@pump_options
@json_option
def diff(old: Path, new: Path | None, rig_path: Path | None, wanted: Wanted, as_json: bool) -> None:
    """Show what changes from program OLD to NEW: segment by segment, boluses, limits, and the volume of each day.

    With one file only, from the program in the pump to the one in the file.
    """
    from pumpctl.diff_view import diff_lines
    from pumpctl.program_diff import compare
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    rig = load_rig(rig_path).rig if rig_path else None
    if new is None:
        run_on(wanted, _against_pump(load_program(old)), as_json)
        return
    files = load_program(old), load_program(new)
    found = compare(files[0].program, files[1].program, rig)
    say(as_json, found.as_dict(), lambda: "\n".join(diff_lines(found, str(old), str(new))))


def _against_pump(file: ProgramFile) -> One:
    from pumpctl.diff_view import diff_lines
    from pumpctl.errors import HostError
    from pumpctl.program_diff import compare
    from pumpctl.pulling import stored_program, stored_rig

    def one(pump: Pump) -> Answer:
        running = stored_program(pump)
        if running is None:
            raise HostError("the pump has no program", "compare two files: pumpctl diff OLD NEW")
        found = compare(running, file.program, stored_rig(pump))
        return Answer(found.as_dict(), lambda: "\n".join(diff_lines(found, "in the pump", str(file.path))))
    return one
