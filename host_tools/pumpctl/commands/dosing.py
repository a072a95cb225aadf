"""bolus and temp: what is given on top of the schedule, or in its place for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pumpctl.cli import (
    confirm_option,
    confirmed,
    connect,
    example,
    json_option,
    port_option,
    rate_text,
    say,
    volume_text,
)

if TYPE_CHECKING:
    from pump.program import Program
    from pumpctl.pump import Pump

OVER_MAX_S = 86_400           # as pump.protocol's table has them
FOR_MAX_S = 604_800


@click.command(epilog=example("pumpctl bolus", 'pumpctl bolus "50 uL" --over "10 min"',
                              "pumpctl bolus 50uL --over 10min"))
@click.argument("volume", required=False)
@click.option("--over", metavar="DURATION", help='How long it takes, such as "10 min"; needed with VOLUME.')
@confirm_option("--yes")
@port_option
@json_option
def bolus(volume: str | None, over: str | None, confirm: bool, port: str | None, as_json: bool) -> None:
    """Give a bolus of VOLUME, or without VOLUME the program's on-demand bolus.

    VOLUME may be a mass where the program has a concentration. Above the program's soft limit it asks first.
    """
    from pumpctl import entries
    from pumpctl.pulling import stored_program

    if (volume is None) != (over is None):
        raise click.UsageError("a bolus needs both VOLUME and --over, or neither for the program's on-demand bolus")
    over_s = entries.duration_s("--over", over, OVER_MAX_S) if over is not None else 0
    volume_nl = 0
    if volume is not None and not entries.is_mass(volume):
        volume_nl = entries.volume_nl("VOLUME", volume)
    with connect(port) as pump:
        program = stored_program(pump)
        if volume is not None and not volume_nl:
            volume_nl = entries.volume_nl("VOLUME", volume, program.ng_per_ml if program else 0)
        state = _give(pump, volume_nl, over_s, confirm)
        if not volume_nl:
            volume_nl, over_s = program.on_demand[:2]
        say(as_json, {"state": state, "volume_nl": volume_nl, "over_s": over_s, "board": pump.board},
            lambda: f"bolus: {volume_text(volume_nl)} over {_span(over_s)} granted; the pump is {state} now")


def _give(pump: Pump, volume_nl: int, over_s: int, confirm: bool) -> str:
    from pumpctl.refusals import PumpRefused

    try:
        return pump.bolus(volume_nl, over_s, confirm)
    except PumpRefused as error:
        if error.code != "soft_limit":
            raise
        confirmed(error.message.removesuffix(": confirm to give it"), False)
        return pump.bolus(volume_nl, over_s, True)


@click.command(epilog=example('pumpctl temp "30 uL/h" --for "2 h"', "pumpctl temp 50% --for 90min", "pumpctl temp off"))
@click.argument("rate", metavar="RATE|PERCENT|off")
@click.option("--for", "span", metavar="DURATION", help='How long, such as "2 h", up to 7 d.')
@port_option
@json_option
def temp(rate: str, span: str | None, port: str | None, as_json: bool) -> None:
    """Another rate for a time: RATE in place of the schedule's, or PERCENT of it; off ends it.

    RATE may be by mass where the program has a concentration.
    """
    from pumpctl import entries
    from pumpctl.pulling import stored_program

    if rate == "off":
        if span is not None:
            raise click.UsageError("temp off takes no --for")
        with connect(port) as pump:
            state = pump.temp_off()
            say(as_json, {"state": state, "for_s": 0, "board": pump.board},
                lambda: f"temp off: the pump is {state} at the schedule's rate")
        return
    if span is None:
        raise click.UsageError('a temporary rate needs --for DURATION, such as --for "2 h"')
    for_s = entries.duration_s("--for", span, FOR_MAX_S)
    percent = entries.percent_of(rate)
    by_mass = percent is None and entries.is_mass(rate)
    nl_per_h = entries.rate_nl_per_h("RATE", rate) if percent is None and not by_mass else 0
    with connect(port) as pump:
        if by_mass:
            nl_per_h = entries.rate_nl_per_h("RATE", rate, _concentration(stored_program(pump)))
        state = pump.temp_rate(nl_per_h, for_s) if percent is None else pump.temp_percent(percent, for_s)
        shown = rate_text(nl_per_h) if percent is None else f"{percent} % of the schedule"
        say(as_json, {"state": state, "percent": percent, "rate_nl_per_h": nl_per_h if percent is None else None,
                      "for_s": for_s, "board": pump.board},
            lambda: f"temp: {shown} for {_span(for_s)}; the pump is {state} now")


def _concentration(program: Program | None) -> int:
    return program.ng_per_ml if program else 0


def _span(span_s: int) -> str:
    from pumpctl.durations import seconds

    return seconds(span_s)
