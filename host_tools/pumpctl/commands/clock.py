"""clock set: the pump's UTC, from the host's clock or from a local time, with what it does to doses shown before."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import click

from pump.protocol import UTC_MS_MAX
from pump.zone import Zone
from pumpctl.cli import example
from pumpctl.errors import HostError
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pumpctl.pump import Pump


@click.group()
def clock() -> None:
    """The pump's clock."""


@clock.command("set", epilog=example("pumpctl clock set", "pumpctl clock set --to 2026-03-27T00:00",
                                     "pumpctl clock set --to 2026-03-27T00:00 --zone Europe/Berlin"))
@click.option("--to", "local", metavar="TIME", help="Local time such as 2026-03-27T00:00; now, when left out.")
@click.option("--zone", "zone_name", metavar="ZONE",
              help="Time zone of TIME, such as Europe/Berlin or +01:00; that of the pump's program, when left out.")
@on_pumps(changes=True)
def set_clock(local: str | None, zone_name: str | None) -> One:
    """Set the pump's clock: to now, or to a local time. A running program follows the new time at once.

    Shows which scheduled boluses would be given late, skipped, or met again, and asks where there are any. A lockout, a
    limit's window or a bolus under way never changes with the clock.
    """
    from dataclasses import asdict

    from pumpctl.clock_plan import plan_clock
    from pumpctl.localtime import local_text, read_local, utc_text
    from pumpctl.pulling import stored_program

    year = _year_of(local)
    given = _named_zone(zone_name, year) if zone_name else None

    def one(pump: Pump) -> Steps:
        program = stored_program(pump)
        name, zone = given or ((program.zone_name, program.schedule.zone) if program else ("UTC", None))
        if zone is None and local is not None and not _has_offset(local):
            raise HostError("the pump has no program, so no time zone either", "give one with --zone Europe/Berlin")
        zone = zone or Zone(0, [])
        fixed_ms = None if local is None else read_local(local, zone, name)
        if not 0 <= (fixed_ms or 0) <= UTC_MS_MAX:
            raise HostError(f"the pump's clock does not reach {local}", "give a time from 1970 to the end of 2099")
        plan = plan_clock(pump, program, _now_ms() if fixed_ms is None else fixed_ms)
        if plan.lines:
            yield "\n".join(plan.lines)
        yield Change(f"set the clock to {local or 'now'}", asks=plan.effect.matters)
        utc_ms = _now_ms() if fixed_ms is None else fixed_ms
        pump.clock_set(utc_ms)
        shown = local_text(utc_ms, zone.lookup(utc_ms // 60_000)[0])
        return Answer({"utc_ms": utc_ms, "utc": utc_text(utc_ms), "local": shown, "zone": name,
                       "effect": asdict(plan.effect)},
                      lambda: f"the pump's clock is {shown} now ({name}), {utc_text(utc_ms)}")
    return one


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _named_zone(name: str, year: int) -> tuple[str, Zone]:
    from datetime import datetime

    from pumpfiles.zones import fixed_offset, zone_table

    if re.match(r"[+-]", name):
        name, offset_min = fixed_offset(name)
        return name, Zone(offset_min, [])
    return name, Zone(*zone_table(name, datetime(year, 1, 1)))


def _year_of(local: str | None) -> int:
    match = re.match(r"(\d{4})-", local or "")
    return int(match[1]) if match else time.gmtime().tm_year


def _has_offset(local: str) -> bool:
    return bool(re.search(r"(Z|[+-]\d\d:?\d\d)$", local))
