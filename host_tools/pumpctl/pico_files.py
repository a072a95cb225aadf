"""The files on a Pico, through MicroPython's prompt: looks, writes piece by piece, proves. Knows no firmware's content.

The code below runs on the board. A file that is being written is flushed from time to time, so that what has arrived
survives a broken link or a power cut and need not be sent again.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pumpctl.errors import HostError
from pumpctl.repl import Repl, ReplError

PIECE = 3072                  # bytes in one message: 4 KB of base64, little against the heap
FLUSH_EACH = 16384            # bytes: four sectors, so that a flush rarely rewrites a partial one
SECTOR = 4096

_TOOLS = """\
import os, json, hashlib, binascii
def digest(path):
    try:
        file = open(path, "rb")
    except OSError:
        return None
    hash = hashlib.sha256()
    buffer = memoryview(bytearray(2048))
    size = 0
    while True:
        count = file.readinto(buffer)
        if not count:
            break
        hash.update(buffer[:count])
        size += count
    file.close()
    return size, binascii.hexlify(hash.digest()).decode()
def text(path):
    try:
        with open(path) as file:
            return file.read(64)
    except (OSError, ValueError):
        return ""
def label(path):
    try:
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(4), "little")
            if size > 16384:
                return ""
            at, length = json.loads(file.read(size))["/label"]
            file.seek(4 + size + at)
            return file.read(length).decode()
    except (OSError, ValueError, KeyError, TypeError):
        return ""
def exists(path):
    try:
        return bool(os.stat(path))
    except OSError:
        return False
def free():
    at = os.statvfs("/")
    return at[0] * at[3]
"""


@dataclass(frozen=True)
class Kept:
    """A file on the Pico: its bytes and the SHA-256 of them in hex."""

    size: int
    digest: str


class PicoFiles:
    def __init__(self, repl: Repl):
        self._repl = repl
        repl.run(_TOOLS)

    def look(self, path: str) -> Kept | None:
        """Size and digest, None where there is no such file."""
        found = self._ask(f"digest({path!r})")
        return Kept(*found) if found else None

    def text(self, path: str) -> str:
        """The first 64 characters, "" where there is no such file."""
        return self._ask(f"text({path!r})")

    def label(self, path: str) -> str:
        """Version and build of a firmware's file, "" where it is not whole."""
        return self._ask(f"label({path!r})")

    def exists(self, path: str) -> bool:
        return self._ask(f"exists({path!r})")

    def free_bytes(self) -> int:
        """Room on the flash, in whole sectors."""
        return self._ask("free()")

    def replace(self, path: str, data: bytes) -> None:
        """A small file as a whole: after a power cut the old or the new one is there."""
        self._repl.run(f"with open({path!r}, 'wb') as file:\n file.write({data!r})")
        self._prove(path, data)

    def send(self, path: str, data: bytes, on_bytes: Callable[[int], None] = lambda count: None) -> int:
        """Makes `path` hold `data`, going on where a former call was cut; returns how many bytes were sent.

        HostError where the flash is full or what was written reads otherwise.
        """
        kept = self.look(path)
        begin = kept_bytes(kept, data)
        try:
            if kept and not begin:
                self._repl.run(f"os.remove({path!r})")
            self._append(path, data, begin, on_bytes)
        except ReplError as error:
            if error.is_full:
                raise self._full(len(data) - begin)
            raise
        self._prove(path, data)
        return len(data) - begin

    def require_room(self, path: str, data: bytes) -> None:
        """HostError where `data` would not fit in place of what `path` holds now."""
        kept = self.look(path)
        needed = -(-len(data) // SECTOR) * SECTOR + 2 * SECTOR          # and its folder's own
        if self.free_bytes() + (kept.size if kept else 0) < needed:
            raise self._full(needed)

    def _append(self, path: str, data: bytes, begin: int, on_bytes: Callable[[int], None]) -> None:
        on_bytes(begin)
        if begin == len(data):
            return
        self._repl.run(f"file = open({path!r}, 'ab')")
        for at in range(begin, len(data), PIECE):
            piece = data[at:at + PIECE]
            self._repl.run(f"file.write(binascii.a2b_base64({base64.b64encode(piece)!r}))\n"
                           + ("file.flush()" if (at + PIECE) // FLUSH_EACH > at // FLUSH_EACH else ""))
            on_bytes(at + len(piece))
        self._repl.run("file.close()")

    def _prove(self, path: str, data: bytes) -> None:
        if self.look(path) != Kept(len(data), hashlib.sha256(data).hexdigest()):
            raise HostError(f"{path} reads otherwise than it was written", "run it again; if it stays so, the flash is "
                                                                           "worn out: take another Pico")

    def _full(self, needed: int) -> HostError:
        free = self.free_bytes()
        return HostError(f"the Pico's flash is full: {-(-needed // 1024)} KB are needed, {free // 1024} KB are free",
                         "remove files that are not the pump's, with mpremote fs rm, then run it again")

    def _ask(self, expression: str) -> Any:
        return self._repl.run(f"print(repr({expression}))")


def kept_bytes(kept: Kept | None, data: bytes) -> int:
    """How much of `data` need not be sent again: all that is there, if it is the beginning of it, otherwise 0."""
    if kept is None or kept.size > len(data):
        return 0
    return kept.size if hashlib.sha256(data[:kept.size]).hexdigest() == kept.digest else 0
