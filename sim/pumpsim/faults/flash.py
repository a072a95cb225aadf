"""Faults of the flash chip. A chip says nothing about them: what it is asked for seems to work."""

from pumpsim.faults.fault import Fault, fault, parameter
from pumpsim.flash import SECTORS

SECTORS_TEXT = "which sectors of 4096 bytes: all, or numbers such as 7 or 4-6,9"


def sectors_of(text):
    """Numbers of the sectors that a parameter names; ValueError where it names none."""
    if text == "all":
        return range(SECTORS)
    found = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise ValueError(f"{text!r} names no sectors; write all, or numbers such as 7 or 4-6,9")
        found |= set(range(int(first), int(last or first) + 1))
    if not found or max(found) >= SECTORS:
        raise ValueError(f"{text!r} names no sectors of this chip; they are 0 to {SECTORS - 1}")
    return sorted(found)


@fault("flash_erase")
class FlashErase(Fault):
    """Sectors of the flash chip keep what they hold when they are erased."""

    parts = ("flash erase",)
    sectors: str = parameter("all", "", SECTORS_TEXT)

    def apply(self, pump):
        pump.flash.fail_erase(*sectors_of(self.sectors))

    def clear(self, pump, kept):
        pump.flash.heal(program=False, reads=False)


@fault("flash_program")
class FlashProgram(Fault):
    """Sectors of the flash chip keep what they hold when they are programmed."""

    parts = ("flash program",)
    sectors: str = parameter("all", "", SECTORS_TEXT)

    def apply(self, pump):
        pump.flash.fail_program(*sectors_of(self.sectors))

    def clear(self, pump, kept):
        pump.flash.heal(erase=False, reads=False)


@fault("flash_read")
class FlashRead(Fault):
    """One bit of whatever is read from sectors of the flash chip is wrong."""

    parts = ("flash read",)
    sectors: str = parameter("all", "", SECTORS_TEXT)

    def apply(self, pump):
        pump.flash.corrupt_reads(*sectors_of(self.sectors))

    def clear(self, pump, kept):
        pump.flash.heal(erase=False, program=False)


@fault("bit_flip")
class BitFlip(Fault):
    """One bit of a stored file is another from now on."""

    is_momentary = True
    file: str = parameter("rig.a", "", "its name on the pump")
    bit: int = parameter(0, "", "which bit, counted from the file's first byte", 0, 1 << 24)

    def apply(self, pump):
        storage = pump.board.storage
        try:
            data = bytearray(storage.read(self.file) or b"")
            sizes = ", ".join(f"{name} ({8 * storage.size(name)} bits)" for name in storage.names())
        except OSError as error:
            raise ValueError(f"{self.file} cannot be read: {error}; clear what fails in the flash chip first")
        if self.bit >= 8 * len(data):
            raise ValueError(f"{self.file} has no bit {self.bit}; stored are {sizes or 'no files'}")
        data[self.bit // 8] ^= 1 << self.bit % 8
        trap, pump.flash.trap = pump.flash.trap, None   # it waits for the pump's own operations
        try:
            storage.write(self.file, data)
        except OSError as error:
            raise ValueError(f"{self.file} cannot be written: {error}; clear what fails in the flash chip first")
        finally:
            pump.flash.trap = trap
