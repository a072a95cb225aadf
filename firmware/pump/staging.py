"""Staged documents: rig or program arriving in pieces, committed whole by digest or not at all (C-03).

Owns the bytes on their way and the stored slots. A link cut at any byte, a power cut, or a wrong digest leaves the
document in force as it was; what was staged lives in memory only.
"""

import binascii
import hashlib

from pump.errors import PumpError
from pump.settings import Slots

CHUNK_READ = 512


class Staging:
    """One kind of document. `parse(body)` returns the document's object or raises PumpError."""

    def __init__(self, storage, kind, size_max, parse):
        self._slots = Slots(storage, kind)
        self._size_max = size_max
        self._parse = parse
        self._pieces = []               # what was staged, in the pieces that it came in: they need no room in one place
        self._size = 0                  # bytes in them
        self.size = 0                   # bytes of the document in force; they stay in flash, the heap has better uses
        self.document = None            # the parsed object in force, or None
        self.digest = ""                # SHA-256 in hex of body

    @property
    def generation(self):
        """How many documents of this kind have been committed."""
        return self._slots.generation

    def load(self):
        """Reads the stored document; returns it, or None where none is valid."""
        body = self._slots.load()
        if body is not None:
            try:
                self._adopt(body, self._parse(body))
            except PumpError:           # of another version: as good as none
                return None
        return self.document

    def was_sound(self):
        """True where `load` found no damaged slot: what is_sound would say then, without reading them again."""
        return self._slots.was_sound

    def is_sound(self):
        """True where no stored slot is damaged (J-06)."""
        return self._slots.is_sound()

    def stage(self, at, data):
        """Takes a piece; 0 begins anew, otherwise pieces follow each other without gaps."""
        if at == 0:
            self._pieces, self._size = [], 0
        if at != self._size:
            raise PumpError("staging", "expected the piece at %d: begin again at 0" % self._size)
        if at + len(data) > self._size_max:
            raise PumpError("staging", "the document is longer than %d bytes" % self._size_max)
        self._pieces.append(data)
        self._size += len(data)
        return self._size

    def staged(self, digest):
        """The staged document, parsed, if its SHA-256 in hex is `digest`."""
        body = b"".join(self._pieces)
        self._pieces = [body]           # the heap has no room for many copies of a whole document
        if _digest(body) != digest:
            raise PumpError("digest", "the staged document has another digest: stage it again")
        return self._parse(body)

    def commit(self, document):
        """Makes what `staged` returned the document in force, for good; returns its generation."""
        body = self._pieces[0]
        self._pieces, self._size = [], 0
        generation = self._slots.save(body)
        self._adopt(body, document)
        return generation

    def discard(self):
        """From now on no document is in force, over every reset, until another is committed."""
        self._slots.save(b"")           # no document: it will not parse
        self.size = 0
        self.document = None
        self.digest = ""

    def piece(self, at):
        """Bytes of the document in force from `at` on, at most CHUNK_READ. OSError when the storage fails."""
        return self._slots.part(at, min(CHUNK_READ, self.size - at)) if at < self.size else b""

    def _adopt(self, body, document):
        self.size = len(body)
        self.document = document
        self.digest = _digest(body)


def _digest(body):
    return binascii.hexlify(hashlib.sha256(body).digest()).decode()
