"""start, stop, suspend, resume, cancel, ack: one request each, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pumpctl.cli import example
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pumpctl.pump import Pump


def _operate(do: str, doc: str) -> click.Command:
    @click.command(do, help=doc, short_help=doc, epilog=example(f"pumpctl {do}", f"pumpctl {do} --pump left"))
    @on_pumps(changes=True)
    def command() -> One:
        def one(pump: Pump) -> Steps:
            yield Change(do)
            state = getattr(pump, do)()
            return Answer({"state": state}, lambda: f"{do}: the pump is {state} now")
        return one

    return command


start = _operate("start", "Begin the stored program; the clock must be set.")
suspend = _operate("suspend", "Stop the motor until resume; the program's time goes on. A bolus ends for good.")
resume = _operate("resume", "Go on after suspend, at the rate of the time of day.")
cancel = _operate("cancel", "End the bolus under way for good; the basal rate goes on.")


@click.command(epilog=example("pumpctl stop", "pumpctl stop --all"))
@on_pumps()
def stop() -> One:
    """Stop the motor and end the program. Always allowed and never asked about; a fault stays."""
    def one(pump: Pump) -> Answer:
        state = pump.stop()
        return Answer({"state": state}, lambda: f"stop: the pump is {state} now")
    return one


@click.command(epilog=example("pumpctl ack", "pumpctl ack --pump left"))
@on_pumps(changes=True)
def ack() -> One:
    """Acknowledge all alarms; a fault whose cause is gone ends, and the pump is stopped then."""
    def one(pump: Pump) -> Steps:
        yield Change("acknowledge all alarms")
        state = pump.ack()
        left = pump.status().alarms
        return Answer({"state": state, "alarms": left}, lambda: f"ack: the pump is {state} now; "
                      + (f"still there: {', '.join(left)}" if left else "no alarms"))
    return one
