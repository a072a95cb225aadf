"""The choice between two firmwares survives a power cut at any program or erase of the flash: old or new, whole."""

from contextlib import suppress

import pytest

from pump import slots
from pumpsim.flash import SECTOR_SIZE, NorFlash, SimStorage

NAME = slots.FILE.strip("/")
LOST = -5                               # LFS_ERR_IO, for whatever littlefs tries without power
STEPS = [("a--", "ab1"), ("ab1", "ab0"), ("ab0", "b--"), ("ab0", "a--"), ("-a1", "-a0")]


class CutFlash(NorFlash):
    """Loses its power in the middle of program or erase number `cut_at`."""

    def __init__(self, image, cut_at):
        super().__init__()
        self.image[:] = image
        self.left = cut_at

    def prog(self, cfg, block, off, data):
        self.left -= 1
        if self.left > 0:
            return super().prog(cfg, block, off, data)
        if self.left == 0:
            super().prog(cfg, block, off, bytes(data)[:len(data) // 2])
        return LOST

    def erase(self, cfg, block):
        self.left -= 1
        if self.left > 0:
            return super().erase(cfg, block)
        if self.left == 0:
            at = block * SECTOR_SIZE
            self.image[at:at + SECTOR_SIZE // 2] = b"\xff" * (SECTOR_SIZE // 2)
        return LOST


def flash_with(text, others=200):
    """A chip that holds the choice, and so many rewrites of a neighbour that its folder is about to be compacted."""
    flash = NorFlash()
    storage = SimStorage(flash)
    storage.write(NAME, text.encode())
    for count in range(others):
        storage.write("neighbour", b"%d" % count)
    return flash


def read_after(image):
    flash = NorFlash()
    flash.image[:] = image
    found = SimStorage(flash).read(NAME)
    return found.decode() if found is not None else None


@pytest.mark.parametrize("old, new", STEPS)
def test_a_cut_leaves_the_old_choice_or_the_new_one(old, new):
    seen = set()
    for others in range(0, 60, 3):
        before = bytes(flash_with(old, others).image)
        for cut_at in range(1, 30):
            flash = CutFlash(before, cut_at)
            storage = SimStorage(flash)
            with suppress(OSError):
                storage.write(NAME, new.encode())
            seen.add(read_after(flash.image))
            if flash.left > 0:                          # it was through before the cut
                assert read_after(flash.image) == new
                break
        else:
            pytest.fail("the write does not end")
    assert seen == {old, new}
