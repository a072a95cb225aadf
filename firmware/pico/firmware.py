"""The firmware that runs, as one of two slots: which one, whether it is on trial, and the ways out of it.

The loader has mounted the slot and put it first on sys.path. Where it has chosen none, nothing is on trial.
"""

import sys
from time import sleep_ms

from machine import mem32, reset
from micropython import const

from pump import slots

LABEL = "/label"                        # the end of the slot's file: version and build
_HANDOVER = const(0x40058010)           # watchdog scratch register 1; both stand in loader.py too
_MAGIC = const(0x484F5652)
_REPLY_MS = const(50)                   # for the last reply to leave over USB


class Firmware:
    def __init__(self):
        mounted = sys.path[0]
        self.slot = mounted[1:]
        self.build = _read(mounted + LABEL).partition(" ")[2]
        _, trial, tries = slots.of_text(_read(slots.FILE))
        has_tried = trial != "" and not tries
        self.is_trial = has_tried and trial == self.slot
        self.has_returned = has_tried and trial != self.slot

    def confirm(self):
        """This slot for good. Durable when it returns; OSError where the storage fails."""
        with open(slots.FILE, "w") as file:
            file.write(slots.confirmed(self.slot))

    def give_up(self):
        """Resets; from a trial that leads back to the old slot. Does not return."""
        reset()

    def hand_over(self):
        """Resets to MicroPython's prompt, which stays until the next reset or power cycle. Does not return."""
        sleep_ms(_REPLY_MS)
        mem32[_HANDOVER] = _MAGIC
        reset()


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode()
    except OSError:
        return ""
