"""Faults that cannot be applied are refused with what to do, and change nothing: none is ever ignored."""

import pytest

from pump.board import CAUSE_POWER
from pumpsim import Plant, faults
from tests.pumps import RIG, running_pump


def test_an_unknown_fault_and_parameters_that_are_none_are_refused_with_what_to_do():
    for name, parameters, said in [
            ("gremlin", {}, "choose one of"), ("stall", {"depth": 1}, "no parameter 'depth'; it takes none"),
            ("pressure", {"counts": -1}, "from 0 to 16777216 counts"), ("pressure", {"counts": True}, "whole number"),
            ("pressure", {"counts": "high"}, "whole number"), ("flash_erase", {"sectors": 7}, "a text such as"),
            ("power_cut_at_flash", {"way": "softly"}, "one of not done, done, torn")]:
        with pytest.raises(ValueError, match=said):
            faults.make(name, parameters)


def test_what_the_simulator_cannot_apply_is_refused_and_changes_nothing():
    pump = running_pump()
    pump.inject(faults.ButtonStuck())
    before = pump.faults.active()
    for fault, said in [
            (faults.ClockLost(), "none is fitted"), (faults.ClockJump(), "none is fitted"),
            (faults.ClockDrift(), "none is fitted"), (faults.PressureSensorBroken(), "no pressure sensor is fitted"),
            (faults.FlashErase(sectors="352"), "they are 0 to 351"),
            (faults.FlashRead(sectors="x"), "names no sectors"), (faults.BitFlip(file="none"), "stored are"),
            (faults.ButtonStuck(), "active already"), (faults.ButtonBouncing(), "contradicts button_stuck")]:
        with pytest.raises(ValueError, match=said):
            pump.inject(fault)
    with pytest.raises(ValueError, match="lasts for no time"):
        pump.inject(faults.Garbage(), for_ms=5)
    with pytest.raises(ValueError, match="'stall' is not active, so it cannot be cleared; active: button_stuck"):
        pump.clear("stall")
    assert pump.faults.active() == before


def test_faults_of_the_plant_are_refused_where_it_has_nothing_that_could_fail():
    pump = running_pump(plant=Plant.of_rig(RIG))
    for fault, said in [(faults.EmptyReservoir(), "has an end: Plant.reservoir_ul="),
                        (faults.Occlusion(factor=2.0), "line that resists"),
                        (faults.OtherPlant(what="colour", value=1.0), "a plant has no 'colour'"),
                        (faults.OtherPlant(what="rollers", value=2.5), "rollers must be from 0 to 100, not 2.5"),
                        (faults.OtherPlant(what="head_mm", value=1e6), "from -20000 to 20000 mm")]:
        with pytest.raises(ValueError, match=said):
            pump.inject(fault)
    assert pump.faults.active() == {}


@pytest.mark.parametrize(("fault", "said"), [(faults.FlashProgram(), "rig.a cannot be written"),
                                             (faults.FlashRead(), "rig.a cannot be read")])
def test_no_bit_flips_on_a_chip_that_fails(fault, said):
    pump = running_pump()
    pump.inject(fault)
    with pytest.raises(ValueError, match=said):
        pump.inject(faults.BitFlip(file="rig.a", bit=200))


@pytest.mark.parametrize(("make", "said"), [
    (lambda: faults.LineLoss(percent=500), "percent of line_loss must be a whole number from 1 to 100 %"),
    (lambda: faults.Delay(ms=-5), "ms of delay must be a whole number from 1 to 600000 ms"),
    (lambda: faults.Pressure(counts=-5.5), "counts of pressure must be a whole number"),
    (lambda: faults.Pressure(counts=5.0), "counts of pressure must be a whole number"),
    (lambda: faults.Leak(leak_kpa_s_per_ul=float("nan")), "leak_kpa_s_per_ul of leak must be a number from 1e-06"),
    (lambda: faults.PowerCutAtFlash(way="softly"), "way of power_cut_at_flash must be one of"),
    (lambda: faults.BitFlip(file=7), "file of bit_flip must be a text such as 'rig.a'"),
    (lambda: faults.make("plant"), "plant needs what: which parameter"),
    (lambda: faults.make("plant", {"what": "rollers"}), "plant needs value: "),
    (lambda: faults.make("plant", {"what": 7, "value": 1}), "what of plant must be a text"),
])
def test_parameters_are_checked_in_whatever_way_a_fault_is_made(make, said):
    with pytest.raises(ValueError, match=said):
        make()


@pytest.mark.parametrize(("first", "fault", "said"), [
    (faults.PowerCut(), faults.Garbage(), "garbage needs a pump that has power; restore the power first"),
    (faults.PowerCut(), faults.HostCrash(), "host_crash needs a pump that has power"),
    (faults.Unplug(), faults.Garbage(), "garbage needs a cable that is plugged in; clear unplug or host_crash first"),
    (faults.HostCrash(), faults.Garbage(), "garbage needs a cable that is plugged in"),
    (faults.Watchdog(), faults.Watchdog(), "watchdog: the interpreter hangs already; wait for the reset"),
    (faults.BrownOut(mv=3000), faults.SupplyLow(), "supply_low contradicts brown_out, which is active"),
    (faults.SupplyLow(), faults.BrownOut(), "brown_out contradicts supply_low, which is active"),
])
def test_what_would_be_lost_beside_another_fault_is_refused(first, fault, said):
    pump = running_pump()
    pump.inject(first)
    active = pump.faults.active()
    with pytest.raises(ValueError, match=said):
        pump.inject(fault)
    assert pump.faults.active() == active


def test_a_fault_that_lasts_for_its_own_time_takes_no_other():
    pump = running_pump()
    with pytest.raises(ValueError, match="brown_out lasts for its own ms, 50; leave the duration out"):
        pump.inject(faults.BrownOut(), for_ms=10_000)
    assert pump.faults.active() == {} and pump.is_on


def test_a_pressure_is_refused_where_neither_bench_nor_rig_has_a_sensor():
    without = RIG | {"parts": ["limit", "diag"]}
    with pytest.raises(ValueError, match="the pump's rig has none; push one that has"):
        running_pump(rig=without).inject(faults.Pressure())
    for rig, plant in ((RIG, None), (without, Plant.of_rig(RIG, counts_per_kpa=10.0))):
        pump = running_pump(rig=rig, plant=plant)
        pump.inject(faults.Pressure(counts=7))
        assert pump.board.pressure.read() == 7


@pytest.mark.parametrize(("fault", "part"), [(faults.Stall(), "stall input"), (faults.StallInputDead(), "stall input"),
                                             (faults.LimitSwitch(), "limit switch"),
                                             (faults.LimitSwitchDead(), "limit switch")])
def test_an_input_is_refused_where_the_rig_of_this_boot_has_none(fault, part):
    pump = running_pump(rig=RIG | {"parts": []})
    pump.inject(fault)                  # until the next boot what a pump without a rig has is fitted
    pump.clear(fault.name)
    pump.boot(CAUSE_POWER)
    with pytest.raises(ValueError, match=f"needs a {part}, and by the rig of this boot none is fitted"):
        pump.inject(fault)
    pump.inject(faults.StopSwitch())    # which every rig has, but one that gives its pin to something else


@pytest.mark.parametrize(("name", "value"), [("dead_volume_ul", 40.0), ("slack_ul", 30.0), ("seed", 1),
                                             ("reservoir_ul", 100.0)])
def test_how_a_plant_begins_is_refused_later(name, value):
    plant = Plant.of_rig(RIG, **{name: value})
    pump = running_pump(plant=plant)
    said = f"{name} says how a plant begins, and this one has begun; give it to Plant"
    with pytest.raises(ValueError, match=said):
        plant.set(**{name: value})
    with pytest.raises(ValueError, match=said):
        pump.inject(faults.OtherPlant(what=name, value=value))
    assert pump.faults.active() == {}


def test_a_pulsation_is_refused_where_there_are_no_rollers():
    said = "pulsation_percent needs rollers, and a syringe has none; give rollers=3 with it"
    with pytest.raises(ValueError, match=said):
        Plant(pulsation_percent=40.0)
    pump = running_pump(plant=Plant.of_rig(RIG))
    with pytest.raises(ValueError, match=said):
        pump.inject(faults.OtherPlant(what="pulsation_percent", value=40.0))
    pump.inject(faults.OtherPlant(what="rollers", value=3.0))
    pump.inject(faults.OtherPlant(what="pulsation_percent", value=40.0))
