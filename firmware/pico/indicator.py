"""The indicator: the lamp, which may have colours, and the buzzer, which may be absent. Knows no states of the pump."""


class Indicator:
    def __init__(self, lamp, buzzer):
        self._lamp = lamp
        self._buzzer = buzzer

    def show(self, pattern):
        """Shows and sounds a PATTERN_* of the board contract from now on; dark and silent for PATTERN_OFF."""
        self._lamp.show(pattern)
        self._buzzer.show(pattern)
