"""prime, withdraw, refill: fluid that is moved and is no dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, volume_text
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pumpctl.pump import Pump
    from pumpctl.replies import Refill


@click.command(epilog=example('pumpctl prime "100 uL"'))
@click.argument("volume")
@on_pumps(changes=True)
def prime(volume: str) -> One:
    """Fill the line with VOLUME, at the rig's prime rate. An account of its own: it is no dose.

    A run goes on afterwards; a bolus under way is interrupted for good.
    """
    from pumpctl.entries import volume_nl

    nl = volume_nl("VOLUME", volume)

    def one(pump: Pump) -> Steps:
        yield f"prime: {volume} = {nl} nL"
        yield Change(f"prime {volume_text(nl)}")
        state = pump.prime(nl)
        return Answer({"state": state, "volume_nl": nl},
                      lambda: f"prime: {volume_text(nl)}; the pump is {state} now, until it is done or pumpctl stop")
    return one


@click.command(epilog=example('pumpctl withdraw "100 uL" --yes'))
@click.argument("volume")
@on_pumps(changes=True)
def withdraw(volume: str) -> One:
    """Run the motor backwards for VOLUME; only while stopped. Asks first."""
    from pumpctl.entries import volume_nl

    nl = volume_nl("VOLUME", volume)

    def one(pump: Pump) -> Steps:
        yield f"withdraw: {volume} = {nl} nL"
        yield Change(f"withdraw runs the motor backwards: {volume_text(nl)} are sucked back through the line",
                     asks=True)
        state = pump.withdraw(nl)
        return Answer({"state": state, "volume_nl": nl},
                      lambda: f"withdraw: {volume_text(nl)}; the pump is {state} now, until it is done or pumpctl stop")
    return one


@click.command(epilog=example('pumpctl refill --added "8 mL"', 'pumpctl refill --withdrawn "1.2 mL" --added "10 mL"'))
@click.option("--added", required=True, metavar="VOLUME", help="What was filled in.")
@click.option("--withdrawn", metavar="VOLUME",
              help='What was taken out before, all that was left ("0 uL" too); left out: it was not emptied.')
@on_pumps(changes=True)
def refill(added: str, withdrawn: str | None) -> One:
    """Tell the pump that the reservoir was filled, and compare what was left with what it expected."""
    from pumpctl.entries import refill_nl

    added_nl = refill_nl("--added", added)
    withdrawn_nl = refill_nl("--withdrawn", withdrawn) if withdrawn is not None else None
    if not added_nl and not withdrawn_nl:
        raise click.UsageError("--added: a refill of nothing")

    def one(pump: Pump) -> Steps:
        taken = f"{withdrawn} = {withdrawn_nl} nL withdrawn, " if withdrawn is not None else ""
        yield f"refill: {taken}{added} = {added_nl} nL added"
        yield Change(f"refill with {volume_text(added_nl)}")
        found = pump.refill(added_nl, withdrawn_nl)
        values = {"level_nl": found.level_nl, "difference_nl": found.difference_nl, "warning": found.warning,
                  "added_nl": added_nl, "withdrawn_nl": withdrawn_nl}
        return Answer(values, lambda: _text(found, added_nl, withdrawn_nl))
    return one


def _text(found: Refill, added_nl: int, withdrawn_nl: int | None) -> str:
    lines = [f"refill: {volume_text(added_nl)} added; the reservoir holds {volume_text(found.level_nl)} now"]
    if withdrawn_nl is not None and found.difference_nl is not None:
        expected_nl = withdrawn_nl - found.difference_nl
        lines.append(f"withdrawn {volume_text(withdrawn_nl)}, expected {volume_text(expected_nl)}: "
                     f"difference {volume_text(found.difference_nl)}")
    if found.warning:
        lines.append("warning: the difference is more than 5 % of what was used since the last refill; weigh what the "
                     "pump delivers, and check line and head for leaks")
    return "\n".join(lines)
