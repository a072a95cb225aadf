"""The simulated flash chip and littlefs on it."""

import pytest

from pumpsim.flash import PAGE_SIZE, SECTOR_SIZE, NorFlash, SimStorage
from pumpsim.prover.chip import ListingFlash


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


def test_faults_say_nothing_change_nothing_and_end():
    flash = NorFlash()
    flash.prog(None, 3, 0, b"\x5a" * PAGE_SIZE)
    flash.fail_erase(3)
    flash.fail_program(3)
    assert flash.erase(None, 3) == flash.prog(None, 3, 0, b"\x00" * PAGE_SIZE) == 0
    assert flash.read(None, 3, 0, PAGE_SIZE) == b"\x5a" * PAGE_SIZE
    flash.corrupt_reads(3)
    wrong = int.from_bytes(flash.read(None, 3, 0, PAGE_SIZE)) ^ int.from_bytes(b"\x5a" * PAGE_SIZE)
    assert wrong.bit_count() == 1
    assert flash.read(None, 4, 0, 4) == b"\xff" * 4
    flash.heal()
    assert flash.read(None, 3, 0, PAGE_SIZE) == b"\x5a" * PAGE_SIZE
    flash.erase(None, 3)
    assert flash.used_sectors() == []


def test_a_formatting_that_was_cut_anywhere_is_done_again():
    chip = ListingFlash()
    SimStorage(chip).write("kept", b"k" * 2000)
    image = bytearray(NorFlash().image)
    for operation in chip.operations:
        torn = NorFlash(image)
        torn.image[operation.at:operation.at + 100] = bytes(100)        # the power went in the middle of this one
        for found in (SimStorage(NorFlash(image)), SimStorage(torn)):
            assert found.names() in ([], ["kept"])
        operation.apply(image)
    assert SimStorage(NorFlash(image)).read("kept") == b"k" * 2000
