"""The three tests: curves at a rate, boluses of a size, an occlusion at a rate. Each on a fresh pump."""

import math
from dataclasses import dataclass

import numpy as np

from flowtest.curves import StartUp, TooShortError, Trumpet, start_up, trumpet
from flowtest.doses import Dose, Occlusion
from pumpsim.flow.bench import FlowBench
from pumpsim.host import RefusedError

EVERY_S = 10                  # between two readings of the balance
SETTLE_S = 600                # after a bolus or a release, before it is weighed
BOLUS_RATE_PART = 2           # boluses are given at half of the rig's highest rate
WARM_S = 1800                 # at the rate, before it is occluded
OCCLUDED_MOST_S = 48 * 3600
PRIME_PART = 20               # of the reservoir, before the first bolus: it takes up what is slack
WINDOWS_S = ((3600, "max_1h_nl"), (86_400, "max_24h_nl"))
WINDOW_SLACK_S = 1800         # the pump's windows never count less than was delivered


@dataclass(frozen=True)
class Curves:
    """At one rate: the readings, and what they show. trumpet is None where they are too short for one."""

    rate_ul_per_h: float
    time_s: np.ndarray
    mass_mg: np.ndarray
    start_up: StartUp
    trumpet: Trumpet | None


def curves_of(flow, rate_ul_per_h, time_s, mass_mg):
    """Both curves of a flow; TooShortError where there is not even a start."""
    start = start_up(flow, rate_ul_per_h)
    try:
        return Curves(rate_ul_per_h, time_s, mass_mg, start, trumpet(flow, rate_ul_per_h))
    except TooShortError:
        return Curves(rate_ul_per_h, time_s, mass_mg, start, None)


def run_curves(rig, effects, rate_ul_per_h, hours):
    """The pump is started with a full line and weighed every 10 s."""
    bench = FlowBench(rig, effects, round(rate_ul_per_h * 1000))
    time_s, mass_mg = bench.weighed(hours * 3600, EVERY_S)
    return curves_of(bench.flow(time_s, mass_mg), rate_ul_per_h, time_s, mass_mg)


def run_boluses(rig, effects, size_ul, count):
    """The line is primed, then `count` boluses of one size at half the highest rate, nothing in between; each is
    weighed before and after.

    ValueError, with what to do, where the pump denies one.
    """
    bench = FlowBench(rig, effects, 0)
    bench.prime(rig["reservoir_nl"] // PRIME_PART)
    size_nl = round(size_ul * 1000)
    over_s = max(1, math.ceil(size_nl * 3600 * BOLUS_RATE_PART / rig["max_rate_nl_per_h"]))
    space_s = max(over_s + SETTLE_S, *(_space_s(span_s, rig[limit], size_nl) for span_s, limit in WINDOWS_S))
    found = []
    for _ in range(count):
        before_s, before_mg = bench.weigh()
        try:
            bench.host.do("bolus", volume_nl=size_nl, over_s=over_s, confirm=1)
        except RefusedError as error:
            raise ValueError(f"a bolus of {size_ul:g} uL: the pump refuses it: {error}; choose another --bolus") \
                from None
        bench.wait(over_s + SETTLE_S)
        after_s, after_mg = bench.weigh()
        flow = bench.flow(np.array([before_s, after_s]), np.array([before_mg, after_mg]))
        found.append(Dose(size_ul, flow.total_ul))
        bench.wait(space_s - over_s - SETTLE_S)
    return found


def _space_s(span_s, most_nl, size_nl):
    """From start to start, so that no more boluses than fit begin in a window."""
    if size_nl > most_nl:
        raise ValueError(f"a bolus of {size_nl / 1000:g} uL is more than the rig allows; choose another --bolus")
    return (span_s + WINDOW_SLACK_S) / (most_nl // size_nl)


def run_occlusion(rig, effects, rate_ul_per_h):
    """After half an hour at the rate the line is shut; when the pump has stopped itself it is opened again."""
    bench = FlowBench(rig, effects, round(rate_ul_per_h * 1000))
    bench.wait(WARM_S)
    shut_ms = bench.pump.now_ms
    bench.plant.occlude()
    alarm_ms = bench.until_fault(OCCLUDED_MOST_S)
    kpa = bench.plant.pressure_kpa
    if alarm_ms is None:
        bench.host.do("stop")
    time_s, mass_mg = bench.weigh()
    bench.plant.release()
    bench.wait(SETTLE_S)
    end_s, end_mg = bench.weigh()
    back = bench.flow(np.array([time_s, end_s]), np.array([mass_mg, end_mg]))
    return Occlusion(rate_ul_per_h, (alarm_ms - shut_ms) / 1000 if alarm_ms is not None else None, back.total_ul, kpa)
