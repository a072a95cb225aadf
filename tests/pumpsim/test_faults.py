"""Faults on command: each does what its line says."""

import pytest

from pump.board import INPUT_BUTTON, INPUT_LIMIT, INPUT_STALL, INPUT_STOP
from pumpsim import Plant, SimPump, faults
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, ask, events, program, push, ready_pump, request, running_pump, send
from tests.pumpsim import tables

MINUTE_MS = 60_000
ON_DEMAND = program(on_demand=[10_000, 60, 3600, 4], resume="basal")      # 100 steps in a minute


def alarms(pump):
    return ask(pump, "status")["alarms"]


def steps(pump):
    return ask(pump, "status")["steps"]


@pytest.mark.parametrize("fault, rig, alarm", [
    (faults.Stall(), RIG, "occlusion"),
    (faults.Stall(), RIG | {"pressure_limit": 900}, "motor stall"),
    (faults.LimitSwitch(), RIG, "end of travel"),
    (faults.Pressure(counts=901), RIG | {"pressure_limit": 900}, "occlusion"),
    (faults.SupplyLow(mv=2999), RIG | {"supply_low_mv": 3000}, "supply low"),
    (faults.ExtraSteps(steps=4), RIG, "over-delivery"),
    (faults.FlashProgram(), RIG, "storage fault"),
])
def test_a_fault_raises_its_alarm(fault, rig, alarm):
    pump = running_pump(rig=rig)
    ask(pump, "ack")
    pump.run_for(HOUR_MS)
    assert alarms(pump) == []
    pump.inject(fault)
    pump.run_for(11 * MINUTE_MS)                # a checkpoint at the latest
    assert alarms(pump)[0] == alarm


@pytest.mark.parametrize("name", [name for name in faults.names()
                                  if name != "plant" and not faults.described(name)["momentary"]])
def test_a_fault_that_is_cleared_leaves_the_bench_as_it_was(name):
    """A pump that has had it while it was stopped goes on as one that has not."""
    plant = Plant.of_rig(RIG, resistance_kpa_s_per_ul=0.1, reservoir_ul=1e6)
    pump = ready_pump(document=program(resume="basal"), plant=plant)
    before = plant.parameters
    pump.rtc.fit()
    pump.bench.pressure.level = 100
    ask(pump, "clock", utc_ms=START_UTC_MS)
    pump.inject(faults.make(name))
    pump.run_for(1000)
    pump.faults.clear_all()
    assert pump.faults.active() == {}
    pump.run_for(1000)
    bench = pump.bench
    assert (bench.inputs.read(), bench.pressure.read(), bench.supply.read_mv(), bench.memory_free) == (
        0, 100, 5000, 150_000)
    send(pump, b"\n")                          # ends the line that a host has left unfinished
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    assert (plant.parameters, plant.left_ul) == (before, pytest.approx(1e6 - 20))
    assert (alarms(pump), steps(pump)) == ([], 200)                # 1 h at 20 uL/h, 100 nL a step
    assert bench.rtc.read_utc_s() == START_UTC_MS // 1000 + 3600


def test_faults_are_combined_and_each_ends_alone():
    pump = ready_pump()
    pump.inject(faults.Stall(), for_ms=3000)
    pump.inject(faults.LimitSwitch())
    pump.inject(faults.ButtonStuck(), for_ms=1000)
    assert pump.board.inputs.read() == INPUT_STALL | INPUT_LIMIT | INPUT_BUTTON
    pump.run_for(1000)
    assert pump.board.inputs.read() == INPUT_STALL | INPUT_LIMIT
    pump.clear("limit_switch")
    assert pump.board.inputs.read() == INPUT_STALL
    pump.run_for(2000)
    assert (pump.board.inputs.read(), pump.faults.active()) == (0, {})


@pytest.mark.parametrize("fault, bit, alarm", [
    (faults.StallInputDead(), INPUT_STALL, "occlusion"),
    (faults.LimitSwitchDead(), INPUT_LIMIT, "end of travel"),
    (faults.StopSwitchDead(), INPUT_STOP, "stop switch"),
])
def test_a_dead_input_hides_what_is_there(fault, bit, alarm):
    pump = running_pump()
    ask(pump, "ack")
    pump.inject(fault)
    pump.bench.inputs.level = bit
    pump.run_for(MINUTE_MS)
    assert (alarms(pump), steps(pump)) == ([], 3)                   # 20 uL/h, 100 nL a step
    pump.clear(fault.name)
    pump.run_for(1)
    assert alarms(pump) == [alarm]


@pytest.mark.requirement("B-01")
def test_a_press_with_a_bouncing_contact_is_one_bolus():
    pump = ready_pump(document=ON_DEMAND)
    ask(pump, "start")
    pump.run_for(MINUTE_MS)
    pump.inject(faults.ButtonBouncing(ms=20))
    pump.press(ms=300)
    pump.run_for(1000)
    asked = [data[0] for name, _, data in events(pump) if name == "bolus"]
    assert asked == [10_000]


def test_a_press_without_a_working_contact_is_none():
    pump = ready_pump(document=ON_DEMAND)
    ask(pump, "start")
    pump.run_for(MINUTE_MS)
    pump.inject(faults.ButtonDead())
    pump.press()
    pump.run_for(1000)
    assert "bolus" not in [name for name, *_ in events(pump)]


@pytest.mark.requirement("J-02")
def test_a_power_cut_ends_motion_at_once_and_what_was_delivered_is_bracketed():
    pump = ready_pump(document=program(resume="stopped"))
    ask(pump, "start")
    pump.run_for(HOUR_MS + 5 * MINUTE_MS)
    made = pump.board.stepper.edges()
    assert made == 216                          # 65 min at 20 uL/h: 21.67 uL
    pump.inject(faults.PowerCut(), for_ms=HOUR_MS)
    assert (pump.state, pump.board.stepper.edges()) == ("off", made)
    assert send(pump, request("status")) is None
    pump.run_for(HOUR_MS)
    status = ask(pump, "status")
    assert status["steps"] <= made <= status["steps"] + status["uncertain_nl"] // 100


@pytest.mark.requirement("J-03")
@pytest.mark.parametrize("way", ["not done", "done", "torn"])
def test_a_power_cut_in_any_flash_operation_of_a_commit_leaves_the_old_or_the_new_program(way):
    found = set()
    for operation in range(1, 9):
        pump = ready_pump(document=program(name="old"))
        pump.inject(faults.PowerCutAtFlash(operation=operation, way=way, off_s=5, seed=operation))
        if not is_pushed(pump, program(name="new")):
            assert pump.state == "off"
            pump.run_for(5000)
        status = ask(pump, "status")
        found.add(status["program"])
        assert (status["state"], status["self_test"]) == ("stopped", [])
    assert found == {"old", "new"}


def is_pushed(pump, document):
    """False where no reply comes."""
    try:
        return push(pump, "program", document) is not None
    except TypeError:
        return False


@pytest.mark.requirement("P-03")
def test_a_starved_watchdog_resets_after_two_seconds_of_steps_that_are_all_counted():
    pump = ready_pump(document=program(plans=[[0, 36_000_000]], resume="stopped"))          # 100 steps/s
    ask(pump, "start")
    pump.run_for(MINUTE_MS)
    made = pump.board.stepper.edges()
    pump.inject(faults.Watchdog(ms=2000))
    assert send(pump, request("stop")) is None
    pump.run_for(1999)
    assert pump.board.stepper.edges() == made + 199
    pump.run_for(1)
    status = ask(pump, "status")
    assert (status["steps"], status["uncertain_nl"]) == (made + 200, 0)
    assert "watchdog reset" in status["alarms"]


def test_a_dip_of_the_supply_is_a_power_cut_below_what_the_board_works_from():
    for mv, boots in ((1799, 2), (1800, 1)):
        pump = running_pump()
        pump.run_for(MINUTE_MS)
        pump.inject(faults.BrownOut(mv=mv, ms=50))
        assert pump.board.supply.read_mv() == mv
        pump.run_for(1000)
        assert [name for name, *_ in events(pump)].count("boot") == boots
        assert (pump.board.supply.read_mv(), pump.faults.active()) == (5000, {})


@pytest.mark.requirement("T-07")
def test_a_clock_whose_battery_is_empty_is_found_at_the_next_boot():
    pump = SimPump()
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=START_UTC_MS)
    pump.inject(faults.ClockDrift(ppm=100_000))
    pump.run_for(10_000)
    assert pump.rtc.read_utc_s() == START_UTC_MS // 1000 + 11
    pump.clear("clock_drift")
    pump.run_for(10_000)
    assert pump.rtc.read_utc_s() == START_UTC_MS // 1000 + 21
    pump.inject(faults.ClockJump(seconds=-100))
    assert pump.rtc.read_utc_s() == START_UTC_MS // 1000 - 79
    pump.inject(faults.ClockLost())
    pump.inject(faults.PowerCut(), for_ms=1000)
    pump.run_for(2000)
    assert "clock not set" in alarms(pump)
    ask(pump, "clock", utc_ms=START_UTC_MS)
    assert pump.rtc.read_utc_s() is None


def test_an_unplugged_cable_passes_nothing_and_delivery_goes_on():
    pump = running_pump()
    pump.inject(faults.Unplug())
    assert send(pump, request("stop")) is None
    pump.run_for(HOUR_MS)
    pump.clear("unplug")
    assert (pump.state, steps(pump)) == ("running", 200)


def test_late_lines_keep_their_order():
    pump = running_pump()
    pump.inject(faults.Delay(ms=300))
    lines = [request("status") for _ in range(3)]
    for line in lines:
        pump.send(line)
        pump.run_for(1)
    pump.run_for(596)
    assert pump.receive() == b""                # 300 ms there, 300 ms back, the first one sent 599 ms ago
    pump.run_for(4)
    replies = pump.receive().splitlines()
    assert [line[:10] for line in replies] == [line[:10] for line in lines]


def test_lost_lines_are_whole_lines():
    pump = running_pump()
    pump.inject(faults.LineLoss(percent=50, seed=1))
    replies = 0
    for _ in range(100):
        line = request("status")
        pump.send(line[:20])
        pump.send(line[20:])
        pump.poll()
        reply = pump.receive()
        assert reply == b"" or (b'"ok"' in reply and reply.count(b"\n") == 1)
        replies += bool(reply)
    assert 10 < replies < 45                    # a quarter, there and back; never a part of one


@pytest.mark.requirement("C-01")
def test_half_a_line_and_garbage_do_not_disturb_the_next_host():
    pump = running_pump()
    pump.inject(faults.HostCrash(), for_ms=1000)
    pump.run_for(2000)
    pump.inject(faults.Garbage(size=5000))
    pump.send(b"\n")
    while pump.link.is_waiting():
        pump.poll()
    pump.receive()
    pump.run_for(HOUR_MS - 2000)
    assert (pump.state, steps(pump)) == ("running", 200)


@pytest.mark.requirement("J-06")
def test_a_flipped_bit_of_a_slot_is_found_by_the_next_self_test():
    pump = ready_pump()
    pump.inject(faults.BitFlip(file="rig.a", bit=200))
    pump.inject(faults.PowerCut(), for_ms=1000)
    pump.run_for(2000)
    assert ask(pump, "status")["self_test"] == ["settings"]


@pytest.mark.requirement("A-05")
def test_an_occlusion_on_command_stores_and_its_end_releases():
    plant = Plant.of_rig(RIG, compliance_ul_per_kpa=2.0, resistance_kpa_s_per_ul=0.1)
    pump = running_pump(plant=plant, document=program(plans=[[0, 36_000]]))
    pump.inject(faults.Occlusion(), for_ms=HOUR_MS)
    pump.run_for(HOUR_MS - 1000)
    assert plant.delivered_ul == pytest.approx(0, abs=0.2)
    assert plant.pressure_kpa == pytest.approx(18, abs=0.1)        # 36 uL over 2 uL/kPa
    pump.run_for(61_000)
    assert plant.delivered_ul == pytest.approx(36.6, abs=0.2)


@pytest.mark.parametrize("fault, read, expected", [
    (faults.Leak(leak_kpa_s_per_ul=0.3), lambda plant: plant.leaked_ul, 9),            # 0.1 to the outlet, 0.3 here
    (faults.Siphon(head_mm=1000.0, slip_kpa_s_per_ul=980.565), lambda plant: plant.delivered_ul, 72),       # 10 nL/s
    (faults.WornScrew(backlash_ul=3.0), lambda plant: plant.displaced_ul, 36),      # without a reversal: nothing
    (faults.StickingPlunger(stiction_ul=5.0), lambda plant: plant.displaced_ul, 35),         # 7 jumps
    (faults.AirBubble(ul=10.0), lambda plant: plant.vessel["air"], 10),
    (faults.Crystal(crystal_ppm=1000.0), lambda plant: plant.now_s, 3596.4),
    (faults.OtherPlant(what="evaporation_ul_per_h", value=6.0), lambda plant: plant.evaporated_ul, 6),
])
def test_a_fault_of_the_plant_does_what_it_says(fault, read, expected):
    plant = Plant.of_rig(RIG, resistance_kpa_s_per_ul=0.1)
    pump = running_pump(plant=plant, document=program(plans=[[0, 36_000]]))           # 36 uL/h
    pump.inject(fault)
    pump.run_for(HOUR_MS)
    assert read(plant) == pytest.approx(expected, rel=0.005)


def test_every_fault_has_a_line_and_every_parameter_a_text():
    for name in faults.names():
        about = faults.described(name)
        assert about["text"].endswith(".")
        for one in about["parameters"]:
            is_text = isinstance(one["default"], str) or one["name"] == "what"
            assert one["text"] and ("choices" in one or is_text or one["least"] < one["most"])


def test_the_table_of_faults_is_the_registry():
    """sim/README.md, between the markers: `python -m tests.pumpsim.tables` writes both tables."""
    assert tables.of_readme("faults") == tables.faults()


def test_a_bit_flips_without_an_operation_of_the_pump():
    """Which may be the one at which the power goes."""
    pump = running_pump()
    pump.inject(faults.PowerCutAtFlash(operation=1, off_s=1))
    pump.inject(faults.BitFlip(file="rig.a", bit=200))
    assert pump.is_on
    send(pump, request("suspend"))
    assert not pump.is_on


def test_steps_that_are_still_to_be_missed_add_up():
    pump = running_pump()
    counted, made = pump.board.counter.steps(), pump.board.stepper.edges()
    pump.inject(faults.ExtraSteps(steps=-1))
    pump.inject(faults.ExtraSteps(steps=-1))
    pump.run_for(HOUR_MS)
    assert pump.board.stepper.edges() - made - (pump.board.counter.steps() - counted) == 2
