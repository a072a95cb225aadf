"""A power cut in the middle of a flash operation. Owns the count-down and the chip's bytes as the cut leaves them.

littlefs cannot be left in the middle of its C code: it goes on until it returns, and what it did meanwhile is undone.
"""

from pumpsim.flash import PAGE_SIZE, SECTOR_SIZE
from pumpsim.power import PowerCut
from pumpsim.prover.chip import Operation

NOT_DONE = "not done"
DONE = "done"
TORN = "torn"
WAYS = (NOT_DONE, DONE, TORN)


class FlashTrap:
    """Set as `trap` of a NorFlash. An operation programs a page of 256 bytes or erases a sector."""

    def __init__(self, operation, way, dice):
        """The power goes at operation number `operation` from now on, 1 for the next; `way`: what becomes of it."""
        self._left = operation
        self._way = way
        self._dice = dice
        self._image = None            # the chip as the cut left it
        self.story = ""               # what happened, once it has

    @property
    def is_sprung(self):
        return self._image is not None

    def prog(self, flash, cfg, block, off, data):
        data = bytes(data)
        for start in range(0, len(data), PAGE_SIZE):
            page = data[start:start + PAGE_SIZE]
            self._look(flash, Operation(block * SECTOR_SIZE + off + start, page))
            flash.trap = None
            flash.prog(cfg, block, off + start, page)
            flash.trap = self
        return 0

    def erase(self, flash, block):
        self._look(flash, Operation(block * SECTOR_SIZE, None))

    def check(self, flash):
        """Leaves the chip as the cut did and raises PowerCut, once the operation has been reached."""
        if self.is_sprung:
            flash.image[:] = self._image
            raise PowerCut(self.story)

    def _look(self, flash, operation):
        self._left -= 1
        if self._left != 0:
            return
        image = bytearray(flash.image)
        how = self._way
        if how == DONE:
            operation.apply(image)
        elif how == TORN:
            how = operation.tear(image, self._dice)
        self.story = f"{operation}: {how}"
        self._image = image
