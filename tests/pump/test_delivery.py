"""Feeding the motor: when the queue is filled up, how fast what is overdue follows, what is authorised (D-01, J-02)."""

import pytest

from pump.board import CAUSE_POWER
from pump.ledger import PRIME
from tests.pumps import HOUR_MS, MINUTE_MS, RIG, ask, program, ready_pump, running_pump


@pytest.mark.requirement("J-02")
def test_a_schedule_without_a_rate_authorises_no_step():
    pump = running_pump(document=program(plans=[[0, 0]]))
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["uncertain_nl"] == 0


@pytest.mark.requirement("D-01")
def test_what_is_overdue_follows_at_the_rigs_highest_rate_and_no_faster():
    # 100 steps/s, of which a minute and 30 s are authorised: after 100 s 1000 are overdue. At 4000/s one step takes
    # 250 us, 31,250 ticks of 8 ns; the driver would take 500
    pump = running_pump(rig=RIG | {"quantum_min": 1}, document=program(plans=[[0, 36_000_000]]))
    intervals = []
    pump.board.stepper.watch(lambda _, interval, __: intervals.append(interval))
    pump.world.move_to(pump.now_ms + 100_000)
    pump.run_for(5_000)
    assert ask(pump, "status")["steps"] == 10_500
    assert min(intervals) == 31_250


@pytest.mark.requirement("D-01")
def test_the_queue_is_filled_up_as_soon_as_one_command_of_it_has_ended():
    pump = running_pump(document=program() | {"plans": [[0, 0, 3_600_000, 60, 0, 0]]})     # a ramp: short commands
    pump.run_for(10 * MINUTE_MS)
    stepper, delivery = pump.board.stepper, pump.app.parts.delivery
    next_ms = delivery.feed(pump.now_ms)
    assert stepper.room() == 0
    pump.world.move_to(next_ms - 1)
    assert stepper.room() == 0
    pump.world.move_to(next_ms)
    assert stepper.room() == 1


@pytest.mark.requirement("D-01")
def test_a_queue_that_was_put_late_is_looked_at_again_a_millisecond_later():
    # stairs of 40 ms: the five of the queue ought to have ended when the first one begins, 250 ms late
    pump = ready_pump(rig=RIG | {"v": 3, "ramp": [100, 500], "prime_nl_per_h": 144_000_000})
    delivery, now_ms = pump.app.parts.delivery, pump.now_ms
    delivery.begin_transfer(now_ms, PRIME, 2000, 144_000_000)
    pump.world.move_to(now_ms + 250)
    delivery.feed(now_ms)
    assert delivery.feed(now_ms + 250) == now_ms + 251
