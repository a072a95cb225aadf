"""A pump at its port doses: what it counts is what was due, a stop ends it, a bolus is whole. The motor turns.

Rates follow the stored rig: ten steps a second, or as many as its limits allow.
"""

import json
import time

import pytest

from pump import record
from tests.emulator.test_emulated_pump import UTC
from tests.pumps import body_of, program

STEPS_PER_S = 10
SLACK_STEPS = 3                         # one at either end, and one for the time a reply takes
CONTROL = b"\r\x03\x03\x01\x04\r\x02"


@pytest.fixture
def rate(pump, may_move):
    """(nL/h, steps a second) of the program that is stored and will run; the pump's own is put back afterwards."""
    own = pump.document("program")
    rig = json.loads(pump.document("rig"))
    most_nl_per_h = min(rig["max_rate_nl_per_h"], rig["max_1h_nl"], rig["max_24h_nl"] // 24)
    pl_per_step = rig["pl_per_rev"] / rig["steps_per_rev"]
    rate_nl_per_h = min(most_nl_per_h // 2, round(STEPS_PER_S * 3600 * pl_per_step / 1000))
    pump.push_program(body_of(program(plans=[[0, rate_nl_per_h]], zone=UTC)))
    yield rate_nl_per_h, rate_nl_per_h * 1000 / pl_per_step / 3600
    if own:
        pump.stop()
        pump.push_program(own, confirm=True)


def pass_s(pump, seconds):
    """Waits for so many seconds of the pump's own time: an emulated one may be slower than the wall."""
    end_ms = pump.status().utc_ms + seconds * 1000
    while pump.status().utc_ms < end_ms:
        time.sleep(0.2)


def steps(pump):
    """(UTC in seconds, steps counted)."""
    status = pump.status()
    return status.utc_ms / 1000, status.steps


@pytest.mark.requirement("D-03")
def test_the_steps_counted_are_those_due(pump, rate):
    assert pump.start() == "running"
    begun_s, begun = steps(pump)
    pass_s(pump, 10)
    ended_s, ended = steps(pump)
    assert abs(ended - begun - rate[1] * (ended_s - begun_s)) <= SLACK_STEPS
    pump.stop()
    _, stopped = steps(pump)
    pass_s(pump, 2)
    assert steps(pump)[1] == stopped                    # not one while it is stopped (L-04)
    assert pump.status().alarms == []


@pytest.mark.requirement("B-01")
def test_a_bolus_is_given_whole(pump, rate):
    pump.start()
    before = pump.status().bolus_nl
    volume_nl = max(1, round(rate[0] * 10 / 3600))      # as much as ten seconds of basal
    pump.bolus(volume_nl, 5)
    assert pump.status().bolus
    pass_s(pump, 8)
    status = pump.status()
    nl_per_step = rate[0] / rate[1] / 3600
    assert not status.bolus
    assert volume_nl - nl_per_step <= status.bolus_nl - before <= volume_nl


@pytest.mark.requirement("C-04")
def test_a_running_pump_does_not_mind_the_bytes_of_a_prompt(pump, rate, port):
    from pumpctl.transport import open_transport

    pump.start()
    boot = pump.hello().boot
    pump.close()
    transport = open_transport(port)
    transport.write(CONTROL)
    transport.close()
    pump.__init__(open_transport(port))                 # the fixture's, which stops it
    begun_s, begun = steps(pump)
    pass_s(pump, 3)
    ended_s, ended = steps(pump)
    assert (pump.status().state, pump.hello().boot) == ("running", boot)
    assert abs(ended - begun - rate[1] * (ended_s - begun_s)) <= SLACK_STEPS


def test_suspended_it_waits_and_resumed_it_goes_on(pump, rate):
    pump.start()
    assert pump.suspend() == "suspended"
    _, before = steps(pump)
    pass_s(pump, 2)
    assert steps(pump)[1] == before
    assert pump.resume() == "running"
    pass_s(pump, 3)
    assert steps(pump)[1] > before


@pytest.mark.requirement("J-01")
def test_what_was_done_stands_in_the_journal(pump, rate):
    first = pump.status().next_seq
    pump.start()
    pass_s(pump, 1)
    pump.stop()
    events = [record.header(raw)[7] for raw in pump.records(first)]
    assert events.index(record.EVENT_START) < events.index(record.EVENT_STOP)
