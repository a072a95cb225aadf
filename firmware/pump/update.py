"""A new firmware proves itself, and the pump hands itself over to maintenance. Knows no flash and no slot's files.

A firmware on trial is kept once it is healthy and a host has asked it something, or has been healthy for long. Where it
is not healthy it gives up, and the board goes back to the firmware before it. Whatever hangs or resets does the same.
"""

from pump import alarms, record
from pump.selftest import COUNTER, JOURNAL, MEMORY, SLOTS

SETTLE_MS = 2000              # of health, however early the host asks: many polls with all parts at work
ALONE_MS = 120000             # of health, where no host asks

HANDED_OVER = 0               # codes of the journal's event
ON_TRIAL = 1
KEPT = 2
RETURNED = 3
# Failures of the self-test that a firmware can cause. Button, driver and clock are of what is wired to it.
UNFIT = SLOTS | JOURNAL | COUNTER | MEMORY

NAMES = ("handed over", "on trial", "kept", "back after a failed trial")


class Update:
    def __init__(self, app, version):
        self._app = app
        self._firmware = app.board.firmware
        self._version = version
        self._heard = False
        self._leaves = False            # to the prompt, at the end of this poll
        self._since_ms = 0
        self.is_trial = False

    def begin(self, now_ms):
        """At the end of the boot: the journal learns of a trial, or of one that failed before this boot."""
        self._since_ms = now_ms
        self.is_trial = self._firmware.is_trial
        if self.is_trial:
            self._note(now_ms, ON_TRIAL)
        elif self._firmware.has_returned:
            self._keep(now_ms, RETURNED)

    def heard(self):
        """A host has asked something."""
        self._heard = True

    def hand_over(self, now_ms, request_id):
        """Maintenance was asked for: the board goes to its prompt at the end of this poll."""
        self._note(now_ms, HANDED_OVER, record.ACTOR_HOST, request_id)
        self._leaves = True

    def advance(self, now_ms):
        """Once a poll, last of all; returns the ms at which it has something to do next, or None."""
        if self._leaves:
            self._leaves = False
            self._firmware.hand_over()
        elif self.is_trial:
            if not self._is_healthy():
                self._firmware.give_up()
                return None
            end_ms = self._since_ms + (SETTLE_MS if self._heard else ALONE_MS)
            if now_ms < end_ms:
                return end_ms
            self._keep(end_ms, KEPT)
        return None

    def _is_healthy(self):
        app = self._app
        if app.journal is None or app.last_error or app.parts.alarms.is_present(alarms.STORAGE_FAULT):
            return False
        return not app.parts.self_test.failed & UNFIT

    def _keep(self, now_ms, code):
        """Where the flash refuses, this boot goes on, and the next one starts the old firmware."""
        self.is_trial = False
        try:
            self._firmware.confirm()
        except OSError:
            return
        self._note(now_ms, code)

    def _note(self, now_ms, code, actor=record.ACTOR_PUMP, request_id=0):
        """A journal that cannot take it must keep nobody from the maintenance it needs."""
        try:  # noqa: SIM105 (there is no contextlib on the device)
            self._app.parts.chronicle.note(now_ms, record.EVENT_FIRMWARE, actor, code, record.FIRMWARE,
                                           self._version.encode(), self._firmware.build.encode(), request_id)
        except OSError:
            pass
