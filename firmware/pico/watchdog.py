"""The watchdog and why the board has booted. Fed by nothing but `feed`."""

from machine import WDT, mem32
from micropython import const

from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG

TIMEOUT_MS = 2000                       # P-02
_REASON = const(0x40058008)             # bit 0: the watchdog's timer; bit 1: a reset that software asked for
_TIMER = const(1)
_FORCED = const(2)


class Watchdog:
    def __init__(self):
        """Reads the cause; the timer does not run yet."""
        reason = mem32[_REASON]
        self.reset_cause = CAUSE_WATCHDOG if reason & _TIMER else CAUSE_SOFT if reason & _FORCED else CAUSE_POWER
        self._timer = None

    def start(self):
        """From now on the chip resets when `feed` is not called for TIMEOUT_MS. Nothing stops this."""
        self._timer = WDT(timeout=TIMEOUT_MS)

    def feed(self):
        """The controller completed a poll. Allocates nothing."""
        self._timer.feed()
