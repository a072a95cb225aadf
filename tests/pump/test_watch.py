"""What the watch finds, alone and at once, up to its bounds (A-01, A-06, J-05)."""

from itertools import product
from types import SimpleNamespace

import pytest

from pump import alarms
from pump.board import CAUSE_POWER, INPUT_BUTTON, INPUT_LIMIT, INPUT_LINK, INPUT_STALL, INPUT_STOP
from pump.meter import Meter
from pump.rig import Rig
from pump.watch import Watch
from tests.pumps import (
    CONTINUOUS,
    HOUR_MS,
    MINUTE_MS,
    RIG,
    START_UTC_MS,
    ask,
    body_of,
    program,
    ready_pump,
    running_pump,
)

COUNTED = (alarms.JOURNAL_NEARLY_FULL, alarms.RESERVOIR_LOW, alarms.SERVICE_DUE, alarms.END_OF_SERVICE)


@pytest.fixture
def pump():
    pump = running_pump(rig=RIG | {"service_steps": 1000, "service_motor_h": 10, "supply_low_mv": 4500},
                        document=program(plans=[[0, 36_000]], low_nl=400_000))
    ask(pump, "ack")
    return pump


def counted(pump, level_nl=400_001, steps=0, motor_s=0, percent=0):
    """Which of the sums' alarms are there."""
    app = pump.app
    found = app.parts.watch.count(app.rig.document, app.program.document, level_nl, steps, motor_s, percent)
    assert [number for number, _ in found] == list(COUNTED)
    return [number for number, is_present in found if is_present]


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("sums, found", [
    ({}, []),
    ({"level_nl": 400_001}, []), ({"level_nl": 400_000}, [alarms.RESERVOIR_LOW]),
    ({"steps": 799}, []), ({"steps": 800}, [alarms.SERVICE_DUE]), ({"steps": 999}, [alarms.SERVICE_DUE]),
    ({"steps": 1000}, [alarms.SERVICE_DUE, alarms.END_OF_SERVICE]),
    ({"motor_s": 8 * 3600 - 1}, []), ({"motor_s": 8 * 3600}, [alarms.SERVICE_DUE]),
    ({"motor_s": 10 * 3600}, [alarms.SERVICE_DUE, alarms.END_OF_SERVICE]),
    ({"motor_s": 8 * 3600, "steps": 1}, [alarms.SERVICE_DUE]),         # whichever is further
    ({"percent": 79}, []), ({"percent": 80}, [alarms.JOURNAL_NEARLY_FULL]),
])
def test_each_sum_warns_from_its_bound_on(pump, sums, found):
    assert counted(pump, **sums) == found


@pytest.mark.requirement("A-06")
def test_the_motors_seconds_are_rounded_down():
    meter = Meter()
    meter.note(0, True)
    assert (meter.motor_s(999), meter.motor_s(1000)) == (0, 1)
    meter.note(999, False)
    assert (meter.motor_s(5000), meter.starts) == (0, 1)


def test_without_a_low_level_an_empty_reservoir_is_not_low(pump):
    app = pump.app
    for document in (None, running_pump(document=CONTINUOUS).app.program.document):
        found = dict(app.parts.watch.count(app.rig.document, document, 0, 0, 0, 0))
        assert found[alarms.RESERVOIR_LOW] is False
    assert dict(app.parts.watch.count(None, None, 0, 0, 0, 80)) == {alarms.JOURNAL_NEARLY_FULL: True}


@pytest.mark.requirement("A-01")
def test_what_is_found_at_once_is_shown_at_once(pump):
    pump.board.inputs.level = INPUT_LIMIT
    pump.board.supply.level_mv = 4499
    pump.poll()
    assert set(ask(pump, "status")["alarms"]) == {"end of travel", "supply low"}
    pump = running_pump(rig=RIG | {"pressure_limit": 1000, "pressure_least": 500}, document=CONTINUOUS)
    ask(pump, "ack")
    pump.board.inputs.level = INPUT_LIMIT
    pump.board.pressure.level = 1001
    pump.poll()
    assert set(ask(pump, "status")["alarms"]) == {"end of travel", "occlusion"}
    pump.board.pressure.level = 499
    pump.poll()
    assert set(ask(pump, "status")["alarms"]) == {"end of travel", "occlusion", "pressure sensor"}


def watch_of(bits=0, pressure=None, level_mv=5000, is_set=True):
    """A watch whose board reads just this; no input latches."""
    board = SimpleNamespace(inputs=SimpleNamespace(read=lambda: bits), pressure=SimpleNamespace(read=lambda: pressure),
                            supply=SimpleNamespace(read_mv=lambda: level_mv))
    return Watch(board, SimpleNamespace(is_set=is_set))


def rig_of(**fields):
    return Rig(body_of(RIG | {"supply_low_mv": 4500} | fields))


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("pressure, by_pressure", [
    (0, {alarms.PRESSURE_SENSOR}), (1000, set()), (1001, {alarms.OCCLUSION}), (None, set())])
@pytest.mark.parametrize("is_measured", [False, True])
def test_each_cause_is_found_beside_all_others(is_measured, pressure, by_pressure):
    rig = rig_of(**({"pressure_limit": 1000, "pressure_least": 500} if is_measured else {}))
    by_input = {INPUT_LIMIT: alarms.END_OF_TRAVEL, INPUT_STOP: alarms.STOP_SWITCH,
                INPUT_STALL: alarms.STALL if is_measured else alarms.OCCLUSION, INPUT_BUTTON: None}
    for chosen, is_low, is_set in product(range(16), (False, True), (False, True)):
        bits = [bit for at, bit in enumerate(by_input) if chosen >> at & 1]
        causes = {by_input[bit] for bit in bits} - {None}
        causes |= by_pressure if is_measured else set()
        causes |= ({alarms.SUPPLY_LOW} if is_low else set()) | (set() if is_set else {alarms.CLOCK_NOT_SET})
        watch = watch_of(sum(bits), pressure, 4499 if is_low else 4500, is_set)
        assert watch.look(rig, True) == sum(1 << number for number in causes)


@pytest.mark.requirement("A-05")
def test_the_least_limit_of_a_pressure_is_one():
    rig = rig_of(pressure_limit=1)
    assert [watch_of(pressure=counts).look(rig, True) for counts in (1, 2)] == [0, 1 << alarms.OCCLUSION]


@pytest.mark.requirement("C-02")
def test_only_a_mark_on_the_link_has_halted_the_motor():
    bits = (0, INPUT_LIMIT | INPUT_STALL, INPUT_LINK, INPUT_LINK | INPUT_LIMIT)
    assert [watch_of(read).halted() for read in bits] == [False, False, True, True]


@pytest.mark.requirement("A-01")
def test_a_level_of_one_nanolitre_is_low_from_one_on():
    pump = running_pump(document=program(plans=[[0, 36_000]], low_nl=1))
    assert [counted(pump, level_nl=nl) for nl in (2, 1)] == [[], [alarms.RESERVOIR_LOW]]


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("parts", [[], ["limit"], ["diag"], ["limit", "diag"]])
@pytest.mark.parametrize("part, bit, alarm", [("limit", INPUT_LIMIT, "end of travel"),
                                              ("diag", INPUT_STALL, "occlusion")])
def test_an_input_stops_the_pump_where_the_rig_has_it(parts, part, bit, alarm):
    pump = ready_pump(rig=RIG | {"parts": parts})
    pump.boot(CAUSE_POWER)                             # parts count from the next power-up on
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "ack")
    ask(pump, "start")
    for levels in (bit, 0):                            # what it was is latched
        pump.board.inputs.level = levels
        pump.poll()
    assert (alarm in ask(pump, "status")["alarms"]) == (part in parts)
    assert ask(pump, "status")["state"] == ("fault" if part in parts else "running")


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("level_mv, shown", [(4500, []), (4499, ["supply low"]), (None, [])])
def test_a_supply_is_low_below_its_bound_and_not_where_it_is_not_measured(pump, level_mv, shown):
    pump.board.supply.level_mv = level_mv
    pump.poll()
    assert ask(pump, "status")["alarms"] == shown


@pytest.mark.requirement("A-06")
def test_the_motors_time_is_that_of_its_runs():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "stop")
    pump.run_for(3 * HOUR_MS)
    for turn in range(1, 4):
        ask(pump, "start")
        pump.run_for(HOUR_MS)
        meter = pump.app.parts.meter
        assert (meter.motor_s(pump.app.clock.mono_ms), meter.starts) == (turn * 3600, turn + 1)
        ask(pump, "suspend")
        ask(pump, "stop")
        pump.run_for(HOUR_MS)
    assert meter.motor_s(pump.app.clock.mono_ms) == 3 * 3600


@pytest.mark.requirement("A-06")
def test_the_steps_of_all_accounts_wear_the_pump():
    pump = running_pump(rig=RIG | {"service_steps": 500}, document=CONTINUOUS)
    ask(pump, "ack")
    ask(pump, "prime", volume_nl=10_000)               # 100 steps
    pump.run_for(45 * MINUTE_MS)                       # and 270: 370, at 40 min by the records
    assert ask(pump, "status")["alarms"] == []
    pump.run_for(15 * MINUTE_MS)                       # 80 % of 500 are 400
    assert ask(pump, "status")["alarms"] == ["service due"]
    pump.run_for(20 * MINUTE_MS)
    assert set(ask(pump, "status")["alarms"]) == {"service due", "end of service"}
