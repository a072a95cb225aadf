"""The agenda: what happens around a simulated pump at an instant of virtual time. Owns the order; knows no pump."""

import heapq
from itertools import count


class Agenda:
    """False while nothing is on it. What is due at one instant is done in the order in which it was entered."""

    def __init__(self):
        self._entries = []             # heap of (ms, number, action)
        self._numbers = count()

    def __bool__(self):
        return bool(self._entries)

    @property
    def next_ms(self):
        """The instant of the first entry; only while there is one."""
        return self._entries[0][0]

    def enter(self, ms, action):
        """Calls action() at `ms`; returns the entry, for `strike`."""
        entry = (ms, next(self._numbers), action)
        heapq.heappush(self._entries, entry)
        return entry

    def strike(self, entry):
        """Takes an entry off again; nothing happens where it is over."""
        if entry in self._entries:
            self._entries.remove(entry)
            heapq.heapify(self._entries)

    def do_until(self, ms):
        """Does all that is due by `ms`, also what is entered meanwhile."""
        while self._entries and self._entries[0][0] <= ms:
            heapq.heappop(self._entries)[2]()
