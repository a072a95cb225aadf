"""log verify, log show, log export: what an archive or a file of records holds, without a pump."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pump import record
from pumpctl.cli import example, json_option, say
from pumpctl.errors import HostError

if TYPE_CHECKING:
    from pumpctl.columns import Row
    from pumpctl.proofs import Proof
    from pumpctl.stored import StoredJournal

BROKEN = 5
TERMINAL_ROWS = 200           # on a terminal, where neither time nor number was asked for
HEADS = ("seq", "time", "event", "actor", "what")

archive_option = click.option(
    "--archive", type=click.Path(path_type=Path), envvar="PUMPCTL_ARCHIVE", metavar="FILE",
    help="An archive, or a file of records such as journal.bin; otherwise PUMPCTL_ARCHIVE, or your own archive.")


def days_completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from pumpctl.completing import days

    return days(incomplete)


def pumps_completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from pumpctl.completing import archived_pumps

    return archived_pumps(incomplete)


def selecting(command: Callable) -> Callable:
    """The options by which records are chosen; the command gets them as one dict, `chosen`."""
    options = (
        click.option("--pump", metavar="PUMP", shell_complete=pumps_completed,
                     help="The pump's id, its beginning, or its rig's name."),
        click.option("--since", metavar="TIME", help="Local time such as 2026-03-27T06:30, or \"2 h\" before the "
                                                     "newest record."),
        click.option("--until", metavar="TIME", help="The same; records at that time are left out."),
        click.option("--day", metavar="DATE", shell_complete=days_completed, help="A local day such as 2026-03-27."),
        click.option("--event", multiple=True, metavar="EVENT", type=click.Choice(record.EVENT_NAMES[1:]),
                     help=f"Again for more: {', '.join(record.EVENT_NAMES[1:])}."),
        click.option("--actor", multiple=True, type=click.Choice(record.ACTOR_NAMES), help="Again for more."),
        click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N of them."))
    for option in reversed(options):
        command = option(command)
    return command


@click.command(epilog=example("pumpctl log verify", "pumpctl log verify results/journal.bin --json"))
@click.argument("file", type=click.Path(path_type=Path), required=False, envvar="PUMPCTL_ARCHIVE")
@json_option
def verify(file: Path | None, as_json: bool) -> None:
    """Prove an archive, or a FILE of records, without a pump: every CRC, the chain, and whatever is missing.

    Exit code 5 where a record is wrong, or missing and not dropped by the pump itself. A file of records does not say
    which pump it is of, so its first record is taken as it is.
    """
    import time

    from pumpctl.proofs import prove
    from pumpctl.stored import stored_journals

    found, spent_s, count = [], 0.0, 0
    for journal in stored_journals(file):
        began = time.perf_counter()
        proof = prove(journal.raw, journal.pump or None)
        spent_s += time.perf_counter() - began
        count += len(journal.raw) // record.SIZE
        found.append((journal, proof))
    is_good = all(proof.is_good for _, proof in found)
    rate = round(count / spent_s) if spent_s else 0
    say(as_json, {"good": is_good, "records_per_s": rate,
                  "journals": [_source(journal) | proof.as_dict() for journal, proof in found]},
        lambda: "\n".join([line for each in found for line in _verdict(*each)]
                          + [f"{'good' if is_good else 'NOT good'}: {count:,} records at {rate:,} records/s"]))
    if not is_good:
        raise click.exceptions.Exit(BROKEN)


def _source(journal: StoredJournal) -> dict[str, Any]:
    return {"pump": journal.pump.hex() or None, "rig": journal.name or None, "journal": journal.number}


def _verdict(journal: StoredJournal, proof: Proof) -> list[str]:
    who = f"pump {journal.pump.hex()} ({journal.name or 'no rig'}), journal {journal.number}: " if journal.pump else ""
    which = f", {proof.first_seq} to {proof.last_seq}" if proof.count else ""
    lines = [f"{who}{proof.count:,} records proven{which}"]
    lines += [f"  {gap.text}" for gap in proof.gaps]
    return lines + ([f"  {proof.broken.message}"] if proof.broken else [])


@click.command(epilog=example("pumpctl log show --last 20", "pumpctl log show --since \"2 h\" --event bolus",
                              "pumpctl log show --day 2026-03-27 --json"))
@selecting
@archive_option
@json_option
def show(archive: Path | None, as_json: bool, **chosen: Any) -> None:
    """Show records of the archive: time, event, who caused it, and what it says. With --json a JSON line for each.

    A terminal shows the newest 200 where neither a time nor a number was asked for.
    """
    import sys

    from pumpctl.columns import as_dict
    from pumpctl.exporting import written_times
    from pumpctl.wording import words_of

    if as_json:
        for row in _rows(archive, chosen):
            what = words_of(as_dict(row))
            [written] = written_times([row])
            click.echo(json.dumps(as_dict(written) | {"what": what}))
        return
    on_terminal = sys.stdout.isatty()
    is_cut = on_terminal and not any(chosen[name] for name in ("since", "until", "day", "last"))
    if is_cut:
        chosen["last"] = TERMINAL_ROWS
    lines, sources = [], set()
    for row in _rows(archive, chosen):
        values = as_dict(row)
        sources.add((values.get("pump"), values["journal"]))
        lines.append((values.get("pump", ""), str(values["journal"]), str(values["seq"]),
                      values.get("local", "not set"), values["event"], values["actor"], words_of(values)))
    heads = ("pump", "journal", *HEADS) if len(sources) > 1 else HEADS
    shown = [line[-len(heads):] for line in lines]
    if on_terminal:
        _print_table(heads, shown)
    else:
        _print_plain(heads, shown)
    if is_cut and len(lines) >= TERMINAL_ROWS:
        click.echo(f"the newest {TERMINAL_ROWS}; for more: --last N, --since TIME, or --day DATE", err=True)


@click.command(epilog=example("pumpctl log export --csv journal.csv", "pumpctl log export --parquet journal.parquet",
                              "pumpctl log export --jsonl - --event bolus | head"))
@click.option("--csv", "form", flag_value="csv", help="A table with a column for each value.")
@click.option("--jsonl", "form", flag_value="jsonl", help="One JSON object a line.")
@click.option("--parquet", "form", flag_value="parquet", help="A Parquet table; needs pyarrow.")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@selecting
@archive_option
@json_option
def export(form: str | None, file: Path, archive: Path | None, as_json: bool, **chosen: Any) -> None:
    """Export records to FILE, or - for standard output: one row a record, columns with their unit in their name.

    Without --csv, --jsonl or --parquet the end of FILE's name says which. The columns are in host_tools/README.md.
    """
    from pumpctl.exporting import FORMS
    from pumpctl.exporting import export as write

    form = form or file.suffix.removeprefix(".")
    if form not in FORMS:
        raise HostError(f"which form {file} is to have was not said", "add --csv, --jsonl or --parquet")
    count = write(_rows(archive, chosen), form, file)
    if str(file) != "-":
        say(as_json, {"file": str(file), "form": form, "records": count},
            lambda: f"{count:,} records written to {file}")


def _rows(path: Path | None, chosen: dict[str, Any]) -> Iterator[Row]:
    """The chosen records of all journals at `path`, as rows."""
    from itertools import chain

    from pumpctl.columns import rows_of
    from pumpctl.journal import records_of
    from pumpctl.selection import Selection, newest_utc_ms, read_bound, read_day
    from pumpctl.stored import stored_journals

    journals = stored_journals(path, chosen["pump"])
    newest = max(newest_utc_ms(journal.raw) for journal in journals)
    since, until = (read_bound(f"--{name}", chosen[name], newest) if chosen[name] else None
                    for name in ("since", "until"))
    selection = Selection(since, until, read_day(chosen["day"]) if chosen["day"] else None, chosen["event"],
                          chosen["actor"])
    rows = chain.from_iterable(rows_of(selection.of(records_of(journal.raw)), journal.pump.hex(), journal.number)
                               for journal in journals)
    return _last(rows, chosen["last"])


def _last(rows: Iterator[Row], count: int | None) -> Iterator[Row]:
    from collections import deque

    return iter(deque(rows, count)) if count else rows


def _print_plain(heads: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    widths = [max(len(line[place]) for line in [heads, *lines]) for place in range(len(heads) - 1)]
    for line in [heads, *lines]:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=True)), line[-1]]))


def _print_table(heads: tuple[str, ...], lines: list[tuple[str, ...]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from pumpctl.console import console

    table = Table(box=SIMPLE_HEAD)
    for head in heads:
        table.add_column(head, justify="right" if head == "seq" else "left", no_wrap=head != "what")
    for line in lines:
        table.add_row(*map(Text, line))
    console().print(table)
