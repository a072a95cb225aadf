"""maintenance: ends the pump and gives its port to MicroPython's prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pumpctl.cli import example
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pumpctl.pump import Pump

PROMPT = "MicroPython's prompt is at the port now, until the Pico is reset or switched off and on"
NO_PROMPT = "a simulated pump has no prompt: it has started again"


@click.command(epilog=example("pumpctl maintenance --port /dev/ttyACM0", "mpremote connect /dev/ttyACM0"))
@on_pumps(changes=True)
def maintenance() -> One:
    """End the pump and get MicroPython's prompt at its port, for mpremote or a terminal.

    Only a pump that is stopped or at fault does so. pumpctl flash does this by itself. A simulated pump has no prompt:
    it starts again at once.
    """
    def one(pump: Pump) -> Steps:
        yield Change("end the pump for MicroPython's prompt")
        state = pump.maintenance()
        prompt = PROMPT if pump.board == "pico" else NO_PROMPT
        return Answer({"state": state}, lambda: f"maintenance: {prompt}")
    return one
