"""Rigs of other ratios: what was delivered stays what it was, whatever a step moves from now on (L-03, A-04, J-02)."""

import hashlib
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.board import CAUSE_POWER, CAUSE_WATCHDOG
from pump.volume import StepRatio
from pump.volumes import BOLUSES, DOSES, PRIMES, UNCERTAIN, WITHDRAWALS, Volumes
from pumpsim import faults
from tests.boluses import SETTLED_MS
from tests.model.windows import TICKS_PER_MS
from tests.pumps import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    NO_LIMITS,
    RIG,
    START_UTC_MS,
    ask,
    body_of,
    events,
    program,
    push,
    ready_pump,
    refused,
    request,
)

# 36 uL/h: with a step of 100 nL 360 an hour, with one of 10 nL 3600, with one of 1 uL 36
FINE = RIG | {"name": "fine", "pl_per_rev": 32_000_000, "max_step_rate": 40_000}
COARSE = RIG | {"name": "coarse", "pl_per_rev": 3_200_000_000}
THIRDS = RIG | {"name": "thirds", "pl_per_rev": 100_000_000, "steps_per_rev": 300}      # 1000/3 nL a step
CONTINUOUS = program(plans=[[0, 36_000]], resume="basal")
SUMS = ("delivered_nl", "bolus_nl", "prime_nl", "withdrawn_nl", "uncertain_nl", "programmed_nl", "reservoir_nl")
WINDOWS = ("last_1h_nl", "last_24h_nl")


def rested_pump(document=CONTINUOUS, rtc=True):
    """An hour of basal delivery with a bolus of 50 uL, a prime of 20 uL, a withdrawal of 5; then stopped."""
    pump = ready_pump(document=document, battery_clock=rtc)
    ask(pump, "prime", volume_nl=20_000)
    pump.run_for(MINUTE_MS)
    ask(pump, "withdraw", volume_nl=5_000)
    pump.run_for(MINUTE_MS)
    ask(pump, "start")
    ask(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0)
    pump.run_for(HOUR_MS + SETTLED_MS)
    ask(pump, "stop")
    return pump


def told(pump, names=SUMS + WINDOWS):
    status = ask(pump, "status")
    return {name: status[name] for name in names}


EXPECTED = {"delivered_nl": 86_000, "bolus_nl": 50_000, "prime_nl": 20_000, "withdrawn_nl": 5_000, "uncertain_nl": 0,
            "programmed_nl": 86_000, "reservoir_nl": 1_000_000_000 - 86_000 - 15_000,
            "last_1h_nl": 86_000, "last_24h_nl": 86_000}


@pytest.mark.requirement("L-03")
@pytest.mark.requirement("A-04")
@pytest.mark.parametrize("rtc", [True, False])
@pytest.mark.parametrize("cause", [None, CAUSE_POWER, CAUSE_WATCHDOG])
@pytest.mark.parametrize("rigs", [[FINE], [COARSE], [FINE, COARSE, RIG], [RIG | {"name": "the same again"}]])
def test_another_rig_changes_nothing_of_what_was_delivered(rigs, cause, rtc):
    pump = rested_pump(rtc=rtc)
    assert told(pump) == EXPECTED
    for rig in rigs:
        assert "ok" in push(pump, "rig", rig)
        if cause:
            pump.boot(cause)
    assert told(pump) == EXPECTED


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("rig", [FINE, COARSE])
@pytest.mark.parametrize("is_reset", [False, True])
def test_windows_let_go_of_earlier_steps_with_the_volume_that_they_had(rig, is_reset):
    pump = rested_pump()                                # 86 uL within an hour, 50 of them in its first ten minutes
    assert "ok" in push(pump, "rig", rig)
    pump.run_for(30 * MINUTE_MS)
    if is_reset:
        pump.boot(CAUSE_POWER)
    step_nl = rig["pl_per_rev"] // rig["steps_per_rev"] // 1000
    assert 18_000 <= told(pump)["last_1h_nl"] <= 18_000 + 2 * step_nl          # half an hour at 36 uL/h
    pump.run_for(31 * MINUTE_MS)
    assert (told(pump)["last_1h_nl"], told(pump)["last_24h_nl"]) == (0, 86_000)


@pytest.mark.requirement("L-03")
@pytest.mark.requirement("B-03")
@pytest.mark.parametrize("is_reset", [False, True])
def test_a_bolus_after_another_rig_is_judged_with_what_was_given_before(is_reset):
    # 100 uL in any hour, 86 of them given; the 50 uL of the bolus go only after it, and 36 uL/h come for 36 that go
    document = program(plans=[[0, 36_000]], limits=NO_LIMITS | {"max_1h_nl": 100_000})
    pump = rested_pump(document)
    assert "ok" in push(pump, "rig", FINE)
    if is_reset:
        pump.boot(CAUSE_POWER)
    ask(pump, "start")
    assert refused(pump, "bolus", volume_nl=15_000, over_s=1, confirm=0) == "denied"
    ask(pump, "bolus", volume_nl=13_000, over_s=1, confirm=0)
    pump.run_for(2 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("J-02")
def test_sums_go_on_with_the_ratio_in_force_over_days_and_resets():
    pump = rested_pump()
    for rig in (THIRDS, FINE):                          # 1000/3 nL and 10 nL: 108 and 3600 steps an hour
        before = told(pump, SUMS)
        assert "ok" in push(pump, "rig", rig)
        ask(pump, "start")
        pump.run_for(30 * HOUR_MS + SETTLED_MS)
        ask(pump, "stop")
        pump.boot(CAUSE_WATCHDOG)
        after = told(pump, SUMS)
        assert after["delivered_nl"] - before["delivered_nl"] in (1_080_000 - 1, 1_080_000)
        assert before["reservoir_nl"] - after["reservoir_nl"] in (1_080_000, 1_080_000 + 1)
        assert after["bolus_nl"] == 50_000
    pump.run_for(DAY_MS + HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert told(pump, SUMS) == after
    assert told(pump, WINDOWS) == {"last_1h_nl": 0, "last_24h_nl": 0}


@pytest.mark.requirement("J-02")
def test_sums_of_several_rigs_outlive_boots_that_are_days_apart():
    pump = rested_pump()
    assert "ok" in push(pump, "rig", FINE)
    for _ in range(3):
        pump.run_for(3 * DAY_MS)
        ask(pump, "ack")                                # an alarm's record: a boot looks no further back than that
        pump.boot(CAUSE_POWER)
        assert told(pump) == EXPECTED | dict.fromkeys(WINDOWS, 0)


@pytest.mark.requirement("J-02")
def test_what_is_uncertain_is_rounded_up_and_what_was_delivered_down():
    pump = rested_pump()
    assert "ok" in push(pump, "rig", THIRDS)            # 1000/3 nL
    ask(pump, "start")
    pump.run_for(10 * MINUTE_MS + SETTLED_MS)           # 18 steps: 6000 nL
    pump.boot(CAUSE_POWER)                              # 10 min 30 s ahead are 6300 nL: 19 steps are due by then
    status = ask(pump, "status")
    assert (status["delivered_nl"], status["uncertain_nl"]) == (86_000 + 6_000, 6_334 - 334)


@pytest.mark.requirement("J-02")
def test_what_is_uncertain_stays_so_much_with_another_rig():
    pump = rested_pump()
    ask(pump, "start")
    pump.boot(CAUSE_POWER)                              # authorised: 10 min 30 s, 63 steps
    ask(pump, "stop")
    assert told(pump)["uncertain_nl"] == 6_300
    before = told(pump)
    assert "ok" in push(pump, "rig", FINE)
    assert told(pump) == before
    ask(pump, "start")
    pump.boot(CAUSE_POWER)
    ask(pump, "stop")
    assert told(pump)["uncertain_nl"] == 2 * 6_300
    assert told(pump)["last_24h_nl"] == before["last_24h_nl"] + 6_300


@pytest.mark.requirement("J-03")
@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("first", [[], [COARSE]])
def test_wherever_the_power_goes_while_a_rig_is_pushed_nothing_of_what_was_delivered_changes(first):
    seen = []
    for operation in range(1, 36):
        pump = rested_pump()
        for rig in first:
            assert "ok" in push(pump, "rig", rig)
        pump.inject(faults.make("power_cut_at_flash", {"operation": operation, "way": "not done"}))
        body = body_of(FINE)
        for at in range(0, len(body), 512):
            ask(pump, "stage", kind="rig", at=at, data=body[at:at + 512])
        digest = hashlib.sha256(body).hexdigest()
        pump.send(request("commit", kind="rig", digest=digest, confirm=0))
        pump.poll()
        seen.append((pump.is_on, ask_digest(pump) == digest))
        assert told(pump) == EXPECTED, operation
        pump.boot(CAUSE_POWER)
        assert told(pump) == EXPECTED, operation
    assert seen[0] == (False, False) and (False, True) in seen and seen[-1] == (True, True)


def ask_digest(pump):
    pump.clear("power_cut_at_flash")
    pump.receive()                                      # the reply, where there were fewer operations
    return ask(pump, "status")["rig_digest"]


@pytest.mark.requirement("J-07")
def test_a_pump_whose_rigs_had_one_ratio_writes_nothing_of_it():
    pump = rested_pump()
    assert "ok" in push(pump, "rig", RIG | {"name": "the same with another name"})
    assert not {"ratio", "earlier"} & {name for name, _, _ in events(pump)}


@pytest.mark.requirement("P-04")
def test_what_waits_for_its_clock_does_not_go_on_with_another_rig():
    pump = rested_pump(rtc=False)
    ask(pump, "start")
    pump.boot(CAUSE_POWER)
    assert "ok" in push(pump, "rig", FINE | {"max_rate_nl_per_h": 30_000})     # the program does not fit it
    ask(pump, "clock", utc_ms=START_UTC_MS + DAY_MS)
    status = ask(pump, "status")
    assert (status["state"], status["program"]) == ("stopped", None)
    pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS + DAY_MS)
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("L-03")
@pytest.mark.requirement("J-02")
@settings(max_examples=12, deadline=None, derandomize=True)
@given(story=st.lists(st.tuples(st.sampled_from([RIG, FINE, COARSE, THIRDS]), st.integers(1, 500), st.integers(0, 700),
                                st.sampled_from([None, CAUSE_POWER, CAUSE_WATCHDOG])), min_size=2, max_size=8))
def test_windows_and_sums_are_those_of_the_edges_whatever_rigs_made_them(story):
    edges, rigs = [], [RIG]
    pump = ready_pump(document=CONTINUOUS, battery_clock=True,
                      on_edges=lambda *run: edges.append((*run, step_nl_of(rigs[-1]))))
    for rig, run_min, wait_min, cause in story:
        assert "ok" in push(pump, "rig", rig)
        rigs.append(rig)
        ask(pump, "ack")                                # of resets by the watchdog within ten minutes
        ask(pump, "start")
        pump.run_for(run_min * MINUTE_MS)
        ask(pump, "stop")
        pump.run_for(wait_min * MINUTE_MS)
        if cause is not None:
            pump.boot(cause)
        status = ask(pump, "status")
        assert abs(moved_nl(edges, 0) - status["delivered_nl"]) < len(rigs)
        for name, window_ms in (("last_1h_nl", HOUR_MS), ("last_24h_nl", DAY_MS)):
            moved = moved_nl(edges, (pump.now_ms - window_ms + SETTLED_MS) * TICKS_PER_MS)
            slack = (3 + len(rigs)) * max(map(step_nl_of, rigs))       # each rig rounds up to a step of its own
            assert moved <= status[name] <= moved + slack, name


def step_nl_of(rig):
    return Fraction(rig["pl_per_rev"], rig["steps_per_rev"] * 1000)


def moved_nl(edges, after_tick):
    """What the edges after a tick have moved; each is (first tick, interval, count, nL of a step)."""
    return sum(step_nl * max(0, min(count, (first + count * interval - 1 - after_tick) // interval))
               for first, interval, count, step_nl in edges)


@pytest.mark.requirement("L-03")
def test_what_may_have_been_given_is_rounded_up_and_all_else_down():
    volumes = Volumes(None, None)
    volumes.use(StepRatio(100_000_000, 300))            # 1000/3 nL a step
    sums = {DOSES: 333, BOLUSES: 333, PRIMES: 333, WITHDRAWALS: 333, UNCERTAIN: 334}
    assert {at: volumes.nl(at, 1) for at in sums} == sums
    assert [volumes.nl(at, 3) for at in sums] == [1000] * 5
