"""A flash chip that keeps a list of its operations, and what a power cut can make of one. Knows no file system.

An operation is what the chip does at once: it programs one page or erases one sector.
"""

from typing import NamedTuple

from pumpsim.flash import PAGE_SIZE, SECTOR_SIZE, NorFlash, clear_bits

SECTOR_BITS = 8 * SECTOR_SIZE


class Operation(NamedTuple):
    """`data` is programmed from byte `at` of the chip on; None: the sector at `at` is erased."""

    at: int
    data: bytes | None

    def apply(self, image):
        """Does all of it to a chip's bytes."""
        if self.data is None:
            image[self.at:self.at + SECTOR_SIZE] = b"\xff" * SECTOR_SIZE
        else:
            clear_bits(image, self.at, self.data)

    def tear(self, image, dice):
        """Does a part of it, as the power goes; `dice` is a random.Random. Says in words what was done."""
        if self.data is None:
            return self._tear_erase(image, dice)
        done = dice.randrange(0, len(self.data))
        rest = len(self.data) - done
        how = dice.choice(("untouched", "some bits fallen", "anything"))
        torn = bytearray(self.data[:done] + b"\xff" * rest)
        if how == "some bits fallen":
            holes = dice.randbytes(rest)
            torn[done:] = bytes([byte | hole for byte, hole in zip(self.data[done:], holes)])
        elif how == "anything":
            torn[done:] = dice.randbytes(rest)
        clear_bits(image, self.at, torn)
        return f"{done} of {len(self.data)} bytes programmed, the rest {how}"

    def _tear_erase(self, image, dice):
        end = self.at + SECTOR_SIZE
        how = dice.choice(("untouched", "some bits risen", "anything"))
        done = dice.randrange(0, SECTOR_SIZE) if how == "untouched" else dice.choice((0, PAGE_SIZE, SECTOR_SIZE // 2))
        old = int.from_bytes(image[self.at + done:end], "little")
        rest = end - self.at - done
        image[self.at:self.at + done] = b"\xff" * done
        if how == "some bits risen":
            image[self.at + done:end] = (old | dice.getrandbits(8 * rest)).to_bytes(rest, "little")
        elif how == "anything":
            image[self.at + done:end] = dice.randbytes(rest)
        return f"{done} of {SECTOR_SIZE} bytes erased, the rest {how}"

    def __str__(self):
        what = "erase" if self.data is None else f"program {len(self.data)} bytes"
        return f"{what} at sector {self.at // SECTOR_SIZE}, byte {self.at % SECTOR_SIZE}"


class ListingFlash(NorFlash):
    """Calls on_operation() before each operation and then keeps it in `operations`."""

    def __init__(self, image=None, on_operation=None):
        super().__init__(image)
        self.operations = []
        self.on_operation = on_operation

    def prog(self, cfg, block, off, data):
        data = bytes(data)
        for start in range(0, len(data), PAGE_SIZE):
            page = data[start:start + PAGE_SIZE]
            self._list(Operation(block * SECTOR_SIZE + off + start, page))
            super().prog(cfg, block, off + start, page)
        return 0

    def erase(self, cfg, block):
        self._list(Operation(block * SECTOR_SIZE, None))
        return super().erase(cfg, block)

    def _list(self, operation):
        if self.on_operation:
            self.on_operation()
        self.operations.append(operation)
