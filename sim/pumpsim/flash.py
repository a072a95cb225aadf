"""The simulated flash chip and the file system on it: real littlefs code over NOR flash in memory.

The geometry is the Pico's: 352 sectors of 4096 bytes, programmed in pages of 256 bytes. Programming only clears
bits, as NOR flash does; erases and programs are counted.
"""

from littlefs import LittleFS, lfs
from littlefs.context import UserContext
from littlefs.errors import LittleFSError
from littlefs.lfs import LFSFileFlag

SECTOR_SIZE = 4096
SECTORS = 352
PAGE_SIZE = 256
CACHE_SIZE = 1024             # MicroPython: four pages
BLOCK_CYCLES = 100            # and so many erases of a metadata block before littlefs moves it on

_REPLACE = LFSFileFlag.wronly | LFSFileFlag.creat | LFSFileFlag.trunc
_APPEND = LFSFileFlag.wronly | LFSFileFlag.creat | LFSFileFlag.append


class NorFlash(UserContext):
    """The chip. Survives a power cycle; `image` are its bytes."""

    def __init__(self):
        super().__init__(0)
        self.image = bytearray(b"\xff" * (SECTORS * SECTOR_SIZE))
        self.buffer = self.image
        self.erases = [0] * SECTORS
        self.programs = 0

    def read(self, cfg, block, off, size):
        at = block * SECTOR_SIZE + off
        return self.image[at:at + size]

    def prog(self, cfg, block, off, data):
        at = block * SECTOR_SIZE + off
        size = len(data)
        old = int.from_bytes(self.image[at:at + size], "little")
        self.image[at:at + size] = (old & int.from_bytes(data, "little")).to_bytes(size, "little")
        self.programs += -(-size // PAGE_SIZE)
        return 0

    def erase(self, cfg, block):
        at = block * SECTOR_SIZE
        self.image[at:at + SECTOR_SIZE] = b"\xff" * SECTOR_SIZE
        self.erases[block] += 1
        return 0

    def sync(self, cfg):
        return 0


class SimStorage:
    """The storage of the board contract, on littlefs. A chip without a file system is formatted, as on the Pico."""

    def __init__(self, flash):
        self._flash = flash
        files = LittleFS(flash, block_size=SECTOR_SIZE, block_count=SECTORS, prog_size=PAGE_SIZE, read_size=32,
                         lookahead_size=32, cache_size=CACHE_SIZE, block_cycles=BLOCK_CYCLES, mount=False)
        try:
            files.mount()
        except LittleFSError:
            files.format()
            files.mount()
        self._files = files
        self._fs = files.fs

    def read(self, name):
        size = self.size(name)
        if not size and name not in self.names():
            return None
        return self.read_part(name, 0, size)

    def read_part(self, name, offset, size):
        try:
            handle = lfs.file_open(self._fs, name, "r")
        except LittleFSError:
            return b""
        try:
            lfs.file_seek(self._fs, handle, offset, 0)
            return bytes(lfs.file_read(self._fs, handle, size))
        finally:
            lfs.file_close(self._fs, handle)

    def size(self, name):
        try:
            return lfs.stat(self._fs, name).size
        except LittleFSError:
            return 0

    def names(self):
        return sorted(self._files.listdir("/"))

    def write(self, name, data):
        self._put(name, _REPLACE, data)

    def append(self, name, data):
        self._put(name, _APPEND, data)

    def remove(self, name):
        if name in self.names():
            lfs.remove(self._fs, name)

    def _put(self, name, flags, data):
        try:
            handle = lfs.file_open(self._fs, name, flags)
            try:
                lfs.file_write(self._fs, handle, data)
            finally:
                lfs.file_close(self._fs, handle)
        except LittleFSError as error:
            raise OSError(f"flash: {error}") from error
