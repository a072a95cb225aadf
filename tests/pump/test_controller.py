"""The state machine: what is allowed when, and what stands in the journal afterwards."""

import pytest

from pump import alarms, record
from pump.board import PATTERN_HIGH, PATTERN_MEDIUM, PATTERN_RUNNING, PATTERN_STOPPED, PATTERN_SUSPENDED
from pump.judge import Judge
from pumpsim import SimPump
from tests.pumps import (
    BERLIN,
    CONTINUOUS,
    DAY_MS,
    HOUR_MS,
    RIG,
    START_UTC_MS,
    ask,
    events,
    program,
    push,
    ready_pump,
    records,
    refused,
    running_pump,
)


def state(pump):
    return ask(pump, "status")["state"]


@pytest.mark.requirement("T-04")
def test_nothing_starts_while_the_clock_is_not_set():
    pump = SimPump()
    push(pump, "rig", RIG)
    push(pump, "program", CONTINUOUS)
    assert refused(pump, "start") == "clock_not_set"
    pump.run_for(DAY_MS)
    assert ask(pump, "status")["steps"] == 0
    ask(pump, "clock", utc_ms=START_UTC_MS)
    assert ask(pump, "start")["state"] == "running"


def test_start_needs_rig_and_program():
    pump = SimPump()
    ask(pump, "clock", utc_ms=START_UTC_MS)
    assert refused(pump, "start") == "no_rig"
    push(pump, "rig", RIG)
    assert refused(pump, "start") == "no_program"


@pytest.mark.requirement("D-05")
def test_a_continuous_rate_delivers_its_volume():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(5 * HOUR_MS)
    status = ask(pump, "status")
    assert status["steps"] == 1800                     # 36 uL/h * 5 h / 100 nL
    assert status["delivered_nl"] == 180_000
    assert status["programmed_nl"] == 180_000


def test_the_driver_is_enabled_only_while_running():
    pump = ready_pump(document=CONTINUOUS)
    assert not pump.board.stepper.is_enabled
    ask(pump, "start")
    assert pump.board.stepper.is_enabled
    ask(pump, "suspend")
    assert not pump.board.stepper.is_enabled


@pytest.mark.requirement("D-08")
def test_no_step_happens_before_start_and_after_stop():
    pump = ready_pump(document=CONTINUOUS)
    pump.run_for(DAY_MS)
    assert ask(pump, "status")["steps"] == 0
    ask(pump, "start")
    pump.run_for(HOUR_MS + 5_000)
    ask(pump, "stop")
    pump.run_for(DAY_MS)
    assert ask(pump, "status")["steps"] == 360         # the step due at 1 h + 10 s never came


@pytest.mark.requirement("D-01")
def test_suspend_keeps_the_fraction_of_a_step():
    pump = running_pump(document=CONTINUOUS)
    for _ in range(10):                                # 10 times 9.999 s: 99.99 s of delivery, 9 steps
        pump.run_for(9_999)
        ask(pump, "suspend")
        pump.run_for(HOUR_MS)
        ask(pump, "resume")
    assert ask(pump, "status")["steps"] == 9
    pump.run_for(10)                                   # 100.00 s
    assert ask(pump, "status")["steps"] == 10


def test_each_request_is_refused_in_a_state_it_does_not_fit():
    pump = ready_pump(document=CONTINUOUS)
    assert refused(pump, "suspend") == "bad_state"
    assert refused(pump, "resume") == "bad_state"
    ask(pump, "start")
    assert refused(pump, "start") == "bad_state"
    assert refused(pump, "resume") == "bad_state"
    ask(pump, "suspend")
    assert refused(pump, "start") == "bad_state"


@pytest.mark.parametrize("first", [[], ["start"], ["start", "suspend"]])
def test_stop_is_always_allowed(first):
    pump = ready_pump(document=CONTINUOUS)
    for do in first:
        ask(pump, do)
    assert ask(pump, "stop")["state"] == "stopped"


def test_the_indicator_follows_the_state():
    pump = ready_pump(document=CONTINUOUS)
    assert pump.board.indicator.pattern == PATTERN_MEDIUM          # the clock was not set at power-up
    ask(pump, "ack")
    assert pump.board.indicator.pattern == PATTERN_STOPPED
    ask(pump, "start")
    assert pump.board.indicator.pattern == PATTERN_RUNNING
    ask(pump, "suspend")
    assert pump.board.indicator.pattern == PATTERN_SUSPENDED
    ask(pump, "resume")
    assert pump.board.indicator.pattern == PATTERN_RUNNING
    pump.board.counter.extra = 3
    pump.poll()
    assert pump.board.indicator.pattern == PATTERN_HIGH


@pytest.mark.requirement("L-04")
def test_steps_beyond_the_plan_latch_a_fault_and_drop_the_enable_line():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    pump.board.counter.extra = 2                       # within the tolerance
    pump.poll()
    assert state(pump) == "running"
    pump.board.counter.extra = 3
    pump.poll()
    status = ask(pump, "status")
    assert (status["reason"], status["alarms"]) == ("over-delivery", ["over-delivery", "clock not set"])
    assert events(pump)[-1][:2] == ("fault", START_UTC_MS + HOUR_MS)
    assert not pump.board.stepper.is_enabled
    assert refused(pump, "start") == "bad_state"
    assert ask(pump, "stop")["state"] == "fault"       # which a stop does not end
    ask(pump, "ack")
    assert state(pump) == "stopped"
    assert [event[0] for event in events(pump)][-2:] == ["alarm", "ack"]


@pytest.mark.requirement("A-06")
def test_a_fault_ends_the_motors_time():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    pump.board.counter.extra = 3
    pump.poll()
    pump.run_for(HOUR_MS)
    assert pump.app.parts.meter.motor_s(pump.app.clock.mono_ms) == 3600


@pytest.mark.requirement("L-04")
def test_a_step_made_while_a_request_was_answered_is_held_against_the_plan_of_its_own_instant():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(5_000)
    began_ms = pump.app.clock.mono_ms
    judge = Judge(pump.app.clock, pump.app.parts.delivery, pump.app.parts.guard)
    pump.board.counter.extra = 2                       # within the tolerance
    pump.world.move_to(pump.now_ms + 5_000)            # one step more, when it is due and 5 s after `began_ms`
    assert judge.look(began_ms, True) == 0
    pump.board.counter.extra = 3
    assert judge.look(began_ms, True) == alarms.OVER_DELIVERY


@pytest.mark.requirement("L-04")
def test_a_single_step_while_stopped_latches_a_fault():
    pump = ready_pump(document=CONTINUOUS)
    pump.board.counter.extra = 1
    pump.poll()
    assert ask(pump, "status")["reason"] == "step while stopped"
    ask(pump, "ack")
    ask(pump, "start")
    assert state(pump) == "running"


@pytest.mark.requirement("D-03")
def test_the_ledger_counts_steps_that_happened_not_steps_asked_for():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    pump.board.counter.extra = -2                      # two pulses that never reached the pin
    pump.run_for(5 * 60_000)
    ask(pump, "stop")
    assert ask(pump, "status")["steps"] == 360 + 30 - 2


@pytest.mark.requirement("L-04")
def test_missing_steps_latch_a_fault_at_the_next_checkpoint():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(60_000)
    pump.board.counter.extra = -3
    pump.run_for(10 * 60_000)
    status = ask(pump, "status")
    assert (status["reason"], status["alarms"]) == ("under-delivery", ["under-delivery", "clock not set"])
    assert status["steps"] == 57                       # 60 due in 10 min
    # told when a last step could have been seen no more: SETTLE_MS after it was due
    assert events(pump)[-1][:2] == ("fault", START_UTC_MS + 10 * 60_000 + 250)


def test_a_new_program_is_followed_from_its_instant_on():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    assert "ok" in push(pump, "program", program(plans=[[0, 72_000]]))
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["steps"] == 360 + 720


@pytest.mark.requirement("L-01")
def test_a_program_beyond_the_rig_is_refused_and_the_old_one_goes_on():
    pump = running_pump(document=CONTINUOUS)
    reply = push(pump, "program", program(plans=[[0, 36_000, 390, 144_000_001]]))
    assert reply["error"]["code"] == "limit"
    assert "Monday 06:30" in reply["error"]["message"]
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["steps"] == 360


def test_the_rig_stays_while_the_pump_runs():
    pump = running_pump(document=CONTINUOUS)
    assert push(pump, "rig", RIG)["error"]["code"] == "bad_state"


@pytest.mark.requirement("T-05")
def test_setting_the_clock_moves_the_schedule_and_no_volume():
    hourly = program(plans=[[0, 36_000, 720, 72_000]])             # doubled from noon on
    pump = running_pump(document=hourly)                           # 00:00 local
    pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 12 * HOUR_MS)         # it is noon
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["steps"] == 360 + 720
    clock = [event for event in events(pump) if event[0] == "clock"][-1]
    assert clock[2] == (START_UTC_MS + HOUR_MS, START_UTC_MS + 12 * HOUR_MS)


def test_events_carry_the_instant_at_which_they_were_due():
    pump = running_pump(document=program())                        # 20 uL/h, from 06:30 on 55, from 22:00 on 20
    pump.run_for(DAY_MS)
    rates = [(utc_ms - START_UTC_MS, data[3]) for name, utc_ms, data in events(pump) if name in ("start", "rate")]
    assert rates == [(0, 20_000), (390 * 60_000, 55_000), (1320 * 60_000, 20_000)]
    days = [utc_ms - START_UTC_MS for name, utc_ms, _ in events(pump) if name == "day"]
    assert days == [DAY_MS]


@pytest.mark.requirement("J-01")
def test_a_basal_rate_that_changes_under_a_bolus_is_written_at_its_instant():
    # 36 uL/h, from 00:10 on 72; a bolus of 50 uL over 20 min is 150 more
    pump = running_pump(document=program(plans=[[0, 36_000, 10, 72_000]]))
    ask(pump, "bolus", volume_nl=50_000, over_s=1200, confirm=0)
    pump.run_for(25 * 60_000)
    rates = [((utc_ms - START_UTC_MS) // 60_000, data[3]) for name, utc_ms, data in events(pump) if name == "rate"]
    assert rates == [(0, 186_000), (10, 222_000), (20, 72_000)]


@pytest.mark.requirement("J-01")
def test_a_ramp_is_written_as_one_change_and_its_checkpoints_say_that_it_goes_on():
    pump = running_pump(document=program() | {"plans": [[0, 20_000, 60_000, 360, 60_000, 60_000]]})
    pump.run_for(59 * 60_000)
    heads = [record.header(raw) for raw in records(pump)]
    doses = [(record.EVENT_NAMES[head[7]], head[10]) for head in heads if head[7] in record.DOSE_EVENTS]
    assert doses[-6:] == [("start", 0), *[("checkpoint", record.RATE_RAMP)] * 5]


@pytest.mark.requirement("A-04")
def test_a_reservoir_is_empty_at_the_instant_of_its_last_step_however_late_that_is_seen():
    # 10 uL are 100 steps, one in 10 s: 1000 s. Nobody polls from 990 s to 1003 s
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000}, document=CONTINUOUS)
    pump.run_for(990_000)
    pump.world.move_to(pump.now_ms + 13_000)
    pump.poll()
    assert ask(pump, "status")["reason"] == "reservoir empty"
    assert events(pump)[-1][:2] == ("fault", START_UTC_MS + 1_000_000)


@pytest.mark.requirement("T-03")
def test_a_day_of_23_hours_delivers_23_hours():
    pump = running_pump(document=CONTINUOUS, utc_ms=START_UTC_MS + 2 * DAY_MS)     # Sunday 2026-03-29 00:00
    pump.run_for(DAY_MS)
    midnight = next(event for event in events(pump) if event[0] == "day")
    assert midnight[1] - (START_UTC_MS + 2 * DAY_MS) == 23 * HOUR_MS
    assert midnight[2][0] == 23 * 360


@pytest.mark.requirement("T-03")
def test_a_gap_skips_its_segment_and_an_overlap_repeats_it():
    # 72 uL/h from 02:00 to 03:00 local, nothing else
    night = program(plans=[[0, 0, 120, 72_000, 180, 0]], zone=BERLIN)
    spring = running_pump(document=night, utc_ms=START_UTC_MS + 2 * DAY_MS)        # 2026-03-29 00:00, 23 h
    spring.run_for(23 * HOUR_MS)
    assert ask(spring, "status")["steps"] == 0
    autumn_utc_ms = 29_881_500 * 60_000 - 3 * HOUR_MS                              # 2026-10-25 00:00 summer time
    autumn = running_pump(document=night, utc_ms=autumn_utc_ms)
    autumn.run_for(25 * HOUR_MS)
    assert ask(autumn, "status")["steps"] == 2 * 720


@pytest.mark.requirement("D-07")
def test_delivery_needs_no_host():
    pump = running_pump(document=CONTINUOUS)
    pump.link = None                                               # nobody will ever speak again
    pump.run_for(30 * DAY_MS)
    assert pump.app.parts.delivery.ledger.count() == 30 * 24 * 360


def test_a_poll_before_anything_is_due_works_nothing_out(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    run, asked = pump.app.controller.run, []
    advance = run.advance
    monkeypatch.setattr(run, "advance", lambda now_ms: asked.append(now_ms) or advance(now_ms))
    for _ in range(5):                                 # the first step is due after 10 s
        pump.world.move_to(pump.now_ms + 5)
        pump.app.poll()
    assert asked == []


def test_a_run_that_nobody_listens_to_delivers_all_the_same():
    pump = running_pump(document=CONTINUOUS)
    pump.app.parts.run.on_written = None
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["steps"] == 360
    assert [event[0] for event in events(pump)].count("checkpoint") == 6
