"""After a watchdog or soft reset the count is exact; after a power loss it lies in an interval (P-03, J-02)."""

import pytest

from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG, INPUT_LIMIT
from pumpsim import SimPump, faults
from tests.pumps import HOUR_MS, RIG, ask, events, program, records, running_pump

STEADY = program(plans=[[0, 36_000]])                  # 36 uL/h: 360 steps/h, one in 10 s
PRIME = {"volume_nl": 1_000_000}                       # 10000 steps at 36 mL/h: 100 steps/s


def volumes(pump):
    status = ask(pump, "status")
    return status["steps"], status["uncertain_nl"], status["prime_nl"], status["withdrawn_nl"]


def half_full_pump():
    """Stopped, with room for a withdrawal."""
    pump = running_pump(document=STEADY)
    ask(pump, "stop")
    ask(pump, "refill", added_nl=500_000_000, withdrawn_nl=1_000_000_000)
    return pump


@pytest.mark.requirement("P-03")
@pytest.mark.parametrize("cause", [CAUSE_WATCHDOG, CAUSE_SOFT])
@pytest.mark.parametrize("minutes", [0, 3, 10, 59, 1439])
def test_steps_since_the_last_record_are_recovered(cause, minutes):
    pump = running_pump(document=STEADY)
    pump.run_for(minutes * 60_000 + 15_000)            # one step in 10 s: 6 a minute and 1
    made = pump.board.stepper.edges()
    assert made == 6 * minutes + 1
    pump.boot(cause)
    assert volumes(pump) == (made, 0, 0, 0)
    confirmed, _, uncertain, _, _ = [data for name, _, data in events(pump) if name == "boot"][-1]
    assert (confirmed, uncertain) == (made, 0)


@pytest.mark.requirement("P-03")
def test_counts_add_up_over_any_number_of_resets_and_transfers():
    pump = half_full_pump()
    made = 0
    for turn in range(6):
        ask(pump, "clock", utc_ms=1_774_566_000_000 + turn * HOUR_MS)
        ask(pump, "start")
        pump.run_for(turn * 60_000 + 15_000)
        made += pump.board.stepper.edges() - (20 if turn else 0)
        pump.boot(CAUSE_SOFT)                          # the counter of the new boot counts from anywhere
        ask(pump, "withdraw", volume_nl=2000)          # 20 steps
        pump.run_for(1000)
    # 1, 7, 13, 19, 25, 31 steps
    assert made == 96
    assert volumes(pump) == (96, 0, 0, 6 * 2000)


@pytest.mark.requirement("P-03")
@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("verb, account", [("prime", 2), ("withdraw", 3)])
def test_a_reset_during_a_transfer_keeps_what_was_moved_in_its_account(verb, account):
    pump = half_full_pump()
    ask(pump, verb, **PRIME)
    pump.run_for(30_000)                               # 100 steps/s: 3000 steps, 300 uL
    assert pump.board.stepper.edges() == 3000
    pump.boot(CAUSE_WATCHDOG)
    expected = [0, 0, 0, 0]
    expected[account] = 300_000
    assert volumes(pump) == tuple(expected)
    transfer = [data for name, _, data in events(pump) if name == "transfer"][-1]
    assert transfer[:3] == (1_000_000, 10_000, 3000)


@pytest.mark.requirement("J-02")
def test_a_power_loss_during_a_prime_leaves_the_whole_prime_uncertain_for_the_reservoir():
    pump = running_pump(document=STEADY)
    ask(pump, "stop")
    level = ask(pump, "status")["reservoir_nl"]
    ask(pump, "prime", **PRIME)
    pump.run_for(30_000)
    pump.boot(CAUSE_POWER)
    assert volumes(pump) == (0, 0, 0, 0)
    assert ask(pump, "status")["reservoir_nl"] == level - 1_000_000
    ask(pump, "prime", **PRIME)
    pump.run_for(30_000)
    pump.boot(CAUSE_POWER)                             # a second one adds to it, over later boots too
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["reservoir_nl"] == level - 2_000_000
    assert pump.app.parts.delivery.ledger.uncertain_prime_steps == 20_000


def test_a_count_that_cannot_be_right_is_not_believed():
    pump = running_pump(document=STEADY)
    pump.run_for(15_000)
    pump.board.counter.keep(5_000_000)                 # far more than was ever authorised
    pump.boot(CAUSE_WATCHDOG)
    # nothing confirmed since the start, 10.5 min authorised: 63 steps of 100 nL
    assert volumes(pump) == (0, 6300, 0, 0)


class Cut(BaseException):
    """The power goes."""


@pytest.mark.requirement("J-02")
@pytest.mark.parametrize("doing", ["a dose", "a bolus", "a prime"])
def test_a_second_cut_at_any_record_of_the_boot_loses_nothing_uncertain(doing):
    pump = running_pump(rig=RIG | {"auto_off_h": 0}, document=STEADY | {"resume": "basal"})
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=1_774_566_000_000)
    pump.run_for(95_000)
    if doing == "a bolus":
        ask(pump, "bolus", volume_nl=20_000, over_s=600, confirm=0)
    elif doing == "a prime":
        ask(pump, "prime", volume_nl=20_000)
    pump.run_for(1_000)
    before = bytes(pump.flash.image)
    found = []
    for writes in range(30):
        pump.flash.image[:] = before
        pump._wrap_board = cutting_after(writes)
        try:
            pump.boot(CAUSE_POWER)
            was_cut = False
        except Cut:
            was_cut = True
        pump._wrap_board = lambda board: board
        pump.boot(CAUSE_POWER)
        status = ask(pump, "status")
        found.append((status["steps"], status["uncertain_nl"], status["reservoir_nl"], status["state"]))
        if not was_cut:
            break
    assert len(found) > 4
    certain = found[0]
    # What a cut adds is only what the run that had begun again was allowed: the last ones, with a START of their own
    assert all(entry[1] >= certain[1] and entry[2] <= certain[2] for entry in found)
    assert found[:4] == [certain] * 4
    assert {entry[3] for entry in found} == {certain[3]}


@pytest.mark.requirement("P-03")
def test_a_reset_at_any_record_of_a_withdrawal_counts_each_of_its_steps_once():
    for writes in range(10):
        pump = half_full_pump()
        cutting_after(writes)(pump.board)
        try:
            ask(pump, "withdraw", volume_nl=2000)      # 20 steps in 0.2 s
            pump.run_for(1000)
            was_cut = False
        except Cut:
            was_cut = True
        made_nl = 100 * pump.board.stepper.edges()
        pump.boot(CAUSE_WATCHDOG)
        assert volumes(pump) == (0, 0, 0, made_nl)
        pump.boot(CAUSE_WATCHDOG)
        assert volumes(pump) == (0, 0, 0, made_nl)
        if not was_cut:
            break
    assert writes == 2 and made_nl == 2000             # its begin and its end


@pytest.mark.requirement("P-03")
def test_bolus_steps_confirmed_by_a_dose_record_alone_are_kept():
    pump = running_pump(document=STEADY)
    ask(pump, "bolus", volume_nl=50_000, over_s=1200, confirm=0)       # 500 steps in 20 min
    pump.run_for(11 * 60_000)
    pump.boot(CAUSE_POWER)                             # a checkpoint 10 min after the start: 250 of them
    assert ask(pump, "status")["bolus_nl"] == 25_000


def test_a_reset_of_a_pump_without_a_journal_begins_one():
    pump = SimPump()
    pump.flash.image[:] = b"\xff" * len(pump.flash.image)
    pump.boot(CAUSE_WATCHDOG)
    status = ask(pump, "status")
    assert (status["steps"], status["uncertain_nl"], pump.app.last_error) == (0, 0, "")


def cutting_after(writes):
    """A wrapper for a board on which the power goes at the storage's next change after so many."""
    left = [writes]

    def cutting(real):
        def call(*arguments):
            if not left[0]:
                raise Cut
            left[0] -= 1
            return real(*arguments)
        return call

    def wrap(board):
        board.storage.write = cutting(board.storage.write)
        board.storage.append = cutting(board.storage.append)
        return board
    return wrap


def test_a_pump_that_was_waiting_for_its_clock_still_waits_after_another_reset():
    pump = running_pump(document=STEADY | {"resume": "basal"})
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)
    pump.run_for(60_000)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["state"] == "stopped"   # no clock yet
    ask(pump, "clock", utc_ms=1_774_566_000_000 + 2 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"
    assert len(records(pump)) > 0


@pytest.mark.requirement("P-03")
@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("cause, uncertain_nl", [(CAUSE_WATCHDOG, 0), (CAUSE_POWER, 6300)])
def test_a_prime_within_a_run_keeps_its_account_over_a_reset(cause, uncertain_nl):
    pump = running_pump(document=STEADY)
    pump.run_for(15_000)
    ask(pump, "prime", volume_nl=200_000)              # 2000 steps in 20 s; the run goes on then
    pump.run_for(20_500)
    pump.run_for(15_000)
    steps = ask(pump, "status")["steps"]
    pump.boot(cause)
    made, uncertain, primed, withdrawn = volumes(pump)
    assert (uncertain, primed, withdrawn) == (uncertain_nl, 200_000, 0)
    assert made == (steps if cause == CAUSE_WATCHDOG else 1)           # 1 was confirmed as the prime began


@pytest.mark.requirement("D-06")
@pytest.mark.requirement("P-03")
@pytest.mark.parametrize("cause", [CAUSE_WATCHDOG, CAUSE_POWER])
@pytest.mark.parametrize("end", ["by itself", "stop", "fault"])
@pytest.mark.parametrize("verb, account", [("prime", 2), ("withdraw", 3)])
def test_a_clock_set_during_a_prime_counts_no_part_of_it_twice(cause, end, verb, account):
    pump = half_full_pump()
    ask(pump, verb, volume_nl=100_000)                 # 1000 steps in 10 s
    pump.run_for(5_000)
    ask(pump, "clock", utc_ms=1_774_566_000_000)       # a snapshot is due, in the middle of the prime
    pump.run_for(2_000)
    if end == "stop":
        ask(pump, "stop")
    elif end == "fault":
        pump.board.inputs.level = INPUT_LIMIT
        pump.poll()
        assert "firmware error" not in ask(pump, "status")["alarms"]
    pump.run_for(10_000)
    pump.board.inputs.level = 0
    before = volumes(pump)
    assert before[account] == (100_000 if end == "by itself" else 70_000)
    level_nl = ask(pump, "status")["reservoir_nl"]
    pump.boot(cause)
    assert volumes(pump) == before
    assert ask(pump, "status")["reservoir_nl"] == level_nl


@pytest.mark.requirement("P-03")
def test_a_reset_between_the_last_step_of_a_prime_and_its_record_believes_the_whole_count():
    pump = half_full_pump()
    ask(pump, "prime", volume_nl=100_000)              # 1000 steps in 10 s
    pump.run_for(9_000)
    pump.world.move_to(pump.now_ms + 2_000)            # all steps are made, and nobody has polled
    pump.boot(CAUSE_WATCHDOG)
    assert volumes(pump) == (0, 0, 100_000, 0)


@pytest.mark.requirement("L-04")
def test_steps_counted_too_many_are_not_looked_for_in_a_plan_that_has_none():
    """Two too many are tolerated, and authorised by the next record; the plan of rate 0 never has another."""
    pump = running_pump(document=program(plans=[[0, 0]]))
    pump.inject(faults.ExtraSteps(steps=2))
    pump.run_for(2 * HOUR_MS)
    status = ask(pump, "status")
    assert (status["state"], status["steps"]) == ("running", 2)
