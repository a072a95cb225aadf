"""The simulated flash chip and littlefs on it."""

import pytest

from pumpsim.flash import PAGE_SIZE, SECTOR_SIZE, NorFlash, SimStorage


def test_programming_only_clears_bits():
    flash = NorFlash()
    flash.prog(None, 3, 256, b"\xf0" * PAGE_SIZE)
    flash.prog(None, 3, 256, b"\x3c" * PAGE_SIZE)
    assert flash.read(None, 3, 256, 2) == b"\x30\x30"          # 0xf0 & 0x3c
    flash.erase(None, 3)
    assert flash.read(None, 3, 256, 2) == b"\xff\xff"
    assert (flash.erases[3], flash.programs) == (1, 2)


def test_files_survive_a_power_cycle():
    flash = NorFlash()
    SimStorage(flash).append("a", b"x" * (3 * SECTOR_SIZE))
    again = SimStorage(flash)
    assert again.size("a") == 3 * SECTOR_SIZE
    assert again.names() == ["a"]


def test_a_file_of_up_to_512_bytes_is_written_without_an_erase_of_its_own():
    flash = NorFlash()
    storage = SimStorage(flash)
    before = sum(flash.erases)
    storage.write("small", b"x" * 448)
    assert sum(flash.erases) == before
    storage.write("large", b"x" * 513)
    assert sum(flash.erases) > before


def test_a_full_chip_is_an_oserror_and_keeps_what_it_has():
    storage = SimStorage(NorFlash())
    storage.write("kept", b"k" * 1000)
    with pytest.raises(OSError):
        for _ in range(10):
            storage.append("big", b"x" * 200_000)
    assert storage.read("kept") == b"k" * 1000
