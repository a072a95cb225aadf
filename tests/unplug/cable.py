"""A cable between a host and a simulated pump that breaks after so many bytes, and is plugged in again."""

from pump.board import CAUSE_POWER
from pumpctl.transport import NoConnectionError


class Cable:
    """A cable that breaks once, after so many bytes to the pump or to the host; None: never. `loses_power`: the pump's
    power comes over it too."""

    def __init__(self, sim, to_pump=None, to_host=None, loses_power=False):
        self.sim, self.left = sim, {"pump": to_pump, "host": to_host}
        self.carried = {"pump": 0, "host": 0}
        self.is_cut = False
        self._loses_power = loses_power

    def plug(self):
        if self.is_cut and self._loses_power:
            self.sim.boot(CAUSE_POWER)
        self.sim.receive()
        self.left = {"pump": None, "host": None} if self.is_cut else self.left
        return End(self)

    def carry(self, where, data):
        """As much of `data` as comes through."""
        left = self.left[where]
        through = data if left is None else data[:left]
        self.carried[where] += len(through)
        if left is not None:
            self.left[where] = left - len(through)
            if len(through) < len(data) or not self.left[where]:
                self.is_cut = True
        return through


class End:
    """The host's end of a cable, as plugged in once."""

    def __init__(self, cable):
        self._cable, self._was_cut = cable, cable.is_cut
        self._buffer = b""

    def write(self, data):
        self._require()
        sim = self._cable.sim
        sim.send(self._cable.carry("pump", data))
        sim.poll()
        if self._cable.is_cut == self._was_cut:
            self._buffer += self._cable.carry("host", sim.receive())

    def read_line(self, timeout_s):
        line, newline, rest = self._buffer.partition(b"\n")
        if newline:
            self._buffer = rest
            return line
        self._require()
        return b""

    def close(self):
        pass

    def _require(self):
        if self._cable.is_cut != self._was_cut:
            raise NoConnectionError("the cable was pulled")
