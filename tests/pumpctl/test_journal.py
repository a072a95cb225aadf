"""A journal is proven record by record: whatever is missing, added, moved or changed is found with its number."""

import pytest

from pump import record
from pumpctl.journal import Chain, JournalError
from pumpctl.proofs import proven
from pumpsim.device import UNIQUE_ID
from tests.pumps import HOUR_MS, records, running_pump


@pytest.fixture(scope="module")
def parts():
    pump = running_pump()
    pump.run_for(3 * HOUR_MS)
    return records(pump)


def test_an_untouched_journal_is_proven_from_its_first_record(parts):
    assert proven(b"".join(parts), UNIQUE_ID).count == len(parts) > 20


def test_a_part_of_a_journal_is_proven_in_itself(parts):
    assert proven(b"".join(parts[7:]), UNIQUE_ID).count == len(parts) - 7


def test_nothing_is_proven_of_nothing():
    assert proven(b"").count == 0


def changed(parts, how):
    parts = list(parts)
    if how == "removed":
        del parts[5]
    elif how == "doubled":
        parts.insert(5, parts[4])
    elif how == "swapped":
        parts[5], parts[6] = parts[6], parts[5]
    elif how == "one bit":
        parts[5] = parts[5][:30] + bytes([parts[5][30] ^ 4]) + parts[5][31:]
    elif how == "forged, with its CRC":
        forged = record.header(parts[5])
        parts[5] = record.seal(forged, b"\xff" * 28, b"not the chain")
    elif how == "cut off":
        parts[5:] = [parts[5][:40]]
    return b"".join(parts)


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("how", ["removed", "doubled", "swapped", "one bit", "forged, with its CRC", "cut off"])
def test_the_first_bad_record_is_named(parts, how):
    with pytest.raises(JournalError) as caught:
        proven(changed(parts, how), UNIQUE_ID)
    assert caught.value.seq == 5


@pytest.mark.requirement("J-04")
def test_the_journal_of_another_pump_is_not_this_ones(parts):
    with pytest.raises(JournalError) as caught:
        proven(b"".join(parts), b"ANOTHER1")
    assert caught.value.seq == 0


def test_a_chain_goes_on_where_it_was_left(parts):
    chain = Chain()
    for part in parts[:4]:
        chain.take(part)
    with pytest.raises(JournalError):
        chain.take(parts[5])
    chain.take(parts[4])
    assert chain.next_seq == 5
