"""Every nanolitre is accounted for: by day and account, for any period, against the pump's own ledger."""

import struct
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pump import record
from pump.board import CAUSE_POWER, CAUSE_SOFT
from pump.rig import Rig
from pump.volume import StepRatio
from pumpctl.accounts import accounts_of, uncertain_before
from pumpctl.period import begin_of, records_in
from pumpctl.selection import Bound, Selection
from tests.pumps import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    RIG,
    START_UTC_MS,
    ask,
    body_of,
    program,
    push,
    records,
    request,
    running_pump,
    send,
)

RATIO = Rig(body_of(RIG)).ratio
WORN = RIG | {"pl_per_rev": 322_345_678, "name": "worn"}
DOCUMENT = program(plans=[[0, 20_333, 390, 55_001, 1320, 20_000]], boluses=[[480, 127, 50_001, 600, 60]],
                   periodic=[5003, 60, 10_800], on_demand=[10_007, 120, 3600, 4], resume="basal")
ASKED = {"stop": {}, "start": {}, "suspend": {}, "resume": {}, "ack": {}, "prime": {"volume_nl": 123_457},
         "withdraw": {"volume_nl": 33_333}, "refill": {"added_nl": 20_000, "withdrawn_nl": -1},
         "bolus": {"volume_nl": 0, "over_s": 0, "confirm": 0}}
STEPS = st.one_of(st.sampled_from([*ASKED, "power", "reset"]), st.integers(1, 20 * 60))


def told(story, rigs=False):
    """A pump that lived the story: words of ASKED, resets, and minutes that passed."""
    pump = running_pump(document=DOCUMENT, utc_ms=START_UTC_MS + 12_345)
    begin_ms = pump.now_ms
    for step in story:
        if isinstance(step, int):
            pump.run_for(step * MINUTE_MS)
        elif step in ("power", "reset"):
            pump.boot(CAUSE_POWER if step == "power" else CAUSE_SOFT)
            pump.poll()
            send(pump, request("clock", utc_ms=START_UTC_MS + 12_345 + pump.now_ms - begin_ms))
        elif step == "rig":
            send(pump, request("stop"))
            push(pump, "rig", WORN)
            send(pump, request("start"))
        else:
            send(pump, request(step, **ASKED[step]))
    pump.run_for(MINUTE_MS)
    ask(pump, "stop")
    pump.poll()
    return pump


def plainly(parts):
    """(dose steps, bolus steps, primed, withdrawn, uncertain, picolitres programmed), read from the bytes at hand."""
    doses = [struct.unpack_from("<QQIII", raw, 24) for raw in parts if 1 <= raw[20] <= 13 and raw[20] not in (2, 3, 4)]
    moves = [(raw[23] >> 4, struct.unpack_from("<IIII", raw, 24)[2]) for raw in parts if raw[20] == 16]
    sums = [struct.unpack_from("<QQQI", raw, 24) for raw in parts if raw[20] == 20]
    return (doses[-1][0] - doses[0][0], sum((after[4] - before[4]) % (1 << 32) for before, after in pairwise(doses)),
            sum(moved for kind, moved in moves if kind == 1), sum(moved for kind, moved in moves if kind == 2),
            sums[-1][3], doses[-1][1] - doses[0][1])


@pytest.mark.requirement("D-06")
@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=25))
def test_days_and_accounts_add_up_to_what_the_records_and_the_pump_say(story):
    pump = told(story)
    parts = records(pump)
    found = accounts_of(parts, RATIO, before=(0, 0))
    total = found.total
    dose, bolus, primed, withdrawn, uncertain, programmed_pl = plainly(parts)
    ledger = pump.app.parts.delivery.ledger
    assert (total.steps, total.bolus_steps, total.primed_steps, total.withdrawn_steps, total.uncertain_steps) == (
        dose, bolus, primed, withdrawn, uncertain) == (
        ledger.dose_steps, ledger.bolus_steps, ledger.prime_steps, ledger.withdrawn_steps, ledger.uncertain_steps)
    assert total.uncertain_prime_steps == ledger.uncertain_prime_steps
    # a step is 100 nL; volumes are differences of sums, so nothing is lost by rounding day by day
    assert (total.delivered_nl, total.bolus_nl, total.primed_nl, total.withdrawn_nl, total.uncertain_nl) == tuple(
        100 * steps for steps in (dose, bolus, primed, withdrawn, uncertain))
    assert total.basal_nl == total.delivered_nl - total.bolus_nl
    assert total.programmed_nl == programmed_pl // 1000
    assert total.due_steps == Fraction(programmed_pl, 100_000) - dose


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, min_size=3, max_size=20), st.lists(st.integers(0, 6 * 24 * 60), min_size=1, max_size=3))
@example(["stop", "stop", "start"], [1])               # the second period has only the end of what the first one dosed
@example(["prime", "power", 1, "start"], [1])          # what was uncertain before it lies behind where its doses stood
def test_periods_that_touch_add_up_to_the_whole(story, cuts):
    """However time is cut, each step is in one period; and the clock never went back."""
    raw = b"".join(records(told(story)))
    whole = accounts_of(_parts(raw), RATIO, before=(0, 0)).total
    bounds = [None, *(Bound(START_UTC_MS + minute * MINUTE_MS + 1, False) for minute in sorted(set(cuts))), None]
    totals = []
    for since, until in pairwise(bounds):
        chosen = records_in(raw, Selection(since, until))
        if chosen:
            before = uncertain_before(raw, begin_of(chosen))
            totals.append(accounts_of(_parts(chosen), RATIO, before=before).total)
    for name in ("steps", "bolus_steps", "primed_steps", "withdrawn_steps", "uncertain_steps", "uncertain_prime_steps",
                 "delivered_nl", "programmed_nl", "due_steps"):
        assert sum(getattr(total, name) for total in totals) == getattr(whole, name), name


def _parts(raw):
    return [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]


def test_a_day_of_a_period_is_the_day_of_the_whole():
    """Friday of the circadian example and the days after it: 8.5 h at 20.333, 15.5 h at 55.001 uL/h and boluses."""
    raw = b"".join(records(told([60 * 30, "bolus", 60 * 50, "prime", 60 * 20])))
    whole = accounts_of(_parts(raw), RATIO, before=(0, 0)).days
    for day, sums in whole.items():
        chosen = records_in(raw, Selection(day=day))
        found = accounts_of(_parts(chosen), RATIO, before=(0, 0))
        assert list(found.days) == [day]
        assert (found.total.steps, found.total.programmed_nl, found.total.bolus_steps, found.total.primed_steps) == (
            sums.steps, sums.programmed_nl, sums.bolus_steps, sums.primed_steps)
    assert len(whole) == 5                       # 100 h


def test_each_rig_counts_for_what_was_dosed_with_it():
    """100 nL a step before, 322 345 678 pL over 3200 steps after."""
    pump = told([600, "rig", 600])
    parts = records(pump)
    other = StepRatio(322_345_678, 3200)
    rigs = []

    def ratio_of(digest):
        rigs.append(digest)
        return RATIO if len(rigs) == 1 else other

    found = accounts_of(parts, RATIO, ratio_of, (0, 0)).total
    doses = [(raw[20], struct.unpack_from("<Q", raw, 24)[0]) for raw in parts if raw[20] in (1, 5, 6, 7, 8, 9, 10, 11)]
    stopped = next(steps for event, steps in doses if event == record.EVENT_STOP)
    assert len(rigs) == 2
    assert found.delivered_nl == stopped * 100 + other.nl_of_steps(found.steps) - other.nl_of_steps(stopped)


def test_what_a_power_loss_left_uncertain_counts_on_the_day_that_it_happened():
    """The clock goes with the power, so the records after the boot have no time."""
    pump = running_pump(document=DOCUMENT)
    pump.run_for(3 * HOUR_MS + 5 * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    pump.poll()
    pump.run_for(2 * DAY_MS)
    found = accounts_of(records(pump), RATIO, before=(0, 0))
    [day] = [day for day, sums in found.days.items() if sums.uncertain_steps]
    assert day == (START_UTC_MS + HOUR_MS) // DAY_MS
    assert found.total.uncertain_steps == pump.app.parts.delivery.ledger.uncertain_steps > 0


def test_records_that_do_not_reach_back_do_not_invent_uncertain_volume():
    pump = told([400, "power", 400, "power", 400])
    raw = b"".join(records(pump))
    sums_at = [record.seq_of(part) for part in _parts(raw) if part[20] == record.EVENT_ACCOUNTS]
    late = raw[(sums_at[-2] + 1) * record.SIZE:]
    assert uncertain_before(late, record.seq_of(late)) is None
    found = accounts_of(_parts(late), RATIO, before=None)
    assert (found.knows_uncertain, found.total.uncertain_steps) == (False, 0)
    assert uncertain_before(raw, record.seq_of(late))[0] > 0
