"""start, stop, suspend, resume, ack: one request each, one line each."""

from __future__ import annotations

import click

from pumpctl.cli import connect, example, json_option, port_option, say


def _operate(do: str, doc: str) -> click.Command:
    @click.command(do, help=doc, short_help=doc, epilog=example(f"pumpctl {do} --port /dev/ttyACM0"))
    @port_option
    @json_option
    def command(port: str | None, as_json: bool) -> None:
        with connect(port) as pump:
            state = getattr(pump, do)()
            say(as_json, {"state": state, "board": pump.board}, lambda: f"{do}: the pump is {state} now")

    return command


start = _operate("start", "Begin the stored program; the clock must be set.")
stop = _operate("stop", "Stop the motor and end the program. Always allowed; a fault stays.")
suspend = _operate("suspend", "Stop the motor until resume; the program's time goes on.")
resume = _operate("resume", "Go on after suspend, at the rate of the time of day.")
ack = _operate("ack", "Acknowledge a fault whose cause is gone; the pump is stopped then.")
