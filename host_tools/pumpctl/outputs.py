"""The files of a run: journal, doses, boluses, summary, picture and report. Owns their names."""

from __future__ import annotations

from pathlib import Path

from pumpctl.errors import HostError
from pumpctl.summary import Results, json_text

FILES = ("doses.csv", "boluses.csv", "summary.json", "rates.svg", "rates.png", "report.html", "journal.bin")


def write_all(results: Results, folder: Path) -> None:
    """Writes every file of the run into `folder`, which is made if need be; files of a former run are replaced."""
    prepare(folder)
    from pumpctl import csv_files, plots, report
    from pumpctl.reporting import report_of_run

    write(folder / "journal.bin", results.run.raw)
    write(folder / "doses.csv", csv_files.doses_text(results).encode())
    write(folder / "boluses.csv", csv_files.boluses_text(results).encode())
    write(folder / "summary.json", json_text(results.summary()).encode())
    plots.draw(results, folder / "rates.svg", folder / "rates.png")
    svg = (folder / "rates.svg").read_text(encoding="utf-8")
    write(folder / "report.html", report.html(report_of_run(results), svg).encode())


def prepare(folder: Path) -> None:
    """Makes the folder; HostError where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"cannot make the folder {folder}: {error.strerror}", "choose another with --out")


def write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}", "choose another place with --out")
