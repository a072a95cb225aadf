"""dashboard: the page in the browser, for pumps or a simulated one."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, json_option
from pumpctl.errors import HostError
from pumpctl.on_pumps import pump_options

if TYPE_CHECKING:
    from pumpctl.dashboard.station import Station
    from pumpctl.targets import Wanted

LESSON = Path(__file__).parents[1] / "dashboard" / "lesson"
WEB_PORT = 8321


@click.command(epilog=example("pumpctl dashboard --simulate", "pumpctl dashboard --pump left --pump right",
                              "pumpctl dashboard day.toml --simulate --rig bench.toml --no-show"))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--simulate", is_flag=True, help="Start a simulated pump and show it.")
@click.option("--rig", "rig_path", type=click.Path(path_type=Path), metavar="RIG",
              help="With --simulate: the rig that the simulated pump gets.")
@click.option("--web-port", type=click.IntRange(0, 65535), default=WEB_PORT, show_default=True, metavar="N",
              help="TCP port of the page; 0: a free one.")
@click.option("--show/--no-show", default=True, help="Open the browser.")
@pump_options
@json_option
def dashboard(file: Path | None, simulate: bool, rig_path: Path | None, web_port: int, show: bool,
              wanted: Wanted, as_json: bool) -> None:
    """Watch and operate pumps on a page in the browser; FILE is the program that its editor begins with.

    The page is served on this computer's loopback address only and asks nobody else for anything.
    """
    if find_spec("nicegui") is None:
        raise HostError("the dashboard needs NiceGUI, which is not installed",
                        'install it with: pip install "bench-pump[dashboard]"')
    if simulate and (wanted.port or wanted.pumps or wanted.every):
        raise click.UsageError("--simulate starts a pump of its own: leave out --port, --pump and --all")
    if rig_path and not simulate:
        raise click.UsageError("--rig is for --simulate; a real pump gets its rig with pumpctl push --rig")
    from pumpctl.dashboard.server import free_port, serve

    text = _text(file or LESSON / "day.toml")
    port = free_port(web_port)
    with ExitStack() as held:
        stations = _simulated(held, rig_path or LESSON / "rig.toml") if simulate else _found(held, wanted)

        def say(address: str) -> None:
            names = [station.view().name for station in stations]
            click.echo(json.dumps({"address": address, "pumps": names}) if as_json else
                       f"dashboard: {address} (Ctrl-C ends it)")
            sys.stdout.flush()

        serve(stations, text, port, show, say, held.close)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(f"cannot read {file}: {getattr(error, 'strerror', None) or 'it is no text'}",
                        "give a program file")


def _found(held: ExitStack, wanted: Wanted) -> list[Station]:
    from pumpctl.dashboard.station import Station
    from pumpctl.live import live_pumps
    from pumpctl.transport import NoConnectionError

    try:
        found = live_pumps(wanted)
    except NoConnectionError as error:
        raise NoConnectionError(error.message, f"{error.hint}; or see a simulated one: pumpctl dashboard --simulate")
    return [Station(number, held.enter_context(live)) for number, live in enumerate(found)]


def _simulated(held: ExitStack, rig_path: Path) -> list[Station]:
    """A bench that is ready to be programmed: it has a rig and the time of day."""
    import time

    from pumpctl.dashboard.simulation import Simulation
    from pumpctl.dashboard.station import Station
    from pumpctl.live import TRIES, LivePump
    from pumpctl.opening import opened
    from pumpctl.targets import Target
    from pumpfiles.rig_file import load_rig

    rig = load_rig(rig_path)
    simulation = Simulation.start(rig.body)
    held.callback(simulation.close)
    target = Target("simulated pump", simulation.port)
    with opened(target) as pump:
        pump.push_rig(rig.body)
        pump.clock_set(int(time.time() * 1000))
        pump.ack()                        # that the clock was not set at power-up
    return [Station(0, held.enter_context(LivePump(target.name, lambda: opened(target, TRIES))), simulation)]
