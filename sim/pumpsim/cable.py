"""The USB cable between host and simulated pump, and what can happen to it. Owns lines under way; knows no protocol.

Lines are lost or late, never reordered: a serial link keeps their order.
"""

from collections import deque
from random import Random


class Cable:
    """`to_pump` and `to_host` take what one end sends and return what the other end gets now."""

    def __init__(self, enter):
        """enter(action): has the pump's world call action() after `delay_ms`."""
        self._enter = enter
        self.is_plugged = True
        self.delay_ms = 0
        self.loss_percent = 0
        self.dice = Random(0)
        self._parts = {"pump": b"", "host": b""}     # the begun line of each direction, while lines may be lost
        self._late = deque()                         # (ms at which the host may have it, bytes)
        self._arrived_ms = 0                         # of the last bytes for the pump: none overtakes them

    def to_pump(self, data, now_ms, link):
        """Hands the host's bytes to the pump's `link`, now or later."""
        data = self._pass(data, "pump")
        if not data:
            return
        due_ms = max(now_ms + self.delay_ms, self._arrived_ms)
        self._arrived_ms = due_ms
        if due_ms > now_ms:
            self._enter(due_ms, data)
        else:
            link.send(data)

    def collect(self, data, now_ms):
        """The pump has written this."""
        data = self._pass(data, "host")
        if data:
            due_ms = max(now_ms + self.delay_ms, self._late[-1][0] if self._late else 0)
            self._late.append((due_ms, data))

    def to_host(self, now_ms):
        """What has arrived at the host's end by now."""
        found = b""
        while self._late and self._late[0][0] <= now_ms:
            found += self._late.popleft()[1]
        return found

    def _pass(self, data, where):
        if not self.is_plugged:
            self._parts[where] = b""
            return b""
        data = self._parts[where] + data
        self._parts[where] = b""
        if not self.loss_percent:
            return data
        *lines, self._parts[where] = data.split(b"\n")
        return b"".join(line + b"\n" for line in lines if self.dice.uniform(0, 100) >= self.loss_percent)
