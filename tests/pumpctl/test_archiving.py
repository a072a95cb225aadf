"""Pulling into the archive: only new records, nothing lost or doubled, no two journals mixed."""

import struct

import pytest

from pump import record
from pump.board import CAUSE_POWER
from pump.journal import SEGMENT_RECORDS, Journal, segment_name
from pumpctl.archive import Archive
from pumpctl.archiving import pull_into
from pumpctl.journal import JournalError
from pumpctl.proofs import prove
from pumpctl.pump import Pump
from pumpctl.transport import NoConnectionError, SimTransport
from pumpsim import SimPump
from pumpsim.device import UNIQUE_ID
from tests.pumps import DAY_MS, HOUR_MS, START_UTC_MS, records, running_pump

OTHER_ID = b"SIMPU002"


class Counting(SimTransport):
    """Counts the records that were asked for; the cable is pulled out at the request `cut_at`."""

    def __init__(self, pump, cut_at=None):
        super().__init__(pump)
        self.asked = 0
        self.cut_at = cut_at

    def write(self, data):
        self.asked += b'"log"' in data
        if self.cut_at is not None and self.asked >= self.cut_at:
            raise NoConnectionError("pulled out")
        super().write(data)


@pytest.fixture
def archive(archive_path):
    with Archive(archive_path, for_writing=True) as opened:
        yield opened


def pulled(archive, sim, **options):
    link = Counting(sim, **options)
    return pull_into(archive, Pump(link)), link


def stored(archive):
    """(pump, number, records) of every journal."""
    return [(each.pump, each.number, archive.raw(each.id)) for each in archive.journals()]


def journal_of(sim):
    return b"".join(records(sim))


def a_pump(hours=5, **options):
    sim = running_pump(**options)
    sim.run_for(hours * HOUR_MS)
    return sim


def test_the_first_pull_brings_everything(archive):
    sim = a_pump()
    found, _ = pulled(archive, sim)
    assert stored(archive) == [(sim.board.unique_id, 1, journal_of(sim))]
    assert (found.new, found.began) == (len(records(sim)), True)
    assert prove(archive.raw(found.journal.id), sim.board.unique_id).is_good


def test_the_next_pull_asks_for_what_is_new_only(archive):
    sim = a_pump(100)
    pulled(archive, sim)
    sim.run_for(HOUR_MS)                                 # six checkpoints
    found, link = pulled(archive, sim)
    assert (found.new, found.began) == (6, False)
    assert link.asked <= 6                               # up to three for the junction, two with records, one with none
    assert stored(archive) == [(sim.board.unique_id, 1, journal_of(sim))]


def test_pulling_twice_changes_nothing(archive, archive_path):
    sim = a_pump()
    pulled(archive, sim)
    before = archive_path.read_bytes()
    found, _ = pulled(archive, sim)
    assert (found.new, found.began) == (0, False)
    assert stored(archive) == [(sim.board.unique_id, 1, journal_of(sim))]
    assert len(archive_path.read_bytes()) == len(before)


@pytest.mark.requirement("J-05")
def test_the_pump_is_told_what_the_archive_has_so_that_it_warns_of_nothing_after_a_reset(archive):
    sim = a_pump(24)
    pulled(archive, sim)
    sim.boot(CAUSE_POWER)
    assert sim.app.journal.unpulled() == len(records(sim))
    found, _ = pulled(archive, sim)
    assert (found.new < 10, sim.app.journal.unpulled()) == (True, 0)


@pytest.mark.parametrize("cut_at", [1, 2, 3, 4, 7])
def test_a_broken_link_leaves_what_was_proven_and_the_next_pull_goes_on_there(archive, cut_at):
    sim = a_pump(24)                                     # some 150 records, ten replies
    with pytest.raises(NoConnectionError):
        pulled(archive, sim, cut_at=cut_at)
    kept = b"".join(raw for *_, raw in stored(archive))
    assert len(kept) == min((cut_at - 1) * 16, len(records(sim))) * record.SIZE
    assert journal_of(sim).startswith(kept)
    _, link = pulled(archive, sim)
    assert stored(archive) == [(sim.board.unique_id, 1, journal_of(sim))]
    assert link.asked <= len(records(sim)) // 16 - (cut_at - 1) + 6


def test_two_pumps_never_mix(archive):
    one, other = a_pump(5), a_pump(7, unique_id=OTHER_ID)
    for sim in (one, other, one):
        pulled(archive, sim)
        sim.run_for(HOUR_MS)
    assert [(pump, number) for pump, number, _ in stored(archive)] == [(one.board.unique_id, 1), (OTHER_ID, 1)]
    for pump, _, raw in stored(archive):
        assert prove(raw, pump).is_good


def test_a_wiped_pump_begins_another_journal_and_the_old_one_stays(archive):
    old = a_pump(50)
    pulled(archive, old)
    new = a_pump(5, utc_ms=START_UTC_MS + 100 * DAY_MS)
    pulled(archive, new)
    new.run_for(100 * HOUR_MS)                           # longer than the old one now
    pulled(archive, new)
    assert stored(archive) == [(old.board.unique_id, 1, journal_of(old)), (old.board.unique_id, 2, journal_of(new))]
    old.run_for(HOUR_MS)                                 # its flash image was put back
    found, _ = pulled(archive, old)
    assert (found.journal.number, found.began) == (1, False)
    assert stored(archive)[0][2] == journal_of(old)


@pytest.mark.requirement("J-04")
def test_a_record_changed_in_the_pump_ends_the_pull_there_with_all_before_it_kept(archive):
    sim = a_pump(24)
    pulled_before = 20
    raw = records(sim)[pulled_before]
    sim.flash.image[:] = sim.flash.image.replace(raw, raw[:40] + bytes([raw[40] ^ 1]) + raw[41:])
    for _ in range(2):                                   # and every pull says so again
        with pytest.raises(JournalError) as caught:
            pulled(archive, sim)
        assert caught.value.seq == pulled_before
        assert stored(archive) == [(sim.board.unique_id, 1, b"".join(records(sim)[:pulled_before]))]


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("change, said", [(lambda raw: raw[:40] + bytes([raw[40] ^ 1]) + raw[41:], "CRC"),
                                          (lambda raw: record.seal(record.header(raw), b"\1", b"wrong"), "chain")])
def test_a_bad_record_at_the_junction_is_no_new_journal(archive, change, said):
    sim = a_pump(24)
    pulled(archive, sim)
    raw = records(sim)[-1]
    sim.app.journal._tail = sim.app.journal._tail.replace(raw, change(raw))
    with pytest.raises(JournalError, match=said) as caught:
        pulled(archive, sim)
    assert caught.value.seq == record.seq_of(raw)
    assert len(stored(archive)) == 1


DROPS = {3100: (0, 1024), 4200: (1024, 1024), 4201: (2048, 1024)}      # by the number of the record that says so


def long_journal(count):
    """Records 0 to count - 1 of clock records, with those of DROPS among them."""
    found, chain = [], UNIQUE_ID
    for seq in range(count):
        event, data = record.EVENT_CLOCK, b""
        if seq in DROPS:
            first, many = DROPS[seq]
            event = record.EVENT_DROPPED
            data = struct.pack(record.DROPPED, first, many, record.chain_of(found[first + many - 1]))
        found.append(record.seal((seq, 0, 0, 0, 0, 0, 0, event, 0, record.JOURNAL_VERSION * 16, 0), data, chain))
        chain = record.chain_of(found[-1])
    return found


def hold(sim, raws, first_segment):
    """The pump's journal is `raws` (whole segments) from now on, without those before `first_segment`."""
    storage = sim.board.storage
    for name in storage.names():
        storage.remove(name)
    for number in range(first_segment, len(raws) // SEGMENT_RECORDS):
        storage.write(segment_name(number), b"".join(raws[number * SEGMENT_RECORDS:(number + 1) * SEGMENT_RECORDS]))
    sim.app.journal = Journal(storage, UNIQUE_ID)


@pytest.mark.requirement("J-05")
def test_what_follows_records_that_nobody_pulled_is_joined_by_a_drop_record_that_names_an_archived_one(archive):
    sim, raws = SimPump(), long_journal(5 * SEGMENT_RECORDS)
    hold(sim, raws[:2048], 0)
    pulled(archive, sim)
    hold(sim, raws, 3)                                   # 2048 to 3071 went, unpulled; 4200 names the chain of 2047
    found, _ = pulled(archive, sim)
    assert [(each.number, each.first_seq, each.last_seq) for each in archive.journals()] == [(1, 0, 5119)]
    [gap] = prove(archive.raw(found.journal.id), UNIQUE_ID).gaps
    assert (gap.first, gap.last, gap.dropped_by) == (2048, 3071, 4201)


@pytest.mark.requirement("J-05")
def test_until_such_a_record_comes_it_stays_a_journal_of_its_own(archive):
    sim, raws = SimPump(), long_journal(6 * SEGMENT_RECORDS)
    hold(sim, raws[:1024], 0)
    pulled(archive, sim)
    hold(sim, raws[:3072], 2)                            # 1024 to 2047 went, and nothing here says so
    pulled(archive, sim)
    hold(sim, raws[:5120], 2)                            # record 3100 names the chain of record 1023
    assert [(each.number, each.first_seq, each.last_seq) for each in archive.journals()] == [
        (1, 0, 1023), (2, 2048, 3071)]
    found, _ = pulled(archive, sim)
    assert [(each.number, each.first_seq, each.last_seq) for each in archive.journals()] == [(1, 0, 5119)]
    assert found.journal.id == archive.journals()[0].id and not found.began
