"""The simulated flash chip, its faults, and the file system on it: real littlefs code over NOR flash in memory.

The geometry is the Pico's: 352 sectors of 4096 bytes, programmed in pages of 256 bytes. Programming only clears
bits, as NOR flash does; erases and programs are counted.
"""

from errno import EIO, ENOENT

from littlefs import LittleFS, lfs
from littlefs.context import UserContext
from littlefs.errors import LittleFSError
from littlefs.lfs import LFSFileFlag

SECTOR_SIZE = 4096
SECTORS = 352
PAGE_SIZE = 256
CACHE_SIZE = 1024             # MicroPython: four pages
BLOCK_CYCLES = 100            # and so many erases of a metadata block before littlefs moves it on
SUPERBLOCKS = (0, 1)          # sectors of littlefs' root

_REPLACE = LFSFileFlag.wronly | LFSFileFlag.creat | LFSFileFlag.trunc
_APPEND = LFSFileFlag.wronly | LFSFileFlag.creat | LFSFileFlag.append
_NO_ENTRY = LittleFSError.Error.LFS_ERR_NOENT
_ERASED = b"\xff" * SECTOR_SIZE


class NorFlash(UserContext):
    """The chip. Survives a power cycle; `image` are its bytes.

    A fault says nothing, as on a real chip: the operation seems to work. `heal` ends all of them and changes no byte.
    """

    def __init__(self, image=None):
        """An erased chip, or one that holds a copy of `image`."""
        super().__init__(0)
        self.image = bytearray(b"\xff" * (SECTORS * SECTOR_SIZE)) if image is None else bytearray(image)
        self.buffer = self.image
        self.erases = [0] * SECTORS
        self.programs = 0
        self._no_erase = frozenset()
        self._no_program = frozenset()
        self._wrong_reads = frozenset()
        self.trap = None              # a FlashTrap that takes the power away at an operation

    def read(self, cfg, block, off, size):
        at = block * SECTOR_SIZE + off
        found = self.image[at:at + size]
        if block in self._wrong_reads:
            found[size // 2] ^= 1
        return found

    def prog(self, cfg, block, off, data):
        if self.trap:
            return self.trap.prog(self, cfg, block, off, data)
        size = len(data)
        self.programs += -(-size // PAGE_SIZE)
        if block not in self._no_program:
            clear_bits(self.image, block * SECTOR_SIZE + off, data)
        return 0

    def erase(self, cfg, block):
        if self.trap:
            self.trap.erase(self, block)
        self.erases[block] += 1
        if block not in self._no_erase:
            at = block * SECTOR_SIZE
            self.image[at:at + SECTOR_SIZE] = _ERASED
        return 0

    @property
    def operation_count(self):
        """Pages programmed and sectors erased so far."""
        return self.programs + sum(self.erases)

    def sync(self, cfg):
        return 0

    def fail_erase(self, *sectors):
        """These keep what they hold when they are erased."""
        self._no_erase |= set(sectors)

    def fail_program(self, *sectors):
        """These keep what they hold when they are programmed."""
        self._no_program |= set(sectors)

    def corrupt_reads(self, *sectors):
        """One bit of whatever is read from these is wrong."""
        self._wrong_reads |= set(sectors)

    def heal(self, erase=True, program=True, reads=True):
        """All faults are over, or those of some kinds."""
        self._no_erase = frozenset() if erase else self._no_erase
        self._no_program = frozenset() if program else self._no_program
        self._wrong_reads = frozenset() if reads else self._wrong_reads

    def power_on(self):
        """The chip works again, with what the cut has left."""
        if self.trap and self.trap.is_sprung:
            self.trap = None

    def used_sectors(self):
        """Numbers of the sectors that are not erased."""
        return [number for number in range(SECTORS)
                if self.image[number * SECTOR_SIZE:(number + 1) * SECTOR_SIZE] != _ERASED]

    def is_unformatted(self):
        """True for an erased chip, and for one whose very first formatting was cut off.

        Formatting writes the first superblock's sector and then the second one's; when it is over both hold something.
        """
        used = self.used_sectors()
        return not used or (len(used) == 1 and used[0] in SUPERBLOCKS)


class SimStorage:
    """The storage of the board contract, on littlefs. Only an unformatted chip is formatted; what cannot be mounted
    otherwise is left as it is, and every call raises OSError.
    """

    def __init__(self, flash):
        files = LittleFS(flash, block_size=SECTOR_SIZE, block_count=SECTORS, prog_size=PAGE_SIZE, read_size=32,
                         lookahead_size=32, cache_size=CACHE_SIZE, block_cycles=BLOCK_CYCLES, mount=False)
        self._flash = flash
        self._files = files
        self._fs = files.fs
        self._is_mounted = self._mount() or (flash.is_unformatted() and self._format() and self._mount())
        self._outlive()

    def read(self, name):
        size = self._size(name)
        return None if size is None else self.read_part(name, 0, size)

    def read_part(self, name, offset, size):
        self._require()
        try:
            handle = lfs.file_open(self._fs, name, "r")
            try:
                lfs.file_seek(self._fs, handle, offset, 0)
                return bytes(lfs.file_read(self._fs, handle, size))
            finally:
                lfs.file_close(self._fs, handle)
        except LittleFSError as error:
            raise _os_error(error) from error

    def size(self, name):
        return self._size(name) or 0

    def names(self):
        self._require()
        try:
            return sorted(self._files.listdir("/"))
        except LittleFSError as error:
            raise _os_error(error) from error

    def write(self, name, data):
        self._put(name, _REPLACE, data)

    def append(self, name, data):
        self._put(name, _APPEND, data)

    def remove(self, name):
        self._require()
        try:
            lfs.remove(self._fs, name)
        except LittleFSError as error:
            if error.code != _NO_ENTRY:
                raise _os_error(error) from error
        finally:
            self._outlive()

    def _mount(self):
        try:
            self._files.mount()
        except LittleFSError:
            return False
        return True

    def _format(self):
        try:
            self._files.format()
        except LittleFSError:
            return False
        return True

    def _require(self):
        if not self._is_mounted:
            raise OSError(EIO, "flash: there is no file system")

    def _size(self, name):
        """Bytes in the file, None where there is none."""
        self._require()
        try:
            return lfs.stat(self._fs, name).size
        except LittleFSError as error:
            if error.code == _NO_ENTRY:
                return None
            raise _os_error(error) from error

    def _put(self, name, flags, data):
        self._require()
        try:
            handle = lfs.file_open(self._fs, name, flags)
            try:
                lfs.file_write(self._fs, handle, data)
            finally:
                lfs.file_close(self._fs, handle)
        except LittleFSError as error:
            raise _os_error(error) from error
        finally:
            self._outlive()

    def _outlive(self):
        """PowerCut where the power went during one of the chip's operations."""
        if self._flash.trap:
            self._flash.trap.check(self._flash)


def clear_bits(image, at, data):
    """Programs `data` into a chip's bytes from `at` on: a bit can only fall."""
    size = len(data)
    old = int.from_bytes(image[at:at + size], "little")
    image[at:at + size] = (old & int.from_bytes(data, "little")).to_bytes(size, "little")


def _os_error(error):
    return OSError(ENOENT if error.code == _NO_ENTRY else EIO, f"flash: {error}")
