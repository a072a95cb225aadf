"""A balance's CSV as it is read: named columns with their units, and refusals with line and column. Knows no pump.

The first line names the columns; commas, semicolons or tabs part them; lines that begin with # are passed over.
Numbers have a point and no comma, as everywhere in this project: "1,5" is refused, not read as 15.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
SIZE_MAX = 100_000_000        # bytes: a reading a second for three years
FACTORS = {                   # {quantity: {column: factor to the quantity's unit}}
    "time_s": {"time_s": 1, "time_min": 60, "time_h": 3600},
    "mass_mg": {"mass_mg": 1, "mass_g": 1000},
    "requested_ul": {"requested_nl": 0.001, "requested_ul": 1, "requested_ml": 1000},
    "revolutions": {"revolutions": 1},
    "steps": {"steps": 1},
    "lasted_s": {"lasted_s": 1, "lasted_min": 60},
    "celsius": {"temperature_c": 1},
}
COLUMNS = {column: (name, factor) for name, columns in FACTORS.items() for column, factor in columns.items()}


class ReadingsError(ValueError):
    """A file of readings that is refused: where it is wrong, what stands there, what should."""

    def __init__(self, path: object, line: int, column: int, found: str, expected: str):
        super().__init__(f"{path}:{line}:{column}: found {found}, expected {expected}")
        self.place = (line, column)
        self.found = found
        self.expected = expected


@dataclass(frozen=True)
class Table:
    """Columns in the units of FACTORS, each an array; `start` is the time of the first row where times were ISO."""

    path: object
    columns: dict[str, np.ndarray]
    start: datetime | None = None

    def has(self, name: str) -> bool:
        return name in self.columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def read_table(path: Path, *needed: str) -> Table:
    """The file's columns; ReadingsError where it is wrong or one of `needed` (keys of FACTORS) is missing.

    "time" may also hold times such as 2026-03-27T06:30:00; time_s counts from the first row then.
    """
    lines = _lines(path)
    if not lines:
        raise ReadingsError(path, 1, 1, "no line", f"a line of column names such as {_names(needed)}")
    number, head = lines[0]
    separator = next((mark for mark in "\t;," if mark in head), ",")
    names = [cell.strip().strip('"').lower() for cell in head.split(separator)]
    kinds = _kinds(path, number, head, separator, names, needed)
    cells: list[list[float]] = [[] for _ in kinds]
    moments: list[datetime] = []
    for number, line in lines[1:]:
        _read_row(_Row(path, number, line, separator), kinds, cells, moments)
    columns = {kind[0]: np.array(values) for kind, values in zip(kinds, cells, strict=True) if kind[0]}
    if not lines[1:]:
        raise ReadingsError(path, number + 1, 1, "no row of numbers", "at least one below the column names")
    return Table(path, columns, moments[0] if moments else None)


def _lines(path: Path) -> list[tuple[int, str]]:
    """(line number, text) of all that are neither empty nor a comment."""
    with path.open("rb") as file:
        raw = file.read(SIZE_MAX + 1)
    if len(raw) > SIZE_MAX:
        raise ReadingsError(path, 1, 1, f"more than {SIZE_MAX:,} bytes", "a file of readings")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[:error.start].count(b"\n") + 1
        raise ReadingsError(path, line, 1, f"the byte {raw[error.start]:#04x}", "text in UTF-8") from None
    return [(number, line) for number, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.lstrip().startswith("#")]


def _kinds(path: object, number: int, head: str, separator: str, names: list[str],
           needed: tuple[str, ...]) -> list[tuple[str, float]]:
    """(quantity, factor) of each column, ("", 0) for one that nobody needs."""
    kinds = [("time_s", 0.0) if name == "time" else COLUMNS.get(name, ("", 0.0)) for name in names]
    found = [kind for kind, _ in kinds if kind]
    for kind in needed:
        if kind not in found:
            raise ReadingsError(path, number, 1, f"the columns {', '.join(names)}", f"one of {_names((kind,))} too")
    for kind in found:
        if found.count(kind) > 1:
            raise ReadingsError(path, number, 1, f"the columns {', '.join(names)}", f"one column for {kind}")
    return kinds


def _names(kinds: tuple[str, ...]) -> str:
    return ", ".join(name for kind in kinds for name in (("time",) if kind == "time_s" else ()) + tuple(FACTORS[kind]))


@dataclass(frozen=True)
class _Row:
    path: object
    number: int
    line: str
    separator: str

    def refusal(self, at: int, cells: list[str], expected: str) -> ReadingsError:
        column = len(self.separator.join(cells[:at])) + (at > 0) + 1
        found = repr(cells[at].strip()) if cells[at].strip() else "nothing"
        return ReadingsError(self.path, self.number, column, found, expected)


def _read_row(row: _Row, kinds: list[tuple[str, float]], into: list[list[float]], moments: list[datetime]) -> None:
    cells = next(csv.reader([row.line], delimiter=row.separator))
    if len(cells) != len(kinds):
        hint = "; decimals have a point" if row.separator == "," and len(cells) > len(kinds) else ""
        raise ReadingsError(row.path, row.number, 1, f"{len(cells)} columns", f"{len(kinds)}, as the names say{hint}")
    for at, (kind, factor) in enumerate(kinds):
        if kind:
            into[at].append(_value(row, at, cells, factor) if factor else _moment_s(row, at, cells, moments))
    for at, (kind, _) in enumerate(kinds):
        if kind == "time_s" and len(into[at]) > 1 and into[at][-1] <= into[at][-2]:
            raise row.refusal(at, cells, "a later time than in the line before")


def _value(row: _Row, at: int, cells: list[str], factor: float) -> float:
    text = cells[at].strip()
    if not NUMBER.fullmatch(text):
        raise row.refusal(at, cells, "a number such as 12.5, with a point and no unit")
    return float(text) * factor


def _moment_s(row: _Row, at: int, cells: list[str], moments: list[datetime]) -> float:
    try:
        moment = datetime.fromisoformat(cells[at].strip())
        moments.append(moment)
        return (moment - moments[0]).total_seconds()
    except (ValueError, TypeError):               # TypeError: with an offset in one row and without in another
        raise row.refusal(at, cells, "a time such as 2026-03-27T06:30:00") from None
