"""The journal's records, one behind the other: whole, without a gap, each with the chain of the one before (J-03)."""

from pump import record


class Chain:
    def __init__(self):
        self._next_seq = 0
        self._chain = None

    def take(self, event):
        seq = event.head[0]
        if not record.is_whole(event.raw):
            yield "the journal's records are whole", f"record {seq} has a wrong CRC"
        if seq != self._next_seq:
            yield "the journal has no gap", f"record {seq} follows {self._next_seq - 1}"
        if self._chain is not None and not record.follows(event.raw, self._chain):
            yield "the journal's chain holds", f"record {seq} does not continue the one before"
        self._next_seq = seq + 1
        self._chain = record.chain_of(event.raw)
