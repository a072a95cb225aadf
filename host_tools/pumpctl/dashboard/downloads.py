"""The files of a pump's journal as the browser downloads them: pulled, proven and made when they are asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fastapi import Response
from nicegui import run

from pumpctl.dashboard.station import Station
from pumpctl.errors import HostError
from pumpctl.summary import Run

KINDS = {"report.html": "text/html", "doses.csv": "text/csv", "boluses.csv": "text/csv",
         "journal.bin": "application/octet-stream"}


async def download(station: Station, name: str) -> Response:
    """One file; a text that says why where it cannot be."""
    from pumpctl.pulling import pull_run

    if name not in KINDS:
        return Response(f"there is no {name}", 404)
    try:
        pulled = await station.do(pull_run)
        data = await run.io_bound(made, pulled, name)
    except HostError as error:
        return Response(error.message, 409, media_type="text/plain")
    shown = "inline" if name == "report.html" else "attachment"
    return Response(data, media_type=KINDS[name], headers={"Content-Disposition": f'{shown}; filename="{name}"'})


def made(pulled: Run, name: str) -> bytes:
    """The file `name` of a run."""
    from pumpctl import outputs
    from pumpctl.summary import Results

    if name == "journal.bin":
        return pulled.raw
    with tempfile.TemporaryDirectory() as folder:
        outputs.write_all(Results(pulled), Path(folder))
        return (Path(folder) / name).read_bytes()
