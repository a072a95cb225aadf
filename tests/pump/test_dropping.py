"""When the journal is full its oldest segment goes, and the chain says so (J-04, J-05)."""

import pytest

from pump import record
from pump.board import CAUSE_POWER
from pump.journal import MAX_SEGMENTS, SEGMENT_RECORDS
from tests.long_journal import write_journal
from tests.pumps import ask, ready_pump, records

FULL = MAX_SEGMENTS * SEGMENT_RECORDS                  # 11264


def nearly_full_pump():
    """One whose journal has 11 segments less what a boot and a few requests write."""
    pump = ready_pump()
    write_journal(pump.board.storage, pump.board.unique_id, MAX_SEGMENTS - 1)
    pump.boot(CAUSE_POWER)
    return pump


def fill_to(pump, seq):
    """Clock settings, four or five records each, until `seq` is the next record's number or has passed."""
    while pump.app.journal.next_seq < seq:
        ask(pump, "ack")                               # one record


@pytest.mark.requirement("J-05")
def test_the_first_record_of_the_segment_that_needs_room_tells_what_goes():
    pump = nearly_full_pump()
    fill_to(pump, FULL)
    last_dropped = pump.app.journal.read(SEGMENT_RECORDS - 1, 1)
    ask(pump, "ack")                                   # this one begins the twelfth segment
    told = pump.app.journal.read(FULL, 1)
    assert record.header(told)[7:9] == (record.EVENT_DROPPED, record.ACTOR_PUMP) and record.header(told)[10] == 0
    assert record.data_of(told, record.DROPPED) == (0, 1024, record.chain_of(last_dropped))
    assert pump.app.journal.first_seq == 0             # gone when the new segment is there
    fill_to(pump, FULL + 8)
    assert ask(pump, "status")["first_seq"] == pump.app.journal.first_seq == 1024
    assert pump.app.journal.read(1023, 1) == b""
    first = pump.app.journal.read(1024, 1)
    assert record.follows(first, record.data_of(told, record.DROPPED)[2])
    assert [record.header(raw)[7] for raw in records(pump, FULL)].count(record.EVENT_DROPPED) == 1


@pytest.mark.requirement("J-03")
@pytest.mark.parametrize("more", range(9))
def test_a_power_cut_anywhere_between_tells_it_once(more):
    pump = nearly_full_pump()
    fill_to(pump, FULL - 1)
    for _ in range(more):
        ask(pump, "ack")
    pump.boot(CAUSE_POWER)
    fill_to(pump, FULL + 20)
    assert pump.app.journal.first_seq == 1024
    told = [raw for raw in records(pump, FULL - 8) if record.header(raw)[7] == record.EVENT_DROPPED]
    assert [record.data_of(raw, record.DROPPED)[:2] for raw in told] == [(0, 1024)]
    chain = record.chain_of(pump.app.journal.read(FULL - 9, 1))
    for raw in records(pump, FULL - 8):
        assert record.follows(raw, chain)
        chain = record.chain_of(raw)
