"""The journal as a table for other programs: CSV, JSON lines, Parquet. Owns the forms; the columns are columns.py's."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from pumpctl.columns import COLUMNS, SIGNED, Row, as_dict
from pumpctl.errors import HostError
from pumpctl.localtime import utc_text

_TIMES = [place for place, kind in enumerate(COLUMNS.values()) if kind == "time"]
_FLAGS = [place for place, kind in enumerate(COLUMNS.values()) if kind == "flag"]
FLAG_TEXTS = {None: None, False: "false", True: "true"}
PARQUET_HINT = "install it with: pip install \"bench-pump[parquet]\", or export with --csv"


def written_times(rows: Iterable[Row]) -> Iterable[Row]:
    """The rows with their times as texts such as 2026-03-26T23:00:00Z; changes the rows."""
    for row in rows:
        for place in _TIMES:
            if row[place] is not None:
                row[place] = utc_text(row[place])
        yield row


def write_csv(rows: Iterable[Row], file: IO[bytes]) -> int:
    """One line a record below the line of names, empty where a column does not belong to it; returns how many."""
    def written(rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            for place in _FLAGS:
                row[place] = FLAG_TEXTS[row[place]]
            yield row

    out = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        return _counted(written(written_times(rows)), writer.writerow)
    finally:
        out.flush()
        out.detach()                                 # the file below it stays open


def write_jsonl(rows: Iterable[Row], file: IO[bytes]) -> int:
    """One JSON object a record, without the columns that do not belong to it; returns how many."""
    import msgspec  # several times as fast as the json module

    encode = msgspec.json.Encoder().encode
    return _counted(written_times(rows), lambda row: file.write(encode(as_dict(row)) + b"\n"))


def write_parquet(rows: Iterable[Row], file: IO[bytes]) -> int:
    """A Parquet table with all columns; returns the number of rows. HostError where pyarrow is not installed."""
    pyarrow, parquet = _pyarrow()
    kinds = {"text": pyarrow.string(), "int": pyarrow.uint64(), "flag": pyarrow.bool_(),
             "time": pyarrow.timestamp("ms", tz="UTC")}
    types = [pyarrow.int64() if name in SIGNED else kinds[kind] for name, kind in COLUMNS.items()]
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * len(types)
    arrays = [pyarrow.array(values, type_) for values, type_ in zip(columns, types, strict=True)]
    parquet.write_table(pyarrow.table(arrays, names=list(COLUMNS)), file)
    return len(columns[0])


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise HostError("writing Parquet needs pyarrow, which is not installed", PARQUET_HINT)
    return pyarrow, parquet


FORMS: dict[str, Callable[[Iterable[Row], IO[bytes]], int]] = {
    "csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}


def export(rows: Iterable[Row], form: str, path: Path) -> int:
    """Writes the rows in a form of FORMS; "-" is standard output. Returns how many; HostError where it cannot."""
    import sys

    if form == "parquet":
        _pyarrow()                                   # before a file is made for nothing
    if str(path) == "-":
        count = FORMS[form](rows, sys.stdout.buffer)
        sys.stdout.flush()
        return count
    try:
        with path.open("wb") as file:
            return FORMS[form](rows, file)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}", "choose another place")


def _counted(rows: Iterable[Row], take: Callable[[Row], object]) -> int:
    count = 0
    for row in rows:
        take(row)
        count += 1
    return count
