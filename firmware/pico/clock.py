"""The clock: milliseconds from the RP2040's timer. Knows no time of day."""

import time


class Clock:
    def __init__(self, wait_ms):
        """`wait_ms(ms)` lets time pass; it may return early."""
        self.sleep_ms = wait_ms
        self.ticks_ms = time.ticks_ms   # wraps at 2**30: TICKS_PERIOD
