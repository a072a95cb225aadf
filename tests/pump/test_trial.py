"""A trial over resets (U-05, P-04): its end stays where it was, however often the power goes."""

import hashlib
from itertools import pairwise
from random import Random

import pytest

from pump import record
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG
from pump.timetable import NEVER_MS
from pump.trial import Trial
from pumpsim import faults
from pumpsim.flash_trap import FlashTrap
from tests.pumps import (
    HOUR_MS,
    MINUTE_MS,
    RIG,
    START_UTC_MS,
    ask,
    body_of,
    events,
    program,
    push,
    ready_pump,
    request,
    running_pump,
)


def started(ends):
    pump = running_pump(document=program(plans=[[0, 36_000]], ends=ends, resume="basal"), battery_clock=True)
    return pump


@pytest.mark.requirement("U-05")
def test_a_trial_ends_at_its_time_after_two_resets_on_one_day():
    pump = started({"after_s": 86_400, "volume_nl": 0})
    for cause in (CAUSE_POWER, CAUSE_WATCHDOG):
        pump.run_for(5 * HOUR_MS)
        pump.boot(cause)
    pump.run_for(14 * HOUR_MS - MINUTE_MS)              # 5 + 5 + 14 h: the end is a minute away
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(2 * MINUTE_MS)
    assert ask(pump, "status")["reason"] == "program ended"


@pytest.mark.requirement("U-05")
def test_a_trial_ends_at_its_volume_after_two_resets_on_one_day():
    # 36 uL an hour; 720 uL: 20 h, and longer by what a reset leaves uncertain, ten minutes of it at most each
    pump = started({"after_s": 0, "volume_nl": 720_000})
    for cause in (CAUSE_POWER, CAUSE_WATCHDOG):
        pump.run_for(5 * HOUR_MS)
        pump.boot(cause)
    pump.run_for(9 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(HOUR_MS + 21 * MINUTE_MS)
    status = ask(pump, "status")
    assert (status["reason"], status["steps"]) == ("program ended", 7200)


@pytest.mark.requirement("U-05")
def test_a_boot_without_a_clock_keeps_the_start_in_its_snapshot():
    pump = ready_pump(document=program(plans=[[0, 36_000]], ends={"after_s": 86_400, "volume_nl": 0}))
    ask(pump, "start")
    pump.run_for(5 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    name, _, levels = events(pump)[-1]
    assert (name, levels[3]) == (record.EVENT_NAMES[record.EVENT_LEVELS], START_UTC_MS // 1000)


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize("state", ["running", "suspended", "priming"])
@pytest.mark.parametrize("ends", [{"after_s": 36_000, "volume_nl": 0}, {"after_s": 0, "volume_nl": 360_000}])
def test_a_program_pushed_into_a_trial_has_a_trial_of_its_own(state, ends):
    pump = started({"after_s": 12 * 3600, "volume_nl": 0})
    pump.run_for(5 * HOUR_MS)
    if state == "suspended":
        ask(pump, "suspend")
    elif state == "priming":
        ask(pump, "prime", volume_nl=1_000)
    assert "ok" in push(pump, "program", program(plans=[[0, 36_000]], ends=ends, resume="basal"))
    if state == "suspended":
        ask(pump, "resume")
    pump.run_for(10 * HOUR_MS - MINUTE_MS)              # 10 h from then on, or 360 uL at 36 an hour
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(2 * MINUTE_MS)
    assert ask(pump, "status")["reason"] == "program ended"


@pytest.mark.requirement("U-05")
def test_a_later_trial_ends_at_its_own_volume_after_a_reset():
    pump = started({"after_s": 0, "volume_nl": 360_000})                # 10 h at 36 uL/h
    pump.run_for(3 * HOUR_MS)
    ask(pump, "stop")
    ask(pump, "start")                                  # anew, at 1080 steps
    pump.run_for(5 * HOUR_MS + MINUTE_MS)
    pump.boot(CAUSE_WATCHDOG)
    pump.run_for(5 * HOUR_MS - 2 * MINUTE_MS)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(2 * MINUTE_MS)
    status = ask(pump, "status")
    assert (status["reason"], status["steps"]) == ("program ended", 1080 + 3600)


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize("state", ["running", "suspended"])
def test_a_trial_that_was_pushed_into_a_run_is_the_one_that_a_reset_goes_on_with(state):
    pump = started({"after_s": 12 * 3600, "volume_nl": 0})
    pump.run_for(5 * HOUR_MS)
    if state == "suspended":
        ask(pump, "suspend")
    ends = {"after_s": 36_000, "volume_nl": 0}
    assert "ok" in push(pump, "program", program(plans=[[0, 36_000]], ends=ends, resume="basal"))
    if state == "suspended":
        ask(pump, "resume")
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_WATCHDOG)
    pump.run_for(9 * HOUR_MS - MINUTE_MS)               # 10 h from the push
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(2 * MINUTE_MS)
    assert ask(pump, "status")["reason"] == "program ended"


def cut_in_a_push(ends, operation, again=0):
    """(pump, whether it has the new program): in a trial of 12 h a program with these ends is pushed after 5 h, and in
    that the power goes for a minute at a flash operation. `again`: for an hour, and at one of the boot for another."""
    pump = started({"after_s": 12 * 3600, "volume_nl": 0})
    pump.run_for(5 * HOUR_MS)
    pump.inject(faults.make("power_cut_at_flash", {"operation": operation, "way": "not done"}))
    body = body_of(program(plans=[[0, 36_000]], ends=ends, resume="basal"))
    for at in range(0, len(body), 512):
        ask(pump, "stage", kind="program", at=at, data=body[at:at + 512])
    digest = hashlib.sha256(body).hexdigest()
    pump.send(request("commit", kind="program", digest=digest, confirm=0))
    pump.poll()
    pump.run_for(HOUR_MS if again else MINUTE_MS)
    if again:
        pump.flash.trap = FlashTrap(again, "not done", Random(0))
        pump.power_on()
        pump.run_for(HOUR_MS)
    pump.clear("power_cut_at_flash")
    pump.receive()                                      # the reply, where there were fewer operations
    return pump, ask(pump, "status")["program_digest"] == digest


def assert_ends_after(pump, left_ms, slack_ms):
    pump.run_for(left_ms - slack_ms)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(slack_ms + 2 * MINUTE_MS)
    assert ask(pump, "status")["reason"] == "program ended"


@pytest.mark.requirement("U-05")
@pytest.mark.requirement("J-03")
@pytest.mark.parametrize("ends", [{"after_s": 36_000, "volume_nl": 0}, {"after_s": 0, "volume_nl": 360_000}])
def test_wherever_the_power_goes_in_a_push_into_a_run_the_trial_is_that_of_the_program_in_force(ends):
    seen = []
    for operation in range(1, 18):
        pump, is_new = cut_in_a_push(ends, operation)
        seen.append(is_new)
        # 10 h from the push, or 360 uL at 36 an hour; otherwise the rest of 12 h. From a checkpoint on at the earliest
        assert_ends_after(pump, (10 if is_new else 7) * HOUR_MS, 12 * MINUTE_MS)
    assert seen[0] is False and seen[-1] is True


@pytest.mark.requirement("U-05")
def test_a_trial_that_a_power_cut_left_without_a_snapshot_keeps_its_start_when_the_boot_is_cut_too():
    for again in range(1, 9):
        pump, is_new = cut_in_a_push({"after_s": 36_000, "volume_nl": 0}, 12, again)      # after its rate record
        assert is_new
        assert_ends_after(pump, 8 * HOUR_MS, 2 * MINUTE_MS)


@pytest.mark.requirement("U-05")
def test_the_mark_of_a_trial_is_a_byte_that_two_programs_in_a_row_never_share():
    trial, marks = Trial(None), []
    for generation in range(600):
        trial.use(generation)
        marks.append(trial.mark)
    assert min(marks) == 1 and max(marks) == 255        # 0 stands for not known
    assert all(mark != following for mark, following in pairwise(marks))


@pytest.mark.requirement("J-08")
@pytest.mark.requirement("U-05")
def test_a_snapshot_of_a_firmware_that_did_not_say_whose_trial_it_is_is_believed(monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(Trial, "use", lambda self, generation: None)
        pump = started({"after_s": 36_000, "volume_nl": 0})
        pump.run_for(5 * HOUR_MS)
    pump.boot(CAUSE_WATCHDOG)                           # by the update
    assert_ends_after(pump, 5 * HOUR_MS, MINUTE_MS)


@pytest.mark.requirement("U-05")
def test_a_step_that_the_counter_missed_keeps_no_trial_from_its_end():
    pump = started({"after_s": 0, "volume_nl": 10_000})                 # 100 steps, one in 10 s
    pump.run_for(500_000)
    pump.inject(faults.ExtraSteps(steps=-1))            # within the tolerance of 2
    pump.run_for(501_000)
    status = ask(pump, "status")
    assert (status["reason"], status["steps"]) == ("program ended", 99)


@pytest.mark.requirement("U-05")
@pytest.mark.requirement("A-01")
@pytest.mark.parametrize(("reservoir_nl", "volume_nl", "reason"), [(4600, 0, "reservoir empty"),
                                                                   (1_000_000, 4600, "program ended")])
def test_a_bolus_that_begins_as_the_last_step_falls_due_does_not_keep_the_end_from_coming(reservoir_nl, volume_nl,
                                                                                          reason):
    """From 36 uL/h down to 0 in 24 h: 36,000 t - 750 t^2 nL after t h. 46 steps of 100 nL are due at 0.1281 h, 461.2 s.
    The plan is a straight line over a piece of 929 s, and has them a second later: the bolus finds one due."""
    plan = program(ends={"after_s": 0, "volume_nl": volume_nl}) | {"plans": [[0, 36_000, 0]]}
    pump = ready_pump(rig=RIG | {"reservoir_nl": reservoir_nl}, document=plan)
    ask(pump, "start")
    pump.run_for(462_000)
    assert ask(pump, "status")["steps"] == 45
    ask(pump, "bolus", volume_nl=1000, over_s=60, confirm=0)
    pump.run_for(1000)
    status = ask(pump, "status")
    assert (status["reason"], status["steps"]) == (reason, 46)


def test_a_trial_whose_start_nobody_knows_ends_by_its_volume_alone():
    pump = started({"after_s": 3600, "volume_nl": 360_000})
    trial, program_of_it, ratio = Trial(pump.app.clock), pump.app.program.document, pump.app.rig.document.ratio
    trial.restore(0, 7)
    trial.take_up()
    assert trial.end_of(program_of_it, ratio) == (NEVER_MS, 7 + 3600)
    trial.restore(START_UTC_MS // 1000, 7)
    trial.take_up()
    end_ms, _ = trial.end_of(program_of_it, ratio)
    assert pump.app.clock.utc_ms(end_ms) == START_UTC_MS + HOUR_MS


@pytest.mark.requirement("U-05")
@pytest.mark.requirement("J-02")
def test_no_more_is_authorised_than_a_trial_has_left():
    pump = started({"after_s": 0, "volume_nl": 360_000})                # 3600 steps in 10 h
    pump.run_for(9 * HOUR_MS + 55 * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    # confirmed at 9 h 50 min: 3540; until 10 h and half a minute 63 more would be due
    assert ask(pump, "status")["uncertain_nl"] == 60 * 100
