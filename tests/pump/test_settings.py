"""Stored documents in two slots: damage is found and the other slot takes over (J-06)."""

import binascii
import struct

import pytest

from pump.settings import Slots, pack, unpack
from pumpsim.flash import NorFlash, SimStorage

BODY = b'{"v":1,"name":"bench-1"}'


@pytest.fixture
def storage():
    return SimStorage(NorFlash())


def damage(storage, name, bit):
    raw = bytearray(storage.read(name))
    raw[bit // 8] ^= 1 << bit % 8
    storage.write(name, bytes(raw))


def test_a_slot_reads_back():
    assert unpack(pack(7, BODY)) == (7, BODY)
    assert unpack(pack(1, b"")) == (1, b"")


def test_the_header_is_where_the_layout_says():
    raw = pack(258, b"body")
    assert raw[:12] == b"BP\x01\x00" + b"\x02\x01\x00\x00" + b"\x04\x00\x00\x00"
    assert len(raw) == 16 + 4


@pytest.mark.requirement("J-06")
def test_every_flipped_bit_of_a_slot_is_found():
    raw = pack(3, BODY)
    for bit in range(8 * len(raw)):
        damaged = bytearray(raw)
        damaged[bit // 8] ^= 1 << bit % 8
        assert unpack(bytes(damaged)) is None, bit


@pytest.mark.requirement("J-06")
def test_a_slot_cut_anywhere_or_grown_is_found():
    raw = pack(3, BODY)
    assert [size for size in range(len(raw)) if unpack(raw[:size]) is not None] == []
    assert unpack(raw + b"\0") is None
    assert unpack(None) is None


def test_nothing_stored_is_none(storage):
    slots = Slots(storage, "rig")
    assert slots.load() is None
    assert slots.generation == 0


def test_saves_alternate_between_the_slots_and_the_newest_is_loaded(storage):
    slots = Slots(storage, "rig")
    assert [slots.save(b"one"), slots.save(b"two"), slots.save(b"three")] == [1, 2, 3]
    assert unpack(storage.read("rig.a")) == (3, b"three")
    assert unpack(storage.read("rig.b")) == (2, b"two")
    again = Slots(storage, "rig")
    assert again.load() == b"three"
    assert again.generation == 3


@pytest.mark.requirement("J-06")
@pytest.mark.parametrize("saves", [2, 3])
def test_every_flipped_bit_of_the_newest_slot_falls_back_to_the_other(storage, saves):
    slots = Slots(storage, "rig")
    bodies = [b"document %d" % number for number in range(saves)]
    for body in bodies:
        slots.save(body)
    newest = ("rig.b", "rig.a")[saves % 2]
    for bit in range(0, 8 * len(storage.read(newest)), 5):
        damage(storage, newest, bit)
        assert Slots(storage, "rig").load() == bodies[-2]
        damage(storage, newest, bit)
    assert Slots(storage, "rig").load() == bodies[-1]


@pytest.mark.requirement("J-06")
def test_after_a_fall_back_the_damaged_slot_is_replaced(storage):
    slots = Slots(storage, "rig")
    slots.save(b"one")
    slots.save(b"two")
    damage(storage, "rig.b", 130)
    fallen = Slots(storage, "rig")
    assert fallen.load() == b"one"
    assert fallen.save(b"three") == 2
    assert unpack(storage.read("rig.a")) == (1, b"one")
    assert Slots(storage, "rig").load() == b"three"


@pytest.mark.requirement("J-06")
def test_with_both_slots_damaged_there_is_none(storage):
    slots = Slots(storage, "rig")
    slots.save(b"one")
    slots.save(b"two")
    damage(storage, "rig.a", 40)
    damage(storage, "rig.b", 40)
    assert Slots(storage, "rig").load() is None


def test_a_slot_of_another_layout_version_is_not_read():
    raw = bytearray(pack(1, BODY))
    raw[2] = 2
    raw[12:16] = struct.pack("<I", binascii.crc32(raw[:12] + BODY))
    assert unpack(bytes(raw)) is None


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("raw, is_sound", [
    (pack(1, BODY), True), (b"", True), (b"B", False), (pack(1, BODY)[:15], False), (b"XX" + pack(1, BODY)[2:], False),
    (pack(1, BODY) + b"\0", False), (pack(1, b""), True), (pack(1, b"x" * 1200), True),
    (pack(1, b"x" * 1200)[:-1] + b"y", False),          # read in pieces of 512 bytes
])
def test_a_slot_is_sound_where_it_holds_a_whole_document_or_nothing(storage, raw, is_sound):
    storage.write("rig.b", raw)
    assert Slots(storage, "rig").is_sound() is is_sound
