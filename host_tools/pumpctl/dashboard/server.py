"""Serves the page on loopback until it is ended. Owns the address and the beginning and end of pumps and simulation."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

from pumpctl.dashboard.station import Station
from pumpctl.errors import HostError

LOOPBACK = "127.0.0.1"
LOOK_S = 0.02


def free_port(wanted: int) -> int:
    """`wanted`, or a free one for 0; HostError where it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError as error:
            raise HostError(f"cannot listen on TCP port {wanted}: {error.strerror}", "choose another with --web-port")
        return probe.getsockname()[1]


def serve(stations: list[Station], text: str, port: int, show: bool, say: Callable[[str], None],
          close: Callable[[], None]) -> None:
    """Until Ctrl-C, then calls `close`. `say` hears the address as soon as a browser may ask there."""
    from fastapi import Response
    from nicegui import app, background_tasks, ui

    from pumpctl.dashboard.downloads import download
    from pumpctl.dashboard.editor import Kept
    from pumpctl.dashboard.guard import LoopbackOnly
    from pumpctl.dashboard.page import Page

    kept = Kept(text)

    @ui.page("/", title="Bench pump")
    def index() -> None:
        Page(stations, kept)

    @app.get("/download/{number}/{name}")
    async def file(number: int, name: str) -> Response:
        if not 0 <= number < len(stations):
            return Response("no such pump", 404)
        return await download(stations[number], name)

    app.add_middleware(LoopbackOnly)
    app.on_shutdown(close)                 # a signal that ends the server ends the process then
    app.on_startup(lambda: background_tasks.create(_say_when_it_listens(port, say)))
    ui.run(host=LOOPBACK, port=port, show=show, reload=False, title="Bench pump", show_welcome_message=False,
           tailwind=False, language="en-US")


async def _say_when_it_listens(port: int, say: Callable[[str], None]) -> None:
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.close()
            break
        await asyncio.sleep(LOOK_S)
    say(f"http://{LOOPBACK}:{port}/")
