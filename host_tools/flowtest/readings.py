"""A balance's CSV as it is read: named columns with their units, and refusals with line and column. Knows no pump.

Numbers have a point and no comma, as everywhere in this project: "1,5" is refused, not read as 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from flowtest.text_table import ReadingsError, Row, TextTable, read_text_table

__all__ = ["ReadingsError", "Table", "read_table"]

FACTORS = {                   # {quantity: {column: factor to the quantity's unit}}
    "time_s": {"time_s": 1, "time_min": 60, "time_h": 3600},
    "mass_mg": {"mass_mg": 1, "mass_g": 1000},
    "requested_ul": {"requested_nl": 0.001, "requested_ul": 1, "requested_ml": 1000},
    "revolutions": {"revolutions": 1},
    "steps": {"steps": 1},
    "lasted_s": {"lasted_s": 1, "lasted_min": 60},
    "celsius": {"temperature_c": 1},
    "rate_ul_per_h": {"rate_nl_per_h": 0.001, "rate_ul_per_h": 1, "rate_ml_per_h": 1000},
    "kpa": {"pressure_kpa": 1},
}
COLUMNS = {column: (name, factor) for name, columns in FACTORS.items() for column, factor in columns.items()}


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
    table = read_text_table(path, names_of(*needed))
    kinds = kinds_of(table, *needed)
    cells: list[list[float]] = [[] for _ in kinds]
    moments: list[datetime] = []
    for row in table.rows():
        _read_row(row, kinds, cells, moments)
    columns = {kind[0]: np.array(values) for kind, values in zip(kinds, cells, strict=True) if kind[0]}
    return Table(path, columns, moments[0] if moments else None)


def kinds_of(table: TextTable, *needed: str) -> list[tuple[str, float]]:
    """(quantity, factor) of each column: ("", 0) for one that is none, a factor of 0 for times such as 06:30."""
    kinds = [("time_s", 0.0) if name == "time" else COLUMNS.get(name, ("", 0.0)) for name in table.names]
    found = [kind for kind, _ in kinds if kind]
    for kind in needed:
        if kind not in found:
            raise table.refusal(f"one of {names_of(kind)} too")
    for kind in found:
        if found.count(kind) > 1:
            raise table.refusal(f"one column for {kind}")
    return kinds


def names_of(*kinds: str) -> str:
    """The names that columns of these quantities may have, for a person."""
    return ", ".join(name for kind in kinds for name in (("time",) if kind == "time_s" else ()) + tuple(FACTORS[kind]))


def moment_of(row: Row, at: int) -> datetime:
    """The time such as 2026-03-27T06:30:00 in a cell."""
    try:
        return datetime.fromisoformat(row.cells[at].strip())
    except ValueError:
        raise row.refusal(at, "a time such as 2026-03-27T06:30:00") from None


def _read_row(row: Row, kinds: list[tuple[str, float]], into: list[list[float]], moments: list[datetime]) -> None:
    for at, (kind, factor) in enumerate(kinds):
        if kind:
            into[at].append(row.value(at) * factor if factor else _moment_s(row, at, moments))
    for at, (kind, _) in enumerate(kinds):
        if kind == "time_s" and len(into[at]) > 1 and into[at][-1] <= into[at][-2]:
            raise row.refusal(at, "a later time than in the line before")


def _moment_s(row: Row, at: int, moments: list[datetime]) -> float:
    moment = moment_of(row, at)
    moments.append(moment)
    try:
        return (moment - moments[0]).total_seconds()
    except TypeError:                             # with an offset in one row and without in another
        raise row.refusal(at, "a time such as 2026-03-27T06:30:00") from None
