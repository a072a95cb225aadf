"""What the host says of a program is what the pump does with it (U-04)."""

import pytest

from pump.check import check_program
from pump.errors import PumpError
from pump.program import Program
from pump.rig import Rig
from pumpctl.doses import doses_of, intervals
from pumpctl.journal import records_of
from pumpctl.localtime import after_days, read_local
from pumpctl.simulate import simulate
from pumpsim import SimPump
from tests.pumps import NO_LIMITS, RIG, ask, body_of, program, push, records

TIGHT = RIG | {"max_1h_nl": 60_000}
DOCUMENTS = [
    program(),
    program(plans=[[0, 60_001]]),                                          # 60.001 uL in any hour
    program(plans=[[0, 150_000_000]]),                                     # above max_rate
    program(limits=NO_LIMITS | {"max_24h_nl": 1_022_499}),                 # a nanolitre less than a day holds
    program(boluses=[[390, 127, 10_000, 600, 0], [395, 1, 10_000, 600, 0]]),
    program(on_demand=[10_000, 120, 600, 4]),                              # the worst hour: four of them on top
]


def told_by_the_host(document, rig):
    try:
        check_program(Program(body_of(document)), Rig(body_of(rig)))
    except PumpError as error:
        return error.code, error.message
    return None


@pytest.mark.requirement("U-04")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_pump_refuses_what_the_host_does_in_the_same_words(document):
    pump = SimPump()
    assert "ok" in push(pump, "rig", TIGHT)
    reply = push(pump, "program", document)
    refusal = (reply["error"]["code"], reply["error"]["message"]) if "error" in reply else None
    assert refusal == told_by_the_host(document, TIGHT)


@pytest.mark.requirement("U-04")
def test_of_these_programs_some_pass_and_some_do_not():
    assert {told_by_the_host(document, TIGHT) is None for document in DOCUMENTS} == {True, False}


@pytest.mark.requirement("U-04")
def test_a_simulated_run_on_the_host_is_the_pumps_own_journal():
    body = body_of(program())
    zone = Program(body).schedule.zone
    start_ms = read_local("2026-03-28T12:00", zone, "")                    # over the night without two o'clock
    run = simulate(body_of(RIG), body, start_ms, after_days(zone, start_ms, 1))
    pump = SimPump()
    assert "ok" in push(pump, "rig", RIG)
    assert "ok" in push(pump, "program", program())
    ask(pump, "clock", utc_ms=start_ms)
    ask(pump, "start")
    pump.run_for(23 * 3_600_000)
    ask(pump, "stop")
    ratio = Rig(body_of(RIG)).ratio
    theirs = [row[1:] for row in intervals(doses_of(records_of(run.raw)), ratio)]
    ours = [row[1:] for row in intervals(doses_of(records(pump)), ratio)]
    assert theirs == ours and len(ours) == 3               # until 22:00, until 06:30, until noon
