"""What is said of a clock before it is set is what then happens to the scheduled boluses of the simulated pump."""

import random

import pytest

from pump import record
from pump.bolus import DENIED, GRANTED, SCHEDULED, SKIPPED
from pump.program import Program
from pump.volume import StepRatio
from pumpctl.clock_effect import effect_of, handled_of
from tests.pumps import DAY_MS, HOUR_MS, MINUTE_MS, RIG, START_UTC_MS, ask, body_of, program, records, running_pump

# 08:00 each day skipped when missed, 12:30 within an hour, 02:30 (in the gap of 29 March) within a day
BOLUSES = [[480, 127, 50_000, 600, 0], [750, 127, 20_000, 300, 60], [150, 127, 10_000, 60, 1440]]
DOCUMENT = program(plans=[[0, 36_000]], boluses=BOLUSES)
RATIO = StepRatio(RIG["pl_per_rev"], RIG["steps_per_rev"])


def boluses_since(pump, seq):
    """Due UTC ms: was it begun, of each scheduled bolus that was dealt with from a record on."""
    found = {}
    for raw in records(pump, seq):
        head = record.header(raw)
        if head[7] == record.EVENT_BOLUS and head[10] >> 4 == SCHEDULED:
            due_min = record.data_of(raw, record.BOLUS)[4]
            if head[10] & 15 in (GRANTED, DENIED, SKIPPED):
                found[due_min * MINUTE_MS] = head[10] & 15 == GRANTED
    return found


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("seed", range(24))
def test_the_effect_is_what_the_pump_then_does(seed):
    chance = random.Random(seed)
    pump = running_pump(document=DOCUMENT)
    pump.run_for(chance.randrange(1, 60 * 24) * MINUTE_MS)
    for _ in range(2):                               # the second time it is a clock that has been set before
        old_ms = ask(pump, "status")["utc_ms"]
        new_ms = old_ms + chance.randrange(-30 * 60, 30 * 60) * MINUTE_MS
        effect = effect_of(Program(body_of(DOCUMENT)), RATIO, old_ms, new_ms, handled_of(records(pump)))
        seq = len(records(pump))
        ask(pump, "clock", utc_ms=new_ms)
        pump.run_for(MINUTE_MS if new_ms >= old_ms else old_ms - new_ms)
        done = boluses_since(pump, seq)
        said = {due.utc_ms: True for due in effect.late}
        said |= {due.utc_ms: False for due in effect.skipped}
        said |= {due.utc_ms: not due.skipped for due in effect.again}
        assert said == {due: given for due, given in done.items() if due <= max(new_ms, old_ms)}, (old_ms, new_ms)
        assert not {due.utc_ms for due in effect.repeated} & set(done)
        pump.run_for(chance.randrange(1, 300) * MINUTE_MS)


def effect(pump, minutes):
    old_ms = ask(pump, "status")["utc_ms"]
    return effect_of(Program(body_of(DOCUMENT)), RATIO, old_ms, old_ms + minutes * MINUTE_MS, handled_of(records(pump)))


def at(hours, minutes=0):
    """Local 2026-03-27, which is an hour east of UTC."""
    return START_UTC_MS + hours * HOUR_MS + minutes * MINUTE_MS


def test_a_clock_set_forward_passes_boluses_over_or_finds_them_late():
    pump = running_pump(document=DOCUMENT)
    pump.run_for(7 * HOUR_MS)
    assert not effect(pump, 30).matters                                            # to 07:30
    assert [(due.utc_ms, due.skipped) for due in effect(pump, 61).skipped] == [(at(8), "missed")]
    forward = effect(pump, 6 * 60)                                                 # to 13:00
    assert [due.utc_ms for due in forward.late] == [at(12, 30)]
    assert [due.volume_nl for due in forward.skipped] == [50_000]
    assert effect(pump, 20 * 24 * 60).long_missed > 40


def test_a_clock_set_back_meets_boluses_again_and_does_not_repeat_them():
    pump = running_pump(document=DOCUMENT)
    pump.run_for(13 * HOUR_MS)
    back = effect(pump, -6 * 60)
    assert [due.utc_ms for due in back.repeated] == [at(8), at(12, 30)] and not back.again
    before_the_start = effect(pump, -25 * 60)                                      # yesterday's were never dealt with
    assert [due.utc_ms for due in before_the_start.again] == [at(12, 30) - DAY_MS]
    assert len(before_the_start.repeated) == 3
