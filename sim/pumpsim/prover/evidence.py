"""The evidence: what a chip's files say, read without the firmware. Owns the reading of records and their chain; the
layouts are those of PROTOCOL.md, the same module that the host decodes with.
"""

from pump import bolus, record
from pumpsim.device import UNIQUE_ID
from pumpsim.flash import NorFlash, SimStorage
from pumpsim.prover.witness import SEGMENT_RECORDS, is_segment

SEGMENT_BYTES = SEGMENT_RECORDS * record.SIZE
RECENT = 600                  # records: those of the last 24 h are fewer


class BrokenError(Exception):
    """The journal breaks; the text says where and how."""


class Journal:
    """The journal on a chip: `first_seq` and `records` from there on, as whole and chained as they must be."""

    def __init__(self, image, known, is_whole=True):
        """BrokenError where a record is not whole or does not follow.

        `known`: records by sequence number; those of them that are there byte for byte are not proven again. Not
        is_whole: of the segments that are full for long only the length is looked at, and they are taken as known.
        """
        storage = SimStorage(NorFlash(image))
        numbers = sorted(int(name[2:]) for name in storage.names() if is_segment(name))
        self.first_seq = numbers[0] * SEGMENT_RECORDS if numbers else 0
        self.records = []
        for number in numbers:
            is_old = number < numbers[-1] and (number + 1) * SEGMENT_RECORDS < len(known)
            if is_whole or not is_old or storage.size(_name(number)) != SEGMENT_BYTES:
                self._take_segment(storage.read(_name(number)), known[self.next_seq:self.next_seq + SEGMENT_RECORDS])
            else:
                self.records += known[self.next_seq:self.next_seq + SEGMENT_RECORDS]
        tail = storage.read("j.tail") or b""
        for at in range(0, len(tail), record.SIZE):
            self._take_tail(tail[at:at + record.SIZE])

    @property
    def next_seq(self):
        return self.first_seq + len(self.records)

    def of(self, seq):
        return self.records[seq - self.first_seq]

    def _take_segment(self, raw, known):
        found = [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]
        if found == known[:len(found)]:
            self.records += found
            return
        for one in found:
            if not self._continues(one, len(self.records)):
                raise BrokenError(f"record {self.next_seq} in a segment")
            self.records.append(one)

    def _continues(self, raw, at):
        if not record.is_whole(raw) or record.seq_of(raw) != self.first_seq + at:
            return False
        if at == 0:
            return self.first_seq > 0 or record.follows(raw, UNIQUE_ID)
        return record.follows(raw, record.chain_of(self.records[at - 1]))

    def _take_tail(self, raw):
        if record.is_whole(raw) and record.seq_of(raw) < self.next_seq:
            if self.records[record.seq_of(raw) - self.first_seq] != raw:
                raise BrokenError(f"record {record.seq_of(raw)} is another one in the tail")
        elif not self._continues(raw, len(self.records)):
            raise BrokenError(f"record {self.next_seq} in the tail")
        else:
            self.records.append(raw)


def last_dose(records):
    """(event, fields) of the newest dose record, or None."""
    for raw in reversed(records):
        event = record.header(raw)[7]
        if event in record.DOSE_EVENTS:
            return event, record.data_of(raw, record.DOSE)
    return None


def newest(records, event, layout):
    """Fields of the newest record of an event, or None."""
    for raw in reversed(records):
        if record.header(raw)[7] == event:
            return record.data_of(raw, layout)
    return None


def hand_boluses(records):
    """(seq, kind) of the boluses that an operator was granted lately."""
    found = []
    for raw in records[-RECENT:]:
        head = record.header(raw)
        if head[7] == record.EVENT_BOLUS and head[10] & 15 == bolus.GRANTED and head[10] >> 4 in (bolus.HOST,
                                                                                                  bolus.ON_DEMAND):
            found.append((head[0], head[10] >> 4))
    return found


def appointments(records):
    """{(entry, nominal UTC minute)} of the scheduled boluses that were granted, denied or skipped."""
    found = set()
    for raw in records[-RECENT:]:
        head = record.header(raw)
        if head[7] == record.EVENT_BOLUS and head[10] >> 4 == bolus.SCHEDULED and head[10] & 15 in (
                bolus.GRANTED, bolus.DENIED, bolus.SKIPPED):
            fields = record.data_of(raw, record.BOLUS)
            found.add((fields[5], fields[4]))
    return found


def _name(number):
    return f"j.{number:05d}"
