"""log: the pump's journal. log pull: what is new into the archive, and the dose log made of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import example
from pumpctl.commands.log_read import export, show, verify
from pumpctl.on_pumps import Answer, One, on_pumps

if TYPE_CHECKING:
    from pumpctl.archiving import Pulled
    from pumpctl.summary import Results
    from pumpctl.targets import Target

SINGLE_FILES = (".csv", ".bin", ".json")
ARCHIVE_HELP = "The archive; otherwise PUMPCTL_ARCHIVE, or a file in your folder for such data."

archive_option = click.option("--archive", type=click.Path(path_type=Path), envvar="PUMPCTL_ARCHIVE", metavar="FILE",
                              help=ARCHIVE_HELP)


@click.group()
def log() -> None:
    """The pump's journal: pull it into your archive, prove it, look at it, export it."""


@log.command(epilog=example("pumpctl log pull", "pumpctl log pull --out results", "pumpctl log pull --out doses.csv",
                            "pumpctl log pull --from 4000 --json"))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR|FILE",
              help="A folder for all files; or one FILE: boluses.csv, other .csv doses, .bin records, .json summary.")
@click.option("--from", "first", type=click.IntRange(min=0), default=0, show_default=True, metavar="SEQ",
              help="First record of the dose log.")
@archive_option
@on_pumps(opens=False)
def pull(out: Path | None, first: int, archive: Path | None) -> One:
    """Pull what is new into the archive, prove that no record is missing or changed, and write the dose log.

    Pulling again asks only for what is new, and goes on where a broken link has left it. Without --out the table of
    days is printed.
    """
    from pumpctl import outputs
    from pumpctl.archive import Archive
    from pumpctl.archive_file import default_path
    from pumpctl.archived import pulled_run
    from pumpctl.archiving import pull_into
    from pumpctl.opening import opened
    from pumpctl.progress import progress
    from pumpctl.summary import NothingError, Results

    single = out is not None and out.suffix in SINGLE_FILES

    def one(target: Target) -> Answer:
        to = _place(out, single, target)
        if to is not None:
            outputs.prepare(to.parent if single else to)
        with opened(target) as pump, Archive(archive or default_path(), for_writing=True) as kept:
            with progress("pulling records", 100) as on_percent:
                pulled = pull_into(kept, pump, lambda count, most: on_percent(100 * count / most))
            try:
                results = Results(pulled_run(kept, pulled, first))
            except NothingError as error:
                if to is not None or first:
                    raise
                nothing = error.message
                return Answer(_facts(pulled, kept.path), lambda: f"{nothing}\n{_told(pulled, kept.path)}")
        if to is not None:
            _write(results, to, single)
        return Answer(results.summary() | _facts(pulled, kept.path), lambda: _text(results, pulled, kept.path, to))
    return one


def _place(out: Path | None, single: bool, target: Target) -> Path | None:
    """Where the files of this pump go: with several pumps a folder for each."""
    if out is None or not target.is_one_of_several:
        return out
    if single:
        raise click.UsageError(f"{out} is one file, and these are several pumps: give a folder")
    return out / target.folder_name


def _write(results: Results, out: Path, single: bool) -> None:
    from pumpctl import outputs

    if single:
        _write_one(results, out)
    else:
        outputs.write_all(results, out)


def _text(results: Results, pulled: Pulled, archive: Path, out: Path | None) -> str:
    from pumpctl import outputs
    from pumpctl.tables import show

    lines = [show(results), _told(pulled, archive)]
    if out is not None:
        is_file = out.suffix in SINGLE_FILES
        lines.append(f"written: {out}" if is_file else f"written to {out}: {', '.join(outputs.FILES)}")
    return "\n".join(lines)


def _write_one(results: Results, out: Path) -> None:
    from pumpctl import csv_files, outputs
    from pumpctl.summary import json_text

    table = csv_files.boluses_text if out.name == "boluses.csv" else csv_files.doses_text
    contents = {".csv": lambda: table(results).encode(), ".bin": lambda: results.run.raw,
                ".json": lambda: json_text(results.summary()).encode()}
    outputs.write(out, contents[out.suffix]())


def _facts(pulled: Pulled, path: Path) -> dict[str, Any]:
    return {"archive": str(path), "pump": pulled.unique_id.hex(), "new_records": pulled.new,
            "journal": pulled.journal.number if pulled.journal else None}


def _told(pulled: Pulled, path: Path) -> str:
    journal = pulled.journal
    if journal is None:
        return "archive: the pump holds no record yet"
    lines = [f"archive: {pulled.new:,} new records, {journal.count:,} of journal {journal.number} of pump "
             f"{journal.pump.hex()} in {path}"]
    if pulled.began and journal.number > 1:
        lines.append(f"note: what the pump holds does not go on from its journal {journal.number - 1} in the archive: "
                     f"its flash was wiped, or it dropped records that nobody had pulled")
    return "\n".join(lines)


for _command in (verify, show, export):
    log.add_command(_command)
