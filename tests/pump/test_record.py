"""The journal record: its bytes, its CRC and its chain (J-04)."""

import struct

import pytest

from pump import record

CHAIN = b"\x01\x02\x03\x04\x05\x06\x07\x08"
# seq, utc_s, mono_s, utc_ms, mono_ms, offset_min, boot, event, actor, origin, code
HEAD = (258, 1_774_566_000, 60, 7, 8, -90, 3, record.EVENT_RATE, record.ACTOR_SCHEDULE, 0x11, 9)
DATA = struct.pack(record.DOSE, 1 << 40, (1 << 63) + 5, 90, 20_000, 4)


def sealed():
    return record.seal(HEAD, DATA, CHAIN)


def flipped(raw, bit):
    damaged = bytearray(raw)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_a_record_is_64_bytes_and_reads_back():
    raw = sealed()
    assert len(raw) == record.SIZE == 64
    assert record.header(raw) == HEAD
    assert record.seq_of(raw) == 258
    last = (1 << 32) - 1                                # of the u32
    assert record.seq_of(record.seal((last,) + HEAD[1:], DATA, CHAIN)) == last
    assert record.data_of(raw, record.DOSE) == (1 << 40, (1 << 63) + 5, 90, 20_000, 4)


def test_the_bytes_are_little_endian_and_where_the_layout_says():
    raw = sealed()
    assert raw[0:4] == b"\x02\x01\x00\x00"              # 258 = 1 * 256 + 2
    assert raw[16:18] == b"\xa6\xff"                    # -90 = 65536 - 90 = 0xffa6
    assert raw[20:24] == bytes([6, 1, 0x11, 9])
    assert raw[24:32] == b"\0\0\0\0\0\1\0\0"            # 2**40


def test_data_shorter_than_its_place_is_filled_with_zeros():
    raw = record.seal(HEAD, b"ab", CHAIN)
    assert raw[24:52] == b"ab" + bytes(26)


def test_every_layout_fits_its_place():
    layouts = (record.DOSE, record.CLOCK, record.IMAGE, record.BOLUS, record.TRANSFER, record.TEMPORARY, record.REFILL,
               record.ALARM, record.ACCOUNTS, record.LEVELS, record.REQUEST)
    assert [struct.calcsize(layout) for layout in layouts] == [28, 16, 24, 28, 16, 10, 24, 12, 28, 28, 20]
    assert record.DATA_SIZE == 28


@pytest.mark.requirement("J-04")
def test_every_flipped_bit_is_found():
    raw = sealed()
    assert record.is_whole(raw)
    assert [bit for bit in range(512) if record.is_whole(flipped(raw, bit))] == []


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("size", [0, 1, 63, 65])
def test_a_record_of_another_length_is_not_whole(size):
    assert not record.is_whole((sealed() + b"\0")[:size])


@pytest.mark.requirement("J-04")
def test_a_record_follows_only_the_one_before_it():
    raw = sealed()
    after = record.seal((259, *HEAD[1:]), DATA, record.chain_of(raw))
    assert record.follows(raw, CHAIN)
    assert record.follows(after, record.chain_of(raw))
    assert not record.follows(after, CHAIN)             # the one between is missing
    assert not record.follows(raw, record.chain_of(after))


@pytest.mark.requirement("J-04")
def test_a_changed_record_with_a_mended_crc_breaks_the_chain():
    other = record.seal(HEAD, DATA[:-4] + b"\5\0\0\0", CHAIN)
    assert record.is_whole(other)
    assert record.chain_of(other) != record.chain_of(sealed())


def test_names_and_numbers_belong_together():
    for number, name in enumerate(record.EVENT_NAMES[1:], 1):
        assert getattr(record, "EVENT_" + name.upper().replace("-", "_")) == number
    for number, name in enumerate(record.ACTOR_NAMES):
        assert getattr(record, "ACTOR_" + name.upper()) == number
    assert [record.BOARD_NUMBERS[name] for name in record.BOARD_NAMES] == [0, 1]
