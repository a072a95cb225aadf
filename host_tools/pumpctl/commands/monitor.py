"""monitor: a live view of one pump or several in the terminal."""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, json_option
from pumpctl.on_pumps import pump_options

if TYPE_CHECKING:
    from pumpctl.live import LivePump
    from pumpctl.live_view import View
    from pumpctl.targets import Wanted

WAIT_S = 0.25                 # between two frames
ONCE_S = 8.0                  # how long --once waits for a first answer
NO_CONNECTION = 3


@click.command(epilog=example("pumpctl monitor", "pumpctl monitor --pump left --pump right", "pumpctl monitor --once",
                              "pumpctl monitor --json | jq .status.rate_nl_per_h"))
@click.option("--once", is_flag=True, help="Print one frame and leave; exit code 3 where a pump does not answer.")
@pump_options
@json_option
def monitor(once: bool, wanted: Wanted, as_json: bool) -> None:
    """Watch pumps: rate, volumes, reservoir, lockout, alarms, last events. Goes on over unplugging. q leaves.

    Where the output is no terminal: one line for each change, with --json one object.
    """
    from pumpctl.live import live_pumps

    with ExitStack() as held:
        pumps = [held.enter_context(each) for each in live_pumps(wanted)]
        if once:
            _once(pumps, as_json, wanted.is_several)
        elif as_json or not sys.stdout.isatty():
            _lines(pumps, as_json)
        else:
            _live(pumps)


def _once(pumps: list[LivePump], as_json: bool, is_several: bool) -> None:
    from pumpctl import monitor
    from pumpctl.console import console
    from pumpctl.live_view import CONNECTING

    end_s = time.monotonic() + ONCE_S
    while any(pump.view().reason == CONNECTING for pump in pumps) and time.monotonic() < end_s:
        _wait(pumps)
    views = [pump.view() for pump in pumps]
    if as_json:
        found = {view.name: monitor.values_of(view) for view in views}
        click.echo(json.dumps(found if is_several else monitor.values_of(views[0])))
    else:
        console().print(monitor.frame(views))
    if not all(view.connected for view in views):
        raise click.exceptions.Exit(NO_CONNECTION)


def _lines(pumps: list[LivePump], as_json: bool) -> None:
    from pumpctl import monitor

    said: dict[str, object] = {}
    while True:
        for view in (pump.view() for pump in pumps):
            change = monitor.change_of(view)
            if view.number and said.get(view.name) != change:
                said[view.name] = change
                click.echo(json.dumps({"name": view.name, **monitor.values_of(view)}) if as_json else
                           monitor.line(view))
                sys.stdout.flush()
        _wait(pumps)


def _live(pumps: list[LivePump]) -> None:
    from rich.live import Live

    from pumpctl import monitor
    from pumpctl.console import console
    from pumpctl.keyboard import keys

    with keys() as key, Live(console=console(), screen=True, auto_refresh=False) as live:
        shown: list[View] = []
        while key() not in ("q", "Q"):
            views = [pump.view() for pump in pumps]
            if views != shown:
                live.update(monitor.frame(views, live.console.height), refresh=True)
                shown = views
            _wait(pumps)


def _wait(pumps: list[LivePump]) -> None:
    """Until something is new, or a frame's time."""
    if len(pumps) == 1:
        pumps[0].wait(pumps[0].view().number, WAIT_S)
    else:
        time.sleep(WAIT_S)
