"""Single bits that flip in flash: found, and never believed (J-06, J-04)."""

from hashlib import sha256

import pytest

from pump.board import CAUSE_POWER
from pump.settings import unpack
from pumpctl.journal import Chain, JournalError, records_of
from pumpctl.proofs import proven
from pumpsim.device import UNIQUE_ID, SimPump
from pumpsim.flash import SECTOR_SIZE, NorFlash, SimStorage
from pumpsim.host import Host, RefusedError
from pumpsim.prover.run import stage_of
from pumpsim.prover.schedule import MINUTE_MS
from pumpsim.world import World
from tests.pumps import ask

SLOTS = ("rig.a", "rig.b", "program.a", "program.b")
RECORD = 64


@pytest.fixture(scope="module")
def image():
    """The chip at the end of the day: three rigs and three programs have been committed."""
    return bytes(stage_of("day").chip.image)


def flipped(raw, bit):
    damaged = bytearray(raw)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def booted(flash):
    """A pump without a battery-backed clock, two days on."""
    world = World()
    world.move_to(2 * 1440 * MINUTE_MS)
    pump = SimPump(flash=flash, world=world)
    pump.poll()
    return pump


def with_file(image, name, raw):
    flash = NorFlash(image)
    SimStorage(flash).write(name, raw)
    return flash


@pytest.mark.requirement("J-06")
@pytest.mark.parametrize("name", SLOTS)
def test_every_flipped_bit_of_every_stored_slot_is_found(image, name):
    raw = SimStorage(NorFlash(image)).read(name)
    assert unpack(raw) is not None
    assert [bit for bit in range(8 * len(raw)) if unpack(flipped(raw, bit)) is not None] == []


@pytest.mark.requirement("J-06")
@pytest.mark.parametrize("name", SLOTS)
def test_a_damaged_slot_falls_back_to_the_other_and_the_pump_rests(image, name):
    """Also where the damaged slot is not the one in force."""
    storage = SimStorage(NorFlash(image))
    raw = storage.read(name)
    kind = name.split(".")[0]
    other = unpack(storage.read(name[:-1] + ("b" if name[-1] == "a" else "a")))[1]
    for bit in range(3, 8 * len(raw), 997):
        pump = booted(with_file(image, name, flipped(raw, bit)))
        status = ask(pump, "status")
        assert status["state"] != "running"
        assert status[kind + "_digest"] in ("", sha256(other).hexdigest() if other else "")


@pytest.mark.requirement("J-06")
@pytest.mark.parametrize("kind, code", [("rig", "no_rig"), ("program", "no_program")])
def test_with_both_slots_damaged_the_pump_stays_stopped_and_says_so(image, kind, code):
    flash = NorFlash(image)
    storage = SimStorage(flash)
    for name in (kind + ".a", kind + ".b"):
        storage.write(name, flipped(storage.read(name), 100))
    pump = booted(flash)
    ask(pump, "clock", utc_ms=1_774_800_000_000)
    status = ask(pump, "status")
    assert (status[kind], status[kind + "_digest"]) == (None, "")
    assert status["state"] != "running"
    pump.run_for(60 * MINUTE_MS)
    assert pump.board.stepper.edges() == 0


def journal_bytes(image):
    storage = SimStorage(NorFlash(image))
    return b"".join(storage.read(name) for name in storage.names() if name[2:].isdigit())


@pytest.mark.requirement("J-04")
def test_a_flipped_bit_of_a_segment_is_found_by_the_host_with_its_record(image):
    raw = journal_bytes(image)
    for bit in range(11, 8 * len(raw), 40_009):
        chain = Chain(0, UNIQUE_ID)
        with pytest.raises(JournalError) as caught:
            for one in records_of(flipped(raw, bit)):
                chain.take(one)
        assert caught.value.seq == bit // 8 // RECORD


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("back", [1, 2, 5, 30])
def test_a_boot_does_not_believe_a_damaged_record(image, back):
    """The record `back` from the end of the newest segment: the journal goes on, and the host finds the damage."""
    last = f"j.{len(journal_bytes(image)) // RECORD // 1024:05d}"
    raw = SimStorage(NorFlash(image)).read(last)
    bit = 8 * (len(raw) - back * RECORD) + 8 * 30 + 3
    pump = booted(with_file(image, last, flipped(raw, bit)))
    whole = booted(NorFlash(image))
    assert ask(pump, "status")["steps"] <= ask(whole, "status")["steps"]
    host = Host(pump, 1024)
    with pytest.raises(JournalError) as caught:
        proven(b"".join(host.pull()))
    assert caught.value.seq == 1024 + bit // 8 // RECORD


@pytest.mark.requirement("J-06")
def test_a_flipped_bit_anywhere_in_the_used_flash_is_never_believed(image):
    """After the boot every record is the one that was written, or is seen by the host: its CRC or chain is wrong, or
    it stands where the archive has another one."""
    truth = stage_of("day").witness.records
    for sector in NorFlash(image).used_sectors():
        for place in (5, SECTOR_SIZE // 3, SECTOR_SIZE - 9):
            pump = booted(NorFlash(flipped(image, 8 * (sector * SECTOR_SIZE + place) + sector % 8)))
            if pump.app.journal is None:
                assert ask(pump, "status")["state"] == "fault"
                continue
            host = Host(pump, len(truth) - 300)
            try:
                raws = host.pull()
            except RefusedError:
                assert ask(pump, "status")["state"] == "fault"
                continue
            first_seq = host.next_seq - len(raws)
            wrong = [raw for seq, raw in enumerate(raws, first_seq) if seq < len(truth) and raw != truth[seq]]
            assert wrong == [] or is_seen(raws, wrong[0])


def is_seen(raws, wrong):
    """The host's proof fails, or this was written by the new boot in place of what the archive has."""
    try:
        proven(b"".join(raws))
    except JournalError:
        return True
    return int.from_bytes(wrong[18:20], "little") == int.from_bytes(raws[-1][18:20], "little")


def test_the_pump_of_these_tests_runs_where_nothing_is_damaged(image):
    pump = booted(NorFlash(image))
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=1_774_566_000_000 + pump.now_ms)
    assert ask(pump, "status")["state"] == "running"
    assert pump.board.watchdog.reset_cause == CAUSE_POWER
