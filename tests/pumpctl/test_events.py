"""What stands in the journal besides rates: boluses, alarms, denied requests, transfers, refills. From real runs."""

import pytest

from pump.board import CAUSE_POWER
from pumpctl.csv_files import boluses_text
from pumpctl.events import events_of
from pumpctl.summary import Results, Run
from tests.pumps import (
    HOUR_MS,
    START_UTC_MS,
    ask,
    program,
    push,
    records,
    refused,
    running_pump,
)

ON_DEMAND = [10_000, 120, 3600, 2]                        # 10 uL over 2 min, locked for 1 h, twice a day
SCHEDULED = [480, 127, 50_000, 600, 0]                    # 08:00 every day: 50 uL over 10 min, skipped when missed


def dosing_pump(**more):
    return running_pump(document=program(on_demand=ON_DEMAND, boluses=[SCHEDULED], **more))


def rows(pump):
    return [(row.kind, row.actor, row.outcome, row.reason, row.delivered_steps)
            for row in events_of(records(pump)).boluses]


@pytest.mark.requirement("B-01")
def test_every_bolus_request_is_one_row_with_what_became_of_it():
    pump = dosing_pump()
    ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    assert refused(pump, "bolus", volume_nl=5000, over_s=60, confirm=0) == "denied"
    pump.run_for(HOUR_MS // 2)
    assert refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0) == "denied"
    ask(pump, "bolus", volume_nl=6000, over_s=600, confirm=0)
    pump.run_for(HOUR_MS // 12)
    ask(pump, "cancel")
    ask(pump, "bolus", volume_nl=6000, over_s=600, confirm=0)
    pump.run_for(HOUR_MS // 12)
    assert rows(pump)[-1] == ("host", "host", "under way", "", 0)       # nothing of it is in the journal yet
    ask(pump, "suspend")
    # a step is 100 nL; half of 6 uL are 30 steps
    assert rows(pump) == [
        ("on demand", "host", "complete", "", 100), ("host", "host", "denied", "busy", 0),
        ("on demand", "host", "denied", "lockout", 0), ("host", "host", "cancelled", "", 30),
        ("host", "host", "interrupted", "", 30)]


@pytest.mark.requirement("B-02")
def test_a_scheduled_bolus_has_its_appointment_and_one_in_a_suspend_is_skipped():
    pump = dosing_pump()
    pump.run_for(9 * HOUR_MS)
    ask(pump, "suspend")
    pump.run_for(24 * HOUR_MS)
    ask(pump, "resume")
    pump.run_for(HOUR_MS)
    assert rows(pump) == [
        ("scheduled", "schedule", "complete", "", 500), ("scheduled", "schedule", "skipped", "missed", 0)]
    given, skipped = events_of(records(pump)).boluses
    eight_min = START_UTC_MS // 60_000 + 480
    assert (given.due_utc_min, skipped.due_utc_min) == (eight_min, eight_min + 1440)
    assert (given.start.utc_ms, given.end.utc_ms) == (eight_min * 60_000, (eight_min + 10) * 60_000)
    assert (skipped.start, skipped.end) == (None, None)


@pytest.mark.requirement("P-04")
def test_a_bolus_that_a_power_loss_cut_off_is_uncertain_with_what_was_confirmed_of_it():
    pump = running_pump()
    ask(pump, "bolus", volume_nl=60_000, over_s=3600, confirm=0)
    pump.run_for(HOUR_MS // 2 + 60_000)                   # the last checkpoint was a minute ago: 30 of 60 uL
    pump.boot(CAUSE_POWER)
    [row] = events_of(records(pump)).boluses
    assert (row.outcome, row.delivered_steps, row.end) == ("uncertain", 300, None)
    # authorised ahead for 10 min and 30 s at 80 uL/h: 14 uL, 140 steps
    assert events_of(records(pump)).uncertain_steps == 140


@pytest.mark.requirement("A-03")
def test_an_alarm_is_one_row_from_its_raising_to_its_acknowledgement():
    pump = running_pump()
    found = events_of(records(pump)).alarms
    assert [(row.name, row.raised.utc_ms, row.ended.utc_ms, row.acknowledged) for row in found] == [
        ("clock not set", 0, START_UTC_MS, None)]
    ask(pump, "ack")
    pump.run_for(HOUR_MS)
    pump.board.counter.extra += 50
    pump.poll()
    pump.run_for(HOUR_MS)
    ask(pump, "ack")
    clock, over = events_of(records(pump)).alarms
    assert clock.acknowledged.utc_ms == START_UTC_MS
    assert (over.name, over.priority) == ("over-delivery", "high")
    assert (over.raised.utc_ms, over.acknowledged.utc_ms) == (START_UTC_MS + HOUR_MS, START_UTC_MS + 2 * HOUR_MS)


@pytest.mark.requirement("J-01")
def test_a_denied_request_counts_once_and_a_denied_bolus_too():
    pump = dosing_pump()
    refused(pump, "start")
    ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    refused(pump, "bolus", volume_nl=5000, over_s=60, confirm=0)
    refused(pump, "bolus", volume_nl=5000, over_s=60, confirm=0)
    refused(pump, "withdraw", volume_nl=1000)
    assert [(row.request, row.actor, row.reason) for row in events_of(records(pump)).denied] == [
        ("start", "host", "bad_state"), ("bolus (host)", "host", "busy"), ("bolus (host)", "host", "busy"),
        ("withdraw", "host", "bad_state")]


@pytest.mark.requirement("B-02")
def test_boluses_missed_long_ago_are_one_row_that_says_how_many_and_from_when():
    pump = dosing_pump()
    ask(pump, "suspend")
    pump.run_for(10 * 24 * HOUR_MS)                       # at the end the last two days have a row each
    ask(pump, "resume")
    pump.run_for(1)
    found = events_of(records(pump)).boluses
    assert [(row.outcome, row.reason) for row in found] == [
        ("skipped", "long_missed: 8"), ("skipped", "missed"), ("skipped", "missed")]
    assert found[0].due_utc_min == START_UTC_MS // 60_000 + 480


@pytest.mark.requirement("D-06")
def test_primes_withdrawals_and_refills_are_sums_of_their_own():
    pump = running_pump()
    ask(pump, "stop")
    for do, volume_nl in (("prime", 100_000), ("prime", 50_000), ("withdraw", 20_000)):
        ask(pump, do, volume_nl=volume_nl)
        pump.run_for(HOUR_MS)
    ask(pump, "refill", added_nl=130_000, withdrawn_nl=-1)
    ask(pump, "refill", added_nl=900_000_000, withdrawn_nl=900_000_000)
    found = events_of(records(pump))
    assert (found.primed_steps, found.withdrawn_steps) == (1500, 200)
    # 1 L less 150 uL and plus 20: 130 fill it up to its capacity; then 0.9 L instead of 1 L are found
    assert [(row.added_nl, row.withdrawn_nl, row.level_nl, row.warning) for row in found.refills] == [
        (130_000, None, 1_000_000_000, False), (900_000_000, 900_000_000, 900_000_000, True)]


def test_a_journal_that_begins_inside_a_bolus_has_its_end_and_says_what_it_does_not_know():
    pump = running_pump()
    ask(pump, "bolus", volume_nl=6000, over_s=600, confirm=0)
    first = len(records(pump))
    pump.run_for(HOUR_MS)
    app = pump.app
    results = Results(Run(b"".join(records(pump, first)), app.rig.document, app.program.document, pump.board.unique_id))
    [row] = results.events.boluses
    assert (row.outcome, row.start, row.delivered_steps) == ("complete", None, 60)
    assert "do not say how much volume is uncertain" in results.notes[0]


def test_the_table_of_boluses_has_times_volumes_and_reasons():
    pump = dosing_pump()
    ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    pump.run_for(60_000)
    refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    pump.run_for(HOUR_MS)
    app = pump.app
    results = Results(Run(b"".join(records(pump)), app.rig.document, app.program.document, pump.board.unique_id))
    head, given, denied = boluses_text(results).splitlines()
    assert head == "seq,utc,local,kind,actor,requested_nl,over_s,outcome,reason,delivered_nl,start_utc,end_utc,due_utc"
    assert given.split(",")[1:] == [
        "2026-03-26T23:00:00Z", "2026-03-27T00:00:00+01:00", "on demand", "host", "10000", "120", "complete", "",
        "10000", "2026-03-26T23:00:00Z", "2026-03-26T23:02:00Z", ""]
    assert denied.split(",")[3:] == ["on demand", "host", "10000", "120", "denied", "busy", "0", "", "", ""]


def test_a_clock_that_was_set_back_is_noted():
    pump = running_pump()
    pump.run_for(2 * HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + HOUR_MS)
    pump.run_for(HOUR_MS)
    assert "ok" in push(pump, "program", program(name="next"))
    app = pump.app
    results = Results(Run(b"".join(records(pump)), app.rig.document, app.program.document, pump.board.unique_id))
    assert [note for note in results.notes if "set back from 2026-03-27T01:00:00Z to 2026-03-27T00:00:00Z" in note]
