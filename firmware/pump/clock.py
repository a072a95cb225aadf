"""The pump's two clocks: monotonic milliseconds since boot, and UTC. Owns the unwrapping of ticks.

Durations are always measured on the monotonic clock. UTC is the monotonic clock plus an offset that only
`set_utc` changes, so that setting the clock moves no running interval (T-05).
"""

from pump.board import TICKS_PERIOD

_MASK = TICKS_PERIOD - 1      # the period itself is no small integer on the Pico: it would allocate at every poll


class PumpClock:
    """Feed it `advance()` at least once in TICKS_PERIOD ms (12.4 days); App.poll does so every few ms."""

    def __init__(self, source):
        self._source = source
        self._ticks = source.ticks_ms()
        self._utc_offset_ms = None
        self.mono_ms = 0

    def advance(self):
        """Reads the board's ticks and returns mono_ms, milliseconds since boot, exact across wraps (T-06)."""
        ticks = self._source.ticks_ms()
        self.mono_ms += (ticks - self._ticks) & _MASK
        self._ticks = ticks
        return self.mono_ms

    @property
    def is_set(self):
        return self._utc_offset_ms is not None

    def set_utc(self, utc_ms):
        """From now on `mono_ms` is the instant `utc_ms` (milliseconds since 1970-01-01 UTC)."""
        self._utc_offset_ms = utc_ms - self.mono_ms

    def utc_ms(self, mono_ms):
        """UTC in ms of the monotonic instant, or None while the clock is not set (T-04)."""
        if self._utc_offset_ms is None:
            return None
        return mono_ms + self._utc_offset_ms

    def mono_of_utc(self, utc_ms):
        """The monotonic instant of a UTC instant; the clock must be set."""
        return utc_ms - self._utc_offset_ms
