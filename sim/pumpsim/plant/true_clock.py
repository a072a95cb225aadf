"""True time: the pump counts milliseconds by its crystal, the plant flows by a perfect clock. Knows no plant."""


class TrueClock:
    """Seconds since `begin`, of the pump's milliseconds."""

    def __init__(self, ppm):
        self._ms = 0                   # of the pump, when its crystal last became another
        self._s = 0.0                  # true, by then
        self._ppm = ppm                # by which the crystal is fast since

    def begin(self, ms):
        self._ms = ms

    def use(self, ppm, ms):
        """The crystal is so fast from the instant `ms` on; what has been stays as long as it was."""
        self._ms, self._s, self._ppm = ms, self.s_of(ms), ppm

    def s_of(self, ms):
        return self._s + (ms - self._ms) / 1000 / (1 + self._ppm / 1e6)
