"""Figures that take minutes and have a command of their own: what its last run found, from what that left in out/."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
COVERAGE = "branches of firmware/pump that its tests run", "coverage.db", "make coverage"
MUTATION = "changes of firmware/pump that its tests see", "mutation/verdict.txt", "make mutate"
SOURCES = ("firmware/pump", "tests/pump")


def kept(figure, read, root=ROOT):
    """One line: the figure, by which command and when it was found, and whether its sources have changed since.

    figure: (name, its file in out/, the command); read: file -> text.
    """
    name, file, command = figure
    path = root / "out" / file
    if not path.exists():
        return f"{name:44s} not found here yet; run: {command}"
    found_s = path.stat().st_mtime
    when = datetime.fromtimestamp(found_s).isoformat(" ", "minutes")
    changed = any(one.stat().st_mtime > found_s for folder in SOURCES for one in (root / folder).rglob("*.py"))
    old = f"; sources have changed since: run {command}" if changed else ""
    return f"{name:44s} {read(path)}  ({command}, {when}{old})"


def covered(path):
    """Percent, by coverage's own count; a part of the tests covers a part."""
    command = [Path(sys.executable).parent / "coverage", "report", f"--data-file={path}", "--format=total"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.split()
    return f"{said[0]} %" if said and said[0][0].isdigit() else "not readable"


def report():
    print(kept(COVERAGE, covered))
    print(kept(MUTATION, lambda path: path.read_text(encoding="utf-8").strip()))
