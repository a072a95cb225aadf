"""Faults that last end without a trace: on a pump that runs, in any order of their beginnings and ends."""

from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpsim import Plant, faults
from pumpsim.plant import Parameters
from tests.pumps import DAY_MS, HOUR_MS, RIG, START_UTC_MS, ask, program, ready_pump, running_pump, send

MINUTE_MS = 60_000
WATCHED = RIG | {"supply_low_mv": 4500, "pressure_limit": 500}
STEADY = program(plans=[[0, 36_000]], resume="basal")               # 36 uL/h: 360 steps of 0.1 uL
LINE = {"rollers": 3, "resistance_kpa_s_per_ul": 1.0, "compliance_ul_per_kpa": 0.5, "reservoir_ul": 1e6,
        "counts_per_kpa": 10.0, "counts_at_zero": 100.0}
# Another value of each parameter that may change in the middle
OTHER = {"ul_per_rev": 330.0, "steps_per_rev": 1600, "scale_percent": 2.0, "stall_kpa": 0.002,
         "pull_out_steps_per_s": 5000.0, "diag": 0, "backlash_ul": 3.0, "stiction_ul": 2.0, "rollers": 4,
         "pulsation_percent": 40.0, "compliance_ul_per_kpa": 3.0, "resistance_kpa_s_per_ul": 2.0, "head_mm": 300.0,
         "slip_kpa_s_per_ul": 60.0, "leak_kpa_s_per_ul": 2.0, "end_switch": 1, "evaporation_ul_per_h": 5.0,
         "temperature_c": 31.0, "crystal_ppm": 200.0, "crystal_ppm_per_k": 3.0, "counts_per_kpa": 0.0,
         "counts_at_zero": 7.0, "sag_mv": 900.0, "balance_noise_mg": 1.0, "balance_drift_mg_per_h": 10.0,
         "balance_step_mg": 0.1}
GIVEN = {"weak_motor": {"stall_kpa": 0.001}}                        # the line has 0.01 kPa at 10 nL/s: it stalls
LASTING = [faults.make(name, GIVEN.get(name)) for name in faults.names()
           if name != "plant" and not faults.described(name)["momentary"]]
LASTING += [faults.OtherPlant(what=name, value=value) for name, value in OTHER.items()]
times_ms = st.sampled_from([1, 1000, MINUTE_MS, 10 * MINUTE_MS])
deeds = st.lists(st.tuples(st.sampled_from(LASTING), times_ms), max_size=15)


def test_every_parameter_that_may_change_in_the_middle_is_tried():
    assert {part.name for part in fields(Parameters) if not part.metadata["at_first"]} == set(OTHER)


def fitted_pump(**options):
    """Running at 36 uL/h, with a clock that has a battery and a line that has a sensor."""
    plant = Plant.of_rig(WATCHED, **LINE | options)
    pump = ready_pump(rig=WATCHED, document=STEADY, plant=plant, battery_clock=True)
    ask(pump, "ack")
    ask(pump, "start")
    return pump


def begin_or_end(pump, fault):
    """Ends it where it is active; one that contradicts another, or changes nothing, is refused."""
    if pump.faults.is_active(fault.key):
        pump.clear(fault.key)
    else:
        with suppress(ValueError):
            pump.inject(fault)


def require_no_trace(pump):
    """After a boot, and half an hour in which the line comes to rest, all is as on a pump that has had none."""
    bench, plant = pump.bench, pump.plant
    pump.power_off()
    pump.power_on()
    pump.run_for(1000)
    send(pump, b"\n")                                              # ends the line that a host has left unfinished
    ask(pump, "clock", utc_ms=START_UTC_MS + 10 * DAY_MS)
    ask(pump, "ack")
    if pump.state != "running":
        ask(pump, "start")
    pump.run_for(1)                                                 # before the first step
    pump.run_for(30 * MINUTE_MS - 1)
    out_ul, displaced_ul, now_s, missed = plant.works.out_ul, plant.displaced_ul, plant.now_s, plant.missed_steps
    pump.run_for(HOUR_MS)
    assert plant.works.out_ul - out_ul == pytest.approx(36, abs=0.1)               # within a step, air included
    assert plant.displaced_ul - displaced_ul == pytest.approx(36)
    assert (plant.now_s - now_s, plant.missed_steps) == (pytest.approx(3600), missed)
    assert (bench.inputs.read(), bench.supply.read_mv(), bench.memory_free) == (0, 5000, 150_000)
    assert bench.pressure.read() == pytest.approx(100, abs=1)      # counts at zero, and 10 nL/s x 1: 0.01 kPa
    status = ask(pump, "status")
    assert (status["alarms"], status["self_test"]) == ([], [])
    assert bench.rtc.read_utc_s() == (START_UTC_MS + 10 * DAY_MS + 90 * MINUTE_MS) // 1000


@settings(max_examples=40, deadline=None)
@given(story=deeds, rest=st.randoms(use_true_random=False))
def test_faults_that_overlap_and_end_in_any_order_leave_a_running_pump_as_it_was(story, rest):
    pump = fitted_pump()
    base = pump.plant.parameters
    for fault, ms in story:
        begin_or_end(pump, fault)
        pump.run_for(ms)
    active = list(pump.faults.active())
    rest.shuffle(active)
    for key in active:
        pump.clear(key)
    assert (pump.faults.active(), pump.plant.parameters) == ({}, base)
    require_no_trace(pump)


@pytest.mark.parametrize("fault", LASTING, ids=lambda fault: fault.key)
def test_a_fault_that_is_cleared_while_the_pump_runs_leaves_it_as_it_was(fault):
    pump = fitted_pump()
    pump.run_for(MINUTE_MS)
    pump.inject(fault)
    pump.run_for(10 * MINUTE_MS)
    pump.faults.clear_all()                     # those that end by themselves are over
    require_no_trace(pump)


def test_a_supply_that_sags_no_more_is_as_high_as_before():
    pump = fitted_pump()
    pump.inject(faults.SupplySag(sag_mv=1000.0))
    assert pump.board.supply.read_mv() == 4000
    pump.clear("supply_sag")
    assert pump.board.supply.read_mv() == 5000
    pump.inject(faults.OtherPlant(what="counts_per_kpa", value=0.0))
    assert pump.board.pressure.read() is None                      # none is fitted, not the last reading for ever


@pytest.mark.parametrize("first", ["weak_motor", "plant stall_kpa"])
def test_of_two_faults_of_one_parameter_the_later_one_goes_first_and_the_end_of_either_leaves_the_other(first):
    pump = running_pump(plant=Plant.of_rig(RIG, stall_kpa=90.0))
    made = {"weak_motor": faults.WeakMotor(stall_kpa=20.0), "plant stall_kpa": faults.OtherPlant("stall_kpa", 50.0)}
    kpa = {"weak_motor": 20, "plant stall_kpa": 50}
    second, = set(made) - {first}
    for ends in (first, second):
        pump.inject(made[first])
        pump.inject(made[second])
        assert pump.plant.parameters.stall_kpa == kpa[second]
        pump.clear(ends)
        left, = pump.faults.active()
        assert pump.plant.parameters.stall_kpa == kpa[left]
        pump.clear(left)
        assert pump.plant.parameters.stall_kpa == 90


def test_what_a_fault_holds_cannot_be_set_and_what_is_set_stays():
    pump = running_pump(plant=Plant.of_rig(RIG))
    pump.inject(faults.Leak(leak_kpa_s_per_ul=3.0))
    with pytest.raises(ValueError, match="leak_kpa_s_per_ul is held by the fault leak; clear that first"):
        pump.plant.set(leak_kpa_s_per_ul=5.0)
    pump.plant.set(head_mm=10.0)
    pump.clear("leak")
    assert (pump.plant.parameters.leak_kpa_s_per_ul, pump.plant.parameters.head_mm) == (0, 10)


def test_parameters_of_the_plant_are_combined_and_end_one_by_one_or_all():
    pump = running_pump(plant=Plant.of_rig(RIG))
    pump.inject(faults.OtherPlant(what="evaporation_ul_per_h", value=6.0))
    pump.inject(faults.OtherPlant(what="temperature_c", value=30.0), for_ms=1000)
    pump.inject(faults.OtherPlant(what="rollers", value=3.0))
    with pytest.raises(ValueError, match="plant rollers is active already"):
        pump.inject(faults.OtherPlant(what="rollers", value=4.0))
    pump.run_for(1000)
    assert pump.faults.active() == {"plant evaporation_ul_per_h": {"what": "evaporation_ul_per_h", "value": 6.0},
                                    "plant rollers": {"what": "rollers", "value": 3.0}}
    pump.clear("plant evaporation_ul_per_h")
    assert list(pump.faults.active()) == ["plant rollers"] and pump.faults.is_active("plant")
    pump.inject(faults.OtherPlant(what="temperature_c", value=30.0))
    pump.clear("plant")
    assert (pump.faults.active(), pump.plant.parameters.temperature_c) == ({}, 20)


def test_a_stall_is_over_when_its_driver_has_been_switched_off():
    """So that a start does not find it before the first step."""
    pump = fitted_pump()
    pump.inject(faults.WeakMotor(stall_kpa=0.001))
    pump.run_for(MINUTE_MS)
    assert ask(pump, "status")["alarms"] == ["motor stall"]
    pump.clear("weak_motor")
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(1)
    assert (pump.state, ask(pump, "status")["alarms"]) == ("running", [])


def test_a_screw_that_is_whole_again_loses_nothing_more():
    """Cleared in the middle of a withdrawal, in which the nut has gone to the other side of its play."""
    pump = running_pump(plant=Plant.of_rig(RIG), document=STEADY)
    pump.run_for(HOUR_MS)                                           # 36 uL
    ask(pump, "stop")
    pump.inject(faults.WornScrew(backlash_ul=5.0))
    ask(pump, "withdraw", volume_nl=20_000)
    pump.run_for(HOUR_MS)
    assert pump.plant.displaced_ul == pytest.approx(36 - 15)
    pump.clear("worn_screw")
    ask(pump, "prime", volume_nl=20_000)
    pump.run_for(HOUR_MS)
    assert pump.plant.displaced_ul == pytest.approx(36 - 15 + 20)


def test_a_dip_that_is_over_early_does_not_end_the_next_one():
    pump = running_pump()
    dip = faults.BrownOut(mv=3000, ms=1000)
    pump.inject(dip)
    pump.run_for(500)
    pump.clear("brown_out")
    pump.inject(dip)
    pump.run_for(999)
    assert pump.board.supply.read_mv() == 3000
    pump.run_for(1)
    assert pump.board.supply.read_mv() == 5000
