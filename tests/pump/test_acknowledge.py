"""What an acknowledged fault leaves in the ledger (D-03, L-03)."""

import pytest

from pump.board import CAUSE_POWER
from tests.pumps import ask, ready_pump


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
