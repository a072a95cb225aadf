"""Ramps, temporary and minimum rates, trials, primes, withdrawals, refills, resuming (D-05 to D-09, U-05, P-04)."""

import itertools

import pytest

from pump import record
from pump.board import CAUSE_POWER, INPUT_LIMIT
from pump.bolus import CANCELLED, INTERRUPTED
from pump.limits import Limits
from pump.transfer import SETTLE_MS
from pumpsim import SimPump
from tests.pumps import (
    CONTINUOUS,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
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


def steps(pump):
    return ask(pump, "status")["steps"]


@pytest.mark.requirement("D-05")
def test_a_ramp_delivers_the_exact_integral():
    # 20 to 60 uL/h from 00:00 to 06:00: after 3 h 20 * 3 + 20 * 3 / 2 = 90 uL, after 6 h 240 uL
    document = program()
    document["plans"] = [[0, 20_000, 60_000, 360, 60_000, 60_000]]
    pump = running_pump(document=document)
    pump.run_for(3 * HOUR_MS)
    assert steps(pump) in (899, 900)
    pump.run_for(3 * HOUR_MS + 1)
    assert steps(pump) == 2400


@pytest.mark.requirement("D-05")
@pytest.mark.parametrize("fields, expected", [
    ({"percent": 150, "rate_nl_per_h": 0, "for_s": 3600}, 540 + 360),
    ({"percent": 0, "rate_nl_per_h": 0, "for_s": 1800}, 180 + 360),
    ({"percent": -1, "rate_nl_per_h": 72_000, "for_s": 1800}, 360 + 180 + 360),
])
def test_a_temporary_rate_ends_by_itself(fields, expected):
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "temp", **fields)
    pump.run_for(2 * HOUR_MS + 1)
    assert steps(pump) == expected


def test_a_temporary_rate_can_be_ended_and_never_exceeds_a_limit():
    limits = {"max_rate_nl_per_h": 100_000, "max_bolus_nl": 0, "max_1h_nl": 60_000, "max_24h_nl": 0}
    pump = running_pump(document=program(plans=[[0, 36_000]], limits=limits))
    assert refused(pump, "temp", percent=-1, rate_nl_per_h=100_001, for_s=60) == "limit"
    assert refused(pump, "temp", percent=-1, rate_nl_per_h=60_200, for_s=3601) == "limit"       # two steps more
    assert refused(pump, "temp", percent=170, rate_nl_per_h=0, for_s=3601) == "limit"           # 61.2 uL
    ask(pump, "temp", percent=-1, rate_nl_per_h=100_000, for_s=60)
    ask(pump, "temp", percent=160, rate_nl_per_h=0, for_s=7200)                                 # 57.6 uL
    ask(pump, "temp", percent=-1, rate_nl_per_h=60_000, for_s=7200)
    pump.run_for(30 * MINUTE_MS)
    ask(pump, "temp", percent=-1, rate_nl_per_h=0, for_s=0)
    assert ask(pump, "status")["temporary"] is False
    pump.run_for(30 * MINUTE_MS + 1)
    assert steps(pump) == 300 + 180


@pytest.mark.requirement("L-01")
@pytest.mark.parametrize("basal, too_much, just_fits, made", [
    (0, {"percent": -1, "rate_nl_per_h": 35_600},                      # 60.7 uL
     {"percent": -1, "rate_nl_per_h": 34_000}, 592),                   # 59.3 uL
    (10_000, {"percent": 350, "rate_nl_per_h": 0},                     # 61.5 uL, with 1.4 uL that are given by then
     {"percent": 330, "rate_nl_per_h": 0}, 598)])                      # 59.8 uL
def test_a_temporary_rate_in_a_bolus_is_judged_with_what_is_left_of_it(basal, too_much, just_fits, made):
    """30 uL over 1000 s, half of it given: the hour from its start holds it and 3100 s of the rate, 60 uL at most"""
    limits = {"max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 60_000, "max_24h_nl": 0}
    pump = running_pump(document=program(plans=[[0, basal]], limits=limits))
    ask(pump, "bolus", volume_nl=30_000, over_s=1000, confirm=0)
    pump.run_for(500_000)
    assert refused(pump, "temp", **too_much, for_s=7200) == "limit"
    ask(pump, "temp", **just_fits, for_s=7200)
    pump.run_for(3_100_000)
    assert (pump.state, steps(pump)) == ("running", made)


@pytest.mark.requirement("D-05")
def test_the_minimum_rate_holds_where_the_schedule_is_lower():
    pump = running_pump(document=program(plans=[[0, 0, 60, 36_000]], minimum_nl_per_h=3_600))
    pump.run_for(2 * HOUR_MS + 1)
    assert steps(pump) == 36 + 360


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize("ends, expected_ms, expected_steps", [
    ({"after_s": 3 * 86_400, "volume_nl": 0}, 3 * DAY_MS, 3 * 8640),
    ({"after_s": 0, "volume_nl": 1_000_000}, 100_000_000, 10_000),           # 10,000 steps, one in 10 s
    ({"after_s": 86_400, "volume_nl": 1_000_000}, DAY_MS, 8640),
])
def test_a_trial_ends_and_says_so(ends, expected_ms, expected_steps):
    pump = running_pump(document=program(plans=[[0, 36_000]], ends=ends))
    ask(pump, "ack")
    pump.run_for(5 * DAY_MS)
    status = ask(pump, "status")
    assert (status["state"], status["reason"], status["steps"]) == ("stopped", "program ended", expected_steps)
    assert status["alarms"] == ["program ended"]
    stop = next(event for event in events(pump) if event[0] == "stop")
    assert stop[1] - START_UTC_MS == expected_ms


@pytest.mark.requirement("T-05")
def test_setting_the_clock_changes_no_trial():
    pump = running_pump(document=program(plans=[[0, 36_000]], ends={"after_s": 86_400, "volume_nl": 0}))
    pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 20 * HOUR_MS)
    pump.run_for(30 * HOUR_MS)
    assert steps(pump) == 8640


@pytest.mark.requirement("D-06")
def test_a_prime_has_an_account_of_its_own_and_the_schedule_goes_on_after_it():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0)
    pump.run_for(MINUTE_MS)
    assert ask(pump, "prime", volume_nl=1_000_000)["state"] == "priming"     # 36 mL/h: 10,000 steps in 100 s
    pump.run_for(99_000)
    assert ask(pump, "status")["state"] == "priming"
    pump.run_for(2_000)
    status = ask(pump, "status")
    assert (status["state"], status["prime_nl"]) == ("running", 1_000_000)
    pump.run_for(HOUR_MS)
    status = ask(pump, "status")
    assert status["prime_nl"] == 1_000_000
    assert status["steps"] in (6 + 50 + 359, 6 + 50 + 360)                   # the bolus did not resume
    assert status["bolus_nl"] == 5_000


@pytest.mark.requirement("A-01")
def test_a_prime_in_a_run_that_takes_the_rest_of_the_reservoir_stops_as_empty():
    pump = running_pump(rig=RIG | {"reservoir_nl": 1_000_000}, document=CONTINUOUS)
    pump.run_for(HOUR_MS)                              # 964 uL are left
    ask(pump, "prime", volume_nl=1_000_000)
    pump.run_for(HOUR_MS)
    status = ask(pump, "status")
    assert (status["state"], status["reason"], status["reservoir_nl"]) == ("fault", "reservoir empty", 0)
    assert status["alarms"] == ["reservoir empty", "clock not set"]
    ask(pump, "refill", added_nl=1_000_000, withdrawn_nl=-1)
    ask(pump, "ack")
    ask(pump, "start")


@pytest.mark.requirement("A-04")
def test_what_is_withdrawn_into_a_reservoir_that_held_more_than_was_told_is_there():
    pump = ready_pump(rig=RIG | {"reservoir_nl": 1_000_000}, document=CONTINUOUS)
    ask(pump, "prime", volume_nl=1_500_000)            # half a millilitre more than it held by the count
    pump.run_for(HOUR_MS)
    ask(pump, "withdraw", volume_nl=200_000)
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["reservoir_nl"] == 200_000


@pytest.mark.requirement("D-06")
def test_a_dose_after_priming_is_a_whole_dose():
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "prime", volume_nl=123_400)
    pump.run_for(30_000)
    ask(pump, "start")
    pump.run_for(HOUR_MS + 1)
    status = ask(pump, "status")
    assert (status["delivered_nl"], status["prime_nl"]) == (36_000, 123_400)


@pytest.mark.requirement("D-09")
def test_withdrawal_runs_backwards_only_when_stopped_and_has_its_account():
    pump = running_pump(document=CONTINUOUS)
    assert refused(pump, "withdraw", volume_nl=10_000) == "bad_state"
    ask(pump, "stop")
    ask(pump, "prime", volume_nl=10_000)
    pump.run_for(2_000)
    level = ask(pump, "status")["reservoir_nl"]
    ask(pump, "withdraw", volume_nl=10_000)
    assert pump.board.stepper.is_reverse
    pump.run_for(2_000)
    status = ask(pump, "status")
    assert (status["state"], status["withdrawn_nl"], status["steps"]) == ("stopped", 10_000, 0)
    assert status["reservoir_nl"] == level + 10_000
    assert not pump.board.stepper.is_reverse
    ask(pump, "start")
    assert not pump.board.stepper.is_reverse


def test_a_prime_can_be_stopped_and_gives_what_it_gave():
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "prime", volume_nl=1_000_000)            # 100 steps/s
    pump.run_for(10_005)
    assert ask(pump, "stop")["state"] == "stopped"
    assert ask(pump, "status")["prime_nl"] == 100_000
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["prime_nl"] == 100_000


def test_primes_beyond_the_rig_or_below_a_step_are_refused():
    pump = ready_pump(document=CONTINUOUS)
    assert refused(pump, "prime", volume_nl=2_000_001) == "limit"
    assert refused(pump, "prime", volume_nl=99) == "bad_value"


def test_a_bridge_runs_the_line_volume_at_the_old_flow():
    # 500 uL at 100 uL/h is 5 h; then the schedule
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "bridge", volume_nl=500_000, over_s=18_000)
    pump.run_for(6 * HOUR_MS + 1)
    assert steps(pump) == 5000 + 360


@pytest.mark.requirement("A-04")
def test_a_refill_reports_the_difference_from_what_was_expected():
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(100 * HOUR_MS)                        # 3.6 mL used, 6.4 mL expected
    reply = ask(pump, "refill", added_nl=10_000_000, withdrawn_nl=6_500_000)
    assert reply == {"level_nl": 10_000_000, "difference_nl": 100_000, "warning": False}      # 2.8 % of 3.6 mL
    pump.run_for(100 * HOUR_MS)
    reply = ask(pump, "refill", added_nl=9_000_000, withdrawn_nl=6_000_000)
    assert reply == {"level_nl": 9_000_000, "difference_nl": -400_000, "warning": True}       # 11 %
    written = [raw for raw in records(pump) if record.header(raw)[7] == record.EVENT_REFILL]
    assert [(record.header(raw)[10], *record.data_of(raw, record.REFILL)) for raw in written] == [
        (0, 10_000_000, 6_500_000, 10_000_000), (1, 9_000_000, 6_000_000, 9_000_000)]
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("A-04")
def test_a_refill_beyond_the_capacity_is_refused_and_changes_nothing():
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(10 * HOUR_MS)                         # 360 uL used
    assert refused(pump, "refill", added_nl=360_001, withdrawn_nl=-1) == "limit"
    assert refused(pump, "refill", added_nl=10_000_001, withdrawn_nl=9_640_000) == "limit"
    assert ask(pump, "status")["reservoir_nl"] == 9_640_000
    assert ask(pump, "refill", added_nl=360_000, withdrawn_nl=-1)["level_nl"] == 10_000_000
    assert ask(pump, "refill", added_nl=10_000_000, withdrawn_nl=10_000_000)["level_nl"] == 10_000_000


@pytest.mark.requirement("A-04")
def test_a_refill_waits_for_the_end_of_a_withdrawal():
    """What is still to come back would not find the room that the withdrawal was granted for."""
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(10 * HOUR_MS)                         # 360 uL used
    ask(pump, "stop")
    ask(pump, "withdraw", volume_nl=360_000)
    assert refused(pump, "refill", added_nl=360_000, withdrawn_nl=-1) == "bad_state"
    assert refused(pump, "refill", added_nl=10_000_000, withdrawn_nl=9_640_000) == "bad_state"
    pump.run_for(HOUR_MS)
    assert ask(pump, "refill", added_nl=10_000_000, withdrawn_nl=10_000_000)["level_nl"] == 10_000_000


@pytest.mark.requirement("A-04")
def test_a_withdrawal_that_the_reservoir_has_no_room_for_is_refused():
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    assert refused(pump, "withdraw", volume_nl=36_001) == "limit"
    ask(pump, "withdraw", volume_nl=36_000)
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["reservoir_nl"] == 10_000_000


@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("resume, has_clock, state", [
    ("basal", True, "running"), ("basal", False, "stopped"), ("stopped", True, "stopped")])
def test_after_a_power_loss_only_the_basal_rate_resumes_and_only_with_a_clock(resume, has_clock, state):
    pump = running_pump(document=program(plans=[[0, 36_000]], resume=resume), battery_clock=has_clock)
    ask(pump, "temp", percent=200, rate_nl_per_h=0, for_s=86_400)
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["state"] == state
    before = steps(pump)
    pump.run_for(HOUR_MS + 1)
    assert steps(pump) - before == (360 if state == "running" else 0)        # the temporary rate is over
    if not has_clock:
        ask(pump, "clock", utc_ms=START_UTC_MS + 3 * HOUR_MS)
        assert ask(pump, "status")["state"] == "running"


def test_a_stopped_pump_stays_stopped_over_a_power_loss():
    pump = running_pump(document=program(plans=[[0, 36_000]], resume="basal"), battery_clock=True)
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("T-07")
def test_a_stopped_external_clock_counts_as_none():
    pump = ready_pump(document=CONTINUOUS, battery_clock=True)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["utc_ms"] is not None
    pump.rtc.stop_oscillator()
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["utc_ms"] is None
    assert refused(pump, "start") == "clock_not_set"


@pytest.mark.requirement("L-02")
def test_program_limits_may_only_be_tighter_than_the_rigs():
    pump = ready_pump()
    limits = {"max_rate_nl_per_h": RIG["max_rate_nl_per_h"] + 1, "max_bolus_nl": 0, "max_1h_nl": 0, "max_24h_nl": 0}
    assert push(pump, "program", program(limits=limits))["error"]["code"] == "limit"
    limits["max_rate_nl_per_h"] -= 1                   # as loose as the rig's is not looser
    assert "ok" in push(pump, "program", program(limits=limits))


@pytest.mark.requirement("L-01")
def test_of_two_limits_the_smaller_holds_and_none_gives_way():
    assert Limits(1, 20, 0, 4).tightest(Limits(10, 2, 3, 0)).values() == (1, 2, 3, 4)


@pytest.mark.requirement("L-05")
def test_a_program_beyond_its_soft_limits_needs_a_confirmation_which_is_logged():
    soft = {"max_rate_nl_per_h": 50_000, "max_bolus_nl": 0, "max_1h_nl": 0, "max_24h_nl": 0}
    pump = ready_pump()
    document = program(soft_limits=soft)               # 55 uL/h from 06:30 on
    assert push(pump, "program", document)["error"]["code"] == "soft_limit"
    assert "ok" in push(pump, "program", document, confirm=1)
    assert [event[2][2] for event in events(pump) if event[0] == "program"] == [0, 1]


@pytest.mark.requirement("L-01")
def test_a_rig_that_the_program_does_not_fit_sets_the_program_aside():
    pump = ready_pump(document=CONTINUOUS)
    assert "ok" in push(pump, "rig", RIG | {"max_rate_nl_per_h": 35_999})
    status = ask(pump, "status")
    assert (status["program"], status["program_digest"]) == (None, "")
    assert refused(pump, "start") == "no_program"
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["program"] is None
    assert "ok" in push(pump, "program", program(plans=[[0, 35_999]]))
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "start")


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("do, moved", [("prime", "prime_nl"), ("withdraw", "withdrawn_nl")])
def test_the_end_of_travel_ends_a_prime_or_a_withdrawal_with_what_it_moved(do, moved):
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "refill", added_nl=900_000_000, withdrawn_nl=1_000_000_000)
    ask(pump, do, volume_nl=1_000_000)                 # 100 steps/s
    pump.run_for(10_005)
    pump.board.inputs.level = INPUT_LIMIT
    pump.run_for(1)
    status = ask(pump, "status")
    assert (status["state"], status["reason"], status[moved]) == ("fault", "end of travel", 100_000)
    assert not pump.board.stepper.is_enabled
    transfer = [data for name, _, data in events(pump) if name == "transfer"][-1]
    assert transfer[:3] == (1_000_000, 10_000, 1000)   # nL, steps asked for, steps moved
    pump.board.inputs.level = 0
    pump.run_for(1)
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(HOUR_MS + 1)
    assert steps(pump) == 360                          # forwards again, and from the dose account


@pytest.mark.requirement("L-04")
@pytest.mark.parametrize("missed, state", [(2, "running"), (3, "fault")])
def test_a_prime_that_misses_more_steps_than_the_tolerance_is_an_under_delivery(missed, state):
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "prime", volume_nl=1_000_000)            # 100 s
    pump.run_for(50_000)
    pump.board.counter.extra = -missed
    pump.run_for(50_251)                               # a last step may be 250 ms late
    status = ask(pump, "status")
    assert (status["state"], status["prime_nl"]) == (state, 1_000_000 - missed * 100)
    assert status["reason"] == ("under-delivery" if state == "fault" else "")
    assert status["alarms"] == [*(["under-delivery"] if state == "fault" else []), "clock not set"]


def test_nothing_starts_on_an_empty_reservoir():
    pump = ready_pump(rig=RIG | {"reservoir_nl": 1_000_000}, document=CONTINUOUS)
    ask(pump, "prime", volume_nl=1_000_000)
    pump.run_for(HOUR_MS)
    assert refused(pump, "start") == "empty"
    ask(pump, "refill", added_nl=100, withdrawn_nl=-1)
    assert ask(pump, "start")["state"] == "running"


@pytest.mark.requirement("B-05")
@pytest.mark.parametrize("paused_ms, due_ms", [
    (10 * MINUTE_MS, 60 * MINUTE_MS),                  # over before it is due
    (150 * MINUTE_MS, 180 * MINUTE_MS),                # those of 60 and 120 min are not caught up
    (30 * MINUTE_MS, 120 * MINUTE_MS),                 # resumed at the very instant, a second too late
])
def test_a_periodic_bolus_due_while_nothing_ran_is_not_caught_up_and_keeps_its_rhythm(paused_ms, due_ms):
    pump = running_pump(document=program(plans=[[0, 36_000]], periodic=[10_000, 60, 3600]))
    pump.run_for(30 * MINUTE_MS)
    ask(pump, "suspend")
    pump.run_for(paused_ms + (1000 if paused_ms == 30 * MINUTE_MS else 0))
    ask(pump, "resume")
    pump.run_for(4 * HOUR_MS)
    granted = [utc_ms - START_UTC_MS for name, utc_ms, data in events(pump) if name == "bolus" and not data[2]]
    assert granted[0] == due_ms
    assert {later - sooner for sooner, later in itertools.pairwise(granted)} == {HOUR_MS}


def test_a_pump_without_a_program_can_be_stopped():
    pump = SimPump()
    assert ask(pump, "stop")["state"] == "stopped"
    assert events(pump)[-1][0] == "stop"


def test_a_program_needs_a_rig_to_be_checked_against():
    pump = SimPump()
    assert push(pump, "program", CONTINUOUS)["error"]["code"] == "no_rig"
    assert ask(pump, "status")["program"] is None


@pytest.mark.requirement("A-04")
def test_a_reservoir_that_was_found_empty_is_a_difference_of_all_that_was_expected():
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(100 * HOUR_MS)                        # 3.6 mL used, 6.4 mL expected
    reply = ask(pump, "refill", added_nl=5_000_000, withdrawn_nl=0)
    assert reply == {"level_nl": 5_000_000, "difference_nl": -6_400_000, "warning": True}


@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("pl_per_rev", [320_000_000, 330_259_037])     # 100 nL a step; 103,205.949 pL: no whole ticks
def test_a_prime_ends_with_its_last_step(pl_per_rev):
    pump = ready_pump(rig=RIG | {"pl_per_rev": pl_per_rev}, document=CONTINUOUS)
    ask(pump, "prime", volume_nl=200_000)              # 36 mL/h: 20 s
    wanted = 200_000_000 * 3200 // pl_per_rev
    pump.run_for(19_900)
    assert ask(pump, "status")["state"] == "priming"
    pump.run_for(101)
    assert ask(pump, "status")["state"] == "stopped"
    assert pump.app.parts.delivery.ledger.prime_steps == wanted
    codes = [record.header(raw)[10] for raw in records(pump) if record.header(raw)[7] == record.EVENT_TRANSFER]
    assert codes == [16, 17]                           # a prime: begun, over


class HeldBack:
    """A step counter that tells of no more than `most` steps: the next one is on its way."""

    def __init__(self, counter):
        self._counter, self.most = counter, None

    def __getattr__(self, name):
        return getattr(self._counter, name)

    def steps(self):
        counted = self._counter.steps()
        return counted if self.most is None else min(counted, self.most)


@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("is_seen", [True, False])
def test_a_prime_waits_for_its_last_step_as_long_as_that_may_take_to_be_seen(is_seen):
    def with_late_counter(board):
        board.counter = HeldBack(board.counter)
        return board

    pump = ready_pump(document=CONTINUOUS)
    pump._wrap_board = with_late_counter
    pump.boot(CAUSE_POWER)
    pump.board.counter.most = pump.board.counter.steps() + 99
    ask(pump, "prime", volume_nl=10_000)               # 100 steps at 100 a second: 1 s
    pump.run_for(1000 + SETTLE_MS - 60)
    assert ask(pump, "status")["state"] == "priming"
    if is_seen:
        pump.board.counter.most = None
    pump.run_for(80)
    assert ask(pump, "status")["state"] == "stopped"
    ended = [record.data_of(raw, record.TRANSFER) for raw in records(pump)
             if record.header(raw)[7] == record.EVENT_TRANSFER][-1]
    assert ended[1:3] == (100, 100 if is_seen else 99)


@pytest.mark.parametrize("do, code", [("prime", 16), ("withdraw", 32)])
@pytest.mark.parametrize("end, phase", [("stop", 1 + CANCELLED), ("limit", 1 + INTERRUPTED)])
def test_the_record_of_a_prime_says_how_it_ended(do, code, end, phase):
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "refill", added_nl=900_000_000, withdrawn_nl=1_000_000_000)
    ask(pump, do, volume_nl=1_000_000)
    pump.run_for(1000)
    if end == "stop":
        ask(pump, "stop")
    pump.board.inputs.level = INPUT_LIMIT
    pump.poll()
    codes = [record.header(raw)[10] for raw in records(pump) if record.header(raw)[7] == record.EVENT_TRANSFER]
    assert codes == [code, code + phase]


def test_a_bridge_and_a_temporary_rate_are_told_apart_in_the_journal():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "temp", percent=150, rate_nl_per_h=0, for_s=60)
    ask(pump, "temp", percent=0, rate_nl_per_h=0, for_s=60)
    ask(pump, "bridge", volume_nl=1_000, over_s=60)
    written = [(record.header(raw)[10], record.data_of(raw, record.TEMPORARY)) for raw in records(pump)
               if record.header(raw)[7] == record.EVENT_TEMPORARY]
    # Nothing for a while is 0 % of the schedule; the bridge's 1 uL in a minute are 60 uL/h
    assert written == [(0, (150, 0, 60)), (0, (0, 0, 60)), (1, (65_535, 60_000, 60))]


@pytest.mark.requirement("D-06")
def test_a_prime_of_just_the_most_is_granted_and_is_written_once():
    pump = ready_pump(rig=RIG | {"max_prime_nl": 10_000})
    ask(pump, "prime", volume_nl=10_000)
    pump.run_for(10_000)
    assert ask(pump, "status")["prime_nl"] == 10_000


@pytest.mark.requirement("U-03")
def test_a_program_that_a_new_rig_puts_out_of_force_is_gone_after_a_boot_too():
    pump = ready_pump(document=program(plans=[[0, 36_000]]))
    assert "ok" in push(pump, "rig", RIG | {"max_rate_nl_per_h": 10_000}, confirm=1)
    for boot in (False, True):
        if boot:
            pump.boot(CAUSE_POWER)
        status = ask(pump, "status")
        assert (status["program"], status["self_test"]) == (None, [])
        assert ask(pump, "document", kind="program", at=0)["size"] == 0
