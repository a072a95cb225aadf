"""The journal on real littlefs: nothing acknowledged is lost (J-02 to J-05)."""

import struct

import pytest

from pump import record
from pump.journal import MAX_SEGMENTS, SEGMENT_RECORDS, TAIL, Journal, segment_name
from pumpsim.flash import NorFlash, SimStorage

SEED = b"\x01\x02\x03\x04\x05\x06\x07\x08"
HEAD = (1_774_566_000, 12, 250, 7, 60, 3, record.EVENT_CHECKPOINT, record.ACTOR_SCHEDULE, 0x10, 0)


def dose(number):
    return struct.pack(record.DOSE, number, 100 * number, 5, 20_000, 0)


def journal_of(count, flash=None):
    journal = Journal(SimStorage(flash or NorFlash()), SEED)
    for number in range(count):
        journal.append(HEAD, dose(number))
    return journal


def chain_holds(journal, chain):
    """Reads everything there is and follows the chain; returns how many records."""
    seq = journal.first_seq
    while seq < journal.next_seq:
        raw = journal.read(seq, 1)
        assert record.is_whole(raw)
        assert record.seq_of(raw) == seq
        assert chain is None or record.follows(raw, chain)
        chain = record.chain_of(raw)
        seq += 1
    return seq - journal.first_seq


def test_an_empty_chip_begins_at_zero():
    journal = journal_of(0)
    assert (journal.first_seq, journal.next_seq) == (0, 0)
    assert journal.read(0, 10) == b""
    assert journal.unpulled() == 0
    assert not journal.held(0, "")                             # there is no record before the first


@pytest.mark.requirement("J-01")
@pytest.mark.parametrize("count", [1, 7, 8, 9, 100])
def test_records_come_back_as_written_and_chained(count):
    journal = journal_of(count)
    assert chain_holds(journal, SEED) == count
    last = journal.read(count - 1, 1)
    assert record.header(last) == (count - 1, *HEAD)
    assert record.data_of(last, record.DOSE) == (count - 1, 100 * (count - 1), 5, 20_000, 0)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, SEGMENT_RECORDS - 1, SEGMENT_RECORDS, SEGMENT_RECORDS + 1])
def test_a_boot_goes_on_where_the_last_one_ended(count):
    flash = NorFlash()
    journal_of(count, flash)
    again = Journal(SimStorage(flash), SEED)
    assert again.next_seq == count
    again.append(HEAD, dose(count))
    assert chain_holds(again, SEED) == count + 1


def test_a_cut_between_segment_and_tail_leaves_no_record_twice():
    flash = NorFlash()
    journal_of(7, flash)
    storage = SimStorage(flash)
    tail = storage.read(TAIL)
    assert len(tail) == 7 * 64
    journal_of_eight = Journal(storage, SEED)
    journal_of_eight.append(HEAD, dose(7))                     # moves eight records into the segment
    storage.write(TAIL, tail)                                  # as a cut just after would leave the tail
    again = Journal(SimStorage(flash), SEED)
    assert again.next_seq == 8
    assert chain_holds(again, SEED) == 8


def test_a_damaged_tail_record_ends_the_tail():
    flash = NorFlash()
    journal_of(5, flash)
    storage = SimStorage(flash)
    tail = bytearray(storage.read(TAIL))
    tail[3 * 64 + 30] ^= 1
    storage.write(TAIL, bytes(tail))
    assert Journal(storage, SEED).next_seq == 3


def test_the_tail_of_another_pumps_journal_is_not_taken_up():
    flash = NorFlash()
    journal_of(3, flash)
    assert Journal(SimStorage(flash), bytes(8)).next_seq == 0


@pytest.mark.requirement("J-05")
def test_it_holds_ten_thousand_records_and_then_drops_the_oldest_segment():
    journal = journal_of(MAX_SEGMENTS * SEGMENT_RECORDS)
    assert (journal.first_seq, journal.next_seq) == (0, 11_264)            # 11 segments of 1024
    for number in range(8):                                                # the tail moves with the eighth
        journal.append(HEAD, dose(number))
    assert (journal.first_seq, journal.next_seq) == (1024, 11_272)
    assert journal.next_seq - journal.first_seq >= 10_000
    assert journal.read(1023, 1) == b""
    assert chain_holds(journal, None) == 10_248


@pytest.mark.requirement("J-05")
def test_after_ten_million_records_it_goes_on_in_the_same_way():
    storage = SimStorage(NorFlash())
    raw = record.seal((10_241_023, *HEAD), dose(0), SEED)
    storage.append(segment_name(10_000), bytes(1023 * 64) + raw)
    assert Journal(storage, SEED).next_seq == 10_241_024                   # 10,001 segments of 1024
    assert Journal(storage, SEED).due_drop() is None                       # there is room for ten more
    for number in range(10_001, 10_011):
        storage.append(segment_name(number), bytes(1024 * 64))
    journal = Journal(storage, SEED)
    assert (journal.first_seq, journal.next_seq) == (10_240_000, 10_251_264)
    assert journal.due_drop() == (10_240_000, 1024, record.chain_of(raw))
    for number in range(8):
        journal.append(HEAD, dose(number))
    assert (journal.first_seq, journal.next_seq) == (10_241_024, 10_251_272)


def test_a_full_chip_loses_nothing_that_was_written():
    class Full(SimStorage):
        def append(self, name, data):
            raise OSError("no space")

    flash = NorFlash()
    journal_of(7, flash)
    journal = Journal(Full(flash), SEED)
    with pytest.raises(OSError):
        journal.append(HEAD, dose(7))
    assert journal.next_seq == 7
    assert Journal(SimStorage(flash), SEED).next_seq == 7


def test_reading_stops_at_a_segments_end_and_takes_up_in_the_next():
    journal = journal_of(SEGMENT_RECORDS + 20)
    first = journal.read(SEGMENT_RECORDS - 3, 16)
    assert len(first) == 3 * 64
    assert record.seq_of(journal.read(SEGMENT_RECORDS, 16)) == SEGMENT_RECORDS
    assert segment_name(1) == "j.00001"


@pytest.mark.requirement("J-04")
def test_a_removed_or_changed_record_breaks_the_chain():
    journal = journal_of(10)
    raw = [journal.read(seq, 1) for seq in range(10)]
    assert not record.follows(raw[5], record.chain_of(raw[3]))             # the fourth is missing
    changed = bytearray(raw[4])
    changed[24] ^= 1
    assert not record.is_whole(bytes(changed))
    assert not record.follows(bytes(changed), record.chain_of(raw[3]))


@pytest.mark.requirement("J-03")
def test_a_segment_that_a_cut_left_empty_is_no_record():
    flash = NorFlash()
    journal_of(7, flash)
    storage = SimStorage(flash)
    storage.append(segment_name(0), b"")
    again = Journal(storage, SEED)
    assert again.next_seq == 7
    again.append(HEAD, dose(7))
    assert chain_holds(again, SEED) == 8


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("tail, is_sound", [
    (lambda tail, other: tail, True),
    (lambda tail, other: tail[:-64], False),            # a record is missing
    (lambda tail, other: b"", False),
    (lambda tail, other: other, False),                 # whole records, and not those that were written
    (lambda tail, other: tail[:-1] + bytes([tail[-1] ^ 1]), False),
])
def test_the_newest_records_are_sound_where_they_are_what_was_written(tail, is_sound):
    journal = journal_of(13)                            # 8 in the segment, 5 in the tail
    other = Journal(SimStorage(NorFlash()), SEED)
    for number in range(13):
        other.append(HEAD, dose(number + 1))
    storage = journal._storage
    storage.write(TAIL, tail(storage.read(TAIL), other._storage.read(TAIL)))
    assert journal.is_sound() is is_sound
