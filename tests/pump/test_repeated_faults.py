"""Three faults of one kind within ten minutes block what would start by itself (P-06)."""

import pytest

from pump.board import CAUSE_POWER, CAUSE_WATCHDOG, INPUT_LIMIT, INPUT_STALL
from pump.recurrence import Recurrence
from pumpsim import SimPump
from tests.pumps import RIG, ask, program, push, running_pump

MINUTE_MS = 60_000
RESUMING = program(plans=[[0, 36_000]], resume="basal")


def resuming_pump():
    pump = running_pump(document=RESUMING)
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=ask(pump, "status")["utc_ms"])
    return pump


def acknowledged_pump():
    """A running one that shows no alarm."""
    pump = running_pump(document=RESUMING)
    ask(pump, "ack")
    return pump


def fault(pump, level=INPUT_STALL):
    """One fault, acknowledged, and a new start."""
    pump.bench.inputs.level = level
    pump.poll()
    pump.bench.inputs.level = 0
    pump.poll()
    shown = ask(pump, "status")["alarms"]
    ask(pump, "ack")
    ask(pump, "start")
    return shown


@pytest.mark.requirement("P-06")
@pytest.mark.parametrize("minutes, blocks", [(1, True), (4, True), (6, False)])
def test_the_third_watchdog_reset_within_ten_minutes_blocks_the_schedule(minutes, blocks):
    pump = resuming_pump()
    states = []
    for _ in range(3):
        pump.run_for(minutes * MINUTE_MS)               # the first and the third are twice as far apart
        pump.boot(CAUSE_WATCHDOG)
        states.append(ask(pump, "status")["state"])
    assert states == ["running", "running", "fault" if blocks else "running"]
    if blocks:
        status = ask(pump, "status")
        assert status["reason"] == "repeated fault"
        pump.boot(CAUSE_POWER)                          # and power off and on does not help
        assert ask(pump, "status")["state"] == "fault"
        ask(pump, "ack")
        assert ask(pump, "status")["state"] == "stopped"
        ask(pump, "start")


@pytest.mark.requirement("P-06")
def test_without_a_battery_clock_boots_last_as_long_as_their_records_say():
    pump = running_pump(document=RESUMING)              # a checkpoint every ten minutes
    for _ in range(3):
        ask(pump, "clock", utc_ms=1_774_566_000_000)
        pump.run_for(11 * MINUTE_MS)
        pump.boot(CAUSE_WATCHDOG)
    assert "repeated fault" not in ask(pump, "status")["alarms"]


@pytest.mark.requirement("P-06")
@pytest.mark.parametrize("third_ms, repeats", [(10 * MINUTE_MS, True), (10 * MINUTE_MS + 1, False)])
def test_ten_minutes_are_from_the_first_fault_to_the_third(third_ms, repeats):
    faults = Recurrence()
    assert [faults.note(ms, 5) for ms in (0, MINUTE_MS, third_ms)] == [False, False, repeats]


@pytest.mark.requirement("P-06")
def test_the_third_fault_of_one_kind_shows_as_repeated():
    pump = acknowledged_pump()
    shown = [fault(pump) for _ in range(3)]
    assert shown == [["occlusion"], ["occlusion"], ["occlusion", "repeated fault"]]


@pytest.mark.requirement("P-06")
def test_faults_of_other_kinds_or_long_ago_do_not_count():
    pump = acknowledged_pump()
    assert fault(pump) == ["occlusion"]
    assert fault(pump, INPUT_LIMIT) == ["end of travel"]
    assert fault(pump) == ["occlusion"]
    pump.run_for(10 * MINUTE_MS + 1)
    assert fault(pump) == ["occlusion"]


@pytest.mark.requirement("P-06")
@pytest.mark.parametrize("minutes, repeats", [(2, True), (6, False)])
def test_without_a_clock_a_fault_is_as_old_as_the_boot_that_had_it_says(minutes, repeats):
    pump = SimPump()
    push(pump, "rig", RIG)
    pump.run_for(20 * MINUTE_MS)
    for turn in range(3):
        pump.bench.inputs.level = INPUT_LIMIT
        pump.poll()
        shown = ask(pump, "status")["alarms"]
        pump.bench.inputs.level = 0
        pump.poll()
        ask(pump, "ack")
        if turn == 1:
            pump.run_for(MINUTE_MS)
            pump.boot(CAUSE_POWER)
        pump.run_for(minutes * MINUTE_MS)
    assert ("repeated fault" in shown) is repeats
