"""Lines from a stream of bytes, with bounded memory (C-01). Knows nothing of what a line means."""

from pump.protocol import LINE_MAX

PATIENCE_MS = 10000           # a line of which nothing more comes is forgotten: it must not be carried out days later
READS_MAX = 8                 # of 256 bytes in one go, so that a host that never stops sending cannot stop the pump
TOO_LONG = b""                # stands for a line that was longer than LINE_MAX: never a valid line itself


class LineReader:
    def __init__(self, link):
        self._link = link
        self._buffer = bytearray(256)
        self._view = memoryview(self._buffer)
        self._line = bytearray()
        self._skipping = False
        self._heard_ms = 0

    def take(self, now_ms):
        """The lines that have arrived whole, without their newline; TOO_LONG for each that was cut off. None when idle.

        Empty lines are passed over, and a piece of one whose rest has not come within PATIENCE_MS. At most
        LINE_MAX + 256 bytes are kept.
        """
        size = self._link.readinto(self._buffer)
        if not size:
            return None
        if now_ms - self._heard_ms > PATIENCE_MS:
            self._line = bytearray()
            self._skipping = False
        self._heard_ms = now_ms
        lines = []
        reads = 1
        while size:
            start = 0
            end = self._newline(start, size)
            while end >= 0:
                self._keep(start, end)
                self._finish(lines)
                start = end + 1
                end = self._newline(start, size)
            self._keep(start, size)
            size = self._link.readinto(self._buffer) if reads < READS_MAX and len(lines) < 8 else 0
            reads += 1
        return lines

    def _newline(self, start, size):
        for at in range(start, size):
            if self._buffer[at] == 10:
                return at
        return -1

    def _keep(self, start, end):
        if not self._skipping:
            if len(self._line) + end - start > LINE_MAX:
                self._skipping = True
                self._line = bytearray()
            else:
                self._line.extend(self._view[start:end])

    def _finish(self, lines):
        if self._skipping:
            lines.append(TOO_LONG)
        elif self._line.strip():
            lines.append(bytes(self._line))
        self._line = bytearray()
        self._skipping = False
