"""The archive: all records of a simulated pump as events, those included that it has dropped since."""

from pumpsim.records import keep_records
from pumpsim.testing.events import Event, Journal


class Archive:
    def __init__(self, sim):
        self._sim = sim
        self._kept = {}               # raw records by sequence number

    def keep(self):
        """Reads what is new. A pump without power tells nothing; one whose flash chip cannot be read tells it later."""
        if self._sim.is_on and self._sim.app.journal is not None:
            keep_records(self._sim.app.journal, self._kept)

    def journal(self):
        """All that has been kept, and what is new."""
        self.keep()
        return Journal(map(Event, self._kept.values()))
