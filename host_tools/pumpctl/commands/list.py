"""list: the pumps on this machine's USB, those that have a name, and the one at PUMPCTL_PORT."""

from __future__ import annotations

import os
from typing import Any

import click

from pumpctl.cli import example, json_option, say
from pumpctl.on_pumps import pump_options
from pumpctl.targets import PORT_ENV, Target, Wanted

NOTHING = ("no pump found: none on USB (id 2e8a:0005), none has a name (pumpctl config set pumps.NAME PORT), and "
           "no port in --port or PUMPCTL_PORT")


@click.command("list", epilog=example("pumpctl list", "pumpctl list --json"))
@pump_options
@json_option
def list_command(wanted: Wanted, as_json: bool) -> None:
    """Find pumps and ask each who it is; changes nothing.

    Those on USB, by their USB id; those that you have given a name; one at --port or PUMPCTL_PORT. With --pump only
    these.
    """
    from pumpctl.targets import targets_of

    found = targets_of(wanted) if wanted.pumps else _all(wanted.port or os.environ.get(PORT_ENV))
    rows = [_row(each) for each in found]
    say(as_json, {"ports": rows}, lambda: "\n".join(_line(row) for row in rows) or _nothing())


def _all(port: str | None) -> list[Target]:
    from pumpctl.ports import pico_ports
    from pumpctl.targets import named_pumps

    named = named_pumps()
    taken = {each.port for each in named}
    more = [each for each in [*pico_ports(), *([port] if port else [])] if each not in taken]
    return named + [Target("", each) for each in dict.fromkeys(more)]


def _nothing() -> str:
    from pumpctl.pico_board import NO_PORT

    return f"{NOTHING}; {NO_PORT}"


def _row(target: Target) -> dict[str, Any]:
    from pumpctl.probe import PROMPT, PUMP, probe
    from pumpctl.transport import NoConnectionError

    base = {"name": target.name or None, "port": target.port}
    try:
        found = probe(target.require_port())
    except NoConnectionError as error:
        return base | {"kind": "closed", "why": error.message}
    if found.kind == PUMP:
        return base | {"kind": PUMP, "id": found.id_hex, **found.hello}
    why = "MicroPython's prompt, no pump runs: pumpctl flash" if found.kind == PROMPT else "opens, but nobody answers"
    return base | {"kind": found.kind, "why": why}


def _line(row: dict[str, Any]) -> str:
    who = "  ".join(each for each in (row["name"], row["port"]) if each)
    if "why" in row:
        return f"{who}  {row['why']}"
    return (f"{who}  pump {row['id']}, firmware {row['firmware']}, protocol {row['protocol']}, board {row['board']}, "
            f"boot {row['boot']}, up for {row['uptime_ms'] // 1000} s")
