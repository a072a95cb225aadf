"""Boluses of any kind: one at a time, within the limits, whole or ended for good (B-03, B-04, D-06, L-05, P-04)."""

import pytest

from pump import record
from pump.board import CAUSE_POWER
from pumpsim import SimPump
from tests.boluses import ON_DEMAND, SETTLED_MS, boluses
from tests.pumps import (
    HOST_BOLUS,
    HOUR_MS,
    MINUTE_MS,
    REQUEST_IDS,
    RIG,
    START_UTC_MS,
    ask,
    events,
    program,
    records,
    refused,
    running_pump,
)


@pytest.mark.requirement("B-04")
def test_one_bolus_at_a_time():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(5 * MINUTE_MS)
    assert refused(pump, "bolus", **HOST_BOLUS) == "denied"
    assert boluses(pump)[-1][1:3] == ("denied", "busy")
    pump.run_for(5 * MINUTE_MS + SETTLED_MS)
    assert boluses(pump)[-1] == ("host", "complete", "", 500, 10)


@pytest.mark.requirement("B-03")
def test_a_bolus_that_would_cross_a_limit_is_denied_whole():
    # 36 uL/h basal: 60 uL in any hour leaves 24; a bolus of 25 is denied, one of 23 given
    document = program(plans=[[0, 36_000]], limits={
        "max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 60_000, "max_24h_nl": 0})
    pump = running_pump(document=document)
    pump.run_for(2 * HOUR_MS)
    assert refused(pump, "bolus", volume_nl=25_000, over_s=60, confirm=0) == "denied"
    assert ask(pump, "status")["steps"] == 720
    ask(pump, "bolus", volume_nl=23_000, over_s=60, confirm=0)
    pump.run_for(HOUR_MS + SETTLED_MS)
    assert ask(pump, "status")["steps"] == 1080 + 230
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("B-03")
def test_a_bolus_above_max_bolus_is_denied():
    pump = running_pump(document=program(plans=[[0, 36_000]]), rig=RIG | {"max_bolus_nl": 49_999})
    assert refused(pump, "bolus", **HOST_BOLUS) == "denied"
    assert boluses(pump) == [("host", "denied", "limit", 0, 0)]


@pytest.mark.requirement("L-05")
def test_a_bolus_above_the_soft_limit_needs_a_confirmation():
    soft = {"max_rate_nl_per_h": 0, "max_bolus_nl": 40_000, "max_1h_nl": 0, "max_24h_nl": 0}
    pump = running_pump(document=program(plans=[[0, 36_000]], soft_limits=soft))
    assert refused(pump, "bolus", **HOST_BOLUS) == "soft_limit"
    ask(pump, "bolus", **(HOST_BOLUS | {"confirm": 1}))
    assert boluses(pump) == [("host", "granted", "", 0, 0)]
    ask(pump, "cancel")
    ask(pump, "bolus", **HOST_BOLUS | {"volume_nl": 40_000})           # just the limit


@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("do", ["suspend", "stop"])
def test_an_interrupted_bolus_is_finished_with_what_it_gave_and_never_resumes(do):
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)                    # 500 steps in 10 min
    pump.run_for(3 * MINUTE_MS)
    ask(pump, do)
    assert boluses(pump)[-1] == ("host", "interrupted", "", 150, 3)
    ask(pump, "resume" if do == "suspend" else "start")
    pump.run_for(HOUR_MS + SETTLED_MS)
    status = ask(pump, "status")
    assert status["steps"] == 18 + 150 + 360            # 3 min and 1 h of basal, and the part of the bolus
    assert status["bolus_nl"] == 15_000


def test_a_cancelled_bolus_leaves_the_basal_rate():
    pump = running_pump(document=ON_DEMAND)
    assert refused(pump, "cancel") == "bad_state"       # there is none
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(3 * MINUTE_MS)
    ask(pump, "cancel")
    pump.run_for(57 * MINUTE_MS + SETTLED_MS)
    assert boluses(pump)[-1] == ("host", "cancelled", "", 150, 3)
    assert ask(pump, "status")["steps"] == 360 + 150


@pytest.mark.requirement("T-05")
def test_setting_the_clock_leaves_a_bolus_under_way_alone():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(3 * MINUTE_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 12 * HOUR_MS)
    pump.run_for(7 * MINUTE_MS + SETTLED_MS)
    complete = boluses(pump)[-1]
    assert complete[:4] == ("host", "complete", "", 500)
    assert complete[4] == 12 * 60 + 7                   # ten minutes after its start on the pump's own clock


@pytest.mark.requirement("P-04")
def test_a_bolus_cut_by_the_power_never_resumes_and_is_written_as_uncertain():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(3 * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    assert boluses(pump)[-1][:2] == ("host", "uncertain")
    # 50 uL in 500 steps over 600 s, none known to be made, no instant or entry of a program, no denial, its request
    granted, uncertain = [data for name, _, data in events(pump) if name == "bolus"]
    assert uncertain == (50_000, 500, 0, 600, 0, 0, 0, granted[7])
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["steps"] == 360          # nothing had been confirmed before; all is in uncertain_nl
    assert [b[1] for b in boluses(pump)] == ["granted", "uncertain"]


def test_a_bolus_that_cannot_be_is_refused_with_its_reason():
    pump = running_pump(document=ON_DEMAND)
    assert refused(pump, "bolus", volume_nl=10_000, over_s=0, confirm=0) == "bad_value"
    assert boluses(pump) == []
    assert refused(pump, "bolus", volume_nl=99, over_s=60, confirm=0) == "denied"           # a step is 100 nL
    assert boluses(pump) == [("host", "denied", "bad_value", 0, 0)]


def test_a_bolus_asked_of_a_stopped_pump_is_written_as_it_was_asked():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "stop")
    assert refused(pump, "bolus", volume_nl=50_000, over_s=1800, confirm=0) == "bad_state"
    assert boluses(pump) == [("host", "denied", "bad_state", 0, 0)]
    written = [data for name, _, data in events(pump) if name == "bolus"]
    assert [data[:4] for data in written] == [(50_000, 500, 0, 1800)]                       # nL, steps, none made, s


def test_a_bolus_without_a_rig_is_refused_by_the_state():
    pump = SimPump()
    assert refused(pump, "bolus", **HOST_BOLUS) == "bad_state"
    assert boluses(pump) == []                          # nobody could say how many steps it would have been


@pytest.mark.requirement("D-06")
def test_a_pause_of_what_is_paused_changes_nothing():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)                    # 500 steps in 10 min
    pump.run_for(3 * MINUTE_MS)
    run, now_ms = pump.app.controller.run, pump.app.clock.mono_ms
    for _ in range(3):
        run.pause(now_ms)
    run.begin(now_ms, record.EVENT_RATE, record.ACTOR_HOST)
    pump.app.controller.wake()
    pump.poll()
    pump.run_for(57 * MINUTE_MS + SETTLED_MS)
    assert ask(pump, "status")["steps"] == 360 + 500
    assert boluses(pump)[-1] == ("host", "complete", "", 500, 10)


@pytest.mark.requirement("J-01")
def test_a_bolus_is_written_with_all_that_was_asked_for_and_given():
    pump = running_pump(document=ON_DEMAND)
    pump.run_for(1000)
    ask(pump, "bolus", **HOST_BOLUS)
    asked_id = next(REQUEST_IDS) - 1
    pump.run_for(10 * MINUTE_MS + SETTLED_MS)
    written = [record.data_of(raw, record.BOLUS) for raw in records(pump)
               if record.header(raw)[7] == record.EVENT_BOLUS]
    # volume, steps, of these given, seconds, nominal minute, entry, denial, request
    assert written == [(50_000, 500, 0, 600, 0, 0, 0, asked_id), (50_000, 500, 500, 600, 0, 0, 0, 0)]


@pytest.mark.requirement("J-02")
def test_the_last_step_of_a_cancelled_bolus_is_authorised_though_its_fraction_is_dropped():
    """180 nL/h: 0.5 steps in 1000 s, and in 60 s more 0.6 steps of a bolus of 10 in 1000 s. One step is made; without
    the bolus' fraction it is not due for 980 s, and yet no power loss may lose it."""
    pump = running_pump(document=program(plans=[[0, 180]]))
    pump.run_for(1_000_000)
    ask(pump, "bolus", volume_nl=1000, over_s=1000, confirm=0)
    pump.run_for(60_000)
    ask(pump, "cancel")
    assert ask(pump, "status")["steps"] == pump.board.stepper.edges() == 1
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert status["delivered_nl"] + status["uncertain_nl"] >= 100
