"""The table of days and the figures of a run as texts, alike for the terminal and the report."""

from __future__ import annotations

import sys
from datetime import timedelta

from pumpctl import doses as dosing
from pumpctl.localtime import EPOCH
from pumpctl.summary import Results

ROWS_MAX = 40                 # of days in the terminal; the files have them all
HEADS = ("day", "programmed (µL)", "delivered (µL)", "steps", "difference (steps)")
DIFFERENCE_NOTE = "Difference: programmed less delivered since the first record, at the end of the day, in motor " \
                  "steps. The pump always rounds down, so from its first record on it stays between 0 and 1."


def day_rows(results: Results) -> list[tuple[str, ...]]:
    """One row of texts for each day."""
    return [(_day(day.local_day), microlitres(day.programmed_nl), microlitres(day.delivered_nl), f"{day.steps:,}",
             f"{float(day.difference_steps):.2f}") for day in results.days]


def total_row(results: Results) -> tuple[str, ...]:
    difference = dosing.difference_steps(results.doses[0], results.doses[-1], results.ratio)
    return ("total", microlitres(results.programmed_nl), microlitres(results.delivered_nl), f"{results.steps:,}",
            f"{float(difference):.2f}")


def microlitres(nl: int) -> str:
    """"6,720.123" of whole nanolitres, exactly."""
    sign = "-" if nl < 0 else ""
    return f"{sign}{abs(nl) // 1000:,}.{abs(nl) % 1000:03d}"


def volume(nl: int) -> str:
    """"6,720.123 µL"."""
    return f"{microlitres(nl)} µL"


def _day(local_day: int) -> str:
    return f"{EPOCH + timedelta(days=local_day):%a %Y-%m-%d}" if local_day else "unknown"


def show(results: Results) -> str:
    """The table of days for the terminal, in colour where there is one, with the proof of the journal below."""
    rows = day_rows(results)
    if len(rows) > ROWS_MAX:
        gap = ("...", *("" for _ in HEADS[1:]))
        rows = [*rows[:ROWS_MAX // 2], gap, *rows[-ROWS_MAX // 2:]]
    text = _rich(rows, total_row(results)) if sys.stdout.isatty() else _plain([HEADS, *rows, total_row(results)])
    lines = [text, f"journal: {results.chain}"]
    if results.uncertain_nl:
        lines.append(f"uncertain: {volume(results.uncertain_nl)} may have been delivered besides")
    return "\n".join([*lines, *(f"note: {note}" for note in results.notes)])


def _plain(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows)


def _rich(rows: list[tuple[str, ...]], total: tuple[str, ...]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, show_footer=True)
    for column, (head, foot) in enumerate(zip(HEADS, total, strict=True)):
        table.add_column(head, footer=foot, justify="left" if column == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console()
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip("\n")
