"""What an acknowledged fault leaves in the ledger (D-03, L-03)."""

import pytest

from pump.board import CAUSE_POWER, INPUT_STALL
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, ask, program, ready_pump, refused, running_pump


@pytest.mark.requirement("L-03")
def test_steps_counted_during_a_fault_are_in_the_ledger_after_the_next_boot():
    pump = ready_pump()
    pump.board.counter.extra += 3                       # someone turns the motor while it is stopped: a fault
    pump.poll()
    pump.board.counter.extra += 4                       # and goes on
    pump.poll()
    assert ask(pump, "status")["state"] == "fault"
    assert ask(pump, "ack")["steps"] == 7
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["steps"] == 7


@pytest.mark.requirement("L-04")
@pytest.mark.parametrize("extra, reason", [(5, "over-delivery"), (-5, "under-delivery")])
def test_after_an_acknowledged_count_the_schedule_goes_on_from_it(extra, reason):
    pump = running_pump(document=program(plans=[[0, 36_000]]))         # one step of 100 nL in 10 s
    pump.run_for(30_000)
    pump.world.move_to(pump.now_ms + 60_000)            # six steps that nobody looks at
    pump.board.counter.extra = extra
    pump.run_for(600_000)
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", reason)
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(HOUR_MS + 1)
    assert ask(pump, "status")["steps"] == status["steps"] + 360       # nothing made up for, nothing caught up


@pytest.mark.requirement("D-02")
def test_boluses_that_faults_cut_short_add_up_to_no_step_too_many():
    # A bolus of 10 steps in 95 s over a basal rate of one in 10 s: after 14 s 1.4 + 1.47 steps are due, two made, and
    # one of them is the bolus's. What is left of the other, 0.4 due and 0.6 ahead, is kept over the fault each time.
    pump = running_pump(document=program(plans=[[0, 36_000]]))
    for _ in range(10):
        ask(pump, "bolus", volume_nl=1_000, over_s=95, confirm=0)
        pump.run_for(14_000)
        pump.board.inputs.level = INPUT_STALL
        pump.poll()
        pump.board.inputs.level = 0
        pump.poll()
        ask(pump, "ack")
        ask(pump, "start")
    status = ask(pump, "status")
    assert status["bolus_nl"] == 1_000
    assert status["steps"] in (10 + 14, 10 + 13)        # 140 s of the basal rate


@pytest.mark.requirement("A-03")
def test_boluses_are_allowed_again_once_the_alarm_that_barred_them_is_gone_and_acknowledged():
    pump = running_pump(rig=RIG | {"supply_low_mv": 4500}, document=program(plans=[[0, 36_000]]))
    pump.board.supply.level_mv = 4499
    pump.poll()
    pump.board.supply.level_mv = 5000
    pump.poll()
    bolus = {"volume_nl": 50_000, "over_s": 600, "confirm": 0}
    assert refused(pump, "bolus", **bolus) == "denied"
    ask(pump, "ack")
    ask(pump, "bolus", **bolus)


@pytest.mark.requirement("A-03")
def test_an_alarm_that_bars_boluses_bars_them_after_a_reset_too():
    pump = running_pump(rig=RIG | {"supply_low_mv": 4500}, document=program(plans=[[0, 36_000]], resume="basal"))
    pump.board.supply.level_mv = 4499
    pump.poll()
    pump.boot(CAUSE_POWER)
    pump.board.supply.level_mv = 5000
    ask(pump, "clock", utc_ms=START_UTC_MS)
    assert refused(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0) == "denied"
    ask(pump, "ack")
    ask(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0)
