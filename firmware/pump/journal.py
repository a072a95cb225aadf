"""The journal: an append-only series of records in flash. Owns files, sequence numbers and the chain.

Segments "j.00000", "j.00001" ... hold SEGMENT_RECORDS records each; record `seq` is in segment seq // SEGMENT_RECORDS
at (seq % SEGMENT_RECORDS) * 64. The newest records live in one small file, "j.tail", which littlefs keeps inline
beside its name: writing it costs about 1 ms where an append to a larger file erases a sector (55 ms). When the tail
is full it is appended to its segment in one go. A power cut between those two leaves the same records twice; the
sequence number tells. When MAX_SEGMENTS are full the oldest goes: the record that says so is the first of the new
segment and is written before anything is removed, so the chain explains what is missing whenever the power goes.
"""

import binascii

from pump import record

SEGMENT_RECORDS = 1024        # 64 KiB
MAX_SEGMENTS = 11             # at least 10 full ones (10240 records) remain after the oldest is dropped
TAIL_RECORDS = 8              # a divisor of SEGMENT_RECORDS; the file holds 7 at most: 448 bytes, inline up to 512
TAIL = "j.tail"


def segment_name(number):
    return "j.%05d" % number


class Journal:
    def __init__(self, storage, unique_id):
        """Finds the end of the journal on `storage`; raises OSError when the storage fails."""
        self._storage = storage
        self._tail = b""
        self._chain = unique_id
        numbers = sorted([int(name[2:]) for name in storage.names() if name[:2] == "j." and name != TAIL])
        self.first_seq = numbers[0] * SEGMENT_RECORDS if numbers else 0
        self.pulled_seq = 0                        # records before it have been read by a host
        self._stored_seq = self.first_seq          # records before it are in segments, the rest in the tail
        if numbers:
            self._stored_seq = self._count_stored(numbers[-1])
            if self._stored_seq > self.first_seq:
                self._chain = record.chain_of(self.read(self._stored_seq - 1, 1))
        self._take_tail(storage.read(TAIL) or b"")

    @property
    def next_seq(self):
        """Sequence number of the record to come."""
        return self._stored_seq + len(self._tail) // record.SIZE

    def append(self, head, data):
        """Writes one record: `head` is the header after seq, `data` up to 28 bytes. Durable when it returns."""
        seq = self.next_seq
        raw = record.seal((seq,) + head, data, self._chain)
        if (seq + 1) % TAIL_RECORDS:
            self._storage.write(TAIL, self._tail + raw)
            self._tail += raw
        else:
            self._store(self._tail + raw)
        self._chain = record.chain_of(raw)

    def due_drop(self):
        """(first sequence number, count, chain of the last) of the segment that goes when the next record begins a new
        one, or None. The caller writes that first; the segment is removed when the new one is (J-05)."""
        seq = self.next_seq
        if seq % SEGMENT_RECORDS or (seq - self.first_seq) // SEGMENT_RECORDS < MAX_SEGMENTS:
            return None
        last = self.read(self.first_seq + SEGMENT_RECORDS - 1, 1)
        return self.first_seq, SEGMENT_RECORDS, record.chain_of(last)

    def pulled(self, seq, count):
        """A host has read `count` records from `seq` on."""
        if seq <= max(self.pulled_seq, self.first_seq):
            self.pulled_seq = max(self.pulled_seq, seq + count)

    def held(self, next_seq, chain):
        """A host has all records before `next_seq`; False where `chain`, in hex, is not that of the last of them."""
        if not self.first_seq < next_seq <= self.next_seq:
            return False
        if binascii.hexlify(record.chain_of(self.read(next_seq - 1, 1))).decode() != chain:
            return False
        self.pulled_seq = max(self.pulled_seq, next_seq)
        return True

    def unpulled(self):
        """Records that no host has, as far as is known."""
        return self.next_seq - max(self.pulled_seq, self.first_seq)

    def unpulled_percent(self):
        """How much of the journal's room holds records that no host has read (J-05)."""
        return self.unpulled() * 100 // (MAX_SEGMENTS * SEGMENT_RECORDS)

    def is_sound(self):
        """True where the newest records in flash are whole and as they were written: the tail, and the last record
        before it. The whole chain is the host's to prove."""
        stored = self._storage.read(TAIL) or b""
        kept = 0                                   # bytes of the tail in memory that were found
        for at in range(0, len(stored), record.SIZE):
            raw = stored[at:at + record.SIZE]
            if not record.is_whole(raw):
                return False
            if record.seq_of(raw) >= self._stored_seq:
                if raw != self._tail[kept:kept + record.SIZE]:
                    return False
                kept += record.SIZE
        if kept != len(self._tail):
            return False
        return self._stored_seq == self.first_seq or record.is_whole(self.read(self._stored_seq - 1, 1))

    def read(self, seq, count):
        """Up to `count` whole records from `seq` on, as bytes, from one place; b"" where there are none."""
        if seq >= self._stored_seq:
            at = (seq - self._stored_seq) * record.SIZE
            return self._tail[at:at + count * record.SIZE]
        if seq < self.first_seq:
            return b""
        # A segment's file ends behind its last record, and so does what is read
        return self._storage.read_part(segment_name(seq // SEGMENT_RECORDS), seq % SEGMENT_RECORDS * record.SIZE,
                                       count * record.SIZE)

    def _count_stored(self, number):
        count = self._storage.size(segment_name(number)) // record.SIZE
        return number * SEGMENT_RECORDS + min(count, SEGMENT_RECORDS)

    def _take_tail(self, tail):
        """Keeps the records of the tail file that continue the segments: whole, in order, not stored already."""
        for at in range(0, len(tail), record.SIZE):
            raw = tail[at:at + record.SIZE]
            if record.is_whole(raw) and record.seq_of(raw) == self.next_seq and record.follows(raw, self._chain):
                self._tail += raw
                self._chain = record.chain_of(raw)

    def _store(self, full_tail):
        """Moves the full tail into its segment; tails never straddle two."""
        number = self._stored_seq // SEGMENT_RECORDS
        if self._stored_seq % SEGMENT_RECORDS == 0:
            self._make_room(number)
        self._storage.append(segment_name(number), full_tail)
        self._stored_seq += len(full_tail) // record.SIZE
        self._tail = b""

    def _make_room(self, number):
        while number - self.first_seq // SEGMENT_RECORDS >= MAX_SEGMENTS:
            self._storage.remove(segment_name(self.first_seq // SEGMENT_RECORDS))
            self.first_seq += SEGMENT_RECORDS
