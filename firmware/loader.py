"""The loader, main.py on the Pico: starts one of two firmwares, and goes back from a new one that fails.

A firmware is one file, /a.fw or /b.fw, mounted at /a or /b; /slots says which one runs. What its three characters and
the bytes of a .fw file mean is in PROTOCOL.md, and pump/slots.py has it for the firmware. A new firmware is on trial in
its first boot: that is written down before it starts, so whatever ends that boot before the firmware confirms itself,
the next boot starts the old one. Imports nothing of a firmware but its main, so that it runs where both are broken.
"""

# ruff: noqa: E402
import micropython

micropython.kbd_intr(-1)                # from here on no byte of the host's ends loader or firmware (C-04)

import gc
import json
import sys
from errno import ENOENT
from time import sleep_ms

import machine
import vfs

CHOICE = "/slots"
JUMPER = 15                             # this GPIO held to ground: MicroPython's prompt instead of the pump
HANDOVER = 0x40058010                   # watchdog scratch register 1: survives a reset, not a power cycle
HANDOVER_MAGIC = 0x484F5652             # "HOVR", left there by pico/firmware.py
TRIAL_BOOT_MS = 8388                    # the longest the watchdog knows; the firmware starts it anew with its own time
GARBAGE = 65536                         # bytes allocated between two collections while booting; main.py sets its own


class Slot:
    """A firmware's file as a file system to import from. Not a folder: littlefs takes 4 ms to find a file in one, and
    an import asks three times.
    """

    def __init__(self, path):
        self._path = path
        with open(path, "rb") as file:
            size = int.from_bytes(file.read(4), "little")
            self._index = json.loads(file.read(size))
        self._base = 4 + size

    def mount(self, readonly, mkfs):
        pass

    def umount(self):                   # by firmwares up to 0.1.0
        pass

    def stat(self, path):
        mode = 0x8000 if self._entry(path) else 0x4000          # a folder's entry is empty
        return (mode, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    def open(self, path, mode):
        """The file itself from there on: an import reads no further than it must."""
        at, _ = self._entry(path)
        file = open(self._path, "rb")   # noqa: SIM115 (the import closes it)
        file.seek(self._base + at)
        return file

    def _entry(self, path):
        entry = self._index.get(path)
        if entry is None:
            raise OSError(ENOENT)
        return entry


def is_maintenance():
    """True where the jumper is fitted, or the pump was asked to hand over; the next boot is an ordinary one again."""
    pin = machine.Pin(JUMPER, machine.Pin.IN, machine.Pin.PULL_UP)
    sleep_ms(1)                         # the weak pull-up charges what hangs on the wire
    is_asked = machine.mem32[HANDOVER] == HANDOVER_MAGIC
    machine.mem32[HANDOVER] = 0
    return is_asked or not pin.value()


def chosen():
    """(slot or "" for none, True where it is on trial in this boot). A trial that cannot be written down is none."""
    confirmed = ""
    try:
        with open(CHOICE) as file:
            confirmed, trial, tries = file.read(3)
        if trial in "ab" and tries == "1":
            with open(CHOICE, "w") as file:                     # replaced as a whole, or not at all, when it is closed
                file.write(confirmed + trial + "0")
            return trial, True
    except (OSError, ValueError):
        pass
    return (confirmed if confirmed in "ab" else ""), False


def start(slot, is_trial):
    """Runs the slot's main. Comes back, to MicroPython's prompt, where that fails and is not on trial."""
    if is_trial:
        machine.WDT(timeout=TRIAL_BOOT_MS)
    gc.threshold(GARBAGE)
    try:
        vfs.mount(Slot("/" + slot + ".fw"), "/" + slot)
        sys.path[:] = ["/" + slot, ".frozen"]
        __import__("main")
    except BaseException as error:
        if is_trial:
            machine.reset()
        sys.print_exception(error)


if not is_maintenance():
    name, on_trial = chosen()
    if name:
        start(name, on_trial)
micropython.kbd_intr(3)
