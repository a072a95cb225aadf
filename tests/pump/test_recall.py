"""What a boot reads back from the journal, record by record (L-03, P-03): the findings as plain values."""

import struct

import pytest

from pump import record
from pump.bolus import DENIED, GRANTED, HOST, ON_DEMAND, PERIODIC, SCHEDULED, SKIPPED
from pump.history import SAMPLES_MAX
from pump.journal import Journal
from pump.ledger import PRIME, WITHDRAWAL
from pump.recall import Recall
from pump.timetable import MANY
from pump.transfer import UNCERTAIN
from pumpsim.flash import NorFlash, SimStorage
from tests.pumps import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_774_566_000_000                  # UTC of the boot
FAULT_NUMBER = 3


def journal_of(*entries):
    """Entries are heads and data, oldest first."""
    journal = Journal(SimStorage(NorFlash()), bytes(8))
    for head, data in entries:
        journal.append(head, data)
    return journal


def entry(event, layout, *values, ago_ms=None, mono_ms=0, boot=1, code=0):
    """A record of `ago_ms` before now; None: from a boot without a clock."""
    utc_ms = 0 if ago_ms is None else NOW_MS - ago_ms
    times = (utc_ms // 1000, mono_ms // 1000, utc_ms % 1000, mono_ms % 1000)
    head = (*times, 60, boot, event, record.ACTOR_PUMP, 0x10, code)
    return head, struct.pack(layout, *values)


def dose(steps, event=record.EVENT_CHECKPOINT, ahead_steps=0, **when):
    return entry(event, record.DOSE, steps, 0, ahead_steps, 0, 0, **when)


def clock(old_ms, new_ms, **when):
    return entry(record.EVENT_CLOCK, record.CLOCK, old_ms, new_ms, **when)


def bolus(kind, outcome, ago_ms, number=2):
    """Due at minute 29,000,000 as entry 2 of its program, or many at once."""
    return entry(record.EVENT_BOLUS, record.BOLUS, 5, 5, 0, 60, 29_000_000, number, 7, 9, code=kind * 16 + outcome,
                 ago_ms=ago_ms)


def transfer(kind, steps, moved, phase=1):
    return entry(record.EVENT_TRANSFER, record.TRANSFER, 100, steps, moved, 9, code=kind * 16 + phase)


def recalled(journal, now_utc_ms):
    return Recall(journal, now_utc_ms, lambda: None)


def samples(found):
    """(ms, dose steps, steps that later boots took to be uncertain), oldest first."""
    return [(-ago_ms, found.dose[0] - fewer, later) for later, past in reversed(found.pasts)
            for ago_ms, fewer in past.backwards()]


def test_an_empty_journal_tells_of_nothing():
    found = recalled(journal_of(), None)
    assert (found.dose, found.levels, found.accounts_then, found.ratio, found.earlier, found.refilled_nl) == (None,) * 6
    assert (found.open_bolus, found.open_transfer, found.was_running) == (None, None, False)
    assert (found.accounts, found.alarms) == ((0, 0, 0, 0), (0, 0, 0))
    assert (found.boot, found.trial_mark, found.steps_then, found.pulled_seq, found.failures) == (0,) * 5
    assert (found.run_utc_ms, found.run_steps, found.last_utc_ms) == (0, 0, 0)


@pytest.mark.requirement("L-03")
def test_a_record_is_as_old_as_its_clock_says_to_the_millisecond():
    found = recalled(journal_of(dose(10, ago_ms=1750, mono_ms=40)), NOW_MS)
    assert samples(found) == [(-1750, 10, 0)]
    assert found.last_utc_ms == found.run_utc_ms == NOW_MS - 1750
    # one that seems to be from the time to come, and those whose boot had no clock, are of now or the ms before
    assert samples(recalled(journal_of(dose(9, mono_ms=40), dose(10, ago_ms=-5)), NOW_MS)) == [(-1, 9, 0), (0, 10, 0)]
    assert samples(recalled(journal_of(dose(9, mono_ms=40)), None)) == [(0, 9, 0)]


@pytest.mark.requirement("T-05")
@pytest.mark.parametrize("boots, ago_ms", [
    ((7, 7, 7), 3000),      # since set forward by 3 s, back by 1 s and forward by 2 s: what seems 7 s old is 3 s old
    ((4, 5, 6), 2000),      # where the power went after each, the battery-backed clock may not have been set back
])
def test_a_clock_that_was_set_makes_nothing_older_than_it_is(boots, ago_ms):
    sets = [clock(NOW_MS - old_ms, NOW_MS - new_ms, ago_ms=new_ms, boot=boot)
            for boot, (old_ms, new_ms) in zip(boots, ((7000, 4000), (3000, 4000), (4000, 2000)), strict=True)]
    first = clock(0, NOW_MS - 1500, ago_ms=1500, boot=7)
    found = recalled(journal_of(dose(10, ago_ms=7000), *sets, first, dose(20, ago_ms=1000, boot=7)), NOW_MS)
    assert samples(found) == [(-ago_ms, 10, 0), (-1000, 20, 0)]


@pytest.mark.requirement("T-04")
def test_after_a_clock_record_that_is_the_last_the_earlier_of_its_two_times_counts():
    for old_ms, new_ms in ((NOW_MS - 9000, NOW_MS - 4000), (NOW_MS - 4000, NOW_MS - 9000)):
        last = clock(old_ms, new_ms, ago_ms=NOW_MS - new_ms, boot=3)
        assert recalled(journal_of(dose(10, ago_ms=9500), last), NOW_MS).last_utc_ms == NOW_MS - 9000
        after = dose(11, ago_ms=100, boot=4)
        assert recalled(journal_of(dose(10, ago_ms=9500), last, after), NOW_MS).last_utc_ms == NOW_MS - 100


def snapshot(**when):
    return [entry(record.EVENT_LEVELS, record.LEVELS, 9000, 1, 2, 3, 4, 5, code=6, **when),
            entry(record.EVENT_ACCOUNTS, record.ACCOUNTS, 1, 2, 3, 4, **when)]


@pytest.mark.requirement("L-03")
def test_reading_back_ends_with_the_first_dose_that_is_older_than_a_day():
    """As far as an hour and a minute before it, because what a record authorises may be made later by that."""
    old = [dose(10, ago_ms=DAY_MS + 2 * HOUR_MS), dose(20, ago_ms=DAY_MS + 50 * MINUTE_MS)]
    alarm = entry(record.EVENT_ALARM, record.ALARM, 1, 1, 0, ago_ms=DAY_MS + 10 * MINUTE_MS)
    accounts, levels = reversed(snapshot(ago_ms=HOUR_MS))
    newer = [dose(30, ago_ms=2 * HOUR_MS), accounts, levels, dose(40, ago_ms=MINUTE_MS)]
    found = recalled(journal_of(*old, alarm, *newer), NOW_MS)
    assert samples(found) == [(-DAY_MS - 50 * MINUTE_MS, 20, 0), (-2 * HOUR_MS, 30, 0), (-MINUTE_MS, 40, 0)]
    assert (found.steps_then, found.accounts_then, found.trial_mark) == (30, (1, 2, 3, 4), 6)
    # without a record of alarms, all there is is read
    assert len(samples(recalled(journal_of(*old, *newer), NOW_MS))) == 4


@pytest.mark.requirement("P-06")
def test_a_fault_is_as_old_as_the_boots_since_lasted_at_least():
    fault = dose(10, event=record.EVENT_FAULT, mono_ms=1250, code=FAULT_NUMBER)
    # 2000 - 1250 ms of its own boot; then boots of 3500 and 4000 ms
    since = [dose(10, mono_ms=2000), dose(10, mono_ms=3500, boot=2), dose(10, mono_ms=4000, boot=3)]
    assert recalled(journal_of(fault), None).faults == [(0, FAULT_NUMBER)]
    assert recalled(journal_of(fault, *since[:1]), None).faults == [(-750, FAULT_NUMBER)]
    assert recalled(journal_of(fault, *since), None).faults == [(-8250, FAULT_NUMBER)]
    # ten minutes at most: 600,000 - 750 ms of a later boot
    for mono_ms, count in ((599_250, 1), (599_251, 0)):
        assert len(recalled(journal_of(fault, since[0], dose(10, mono_ms=mono_ms, boot=2)), None).faults) == count


@pytest.mark.requirement("P-03")
def test_primes_and_withdrawals_since_the_last_accounts_add_up():
    found = recalled(journal_of(transfer(PRIME, 10, 3), transfer(PRIME, 20, 4), transfer(WITHDRAWAL, 30, 5),
                              transfer(WITHDRAWAL, 40, 6)), None)
    assert (found.primed_steps, found.withdrawn_steps, found.uncertain_prime_steps) == (7, 11, 0)
    found = recalled(journal_of(transfer(PRIME, 10, 0, UNCERTAIN), transfer(PRIME, 20, 0, UNCERTAIN)), None)
    assert (found.primed_steps, found.uncertain_prime_steps) == (0, 30)


@pytest.mark.requirement("A-04")
def test_a_refill_that_no_snapshot_has_yet_is_found():
    refill = entry(record.EVENT_REFILL, record.REFILL, 500, 200, 700, ago_ms=50)
    assert recalled(journal_of(refill), NOW_MS).refilled_nl == 700
    newest = entry(record.EVENT_REFILL, record.REFILL, 100, 200, 800, ago_ms=40)
    assert recalled(journal_of(refill, newest), NOW_MS).refilled_nl == 800
    assert recalled(journal_of(refill, *snapshot(ago_ms=10)), NOW_MS).refilled_nl is None


@pytest.mark.requirement("B-02")
def test_scheduled_boluses_are_known_as_dealt_with_and_others_are_not_taken_for_them():
    for outcome in (GRANTED, DENIED, SKIPPED):
        assert recalled(journal_of(bolus(SCHEDULED, outcome, ago_ms=5)), NOW_MS).scheduled == [29_000_000]
        assert recalled(journal_of(bolus(HOST, outcome, ago_ms=5)), NOW_MS).scheduled == []
    assert recalled(journal_of(bolus(SCHEDULED, SKIPPED, number=MANY, ago_ms=5)), NOW_MS).scheduled == []


@pytest.mark.requirement("L-03")
def test_boluses_that_lock_others_out_are_those_on_demand_of_a_day():
    written = [bolus(HOST, GRANTED, ago_ms=DAY_MS + 1), bolus(HOST, GRANTED, ago_ms=DAY_MS),
               bolus(PERIODIC, GRANTED, ago_ms=5)]
    assert recalled(journal_of(*written), NOW_MS).boluses == [(-DAY_MS, HOST)]


@pytest.mark.requirement("L-03")
def test_of_the_host_s_boluses_only_the_last_one_locks():
    written = [bolus(HOST, GRANTED, ago_ms=9000), bolus(ON_DEMAND, GRANTED, ago_ms=8000),
               bolus(HOST, GRANTED, ago_ms=7000), bolus(HOST, GRANTED, ago_ms=6000)]
    assert recalled(journal_of(*written), NOW_MS).boluses == [(-8000, ON_DEMAND), (-6000, HOST)]
    assert recalled(journal_of(*written[:2]), NOW_MS).boluses == [(-8000, ON_DEMAND)]


@pytest.mark.requirement("P-02")
@pytest.mark.parametrize("count, looks", [(0, 0), (1, 1), (7, 1), (8, 1), (9, 2), (803, 101)])
def test_a_sign_of_life_is_given_at_every_eight_records(count, looks):
    signs = []
    found = Recall(journal_of(*[dose(steps, ago_ms=900_000 - steps) for steps in range(count)]), NOW_MS,
                   lambda: signs.append(1))
    assert len(signs) == looks
    assert found.boot == (2 if count else 0)


@pytest.mark.requirement("L-03")
def test_of_thousands_of_samples_as_many_are_kept_as_there_is_room_for_and_it_is_known_how_well():
    # a step in 10 s, and one too many in each minute: 14,400 in 40 h, of which 25 have to be known
    written = [dose(6 * minute + minute % 2, ago_ms=(2400 - minute) * MINUTE_MS) for minute in range(2400)]
    found = recalled(journal_of(*written), NOW_MS)
    [(later, past)] = found.pasts
    assert later == 0
    assert len(samples(found)) <= SAMPLES_MAX
    assert past.loose_steps > 1
    for minute in range(2400):
        ago_ms = (2400 - minute) * MINUTE_MS
        fewer = found.dose[0] - (6 * minute + minute % 2)
        assert past.least_at(ago_ms) <= fewer <= past.most_at(ago_ms)


@pytest.mark.requirement("A-04")
def test_a_refill_is_known_with_what_had_gone_out_before_it_though_a_boot_has_written_newer_sums():
    refill = entry(record.EVENT_REFILL, record.REFILL, 100, 200, 800, ago_ms=40)
    # the boot behind it counted two steps more and took five to be uncertain, and was cut off before its levels
    cut_off = [dose(12, event=record.EVENT_BOOT, ahead_steps=5, ago_ms=30, boot=2),
               entry(record.EVENT_ACCOUNTS, record.ACCOUNTS, 1, 2, 3, 9, ago_ms=30, boot=2)]
    levels, accounts = snapshot(ago_ms=HOUR_MS)
    found = recalled(journal_of(accounts, levels, dose(10, ago_ms=50), refill, *cut_off), NOW_MS)
    assert (found.refilled_nl, found.refilled_steps, found.refilled_accounts) == (800, 10, (1, 2, 3, 4))
    assert found.accounts == (1, 2, 3, 9)
    # where nothing before it can be read, the newest there is stands in
    found = recalled(journal_of(refill, *cut_off), NOW_MS)
    assert (found.refilled_steps, found.refilled_accounts) == (12, (1, 2, 3, 9))
