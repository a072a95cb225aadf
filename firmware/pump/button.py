"""The button: debounced here, so that the simulator's bounce is real. Owns press and hold; knows no bolus."""

STABLE_MS = 30                # a level counts when it has held for so long
HOLD_MS = 3000
POLL_MS = 5                   # while something is going on

NOTHING = 0
CLICK = 1                     # pressed and let go before HOLD_MS
HOLD = 2                      # held for HOLD_MS; reported once, while still held


class Button:
    def __init__(self):
        self._raw = False
        self._raw_since_ms = 0
        self._is_down = None          # debounced; None until it has once been seen released (P-01)
        self._down_since_ms = 0
        self._is_held = False

    def read(self, level, now_ms):
        """Takes the level now (True: pressed); returns CLICK, HOLD or NOTHING."""
        if level != self._raw:
            self._raw = level
            self._raw_since_ms = now_ms
        if now_ms - self._raw_since_ms >= STABLE_MS and level != self._is_down:
            return self._settle(level)
        if self._is_down and level and not self._is_held and now_ms - self._down_since_ms >= HOLD_MS:
            self._is_held = True
            return HOLD
        return NOTHING

    def next_ms(self, now_ms):
        """When it has to be read again, or None while it rests."""
        if self._raw != self._is_down and not (self._raw and self._is_down is None):
            return now_ms + POLL_MS
        if self._is_down and not self._is_held:
            return self._down_since_ms + HOLD_MS
        return None

    def _settle(self, level):
        was_down = self._is_down
        if was_down is None and level:
            return NOTHING              # held since power-up: it does not count until it has been let go
        self._is_down = level
        if level:
            self._down_since_ms = self._raw_since_ms
            self._is_held = False
            return NOTHING
        return CLICK if was_down and not self._is_held else NOTHING
