"""A table in a text file: its lines, cells and places. Refusals say line and column. Knows no quantity.

The first line names the columns; commas, semicolons or tabs part them; lines that begin with # are passed over.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
NAMES_MOST = 8                # that a refusal lists
SIZE_MAX = 100_000_000        # bytes: a reading a second for three years


class ReadingsError(ValueError):
    """A file of readings that is refused: where it is wrong, what stands there, what should."""

    def __init__(self, path: object, line: int, column: int, found: str, expected: str):
        super().__init__(f"{path}:{line}:{column}: found {found}, expected {expected}")
        self.place = (line, column)
        self.found = found
        self.expected = expected


@dataclass(frozen=True)
class Row:
    """One line and its cells."""

    path: object
    number: int
    separator: str
    cells: list[str]

    def refusal(self, at: int, expected: str) -> ReadingsError:
        """Of the cell `at`, counted from 0."""
        column = len(self.separator.join(self.cells[:at])) + (at > 0) + 1
        found = repr(self.cells[at].strip()) if self.cells[at].strip() else "nothing"
        return ReadingsError(self.path, self.number, column, found, expected)

    def value(self, at: int) -> float:
        """The number in a cell."""
        text = self.cells[at].strip()
        if not NUMBER.fullmatch(text):
            raise self.refusal(at, "a number such as 12.5, with a point and no unit")
        return float(text)


@dataclass(frozen=True)
class TextTable:
    """`names` of the columns, in small letters, from line `number` on."""

    path: Path
    number: int
    names: list[str]
    separator: str
    lines: list[tuple[int, str]]

    def rows(self) -> Iterator[Row]:
        """Each line below the names; ReadingsError where it has not as many cells."""
        for number, line in self.lines:
            cells = next(csv.reader([line], delimiter=self.separator))
            if len(cells) != len(self.names):
                hint = "; decimals have a point" if self.separator == "," and len(cells) > len(self.names) else ""
                raise ReadingsError(self.path, number, 1, f"{len(cells)} columns",
                                    f"{len(self.names)}, as the names say{hint}")
            yield Row(self.path, number, self.separator, cells)

    def refusal(self, expected: str) -> ReadingsError:
        """Of the names."""
        more = f" and {len(self.names) - NAMES_MOST} more" if len(self.names) > NAMES_MOST else ""
        return ReadingsError(self.path, self.number, 1, f"the columns {', '.join(self.names[:NAMES_MOST])}{more}",
                             expected)


def read_text_table(path: Path, example: str) -> TextTable:
    """The table in a file; ReadingsError where it is no text or has no row. example: of a line of names."""
    lines = _lines(path)
    if not lines:
        raise ReadingsError(path, 1, 1, "no line", f"a line of column names such as {example}")
    number, head = lines[0]
    if not lines[1:]:
        raise ReadingsError(path, number + 1, 1, "no row", "at least one below the column names")
    separator = next((mark for mark in "\t;," if mark in head), ",")
    return TextTable(path, number, [cell.strip().strip('"').lower() for cell in head.split(separator)], separator,
                     lines[1:])


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
