"""A run with boluses, a temporary rate and a suspend on the emulated chip, its pulses held against the simulator's.

The simulator gets the same requests at the same milliseconds, read from the Pico's journal. Each request cuts the plan
and begins it anew. Two things are not defined: how long after the millisecond of its request the interpreter has put
the first command into the queue, because it plans and writes down what is authorised first (the same for all pulses of
a plan), and so which pulses near a cut still belong to the plan before it: as many as fall into that time. Where a
command begins decides how its interval is rounded, up to a whole tick, so its pulses drift by less than a tick each
(pump/planner.py, DRIFT_PARTS): a pulse may be as many ticks from the simulator's as the plan has pulses, no more.
"""

import pytest

from pump import record
from tests.emulator.test_emulated_pump import CYCLES_PER_MS, NOON_UTC_MS, STEP_PIN, UTC, pulled_journal
from tests.pumps import RIG, ask, program, ready_pump

PROGRAM = program(plans=[[0, 36_000_007]], zone=UTC, on_demand=[10_000, 2, 5, 4])      # 100 steps of 100 nL a second
STORY = (                               # seconds after the last one, request, its fields
    (0, "start", {}),
    (3, "bolus", {"volume_nl": 20_000, "over_s": 4, "confirm": 0}),
    (6, "temp", {"percent": 150, "rate_nl_per_h": 0, "for_s": 60}),
    (3, "temp", {"percent": -1, "rate_nl_per_h": 0, "for_s": 0}),
    (3, "bolus", {"volume_nl": 0, "over_s": 0, "confirm": 0}),
    (1, "cancel", {}),
    (2, "suspend", {}),
    (2, "resume", {}),
    (4, "stop", {}),
)
# each request of the story writes one of these, with the host as its actor
EVENTS = (record.EVENT_START, record.EVENT_RATE, record.EVENT_SUSPEND, record.EVENT_RESUME, record.EVENT_STOP)
NEAR = 16                               # pulses that 80 ms can hold: the fastest plan has 200 a second


def on_the_pico(boot):
    """(all pulses in cycles, UTC ms of each request) of the story."""
    pico = boot(stored={"rig": RIG, "program": PROGRAM})
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    pico.do("record", pins=[STEP_PIN])
    for wait_s, name, fields in STORY:
        pico.run(wait_s)
        pico.ask(name, **fields)
    pico.run(1)
    pulses = [cycle for cycle, _, level in pico.do("edges") if level]
    heads = [record.header(raw) for raw in pulled_journal(pico)]
    begin = next(at for at, head in enumerate(heads) if head[7] == record.EVENT_START)
    instants = [head[1] * 1000 + head[3] for head in heads[begin:]
                if head[7] in EVENTS and head[8] == record.ACTOR_HOST]
    return pulses, instants


def on_the_simulator(instants):
    """Pulses of each plan in cycles."""
    edges = []
    sim = ready_pump(RIG, PROGRAM, instants[0], on_edges=lambda first, interval, count: edges.extend(
        range(first, first + count * interval, interval)))
    pulses = []
    for (_, name, fields), before_ms, now_ms in zip(STORY, instants[:1] + instants, instants, strict=False):
        sim.run_for(now_ms - before_ms)
        pulses.append(edges[:])
        edges.clear()
        ask(sim, name, **fields)
    sim.run_for(1000)
    return [*pulses[1:], edges]


def best(pin, at, plan):
    """(most cycles between a pulse and its tick, where it ends) of a plan that begins near pin[at], however late. Its
    NEAR first and last pulses are left out.
    """
    ways = []
    for begin in range(max(0, at - NEAR), at + NEAR + 1):
        late = [pulse - tick for pulse, tick in zip(pin[begin + NEAR:], plan[NEAR:-NEAR], strict=False)]
        middle = sorted(late)[len(late) // 2]
        ways.append((max(abs(value - middle) for value in late), abs(begin - at), begin + len(plan)))
    error, _, end = min(ways)
    return error, end


@pytest.mark.figure
@pytest.mark.requirement("D-01")
def test_the_pulses_of_every_plan_are_those_of_the_simulator_but_for_rounding(boot, say, figure):
    pin, instants = on_the_pico(boot)
    assert len(instants) == len(STORY), instants
    errors, at = [], 0
    for plan in on_the_simulator(instants):
        if plan:
            error, at = best(pin, at, plan)
            errors.append(error)
            assert error <= len(plan)
    say(f"{len(pin)} pulses in {len(errors)} plans, {abs(len(pin) - at)} of them at the cuts between")
    assert len(pin) > 2000 and abs(len(pin) - at) <= NEAR
    assert len(errors) == 7                             # all but what is suspended or stopped
    figure("doses", max(errors) / CYCLES_PER_MS * 1000)
