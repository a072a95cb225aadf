"""show: the days ahead of a program, drawn in the terminal or as a picture. Changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pumpctl.cli import RigPath, example, json_option
from pumpctl.on_pumps import Answer, pump_options, run_on

if TYPE_CHECKING:
    from pump.program import Program
    from pump.rig import Rig
    from pumpctl.preview import Preview
    from pumpctl.pump import Pump
    from pumpctl.targets import Wanted

DAYS_MAX = 31


@click.command(epilog=example("pumpctl show circadian.toml --rig bench.toml", "pumpctl show",
                              "pumpctl show --pump left --days 2",
                              "pumpctl show circadian.toml --rig bench.toml --from 2026-03-27T00:00 --svg week.svg"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--rig", "rig_path", type=RigPath(), metavar="RIG", help="The rig's file, for limits and the reservoir.")
@click.option("--from", "begin", metavar="TIME", help="Local time such as 2026-03-27T00:00; left out: now.")
@click.option("--days", type=click.IntRange(1, DAYS_MAX), default=7, show_default=True, help="Local calendar days.")
@click.option("--svg", "picture", type=click.Path(path_type=Path), metavar="PATH",
              help="Write a picture there, as PNG where the name ends so.")
@pump_options
@json_option
def show(file: Path | None, rig_path: Path | None, begin: str | None, days: int, picture: Path | None,
         wanted: Wanted, as_json: bool) -> None:
    """Show the week ahead: rates, ramps, boluses, clock changes, limits, the reservoir as a band.

    Of the program in FILE, or without FILE of the program in the pump, from its clock and its reservoir's level on.
    FILE together with --pump or --port is shown as it would be there.
    """
    from pumpctl.errors import HostError
    from pumpctl.preview import Preview
    from pumpctl.pulling import stored_program, stored_rig
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    given = load_program(file, _moment(begin)).program if file else None
    rig_given = load_rig(rig_path).rig if rig_path else None

    def answer(program: Program, rig: Rig | None, now_ms: int | None, level_nl: int | None) -> Answer:
        preview = Preview(program, rig, _start_ms(begin, program, now_ms), days, level_nl)
        if picture:
            from pumpctl.week_plot import draw_week

            draw_week(preview, picture)
        return Answer(_values(preview), lambda: f"written: {picture}" if picture else _drawn(preview))

    def one(pump: Pump) -> Answer:
        program = given or stored_program(pump)
        if program is None:
            raise HostError("the pump has no program", "show a file's: pumpctl show FILE")
        found = pump.status()
        return answer(program, rig_given or stored_rig(pump), found.utc_ms, None if rig_given else found.reservoir_nl)

    if given is None or wanted.port or wanted.pumps or wanted.every:
        if picture and wanted.is_several:
            raise click.UsageError("--svg takes one pump: name one with --pump")
        run_on(wanted, one, as_json)
    else:
        import json

        found = answer(given, rig_given, None, None)
        click.echo(json.dumps(found.values) if as_json else found.text())


def _moment(begin: str | None) -> Any:
    """The date that places a file's table of offsets."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(begin) if begin else None
    except ValueError:
        return None                                 # read_local says what is wrong with it


def _start_ms(begin: str | None, program: Program, now_ms: int | None) -> int:
    import time

    from pumpctl.localtime import read_local

    if begin:
        return read_local(begin, program.schedule.zone, program.zone_name)
    now_ms = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    return now_ms // 60_000 * 60_000


def _drawn(preview: Preview) -> str:
    from pumpctl.console import console
    from pumpctl.week_view import week_view

    screen = console()
    with screen.capture() as capture:
        screen.print(week_view(preview, screen.width))
    return capture.get().rstrip("\n")


def _values(preview: Preview) -> dict[str, Any]:
    """What --json says: times in ms UTC, volumes in nL, rates in nL/h."""
    from dataclasses import asdict

    from pump.limits import NAMES
    from pumpctl.preview import BAND

    return {
        "program": preview.program.name, "rig": preview.rig.name if preview.rig else None,
        "zone": preview.program.zone_name, "start_utc_ms": preview.start_ms, "end_utc_ms": preview.end_ms,
        "rates": [asdict(each) for each in preview.stretches], "boluses": [asdict(each) for each in preview.boluses],
        "clock_changes": [asdict(each) | {"is_gap": each.is_gap} for each in preview.changes],
        "days": [asdict(each) | {"left_nl": dict(zip(BAND, each.left_nl, strict=True))} for each in preview.days],
        "limits": dict(zip(NAMES, preview.limits.values(), strict=True)),
        "soft_limits": dict(zip(NAMES, preview.program.soft_limits.values(), strict=True)),
        "reservoir_nl": preview.level_nl, "empty_utc_ms": dict(zip(BAND, preview.empty_ms, strict=True)),
    }
