"""The table of days and the figures of a run as texts, alike for the terminal and the report."""

from __future__ import annotations

import sys
from datetime import timedelta

from pumpctl import doses as dosing
from pumpctl.durations import seconds
from pumpctl.events import Instant
from pumpctl.localtime import EPOCH, local_text
from pumpctl.summary import Results

ROWS_MAX = 40                 # of days in the terminal; the files have them all
EVENTS_MAX = 200              # of boluses and the like in the report; boluses.csv has them all
BOLUS_HEADS = ("time", "kind", "asked by", "requested (µL)", "over", "outcome", "delivered (µL)")
ALARM_HEADS = ("alarm", "priority", "raised", "cause gone", "acknowledged")
DENIED_HEADS = ("time", "request", "asked by", "reason")
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


def bolus_rows(results: Results) -> list[tuple[str, ...]]:
    """One row of texts for each bolus request."""
    return [(_time(row.at), row.kind, row.actor, microlitres(row.requested_nl), seconds(row.over_s),
             f"{row.outcome} ({row.reason})" if row.reason else row.outcome,
             microlitres(results.ratio.nl_of_steps(row.delivered_steps))) for row in results.events.boluses]


def alarm_rows(results: Results) -> list[tuple[str, ...]]:
    return [(row.name, row.priority, _time(row.raised), _time(row.ended), _time(row.acknowledged))
            for row in results.events.alarms]


def denied_rows(results: Results) -> list[tuple[str, ...]]:
    return [(_time(row.at), row.request, row.actor, row.reason) for row in results.events.denied]


def shortened(rows: list[tuple[str, ...]], most: int) -> list[tuple[str, ...]]:
    """The first and last rows where there are more than `most`."""
    if len(rows) <= most:
        return rows
    return [*rows[:most // 2], ("...", *("" for _ in rows[0][1:])), *rows[-(most // 2):]]


def _time(at: Instant | None) -> str:
    if at is None:
        return ""
    return local_text(at.utc_ms, at.offset_min) or "clock not set"


def show(results: Results) -> str:
    """The table of days for the terminal, in colour where there is one, with the proof of the journal below."""
    rows = shortened(day_rows(results), ROWS_MAX)
    text = _rich(rows, total_row(results)) if sys.stdout.isatty() else _plain([HEADS, *rows, total_row(results)])
    lines = [text, f"journal: {results.chain}"]
    if results.uncertain_nl:
        lines.append(f"uncertain: {volume(results.uncertain_nl)} may have been delivered besides")
    lines += _event_lines(results)
    return "\n".join([*lines, *(f"note: {note}" for note in results.notes)])


def _event_lines(results: Results) -> list[str]:
    """A line for each kind of event that there was."""
    events = results.events
    lines = []
    if events.boluses:
        given = sum(row.start is not None for row in events.boluses)
        lines.append(f"boluses: {given} of {len(events.boluses)} given, {volume(results.bolus_nl)} of the volume")
    moved = [f"{volume(nl)} {name}" for nl, name in ((results.prime_nl, "primed"), (results.withdrawn_nl, "withdrawn"))
             if nl]
    if moved:
        lines.append(f"besides the doses: {', '.join(moved)}")
    if events.refills:
        lines.append(f"refills: {len(events.refills)}")
    if events.denied:
        lines.append(f"denied: {len(events.denied)} request" + "s" * (len(events.denied) > 1))
    return lines + [f"alarm: {row.name} ({row.priority}), {_time(row.raised)}" for row in events.alarms[:ROWS_MAX]]


def _plain(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                               for column, (cell, width) in enumerate(zip(row, widths, strict=True))) for row in rows)


def _rich(rows: list[tuple[str, ...]], total: tuple[str, ...]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from pumpctl.console import console

    table = Table(box=SIMPLE_HEAD, show_footer=True)
    for column, (head, foot) in enumerate(zip(HEADS, total, strict=True)):
        table.add_column(head, footer=foot, justify="left" if column == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    screen = console()
    with screen.capture() as capture:
        screen.print(table)
    return capture.get().rstrip("\n")
