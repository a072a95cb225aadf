"""A program text before it is sent: checked by the pump's own code, with what it would do. Sends nothing.

The text is read as a file is, because places in it are lines and columns of a file.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pump.program import Program
from pump.rig import Rig
from pumpctl.cli import volume_text
from pumpctl.live_text import local
from pumpctl.preview import Preview
from pumpfiles import checks
from pumpfiles.errors import HostError, InputError
from pumpfiles.program_file import ProgramFile, load_program

WEEK = 7
WIDTH_IN = 8.5               # of the picture: large letters on half a page
FILE = "program.toml"


@dataclass(frozen=True)
class Day:
    """A local day: what the new program gives, and the one that runs; None: there is none."""

    name: str
    new_nl: int
    old_nl: int | None


@dataclass(frozen=True)
class Draft:
    """`error` with `line` and `column` (0: nowhere), or the program and what follows from it."""

    text: str
    error: str = ""
    line: int = 0
    column: int = 0
    file: ProgramFile | None = None
    beyond: str = ""
    svg: str = ""
    days: list[Day] = field(default_factory=list)
    segments: list[tuple[str, str]] = field(default_factory=list)
    empty: str = ""

    @property
    def marked(self) -> str:
        """The line that is wrong, with a mark below its column."""
        lines = self.text.split("\n")
        if not 0 < self.line <= len(lines):
            return ""
        return f"{self.line:>4} | {lines[self.line - 1]}\n     | {' ' * (self.column - 1)}^"


def draft_of(text: str, rig: Rig | None, running: Program | None, utc_ms: int | None, level_nl: int) -> Draft:
    """Reads, checks and previews a text for a pump. `utc_ms`: the pump's time, today where it has none."""
    start_ms = int(datetime.now(UTC).timestamp() * 1000) if utc_ms is None else utc_ms
    start = datetime.fromtimestamp(start_ms / 1000, UTC)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(text, encoding="utf-8")
        try:
            file = load_program(path, start)
            if rig:
                checks.check(file, rig)
            beyond = checks.beyond_soft(file, rig).replace(str(path), FILE) if rig else ""
        except InputError as error:
            return Draft(text, f"found {error.found}, expected {error.expected}", error.line, error.column)
        except HostError as error:
            return Draft(text, error.message.replace(str(path), FILE))
        preview = Preview(file.program, rig, start_ms, WEEK, level_nl if rig else None)
        return Draft(text, file=file, beyond=beyond, svg=_picture(preview, Path(folder)),
                     days=_days(preview, running, rig, level_nl), segments=_segments(file),
                     empty=_empty(preview) if rig else "")


def _picture(preview: Preview, folder: Path) -> str:
    from pumpctl.week_plot import draw_week

    draw_week(preview, folder / "week.svg", WIDTH_IN)
    text = (folder / "week.svg").read_text(encoding="utf-8")
    return text[text.index("<svg"):]


def _days(preview: Preview, running: Program | None, rig: Rig | None, level_nl: int) -> list[Day]:
    before = Preview(running, rig, preview.start_ms, WEEK, level_nl if rig else None).days if running else []
    rows = []
    for at, day in enumerate(preview.days):
        offset_min = preview.zone.lookup(day.start_ms // 60_000)[0]
        rows.append(Day(local(day.start_ms, offset_min, "%a %d %b"), day.programmed_nl,
                        before[at].programmed_nl if at < len(before) else None))
    return rows


def _segments(file: ProgramFile) -> list[tuple[str, str]]:
    """(name, value) of all that the file says, in the pump's units."""
    return [(name, value) for name, value in file.canonical]


def _empty(preview: Preview) -> str:
    times = [preview.empty_ms[0], preview.empty_ms[-1]]
    words = ["not within a year" if ms is None else
             local(ms, preview.zone.lookup(ms // 60_000)[0], "%a %d %b %H:%M") for ms in times]
    return words[0] if words[0] == words[1] else f"{words[0]} to {words[1]}"


def difference_text(day: Day) -> str:
    """"+120.0 µL" against the running program; "" where nothing runs."""
    if day.old_nl is None:
        return ""
    change = day.new_nl - day.old_nl
    return ("+" if change > 0 else "") + volume_text(change) if change else "the same"


