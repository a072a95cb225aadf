"""The service meter: how long and how often the motor has run (A-06). Owns its two sums; warns of nothing."""


class Meter:
    def __init__(self):
        self._motor_ms = 0
        self.starts = 0
        self._since_ms = None         # the motor runs since then

    def restore(self, motor_s, starts):
        self._motor_ms = motor_s * 1000
        self.starts = starts

    def note(self, now_ms, is_moving):
        """The motor moves, or not, from now on."""
        if self._since_ms is not None:
            self._motor_ms += now_ms - self._since_ms
        elif is_moving:
            self.starts += 1
        self._since_ms = now_ms if is_moving else None

    def motor_s(self, now_ms):
        """Seconds that the motor has been on, rounded down."""
        running_ms = now_ms - self._since_ms if self._since_ms is not None else 0
        return (self._motor_ms + running_ms) // 1000
