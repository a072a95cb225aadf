"""start, stop, suspend, resume, cancel, ack: one request each, one line each."""

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
suspend = _operate("suspend", "Stop the motor until resume; the program's time goes on. A bolus ends for good.")
resume = _operate("resume", "Go on after suspend, at the rate of the time of day.")
cancel = _operate("cancel", "End the bolus under way for good; the basal rate goes on.")


@click.command(epilog=example("pumpctl ack --port /dev/ttyACM0"))
@port_option
@json_option
def ack(port: str | None, as_json: bool) -> None:
    """Acknowledge all alarms; a fault whose cause is gone ends, and the pump is stopped then."""
    with connect(port) as pump:
        state = pump.ack()
        left = pump.status().alarms
        say(as_json, {"state": state, "alarms": left, "board": pump.board},
            lambda: f"ack: the pump is {state} now; " + (f"still there: {', '.join(left)}" if left else "no alarms"))
