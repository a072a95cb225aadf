"""A journal at rest is proven offline: what is wrong, what is missing, and whether the pump itself dropped it."""

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump import record
from pumpctl.journal import Chain, JournalError, following, records_of
from pumpctl.proofs import prove, proven

ID = b"SIMPU001"


def journal(count, drops=()):
    """Records 0 to count - 1; `drops` are (number of the drop record, first that went, how many)."""
    told = {seq: (first, many) for seq, first, many in drops}
    found, chain = [], ID
    for seq in range(count):
        event, data = record.EVENT_CHECKPOINT, bytes([seq % 251])
        if seq in told:
            first, many = told[seq]
            event = record.EVENT_DROPPED
            data = struct.pack(record.DROPPED, first, many, record.chain_of(found[first + many - 1]))
        found.append(record.seal((seq, seq, 0, 0, 0, 0, 0, event, 1, 16, 0), data, chain))
        chain = record.chain_of(found[-1])
    return found


def told(parts, unique_id=ID):
    """(count, first_bad_seq, gaps) of a proof."""
    proof = prove(b"".join(parts), unique_id)
    return proof.count, proof.first_bad_seq, [(gap.first, gap.last, gap.dropped_by) for gap in proof.gaps]


@pytest.mark.requirement("J-04")
@pytest.mark.requirement("J-05")
def test_what_the_pump_dropped_is_explained_by_its_own_record():
    parts = journal(50, drops=[(30, 0, 8), (40, 8, 8)])
    assert told(parts[16:]) == (34, None, [(0, 15, 40)])                      # the oldest went first: 0 to 7 before
    assert told(parts[:10] + parts[16:]) == (44, None, [(10, 15, 40)])        # a part of them had been pulled
    assert proven(b"".join(parts[:10] + parts[16:]), ID).count == 44


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("parts, first_bad, gaps", [
    (journal(50)[16:], 0, [(0, 15, None)]),                                   # no drop record
    (journal(50, drops=[(40, 8, 8)])[17:], 0, [(0, 16, None)]),               # one more than the record says
    (journal(50, drops=[(40, 8, 8)])[:40][16:], 0, [(0, 15, None)]),          # the drop record is missing itself
    (journal(50)[:20] + journal(50)[22:], 20, [(20, 21, None)]),
])
def test_what_nobody_explains_is_named_with_its_range(parts, first_bad, gaps):
    _, bad, found = told(parts)
    assert (bad, found) == (first_bad, gaps)


@pytest.mark.requirement("J-04")
def test_a_drop_record_explains_only_the_journal_whose_chain_it_names():
    parts = journal(50, drops=[(40, 8, 8)])
    other = [record.seal((seq, 9, 0, 0, 0, 0, 0, record.EVENT_CHECKPOINT, 1, 16, 0), b"", bytes(8)) for seq in (16,)]
    assert prove(b"".join(other + parts[40:41]), ID).unexplained[0].first == 0


@pytest.mark.requirement("J-04")
def test_two_things_that_are_wrong_the_first_is_named():
    parts = journal(60)
    parts[40] = bytes(64)
    proof = prove(b"".join(parts[:20] + parts[22:]), ID)
    assert (proof.first_bad_seq, proof.broken.seq) == (20, 40)
    with pytest.raises(JournalError) as caught:
        proven(b"".join(parts[:20] + parts[22:]), ID)
    assert caught.value.seq == 20


def test_without_the_pumps_id_its_first_record_is_taken_as_it_is():
    assert told(journal(5), None) == (5, None, [])
    assert told(journal(5), b"ANOTHER1")[:2] == (0, 0)


RIGHT = journal(40)


@pytest.mark.requirement("J-04")
@settings(max_examples=200, deadline=None)
@given(st.integers(0, 40 * 512 - 1))
def test_the_fast_proof_finds_every_flipped_bit_where_the_slow_one_does(bit):
    raw = bytearray(b"".join(RIGHT))
    raw[bit // 8] ^= 1 << bit % 8
    count, _ = following(bytes(raw), 0, ID)
    assert count == bit // 512
    chain = Chain(0, ID)
    with pytest.raises(JournalError) as caught:
        for part in records_of(bytes(raw)):
            chain.take(part)
    assert caught.value.seq == count == prove(bytes(raw), ID).first_bad_seq


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.lists(st.integers(0, 39), max_size=8), st.booleans())
def test_any_bytes_get_a_proof(junk, picks, first):
    pieces = [RIGHT[pick] for pick in picks]
    raw = b"".join([junk, *pieces] if first else [*pieces, junk])
    for unique_id in (ID, None, b""):
        proof = prove(raw, unique_id)
        assert 0 <= proof.count <= len(raw) // 64
        assert proof.is_good is (proof.first_bad_seq is None)


def test_a_hundred_thousand_records_a_second():
    raw = b"".join(journal(20_000))
    began = time.perf_counter()
    assert prove(raw, ID).count == 20_000
    assert 20_000 / (time.perf_counter() - began) >= 100_000
