"""plot: the picture of what was delivered, from the archive or a file of records, for chosen days. Needs no pump."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import RigPath, example, json_option, say
from pumpctl.commands.log_read import days_completed, pumps_completed

if TYPE_CHECKING:
    from pumpctl.summary import Run


@click.command(epilog=example("pumpctl plot week.svg", "pumpctl plot day.png --day 2026-03-27 --pump bench-1",
                              "pumpctl plot run.svg --journal results/journal.bin --rig bench.toml",
                              "pumpctl plot part.svg --day 2026-03-27 --until-day 2026-03-29"))
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--day", metavar="DATE", shell_complete=days_completed, help="The local day, or the first of several.")
@click.option("--until-day", metavar="DATE", shell_complete=days_completed, help="The last of several.")
@click.option("--pump", metavar="PUMP", shell_complete=pumps_completed,
              help="The pump's id, its beginning, or its rig's name; needed where the archive has several.")
@click.option("--journal", "source", type=click.Path(path_type=Path), envvar="PUMPCTL_ARCHIVE", metavar="FILE",
              help="An archive, or a file of records such as journal.bin; otherwise your own archive.")
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG", help="The rig's file; a file of records needs one.")
@json_option
def plot(picture: Path, day: str | None, until_day: str | None, pump: str | None, source: Path | None,
         rig_path: Path | None, as_json: bool) -> None:
    """Draw rate, volume and difference into PICTURE: an SVG, or a PNG where the name ends so.

    Of the pump's newest journal in the archive, whole, or of chosen local days.
    """
    from pumpctl import plots
    from pumpctl.errors import HostError
    from pumpctl.run_days import of_days
    from pumpctl.selection import read_day
    from pumpctl.summary import Results

    if until_day and not day:
        raise click.UsageError("--until-day needs --day, the first one")
    if picture.suffix.lower() not in (".svg", ".png"):
        raise HostError(f"{picture} names no kind of picture", "end the name with .svg or .png")
    run = _run(source, pump, rig_path)
    if day:
        first = read_day(day)
        run = of_days(run, first, read_day(until_day, "--until-day") if until_day else first)
    results = Results(run)
    plots.draw(results, picture)
    say(as_json, results.summary() | {"picture": str(picture)}, lambda: f"written: {picture}")


def _run(source: Path | None, pump: str | None, rig_path: Path | None) -> Run:
    """The records with the rig that they were made with."""
    from pumpctl.archive import Archive
    from pumpctl.archive_file import default_path, is_database
    from pumpctl.archived import archived_run
    from pumpctl.errors import HostError
    from pumpctl.stored import newest_journal, stored_journals
    from pumpctl.summary import Run
    from pumpfiles.rig_file import load_rig

    path = source or default_path()
    if path.exists() and not is_database(path):
        if rig_path is None:
            raise HostError(f"{path} does not say which rig it is of", "give the rig's file with --rig")
        [journal] = stored_journals(path)
        return Run(journal.raw, load_rig(rig_path).rig, None, b"")
    with Archive(path) as archive:
        return archived_run(archive, newest_journal(archive, pump))
