"""status: what the pump does, in a few lines."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pumpctl.cli import connect, example, json_option, lines_of, port_option, rate_text, say, volume_text

if TYPE_CHECKING:
    from pumpctl.replies import Status


@click.command(epilog=example("pumpctl status --port socket://127.0.0.1:4000"))
@port_option
@json_option
def status(port: str | None, as_json: bool) -> None:
    """Show state, volumes, clock and what is stored."""
    with connect(port) as pump:
        found = pump.status()
    say(as_json, asdict(found), lambda: lines_of(_lines(found)))


def _lines(found: Status) -> list[tuple[str, object]]:
    from pumpctl.localtime import local_text

    clock = "not set (pumpctl clock set)" if found.utc_ms is None else local_text(found.utc_ms, found.offset_min)
    lines: list[tuple[str, object]] = [
        ("state", f"{found.state} ({found.reason})" if found.reason else found.state),
        ("rate", rate_text(found.rate_nl_per_h)),
        ("programmed", volume_text(found.programmed_nl)),
        ("delivered", f"{volume_text(found.delivered_nl)} ({found.steps} steps)"),
        ("clock", clock),
        ("program", _stored(found.program, found.program_digest)),
        ("rig", _stored(found.rig, found.rig_digest)),
        ("journal", f"records {found.first_seq} to {found.next_seq - 1}" if found.next_seq else "empty"),
        ("board", found.board),
    ]
    if found.uncertain_nl:
        lines.insert(4, ("uncertain", f"{volume_text(found.uncertain_nl)} may have been delivered besides"))
    return lines


def _stored(name: str | None, digest: str) -> str:
    return "none (pumpctl push)" if name is None else f"{name} ({digest[:12]})"
