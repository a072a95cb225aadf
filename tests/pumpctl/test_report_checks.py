"""The sums of a report agree for whatever a pump lived through, and each check sees what is wrong with its sum."""

import struct
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pump import record
from pump.rig import Rig
from pumpctl.accounts import accounts_of
from pumpctl.period import records_in
from pumpctl.proofs import Proof
from pumpctl.report_checks import checks_of
from pumpctl.reporting import Report, report_of
from pumpctl.selection import Selection
from pumpctl.summary import Results, Run
from tests.pumpctl.test_accounts import DOCUMENT, RATIO, STEPS, told
from tests.pumps import RIG, body_of, records

BODIES = {"rig": body_of(RIG), "program": body_of(DOCUMENT)}
EVERYTHING = [900, "bolus", 60, "stop", "prime", 5, "withdraw", 5, "start", 600, "refill", 60, "power", 300, "bolus", 9]


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=20), st.sampled_from([None, 20_539, 20_540]))
def test_the_checks_agree_for_any_story(story, day):
    raw = b"".join(records(told(story)))
    assume(records_in(raw, Selection(day=day)))
    report = report_of(raw, b"", lambda kind, digest: BODIES[kind], Selection(day=day))
    assert [check for check in checks_of(report) if check.agrees is False] == []


def test_all_of_them_are_compared_where_there_is_something_to_compare():
    report = report_of(b"".join(records(told(EVERYTHING))), b"", lambda kind, digest: BODIES[kind], Selection())
    assert [check.agrees for check in checks_of(report)] == [True] * 6


def forged(change):
    """The checks of a report on EVERYTHING whose records were changed, by their names' beginnings."""
    parts = [bytearray(part) for part in records(told(EVERYTHING))]
    change(parts)
    whole = b"".join(bytes(part) for part in parts)
    results = Results(Run(whole, Rig(BODIES["rig"]), None, b""), Proof())
    report = Report(results, accounts_of([bytes(part) for part in parts], RATIO, before=(0, 0)), Proof())
    return {check.what for check in checks_of(report) if check.agrees is False}


def add_to(parts, event, offset, layout, amount, code=None):
    """Adds to a number of the last record of an event that has this code."""
    found = [part for part in parts if part[20] == event and (code is None or part[23] == code)]
    part = found[-1]
    struct.pack_into(layout, part, 24 + offset, struct.unpack_from(layout, part, 24 + offset)[0] + amount)


@pytest.mark.parametrize("event, offset, layout, amount, code, seen", [
    (record.EVENT_BOLUS, 8, "<I", 1, None, "steps of boluses"),
    (record.EVENT_TRANSFER, 8, "<I", 1, 0x11, "steps primed"),
    (record.EVENT_TRANSFER, 8, "<I", 1, 0x21, "steps withdrawn"),
    (record.EVENT_LEVELS, 0, "<Q", 1_000_000, None, "reservoir"),
    (record.EVENT_REFILL, 0, "<Q", 1_000_000, None, "reservoir"),
])
def test_a_record_that_says_something_else_is_seen(event, offset, layout, amount, code, seen):
    wrong = forged(lambda parts: add_to(parts, event, offset, layout, amount, code))
    assert len(wrong) == 1 and wrong.pop().startswith(seen)


def test_programmed_volume_that_was_not_delivered_is_seen():
    def change(parts):
        add_to(parts, record.EVENT_STOP, 8, "<Q", 10_000_000)          # 10 uL: 100 steps

    [wrong] = forged(change)
    assert wrong.startswith("steps programmed and not delivered")


def test_a_day_that_was_not_added_is_seen():
    report = report_of(b"".join(records(told(EVERYTHING))), b"", lambda kind, digest: BODIES[kind], Selection())
    days = dict(report.accounts.days)
    days.popitem()
    short = replace(report, accounts=replace(report.accounts, days=days))
    assert any(check.agrees is False and check.what.startswith("steps delivered") for check in checks_of(short))
