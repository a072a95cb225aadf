"""Stored documents (rig, program): two slots each with a generation and a CRC. Knows bytes, not what they mean.

Slot files are "NAME.a" and "NAME.b". Layout, little-endian: "BP" magic, version u8, zero u8, generation u32,
length u32, CRC-32 u32 of the header before it and the body, then the body. A save goes to the slot that is not in
force, so a power cut leaves the old document or the new one (J-06).
"""

import binascii
import struct

VERSION = 1
_HEAD = "<2sBBII"
_HEAD_SIZE = 12
_BODY_AT = 16
_PART = 512                  # bytes read at a time: a whole slot may be more than the heap has in one piece


def pack(generation, body):
    """The bytes of a slot file."""
    head = struct.pack(_HEAD, b"BP", VERSION, 0, generation, len(body))
    return b"".join((head, struct.pack("<I", binascii.crc32(body, binascii.crc32(head))), body))


def unpack(raw):
    """(generation, body) of a slot file, or None where it is missing, cut short or has a wrong bit."""
    if raw is None or len(raw) < _BODY_AT:
        return None
    magic, version, zero, generation, length = struct.unpack_from(_HEAD, raw, 0)
    body = raw[_BODY_AT:]
    if magic != b"BP" or version != VERSION or zero or length != len(body):
        return None
    if struct.unpack_from("<I", raw, _HEAD_SIZE)[0] != binascii.crc32(body, binascii.crc32(raw[:_HEAD_SIZE])):
        return None
    return generation, body


class Slots:
    """One document in its two slots."""

    def __init__(self, storage, name):
        self._storage = storage
        self._files = (name + ".a", name + ".b")
        self.generation = 0            # of the document in force; 0 for none
        self.was_sound = True          # `load` found no damaged slot
        self._in_force = 1

    def load(self):
        """The newest whole document as bytes, or None. A damaged slot falls back to the other."""
        newest = None
        for index in (0, 1):
            raw = self._storage.read(self._files[index])
            found = unpack(raw)
            if raw and not found:
                self.was_sound = False
            if found and found[0] > self.generation:
                self.generation, newest = found
                self._in_force = index
        return newest

    def is_sound(self):
        """True where neither slot holds a damaged document; an empty slot is none."""
        return self._is_sound(0) and self._is_sound(1)

    def part(self, at, size):
        """Bytes of the document in force from `at` on, read from the slot again."""
        return self._storage.read_part(self._files[self._in_force], _BODY_AT + at, size)

    def save(self, body):
        """Replaces the document; returns its generation. Durable when it returns, old or new after a cut."""
        other = 1 - self._in_force
        self._storage.write(self._files[other], pack(self.generation + 1, body))
        self.generation += 1
        self._in_force = other
        return self.generation

    def _is_sound(self, index):
        name = self._files[index]
        size = self._storage.size(name)
        if not size:
            return True
        head = self._storage.read_part(name, 0, _BODY_AT)
        if len(head) < _BODY_AT or head[:2] != b"BP":
            return False
        crc = binascii.crc32(head[:_HEAD_SIZE])
        for at in range(_BODY_AT, size, _PART):
            crc = binascii.crc32(self._storage.read_part(name, at, _PART), crc)
        _, _, _, _, length = struct.unpack_from(_HEAD, head, 0)
        return length == size - _BODY_AT and crc == struct.unpack_from("<I", head, _HEAD_SIZE)[0]
