"""The archive: all records of a simulated pump by their sequence numbers, those included that it has dropped since."""

from pump import record
from pumpsim.testing.events import Event, Journal


class Archive:
    def __init__(self, sim):
        self._sim = sim
        self._events = {}             # by sequence number, oldest first

    def keep(self):
        """Reads what is new. A pump without power tells nothing; one whose flash chip cannot be read tells it later."""
        if not self._sim.is_on or self._sim.app.journal is None:
            return
        journal = self._sim.app.journal
        seq = max(journal.first_seq, next(reversed(self._events), -1) + 1)
        try:
            while raw := journal.read(seq, 64):
                for at in range(0, len(raw), record.SIZE):
                    self._events[seq] = Event(raw[at:at + record.SIZE])
                    seq += 1
        except OSError:
            return

    def journal(self):
        """All that has been kept, and what is new."""
        self.keep()
        return Journal(self._events.values())
