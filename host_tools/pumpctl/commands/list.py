"""list: the pumps on this machine's USB, and the one at PUMPCTL_PORT."""

from __future__ import annotations

from typing import Any

import click

from pumpctl.cli import example, json_option, port_option, say

NOTHING = "no pump found: none on USB (id 2e8a:0005), and no port in --port or PUMPCTL_PORT"


@click.command("list", epilog=example("pumpctl list", "pumpctl list --json"))
@port_option
@json_option
def list_pumps(port: str | None, as_json: bool) -> None:
    """Find pumps by their USB id and ask each who it is; changes nothing.

    A port given with --port or PUMPCTL_PORT is asked too.
    """
    from pumpctl.ports import pico_ports

    ports = list(dict.fromkeys([*pico_ports(), *([port] if port else [])]))
    rows = [_row(each) for each in ports]
    say(as_json, {"ports": rows}, lambda: "\n".join(_line(row) for row in rows) or NOTHING)


def _row(port: str) -> dict[str, Any]:
    from pumpctl.probe import PROMPT, PUMP, probe
    from pumpctl.transport import NoConnectionError

    try:
        found = probe(port)
    except NoConnectionError as error:
        return {"port": port, "kind": "closed", "why": error.message}
    if found.kind == PUMP:
        return {"port": port, "kind": PUMP, **found.hello}
    why = "MicroPython's prompt, no pump runs: pumpctl flash" if found.kind == PROMPT else "opens, but nobody answers"
    return {"port": port, "kind": found.kind, "why": why}


def _line(row: dict[str, Any]) -> str:
    if "why" in row:
        return f"{row['port']}  {row['why']}"
    return (f"{row['port']}  pump {row['unique_id']}, firmware {row['firmware']}, protocol {row['protocol']}, "
            f"board {row['board']}, boot {row['boot']}, up for {row['uptime_ms'] // 1000} s")
