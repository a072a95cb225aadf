"""Opens a pump for a command: the only place that does. What became of lost replies is told on standard error."""

from __future__ import annotations

import click

from pumpctl.exchange import TRIES
from pumpctl.pump import Pump
from pumpctl.targets import Target


def opened(target: Target, tries: int = TRIES) -> Pump:
    """The pump, a context manager; NoConnectionError where the port cannot be opened."""
    return Pump.open(target.require_port(), notice=lambda text: click.echo(f"pumpctl: {text}", err=True), tries=tries)
