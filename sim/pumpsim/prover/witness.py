"""The witness: what was known for certain before each flash operation of a life. Owns the records as they were handed
to the storage or read by the host; asks the pump for nothing.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from pump import record

SEGMENT_RECORDS = 1024
FLASH_MS = 400                # the longest flash operation: the motor goes on meanwhile


@dataclass(frozen=True)
class Known:
    """Constant between two changes; of what is under way all outcomes are listed."""

    durable_seq: int = 0      # records before it have been written, says the storage
    told_seq: int = 0         # records before it have been read by the host
    begun_seq: int = 0        # records from here on have never been near the storage
    first_seqs: tuple[int, int] = (0, 0)                  # the oldest record: possibly, at the latest
    documents: frozenset = frozenset({("", "")})          # (rig digest, program digest) that may be in force
    clocks: frozenset = frozenset({None})                 # UTC less world time, ms; None: not set
    levels: tuple = ()                                    # (nL in the reservoir, nL that had left it by then)

    @property
    def must_seq(self):
        """Records before it must not be lost."""
        return max(self.durable_seq, self.told_seq)


class Moment(NamedTuple):
    """Just before an operation. Steps by account; later_steps: when the operation is over, with the motor going on."""

    now_ms: int
    steps: tuple[int, int, int]
    later_steps: tuple[int, int, int]
    rtc_offset_ms: int | None
    known: Known


class Witness:
    """Watches one life of a pump: `moments` has one entry for each operation of its chip."""

    def __init__(self, plant, world, rtc, records=(), known=None):
        """`records`: those that the journal holds when the life begins; their place is their sequence number."""
        self.plant = plant
        self._world = world
        self._rtc = rtc
        self.records = list(records)
        self.written_ms = [0] * len(self.records)
        self.moments = []
        size = len(self.records)
        self.known = known or Known(size, 0, size)

    def before_operation(self):
        plant, now_ms = self.plant, self._world.now_ms
        self.moments.append(Moment(now_ms, plant.split(plant.edges()),
                                   plant.split(plant.edges_until(now_ms + FLASH_MS)), self._rtc.offset_ms, self.known))

    def note(self, **changes):
        self.known = replace(self.known, **changes)

    def told(self, raws):
        """The host has read these."""
        for raw in raws:
            self._see(raw)
            self.note(told_seq=max(self.known.told_seq, record.seq_of(raw) + 1))

    def begins(self, data):
        """Records are handed to the storage."""
        for raw in _split(data):
            self._see(raw)
            self.note(begun_seq=max(self.known.begun_seq, record.seq_of(raw) + 1))

    def ended(self, data):
        """And the storage says that they are written."""
        for raw in _split(data):
            self.note(durable_seq=max(self.known.durable_seq, record.seq_of(raw) + 1))

    def _see(self, raw):
        seq = record.seq_of(raw)
        if seq == len(self.records):
            self.records.append(raw)
            self.written_ms.append(self._world.now_ms)
        elif seq > len(self.records) or self.records[seq] != raw:
            raise ValueError(f"record {seq} is not the one that was written before")


class WitnessedStorage:
    """The storage of the board contract with a witness beside it."""

    def __init__(self, storage, witness):
        self._storage = storage
        self._witness = witness
        self.read = storage.read
        self.read_part = storage.read_part
        self.size = storage.size
        self.names = storage.names

    def write(self, name, data):
        self._put(self._storage.write, name, data)

    def append(self, name, data):
        self._put(self._storage.append, name, data)

    def remove(self, name):
        witness = self._witness
        if is_segment(name):
            seq = (int(name[2:]) + 1) * SEGMENT_RECORDS
            witness.note(first_seqs=(witness.known.first_seqs[0], seq))
        self._storage.remove(name)
        if is_segment(name):
            witness.note(first_seqs=(seq, seq))

    def _put(self, put, name, data):
        if not name.startswith("j."):
            put(name, data)
            return
        self._witness.begins(data)
        put(name, data)
        self._witness.ended(data)


def is_segment(name):
    return name.startswith("j.") and name[2:].isdigit()


def _split(data):
    return [bytes(data[at:at + record.SIZE]) for at in range(0, len(data), record.SIZE)]
