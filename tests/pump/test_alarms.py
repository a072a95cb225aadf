"""The table of alarms, their latches, and what each does to the pump (A-01 to A-06)."""

import itertools

import pytest

from pump import alarms
from pump.alarms import BASAL_ONLY, HIGH, INFORM, LOW, MEDIUM, MOMENTARY, STOP, TABLE, Alarms
from pump.board import (
    CAUSE_POWER,
    CAUSE_WATCHDOG,
    INPUT_LIMIT,
    INPUT_STALL,
    INPUT_STOP,
    PATTERN_HIGH,
    PATTERN_LOW,
    PATTERN_MEDIUM,
    PATTERN_RUNNING,
    PRESSURE_BROKEN,
)
from tests.boluses import click
from tests.pumps import (
    CONTINUOUS,
    DAY_MS,
    HOUR_MS,
    RIG,
    ask,
    events,
    program,
    ready_pump,
    refused,
    running_pump,
)

NUMBERS = range(1, len(TABLE))


def seen(pump):
    """Names of the alarms shown."""
    return ask(pump, "status")["alarms"]


def running(**options):
    """A running pump whose operator has seen that the clock was not set."""
    pump = running_pump(**{"document": CONTINUOUS, **options})
    ask(pump, "ack")
    return pump


@pytest.mark.requirement("A-01")
def test_every_condition_has_a_number_a_priority_and_an_action():
    assert [row[0] for row in TABLE[1:]] == [
        "over-delivery", "under-delivery", "step while stopped", "limit exceeded", "storage fault", "firmware error",
        "motor stall", "occlusion", "end of travel", "reservoir empty", "auto-off", "supply low", "clock not set",
        "watchdog reset", "reservoir low", "journal nearly full", "service due", "end of service", "program ended",
        "repeated fault", "self-test failed", "pressure sensor", "stop switch"]
    assert {row[1] for row in TABLE[1:]} == {LOW, MEDIUM, HIGH}
    assert {row[2] for row in TABLE[1:]} == {INFORM, BASAL_ONLY, STOP}
    assert len({row[0] for row in TABLE}) == len(TABLE)


@pytest.mark.requirement("A-02")
@pytest.mark.parametrize("pair", list(itertools.combinations(NUMBERS, 2)), ids=str)
def test_of_two_alarms_the_higher_priority_is_indicated(pair):
    found = Alarms()
    for number in pair:
        assert found.set(number, True)
    priorities = [TABLE[number][1] for number in pair]
    expected = pair[0] if priorities[0] >= priorities[1] else pair[1]
    assert found.highest() == expected
    assert found.priority() == max(priorities)
    assert set(found.names()) == {TABLE[number][0] for number in pair}
    assert found.stops() == any(TABLE[number][2] == STOP for number in pair)


@pytest.mark.requirement("A-03")
@pytest.mark.parametrize("number", NUMBERS)
def test_an_alarm_is_latched_until_gone_and_acknowledged(number):
    found, name = Alarms(), [TABLE[number][0]]
    assert found.set(number, True)
    assert not found.set(number, True)                 # no news
    if number not in MOMENTARY:
        found.acknowledge()
        assert found.names() == name                   # seen, and still there
        assert found.set(number, False)
        assert found.names() == []
        assert found.set(number, True)                 # again: news
        assert found.set(number, False)
        assert found.names() == name                   # gone, and not yet seen
    assert found.acknowledge()
    assert found.names() == []
    assert not found.acknowledge()


@pytest.mark.requirement("A-05")
def test_a_stall_while_running_stops_the_motor_as_an_occlusion():
    pump = running()
    pump.run_for(HOUR_MS)
    pump.board.inputs.level = INPUT_STALL
    pump.poll()
    assert ask(pump, "status")["reason"] == "occlusion"
    assert not pump.board.stepper.is_enabled
    assert pump.board.indicator.pattern == PATTERN_HIGH
    assert refused(pump, "start") == "bad_state"
    pump.board.inputs.level = 0
    pump.poll()
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "stopped"
    written = [event[0] for event in events(pump)]
    assert written[-6:].count("alarm") >= 3            # raised, gone, acknowledged


@pytest.mark.requirement("A-05")
def test_with_a_pressure_sensor_a_stall_is_a_stall_and_pressure_an_occlusion():
    rig = RIG | {"pressure_limit": 1000}
    pump = running(rig=rig)
    pump.board.pressure.level = 1000
    pump.poll()
    assert seen(pump) == []
    pump.board.pressure.level = 1001
    pump.poll()
    assert seen(pump) == ["occlusion"]
    other = running(rig=rig)
    other.board.inputs.level = INPUT_STALL
    other.poll()
    assert seen(other) == ["motor stall"]


@pytest.mark.requirement("A-05")
@pytest.mark.parametrize("counts, shown", [
    (PRESSURE_BROKEN, ["pressure sensor"]), (0, ["pressure sensor"]), (499, ["pressure sensor"]), (500, []),
    (1000, []), (1001, ["occlusion"]), (None, [])])
def test_a_broken_pressure_sensor_stops_the_pump_and_says_so(counts, shown):
    pump = running(rig=RIG | {"pressure_limit": 1000, "pressure_least": 500})
    pump.board.pressure.level = counts
    pump.poll()
    assert seen(pump) == shown
    assert ask(pump, "status")["state"] == ("fault" if shown else "running")


@pytest.mark.requirement("A-05")
@pytest.mark.parametrize("rig", [RIG, RIG | {"pressure_limit": 1000}], ids=["nothing watched", "only a limit"])
def test_a_sensor_that_does_not_answer_is_found_whatever_is_watched_and_at_rest_too(rig):
    pump = ready_pump(rig=rig)
    ask(pump, "ack")
    pump.board.pressure.level = PRESSURE_BROKEN
    pump.poll()
    assert (ask(pump, "status")["state"], seen(pump)) == ("fault", ["pressure sensor"])
    assert refused(pump, "start") == "bad_state"
    pump.board.pressure.level = 700
    pump.poll()
    ask(pump, "ack")
    assert (ask(pump, "status")["state"], seen(pump)) == ("stopped", [])


def test_a_pump_without_a_sensor_reads_none():
    pump = ready_pump(rig=RIG | {"parts": []})
    ask(pump, "ack")
    pump.board.pressure.level = PRESSURE_BROKEN        # nobody looks
    pump.poll()
    assert seen(pump) == []


def test_a_stall_output_says_nothing_while_the_motor_rests():
    pump = running()
    ask(pump, "suspend")
    pump.board.inputs.level = INPUT_STALL
    pump.poll()
    assert seen(pump) == []


@pytest.mark.requirement("A-03")
def test_a_fault_whose_cause_stays_cannot_be_acknowledged_away():
    pump = running()
    pump.board.inputs.level = INPUT_LIMIT
    pump.poll()
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "fault"
    pump.board.inputs.level = 0
    pump.poll()
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("A-01")
def test_a_low_supply_leaves_the_basal_rate_and_bars_boluses():
    pump = running(rig=RIG | {"supply_low_mv": 4500})
    ask(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0)
    pump.run_for(60_000)
    pump.board.supply.level_mv = 4499
    pump.poll()
    status = ask(pump, "status")
    assert (status["state"], status["bolus"], status["alarms"]) == ("running", False, ["supply low"])
    assert pump.board.indicator.pattern == PATTERN_MEDIUM
    assert refused(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0) == "denied"
    pump.board.supply.level_mv = 5000
    pump.poll()
    ask(pump, "ack")
    assert pump.board.indicator.pattern == PATTERN_RUNNING


@pytest.mark.requirement("A-03")
def test_an_alarm_that_bars_boluses_bars_them_after_a_reset_too_until_it_is_acknowledged():
    pump = running_pump(rig=RIG | {"supply_low_mv": 4500}, document=CONTINUOUS | {"resume": "basal"},
                        battery_clock=True)
    for level_mv in (4499, 5000):                      # low for a moment
        pump.board.supply.level_mv = level_mv
        pump.poll()
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["state"] == "running"
    assert refused(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0) == "denied"
    ask(pump, "ack")
    ask(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0)


@pytest.mark.requirement("A-04")
def test_a_low_reservoir_warns_by_volume_and_an_empty_one_stops():
    # 1 mL, low at 0.4 mL: at 36 uL/h 600 uL are gone after 16 h 40 min, all after 27 h 46 min 40 s
    pump = running(rig=RIG | {"reservoir_nl": 1_000_000}, document=program(plans=[[0, 36_000]], low_nl=400_000))
    pump.run_for(16 * HOUR_MS + 30 * 60_000)
    assert seen(pump) == []
    pump.run_for(20 * 60_000)                          # looked at with every record: at 16 h 40 min or after
    assert seen(pump) == ["reservoir low"]
    assert pump.board.indicator.pattern == PATTERN_LOW
    pump.run_for(11 * HOUR_MS)
    status = ask(pump, "status")
    assert (status["state"], status["reason"], status["reservoir_nl"]) == ("fault", "reservoir empty", 0)
    assert status["steps"] == 10_000                   # 1 mL in steps of 100 nL
    assert refused(pump, "start") == "bad_state"
    assert ask(pump, "refill", added_nl=900_000, withdrawn_nl=-1)["level_nl"] == 900_000
    ask(pump, "ack")
    ask(pump, "start")


@pytest.mark.requirement("A-01")
def test_auto_off_stops_after_the_hours_without_an_operator():
    pump = running(rig=RIG | {"auto_off_h": 12})
    pump.run_for(11 * HOUR_MS)
    ask(pump, "ack")                                   # a sign of the operator; reading is none
    pump.run_for(11 * HOUR_MS)
    click(pump, bounce=False)                          # another, 200 ms before it is let go; there is no such bolus
    pump.run_for(12 * HOUR_MS - 500)
    ask(pump, "status")
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(500)
    assert ask(pump, "status")["reason"] == "auto-off"
    ask(pump, "ack")
    ask(pump, "start")
    last_ms = ask(pump, "status")["utc_ms"]
    pump.run_for(12 * HOUR_MS + 1000)
    assert ("fault", last_ms + 12 * HOUR_MS) in [event[:2] for event in events(pump)]


@pytest.mark.requirement("A-01")
def test_a_watchdog_reset_is_shown():
    pump = running()
    pump.boot(CAUSE_WATCHDOG)
    assert "watchdog reset" in seen(pump)


@pytest.mark.long                                     # 600 days: minutes under coverage
@pytest.mark.requirement("A-06")
def test_service_warns_at_least_90_days_before_the_end_of_service():
    # 8640 steps a day: a life of 5 million steps is 578 days; the warning comes at 80 %, after 462. A record an hour
    pump = running(rig=RIG | {"service_steps": 5_000_000, "quantum_min": 60})
    due = ended = None
    for day in range(1, 600):
        pump.run_for(DAY_MS)
        names = seen(pump)
        due = due or ("service due" in names and day)
        ended = ended or ("end of service" in names and day)
    assert due == 463                                  # 4,000,000 / 8640 = 462.96
    assert ended == 579                                # 5,000,000 / 8640 = 578.7
    assert ended - due >= 90


@pytest.mark.requirement("A-06")
def test_service_counters_survive_a_reset():
    pump = running(rig=RIG | {"service_motor_h": 10})
    pump.run_for(5 * HOUR_MS)
    ask(pump, "stop")
    pump.boot(CAUSE_WATCHDOG)
    assert pump.app.parts.meter.motor_s(0) == 5 * 3600
    assert pump.app.parts.meter.starts == 1


@pytest.mark.requirement("L-03")
def test_a_limit_exceeded_by_counted_steps_latches_a_fault():
    # the window is judged by counted steps: a program limit of 20 uL an hour, and a counter that saw 21 more
    limits = {"max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 40_000, "max_24h_nl": 0}
    pump = running(document=program(plans=[[0, 36_000]], limits=limits), rig=RIG | {"tolerance_steps": 100})
    pump.run_for(30 * 60_000)
    pump.board.counter.extra = 45
    pump.poll()
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(40 * 60_000)
    assert ask(pump, "status")["reason"] == "limit exceeded"


@pytest.mark.requirement("A-03")
def test_an_alarm_that_came_long_ago_is_shown_after_a_reset():
    pump = running_pump(document=CONTINUOUS)           # not acknowledged: the clock was not set
    pump.run_for(40 * DAY_MS)                          # 144 checkpoints a day: more than a boot reads back
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=ask(pump, "status")["utc_ms"])
    pump.run_for(DAY_MS)
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert (status["alarms"], status["unacknowledged"]) == (["clock not set"], True)


def test_numbers_of_alarms_are_what_the_table_says():
    assert TABLE[alarms.OCCLUSION][0] == "occlusion"
    assert TABLE[alarms.PROGRAM_ENDED][0] == "program ended"


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("bit, name", [(INPUT_STOP, "stop switch"), (INPUT_LIMIT, "end of travel"),
                                       (INPUT_STALL, "occlusion")])
def test_what_has_taken_the_enable_line_off_is_a_fault_even_if_it_is_over(bit, name):
    pump = running()
    pump.run_for(55_000)                               # a step each 10 s
    pump.board.inputs.level = bit
    assert not pump.board.stepper.is_enabled           # without a poll
    pump.board.inputs.level = 0
    pump.world.move_to(pump.now_ms + 30_000)           # the interpreter stands still: three steps that do not come
    steps = pump.app.parts.delivery.ledger.dose_steps
    pump.poll()
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", name)
    assert status["steps"] == steps
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(60_000)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("D-08")
def test_a_closed_stop_switch_keeps_the_pump_from_starting():
    pump = ready_pump()
    pump.board.inputs.level = INPUT_STOP
    pump.poll()
    assert refused(pump, "start") == "bad_state"
    ask(pump, "ack")
    assert refused(pump, "start") == "bad_state"       # acknowledged, and still closed
    pump.board.inputs.level = 0
    pump.poll()
    ask(pump, "ack")
    ask(pump, "start")


def test_where_nothing_has_changed_no_number_is_told():
    found = Alarms()
    found.set(alarms.STALL, True)
    assert found.first_change(1 << alarms.STALL, 1 << alarms.STALL) == 0
    assert found.first_change(1 << alarms.STALL | 1 << alarms.OCCLUSION, 1 << alarms.STALL) == 0       # not asked for
    assert found.first_change(1 << alarms.OCCLUSION | 1 << alarms.SUPPLY_LOW, -1) == alarms.STALL      # it is gone
    assert found.first_change(1 << alarms.OVER_DELIVERY | 1 << alarms.STALL, -1) == alarms.OVER_DELIVERY == 1


@pytest.mark.parametrize("number", NUMBERS)
def test_what_bars_boluses_and_what_stops(number):
    found = Alarms()
    assert (found.bars_boluses(), found.stops()) == (False, False)
    found.set(number, True)
    action = TABLE[number][2]
    assert (found.bars_boluses(), found.stops()) == (action in (BASAL_ONLY, STOP), action == STOP)
