"""What `make test-device` does not touch: a pump that is at work, or that has something to say to its user."""

from dataclasses import replace

import pytest

from pumpctl import Pump
from tests.device.conftest import why_not
from tests.pumps import ready_pump


@pytest.fixture
def at_rest():
    """The status of a pump of a bench, ready to be tested."""
    with Pump.simulated(ready_pump()) as pump:
        pump.ack()
        return replace(pump.status(), board="pico")


def test_a_stopped_pump_that_shows_nothing_is_tested(at_rest):
    assert why_not(at_rest) == ""


@pytest.mark.parametrize("changed, said", [
    ({"board": "simulator"}, "this is a simulated pump: give the port of a Pico"),
    ({"state": "running"}, "the pump is running: first run pumpctl stop"),
    ({"state": "fault"}, "the pump is fault: first run pumpctl ack"),
    ({"rig": None}, "the pump has no rig: first run pumpctl flash --rig RIG"),
    ({"utc_ms": None}, "the pump's clock is not set: first run pumpctl clock set"),
    ({"alarms": ["service due"]}, "the pump shows service due: look at it, then run pumpctl ack")])
def test_any_other_is_left_alone(at_rest, changed, said):
    assert why_not(replace(at_rest, **changed)) == said
