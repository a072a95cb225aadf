"""log pull: the journal from the pump, and the dose log made of it."""

from __future__ import annotations

from pathlib import Path

import click

from pumpctl.cli import connect, example, json_option, port_option, say

SINGLE_FILES = (".csv", ".bin", ".json")


@click.group()
def log() -> None:
    """The pump's journal."""


@log.command(epilog=example("pumpctl log pull --out results", "pumpctl log pull --out doses.csv",
                            "pumpctl log pull --from 4000 --json"))
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR|FILE",
              help="A folder for all files; or one FILE: boluses.csv, other .csv doses, .bin records, .json summary.")
@click.option("--from", "first", type=click.IntRange(min=0), default=0, show_default=True, metavar="SEQ",
              help="First record.")
@port_option
@json_option
def pull(out: Path | None, first: int, port: str | None, as_json: bool) -> None:
    """Pull the journal, prove that no record is missing or changed, and write the dose log.

    Without --out only the table of days is printed.
    """
    from pumpctl import csv_files, outputs
    from pumpctl.progress import progress
    from pumpctl.pulling import pull_run
    from pumpctl.summary import Results, json_text
    from pumpctl.tables import show

    single = out is not None and out.suffix in SINGLE_FILES
    if out is not None:
        outputs.prepare(out.parent if single else out)
    with connect(port) as pump, progress("pulling records", max(1, pump.status().next_seq - first)) as on_count:
        results = Results(pull_run(pump, first, on_count))
    if single:
        table = csv_files.boluses_text if out.name == "boluses.csv" else csv_files.doses_text
        contents = {".csv": lambda: table(results).encode(), ".bin": lambda: results.run.raw,
                    ".json": lambda: json_text(results.summary()).encode()}
        outputs.write(out, contents[out.suffix]())
    elif out is not None:
        outputs.write_all(results, out)
    say(as_json, results.summary(), lambda: show(results))
    if out is not None and not as_json:
        click.echo(f"written: {out}" if single else f"written to {out}: {', '.join(outputs.FILES)}")
