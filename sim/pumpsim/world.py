"""Virtual time. Owns the one clock of a simulation; knows no pump."""


class World:
    """Milliseconds since the simulation began. Only `move_to` moves it, and never back."""

    def __init__(self):
        self.now_ms = 0

    def move_to(self, ms):
        """Moves on to `ms`; ValueError for a move into the past."""
        if ms < self.now_ms:
            raise ValueError(f"cannot go back from {self.now_ms} ms to {ms} ms")
        self.now_ms = ms
