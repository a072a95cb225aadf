"""What is to happen when something else has: at the state, the volume, the operation, the line, the pressure."""

import pytest

from pumpsim import Plant, SimPump, faults
from tests.pumps import CONTINUOUS, HOUR_MS, RIG, ask, events, program, ready_pump, request, running_pump, send

BOLUS = {"volume_nl": 50_000, "over_s": 600, "confirm": 0}           # 500 steps in 10 min


def test_a_state_is_waited_for():
    pump = ready_pump(document=CONTINUOUS)
    pump.inject(faults.Stall(), when=faults.condition(state="running"))
    pump.run_for(HOUR_MS)
    assert pump.state == "stopped" and pump.faults.active() == {}
    ask(pump, "start")
    pump.run_for(1)
    assert pump.state == "fault"


def test_an_alarm_is_waited_for_and_one_thing_leads_to_the_next():
    pump = running_pump(document=CONTINUOUS)
    pump.inject(faults.Stall(), for_ms=1000, when=faults.condition(delivered_nl=1000))
    pump.inject(faults.PowerCut(), for_ms=5000, when=faults.condition(alarm="occlusion"))
    pump.inject(faults.LimitSwitch(), when=faults.condition(state="off"))
    pump.run_for(HOUR_MS)
    assert list(pump.faults.active()) == ["limit_switch"]
    assert [name for name, *_ in events(pump)].count("boot") == 2


def test_a_volume_is_met_to_the_millisecond_also_over_a_reset():
    """36 uL/h: a step of 100 nL each 10 s; the bolus adds 500 steps in 600 s from 100 s on."""
    pump = running_pump(document=CONTINUOUS)
    found = []
    pump.when(faults.condition(delivered_nl=1000), lambda: found.append(pump.now_ms))
    pump.when(faults.condition(steps=11), lambda: found.append(pump.now_ms))
    pump.run_for(105_000)
    assert found == [100_000]
    pump.boot(0)
    ask(pump, "clock", utc_ms=1_774_566_000_000)
    ask(pump, "start")
    pump.run_for(9_999)
    assert found == [100_000]
    pump.run_for(1)
    assert found == [100_000, 115_000]


def test_steps_are_waited_for_while_the_interpreter_hangs_too():
    """36 uL/h, a step in 10 s: the motor goes on by itself, and what waits for its steps finds the third of them."""
    pump = running_pump(document=CONTINUOUS)
    found = []
    pump.run_for(5000)
    pump.inject(faults.Watchdog(ms=60_000))
    for steps in (2, 3, 7):
        pump.when(faults.condition(steps=steps), lambda: found.append(pump.now_ms))
    pump.run_for(60_000)
    assert found == [20_000, 30_000]                    # the seventh would come at 70 s, after the reset at 65 s


def test_a_flash_operation_is_counted():
    pump = ready_pump()
    before = pump.flash.operation_count
    pump.when(faults.condition(flash_operation=3), lambda: found.append(pump.flash.operation_count - before))
    found = []
    while not found:
        ask(pump, "start")
        ask(pump, "stop")
    assert 3 <= found[0] <= 20                            # seen when the poll with it is over


def test_a_line_is_counted():
    pump = running_pump()
    pump.inject(faults.Unplug(), when=faults.condition(command=2))
    ask(pump, "status")
    assert pump.faults.active() == {}
    assert send(pump, request("status")) is None          # the line arrived; its reply found no cable
    assert list(pump.faults.active()) == ["unplug"]


def test_a_pressure_is_waited_for():
    plant = Plant.of_rig(RIG, compliance_ul_per_kpa=1.0)
    pump = running_pump(document=CONTINUOUS, plant=plant)
    plant.occlude()
    found = []
    pump.when(faults.condition(pressure_kpa=20), lambda: found.append((pump.now_ms, plant.pressure_kpa)))
    pump.run_for(HOUR_MS)
    (ms, kpa), = found
    assert ms == pytest.approx(2_000_000, abs=60_000)     # 20 uL at 36 uL/h: 2000 s; it is looked at each 0.5 kPa
    assert 20 < kpa < 20.7


@pytest.mark.parametrize("given, said", [
    ({}, "a condition is one of state, alarm"), ({"state": "running", "steps": 3}, "found state, steps"),
    ({"mood": "bad"}, "found mood"), ({"state": "asleep"}, "is no state"), ({"alarm": "tea"}, "is no alarm"),
    ({"steps": 0}, "whole number from 1"), ({"delivered_nl": 1.5}, "whole number"), ({"command": True}, "whole number"),
    ({"pressure_kpa": "high"}, "must be a number"),
])
def test_a_condition_that_is_none_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        faults.condition(**given)


def test_a_condition_that_can_never_hold_is_refused():
    pump = SimPump()
    with pytest.raises(ValueError, match="needs a pump with a rig"):
        pump.when(faults.condition(delivered_nl=1), lambda: None)
    with pytest.raises(ValueError, match="needs a plant"):
        pump.when(faults.condition(pressure_kpa=1), lambda: None)


def test_a_fault_that_cannot_be_applied_when_its_condition_holds_is_not_ignored():
    pump = ready_pump(document=program())
    pump.inject(faults.ClockLost(), when=faults.condition(state="running"))
    ask(pump, "stop")
    with pytest.raises(ValueError, match="none is fitted"):
        ask(pump, "start")
