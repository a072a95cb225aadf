"""A new firmware onto a Pico at MicroPython's prompt: looks, sends, proves, switches. Owns the order; prints nothing.

Nothing that runs is touched until the whole new firmware has been proven: it goes into the slot that is not in force,
and one small file, replaced in one step, makes it the one to be tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from pump import slots
from pumpctl.firmware_image import FirmwareImage
from pumpctl.pico_board import require_pico
from pumpctl.pico_files import Kept, PicoFiles, kept_bytes
from pumpctl.repl import Repl

LOADER = "/main.py"
RIG_FILES = ("/data/rig.a", "/data/rig.b")


@dataclass(frozen=True)
class Survey:
    """What is on a Pico: the slot in force, "" for none, and the label of its firmware."""

    micropython: str
    slot: str
    label: str
    is_settled: bool          # no other slot waits to be tried
    target: str               # the slot that a new firmware goes to
    target_kept: Kept | None
    loader: Kept | None
    in_force: Kept | None
    has_rig: bool
    free_bytes: int

    def has(self, image: FirmwareImage) -> bool:
        """True where this very firmware is in force already, loader included."""
        return is_same(self.in_force, image.slot_file) and is_same(self.loader, image.loader)


def target_of(slot: str) -> str:
    """The slot that a new firmware goes to, beside the one in force ("" for none)."""
    return "b" if slot == "a" else "a"


def survey(repl: Repl) -> Survey:
    """Looks; changes nothing. WrongBoardError where the firmware would not run."""
    micropython = require_pico(repl)
    files = PicoFiles(repl)
    choice = files.text(slots.FILE)
    slot = slots.of_text(choice)[0]
    target = target_of(slot)
    return Survey(micropython, slot, files.label(slots.file_of(slot)) if slot else "",
                  choice == slots.confirmed(slot), target,
                  files.look(slots.file_of(target)), files.look(LOADER),
                  files.look(slots.file_of(slot)) if slot else None,
                  any(files.exists(path) for path in RIG_FILES), files.free_bytes())


def to_send(found: Survey, image: FirmwareImage) -> int:
    """Bytes that an installation would send: the rest of the firmware's file, and the loader where it is another."""
    loader = 0 if is_same(found.loader, image.loader) else len(image.loader)
    return len(image.slot_file) - kept_bytes(found.target_kept, image.slot_file) + loader


def require_room(repl: Repl, found: Survey, image: FirmwareImage) -> None:
    """HostError where the firmware would not fit."""
    PicoFiles(repl).require_room(slots.file_of(found.target), image.slot_file)


def install(repl: Repl, found: Survey, image: FirmwareImage, on_bytes: Callable[[int], None]) -> int:
    """Sends and proves the firmware, then makes it the one that the next boot tries; returns the bytes sent."""
    files = PicoFiles(repl)
    path = slots.file_of(found.target)
    require_room(repl, found, image)
    sent = files.send(path, image.slot_file, on_bytes)
    if not is_same(found.loader, image.loader):
        files.replace(LOADER, image.loader)
        sent += len(image.loader)
    files.replace(slots.FILE, slots.to_be_tried(found.target, found.slot or slots.NONE).encode())
    return sent


def settle(repl: Repl, found: Survey) -> None:
    """The next boot runs the slot in force, whatever a former run had prepared."""
    if not found.is_settled:
        PicoFiles(repl).replace(slots.FILE, slots.confirmed(found.slot).encode())


def is_same(kept: Kept | None, data: bytes) -> bool:
    return kept == Kept(len(data), hashlib.sha256(data).hexdigest())
