"""bolus and temp: what is given on top of the schedule, or in its place for a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, rate_text, volume_text
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pump.program import Program
    from pumpctl.pump import Pump

OVER_MAX_S = 86_400           # as pump.protocol's table has them
FOR_MAX_S = 604_800


@click.command(epilog=example("pumpctl bolus", 'pumpctl bolus "50 uL" --over "10 min"',
                              "pumpctl bolus 50uL --over 10min"))
@click.argument("volume", required=False)
@click.option("--over", metavar="DURATION", help='How long it takes, such as "10 min"; needed with VOLUME.')
@on_pumps(changes=True)
def bolus(volume: str | None, over: str | None) -> One:
    """Give a bolus of VOLUME, or without VOLUME the program's on-demand bolus.

    VOLUME may be a mass where the program has a concentration. Above the program's soft limit it asks first.
    """
    from pumpctl import entries
    from pumpctl.durations import seconds
    from pumpctl.pulling import stored_program

    if (volume is None) != (over is None):
        raise click.UsageError("a bolus needs both VOLUME and --over, or neither for the program's on-demand bolus")
    over_s = entries.duration_s("--over", over, OVER_MAX_S) if over is not None else 0
    by_mass = volume is not None and entries.is_mass(volume)
    typed_nl = entries.volume_nl("VOLUME", volume) if volume is not None and not by_mass else 0

    def one(pump: Pump) -> Steps:
        program = stored_program(pump)
        volume_nl = typed_nl
        if volume is not None:
            if by_mass:
                volume_nl = entries.volume_nl("VOLUME", volume, _concentration(program))
            yield f"bolus: {volume} = {volume_nl} nL over {over} = {over_s} s"
        soft = _above_soft(program, volume_nl)
        shown_nl, shown_s = (volume_nl, over_s) if volume_nl or program is None else (program.on_demand or (0, 0))[:2]
        shown = f"{volume_text(shown_nl)} over {seconds(shown_s)}"
        yield Change(soft or f"bolus of {shown}", asks=bool(soft))
        state = pump.bolus(volume_nl, over_s, bool(soft))
        return Answer({"state": state, "volume_nl": shown_nl, "over_s": shown_s},
                      lambda: f"bolus: {shown} granted; the pump is {state} now")
    return one


def _above_soft(program: Program | None, volume_nl: int) -> str:
    """The pump's own words for a bolus that it gives with a yes only, or ""."""
    soft_nl = program.soft_limits.max_bolus_nl if program else 0
    return f"above the soft max_bolus of {soft_nl} nL" if soft_nl and volume_nl > soft_nl else ""


@click.command(epilog=example('pumpctl temp "30 uL/h" --for "2 h"', "pumpctl temp 50% --for 90min", "pumpctl temp off"))
@click.argument("rate", metavar="RATE|PERCENT|off")
@click.option("--for", "span", metavar="DURATION", help='How long, such as "2 h", up to 7 d.')
@on_pumps(changes=True)
def temp(rate: str, span: str | None) -> One:
    """Another rate for a time: RATE in place of the schedule's, or PERCENT of it; off ends it.

    RATE may be by mass where the program has a concentration.
    """
    from pumpctl import entries

    if rate == "off":
        if span is not None:
            raise click.UsageError("temp off takes no --for")
        return _temp_off
    if span is None:
        raise click.UsageError('a temporary rate needs --for DURATION, such as --for "2 h"')
    for_s = entries.duration_s("--for", span, FOR_MAX_S)
    percent = entries.percent_of(rate)
    if percent is not None:
        return _temp_percent(percent, for_s)
    return _temp_rate(rate, span, for_s, entries.is_mass(rate))


def _temp_off(pump: Pump) -> Steps:
    yield Change("end the temporary rate")
    state = pump.temp_off()
    return Answer({"state": state, "for_s": 0}, lambda: f"temp off: the pump is {state} at the schedule's rate")


def _temp_percent(percent: int, for_s: int) -> One:
    def one(pump: Pump) -> Steps:
        shown = f"{percent} % of the schedule for {_span(for_s)}"
        yield Change(shown)
        state = pump.temp_percent(percent, for_s)
        return Answer({"state": state, "percent": percent, "rate_nl_per_h": None, "for_s": for_s},
                      lambda: f"temp: {shown}; the pump is {state} now")
    return one


def _temp_rate(rate: str, span: str, for_s: int, by_mass: bool) -> One:
    from pumpctl import entries
    from pumpctl.pulling import stored_program

    typed = 0 if by_mass else entries.rate_nl_per_h("RATE", rate)

    def one(pump: Pump) -> Steps:
        nl_per_h = entries.rate_nl_per_h("RATE", rate, _concentration(stored_program(pump))) if by_mass else typed
        yield f"temp: {rate} = {nl_per_h} nL/h for {span} = {for_s} s"
        yield Change(f"{rate_text(nl_per_h)} for {_span(for_s)}")
        state = pump.temp_rate(nl_per_h, for_s)
        return Answer({"state": state, "percent": None, "rate_nl_per_h": nl_per_h, "for_s": for_s},
                      lambda: f"temp: {rate_text(nl_per_h)} for {_span(for_s)}; the pump is {state} now")
    return one


def _concentration(program: Program | None) -> int:
    return program.ng_per_ml if program else 0


def _span(span_s: int) -> str:
    from pumpctl.durations import seconds

    return seconds(span_s)
