"""maintenance: ends the pump and gives its port to MicroPython's prompt."""

from __future__ import annotations

import click

from pumpctl.cli import connect, example, json_option, port_option, say

PROMPT = "MicroPython's prompt is at the port now, until the Pico is reset or switched off and on"
NO_PROMPT = "a simulated pump has no prompt: it has started again"


@click.command(epilog=example("pumpctl maintenance --port /dev/ttyACM0", "mpremote connect /dev/ttyACM0"))
@port_option
@json_option
def maintenance(port: str | None, as_json: bool) -> None:
    """End the pump and get MicroPython's prompt at its port, for mpremote or a terminal.

    Only a pump that is stopped or at fault does so. pumpctl flash does this by itself. A simulated pump has no prompt:
    it starts again at once.
    """
    with connect(port) as pump:
        state = pump.maintenance()
        board = pump.board
    say(as_json, {"state": state, "board": board},
        lambda: f"maintenance: {PROMPT if board == 'pico' else NO_PROMPT}")
