"""Files in the Pico's flash, in a folder of their own, so that they share no littlefs metadata with the firmware.

littlefs verifies every program by reading it back and commits a file's new content when it is closed: until then the
old one is there. So open, write, close is atomic, and durable when it returns.
"""

import os
from errno import ENOENT

FOLDER = "/data"
_FILE = 0x8000                          # the type in os.ilistdir
_SIZE = 6                               # in os.stat


class Storage:
    def __init__(self):
        """Never raises: where the folder cannot be made, the calls below raise OSError."""
        try:  # noqa: SIM105 (there is no contextlib on the device)
            os.mkdir(FOLDER)
        except OSError:
            pass                        # there already, or the file system is out of order

    def read(self, name):
        """The whole file as bytes, or None."""
        try:
            with open(_path(name), "rb") as file:
                return file.read()
        except OSError as error:
            if error.errno != ENOENT:
                raise
        return None

    def read_part(self, name, offset, size):
        """Up to `size` bytes from `offset` on; OSError where there is no such file."""
        with open(_path(name), "rb") as file:
            file.seek(offset)
            return file.read(size)

    def size(self, name):
        """Bytes in the file, 0 where there is none."""
        try:
            return os.stat(_path(name))[_SIZE]
        except OSError as error:
            if error.errno != ENOENT:
                raise
        return 0

    def names(self):
        """All files' names."""
        return [entry[0] for entry in os.ilistdir(FOLDER) if entry[1] == _FILE]

    def write(self, name, data):
        """Replaces the whole file."""
        self._put(name, "wb", data)

    def append(self, name, data):
        """Adds at the end."""
        self._put(name, "ab", data)

    def remove(self, name):
        try:
            os.remove(_path(name))
        except OSError as error:
            if error.errno != ENOENT:
                raise

    def _put(self, name, mode, data):
        with open(_path(name), mode) as file:
            if file.write(data) != len(data):
                raise OSError("short write")


def _path(name):
    return FOLDER + "/" + name
