"""prime, withdraw, refill: fluid that is moved and is no dose."""

from __future__ import annotations

import click

from pumpctl.cli import confirm_option, confirmed, connect, example, json_option, port_option, say, volume_text


@click.command(epilog=example('pumpctl prime "100 uL"'))
@click.argument("volume")
@port_option
@json_option
def prime(volume: str, port: str | None, as_json: bool) -> None:
    """Fill the line with VOLUME, at the rig's prime rate. An account of its own: it is no dose.

    A run goes on afterwards; a bolus under way is interrupted for good.
    """
    from pumpctl.entries import volume_nl

    nl = volume_nl("VOLUME", volume)
    with connect(port) as pump:
        state = pump.prime(nl)
        say(as_json, {"state": state, "volume_nl": nl, "board": pump.board},
            lambda: f"prime: {volume_text(nl)}; the pump is {state} now, until it is done or pumpctl stop")


@click.command(epilog=example('pumpctl withdraw "100 uL" --yes'))
@click.argument("volume")
@confirm_option("--yes")
@port_option
@json_option
def withdraw(volume: str, confirm: bool, port: str | None, as_json: bool) -> None:
    """Run the motor backwards for VOLUME; only while stopped. Asks first."""
    from pumpctl.entries import volume_nl

    nl = volume_nl("VOLUME", volume)
    with connect(port) as pump:
        confirmed(f"withdraw runs the motor backwards: {volume_text(nl)} are sucked back through the line", confirm,
                  "--yes")
        state = pump.withdraw(nl)
        say(as_json, {"state": state, "volume_nl": nl, "board": pump.board},
            lambda: f"withdraw: {volume_text(nl)}; the pump is {state} now, until it is done or pumpctl stop")


@click.command(epilog=example('pumpctl refill --added "8 mL"', 'pumpctl refill --withdrawn "1.2 mL" --added "10 mL"'))
@click.option("--added", required=True, metavar="VOLUME", help="What was filled in.")
@click.option("--withdrawn", metavar="VOLUME",
              help='What was taken out before, all that was left ("0 uL" too); left out: it was not emptied.')
@port_option
@json_option
def refill(added: str, withdrawn: str | None, port: str | None, as_json: bool) -> None:
    """Tell the pump that the reservoir was filled, and compare what was left with what it expected."""
    from pumpctl.entries import volume_nl

    added_nl = volume_nl("--added", added, may_be_zero=True)
    withdrawn_nl = volume_nl("--withdrawn", withdrawn, may_be_zero=True) if withdrawn is not None else None
    if not added_nl and not withdrawn_nl:
        raise click.UsageError("--added: a refill of nothing")
    with connect(port) as pump:
        found = pump.refill(added_nl, withdrawn_nl)
        say(as_json, {"level_nl": found.level_nl, "difference_nl": found.difference_nl, "warning": found.warning,
                      "added_nl": added_nl, "withdrawn_nl": withdrawn_nl, "board": pump.board},
            lambda: _text(found, added_nl, withdrawn_nl))


def _text(found, added_nl: int, withdrawn_nl: int | None) -> str:
    lines = [f"refill: {volume_text(added_nl)} added; the reservoir holds {volume_text(found.level_nl)} now"]
    if withdrawn_nl is not None:
        expected_nl = withdrawn_nl - found.difference_nl
        lines.append(f"withdrawn {volume_text(withdrawn_nl)}, expected {volume_text(expected_nl)}: "
                     f"difference {volume_text(found.difference_nl)}")
    if found.warning:
        lines.append("warning: the difference is more than 5 % of what was used since the last refill; weigh what the "
                     "pump delivers, and check line and head for leaks")
    return "\n".join(lines)
