"""status: what the pump does, in a few lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, lines_of, rate_text, volume_text
from pumpctl.on_pumps import Answer, One, on_pumps

if TYPE_CHECKING:
    from pumpctl.pump import Pump
    from pumpctl.replies import Status


@click.command(epilog=example("pumpctl status", "pumpctl status --pump left --pump right",
                              "pumpctl status --all --json"))
@on_pumps()
def status() -> One:
    """Show state, alarms, volumes, what may be asked for, clock and what is stored."""
    def one(pump: Pump) -> Answer:
        found = pump.status()
        return Answer(asdict(found), lambda: lines_of(_lines(found)))
    return one


def _lines(found: Status) -> list[tuple[str, object]]:
    from pumpctl.localtime import local_text

    clock = "not set (pumpctl clock set)" if found.utc_ms is None else local_text(found.utc_ms, found.offset_min)
    lines: list[tuple[str, object]] = [
        ("state", f"{found.state} ({found.reason})" if found.reason else found.state),
        ("alarms", _alarms(found)),
        ("rate", _rate(found)),
        ("programmed", volume_text(found.programmed_nl)),
        ("delivered", f"{volume_text(found.delivered_nl)} ({found.steps} steps)"),
        ("of it boluses", volume_text(found.bolus_nl)),
        ("primed", f"{volume_text(found.prime_nl)}, withdrawn {volume_text(found.withdrawn_nl)}"),
        ("last 1 h, 24 h", f"{volume_text(found.last_1h_nl)}, {volume_text(found.last_24h_nl)}"),
        ("on demand", _on_demand(found)),
        ("reservoir", volume_text(found.reservoir_nl)),
        ("clock", clock),
        ("program", _stored(found.program, found.program_digest)),
        ("rig", _stored(found.rig, found.rig_digest)),
        ("journal", f"records {found.first_seq} to {found.next_seq - 1}" if found.next_seq else "empty"),
        ("access", _access(found)),
        ("board", _board(found)),
    ]
    if found.uncertain_nl:
        lines.insert(6, ("uncertain", f"{volume_text(found.uncertain_nl)} may have been delivered besides"))
    return lines


def _access(found: Status) -> str:
    if found.access == "open":
        return "open: no keys, whoever is at this port may change everything (pumpctl keys make)"
    if found.access != "keys":
        return "its keys cannot be read: only stop is left (pumpctl keys --help)"
    return f"keys, a session of {found.session} is open" if found.session else "keys"


def _board(found: Status) -> str:
    if found.chip_c is None:
        return found.board
    return f"{found.board}, supply {found.supply_mv / 1000:.2f} V, chip {found.chip_c} °C"


def _alarms(found: Status) -> str:
    if not found.alarms:
        return "none"
    return ", ".join(found.alarms) + (" (pumpctl ack)" if found.unacknowledged else " (acknowledged)")


def _rate(found: Status) -> str:
    under_way = [name for name, runs in (("bolus under way", found.bolus), ("temporary rate", found.temporary)) if runs]
    return ", ".join([rate_text(found.rate_nl_per_h), *under_way])


def _on_demand(found: Status) -> str:
    from pumpctl.durations import seconds

    locked = f", locked for {seconds(found.lockout_s)}" if found.lockout_s else ""
    return f"{found.boluses_left} boluses left in 24 h{locked}"


def _stored(name: str | None, digest: str) -> str:
    return "none (pumpctl push)" if name is None else f"{name} ({digest[:12]})"
