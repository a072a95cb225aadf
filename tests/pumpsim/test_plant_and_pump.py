"""A pump with a plant on its motor: what the pump is told of it, and what it makes of that. A step is 0.1 uL."""

import pytest

from pumpsim import Plant, SimPump, faults
from tests.pumps import CONTINUOUS, DAY_MS, HOUR_MS, RIG, START_UTC_MS, ask, program, push, ready_pump, running_pump

WATCHED = RIG | {"pressure_limit": 500}                   # counts; the sensor has 10 a kPa: 50 kPa
SOFT = {"compliance_ul_per_kpa": 2.0, "resistance_kpa_s_per_ul": 0.1}


def alarms(pump):
    return ask(pump, "status")["alarms"]


def with_plant(rig=RIG, document=CONTINUOUS, **effects):
    """Running at 36 uL/h, all acknowledged."""
    plant = Plant.of_rig(rig, **effects)
    pump = running_pump(rig=rig, document=document, plant=plant)
    ask(pump, "ack")
    return pump, plant


def test_what_the_pump_counts_is_what_comes_out_of_an_ideal_plant():
    pump, plant = with_plant(document=program())
    pump.run_for(DAY_MS)
    assert plant.delivered_ul == pytest.approx(ask(pump, "status")["delivered_nl"] / 1000)


@pytest.mark.requirement("A-05")
def test_an_occlusion_is_found_when_the_pressure_says_so_and_the_bolus_after_it_is_what_was_stored():
    pump, plant = with_plant(WATCHED, counts_per_kpa=10.0, **SOFT)
    pump.run_for(HOUR_MS)
    plant.occlude()
    began_ms = pump.now_ms
    while pump.state == "running" and pump.now_ms < began_ms + 5 * HOUR_MS:
        pump.run_for(1000)
    # 50 kPa x 2 uL/kPa = 100 uL at 36 uL/h: 10,000 s; a step is 10 s, and the pressure is shown each 0.5 kPa: 100 s
    assert 9_990_000 <= pump.now_ms - began_ms <= 10_120_000
    assert alarms(pump) == ["occlusion"]
    before = plant.delivered_ul
    plant.release()
    pump.run_for(60_000)
    assert plant.delivered_ul - before == pytest.approx(100, abs=1.3)


@pytest.mark.requirement("A-01")
def test_a_motor_that_stalls_says_so_by_its_driver():
    pump, plant = with_plant(stall_kpa=20.0, **SOFT)
    plant.occlude()
    pump.run_for(HOUR_MS)
    assert pump.state == "running"                        # 36 uL: 18 kPa
    pump.run_for(HOUR_MS)
    assert (alarms(pump), pump.board.stepper.is_enabled) == (["occlusion"], False)
    assert 1 <= plant.missed_steps <= 3


def test_without_its_wire_a_stall_is_not_seen():
    pump, plant = with_plant(stall_kpa=20.0, diag=0, **SOFT)
    plant.occlude()
    pump.run_for(2 * HOUR_MS)
    assert (pump.state, plant.missed_steps) == ("running", pytest.approx(320, abs=3))       # 72 - 40 uL


@pytest.mark.requirement("A-01")
def test_the_switch_at_the_end_of_an_empty_syringe_stops_the_pump():
    pump, plant = with_plant(reservoir_ul=30.0, end_switch=1)
    pump.run_for(49 * 60_000)
    assert pump.state == "running"                        # 29.4 uL
    pump.run_for(2 * 60_000)
    assert (alarms(pump), plant.delivered_ul) == (["end of travel"], pytest.approx(30, abs=0.01))


@pytest.mark.requirement("A-01")
def test_a_supply_that_sags_while_the_driver_is_enabled_is_low():
    pump, _ = with_plant(RIG | {"supply_low_mv": 4500}, sag_mv=600.0)
    pump.run_for(1)
    assert alarms(pump) == ["supply low"]
    ask(pump, "stop")
    ask(pump, "ack")
    pump.run_for(1)
    assert alarms(pump) == []


@pytest.mark.requirement("D-09")
def test_a_withdrawal_pulls_the_plunger_back_behind_its_backlash():
    pump, plant = with_plant(backlash_ul=5.0)
    pump.run_for(2 * HOUR_MS)                             # 72 uL
    ask(pump, "stop")
    ask(pump, "withdraw", volume_nl=50_000)
    pump.run_for(HOUR_MS)
    assert plant.displaced_ul == pytest.approx(72 - 45)
    ask(pump, "prime", volume_nl=50_000)
    pump.run_for(HOUR_MS)
    assert plant.displaced_ul == pytest.approx(72)


@pytest.mark.requirement("J-02")
def test_a_power_cut_in_a_run_loses_no_step_of_the_plant():
    pump, plant = with_plant()
    pump.run_for(HOUR_MS + 7 * 60_000)
    pump.inject(faults.PowerCut(), for_ms=HOUR_MS)
    out = plant.delivered_ul
    pump.run_for(2 * HOUR_MS)
    status = ask(pump, "status")
    assert out == pytest.approx(40.2) == plant.delivered_ul                # 67 min at 36 uL/h
    assert status["delivered_nl"] <= 40_200 <= status["delivered_nl"] + status["uncertain_nl"]


def test_a_battery_clock_has_its_own_crystal():
    """The pump's gains 1000 ppm: in a day by its own count the other clock is 86.4 s behind."""
    pump = SimPump(plant=Plant(crystal_ppm=1000.0))
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=START_UTC_MS)
    pump.run_for(DAY_MS)
    behind_s = (START_UTC_MS + DAY_MS) // 1000 - pump.rtc.read_utc_s()
    assert behind_s in (86, 87)


def test_a_crystal_that_changes_while_the_power_is_off_counts_from_then_on():
    """A day without power, 1000 ppm from its beginning: the other clock is 86.4 s behind, as with power."""
    plant = Plant()
    pump = SimPump(plant=plant)
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=START_UTC_MS)
    pump.power_off()
    pump.inject(faults.Crystal(crystal_ppm=1000.0))
    pump.run_for(DAY_MS)
    behind_s = (START_UTC_MS + DAY_MS) // 1000 - pump.rtc.read_utc_s()
    assert behind_s in (86, 87)


def test_a_plant_is_told_of_the_same_edges_as_whoever_else_listens():
    heard = []
    plant = Plant.of_rig(RIG)
    pump = ready_pump(plant=plant, on_edges=lambda first, interval, count: heard.append(count))
    assert "ok" in push(pump, "program", CONTINUOUS)
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    assert sum(heard) == 360 == pump.board.stepper.edges()
    assert plant.delivered_ul == pytest.approx(36)


def test_a_plant_that_shows_the_pump_nothing_costs_it_no_poll():
    polls = []
    for plant in (None, Plant.of_rig(RIG, **SOFT)):
        pump = running_pump(plant=plant)
        pump.run_for(DAY_MS)
        polls.append(pump.polls)
    assert polls[0] == polls[1]
