"""A journal of many records, made at once instead of in years of running."""

from pump import record
from pump.journal import SEGMENT_RECORDS, segment_name


def write_journal(storage, unique_id, segments, more=0):
    """`segments` full segments of clock records and `more` records of another, chained, in place of whatever journal
    there was."""
    for name in storage.names():
        if name.startswith("j."):
            storage.remove(name)
    chain = unique_id
    for number in range(segments + 1):
        raw = b""
        first = number * SEGMENT_RECORDS
        for seq in range(first, first + (SEGMENT_RECORDS if number < segments else more)):
            head = (seq, 0, 0, 0, 0, 0, 0, record.EVENT_CLOCK, record.ACTOR_HOST, record.JOURNAL_VERSION * 16, 0)
            one = record.seal(head, b"", chain)
            chain = record.chain_of(one)
            raw += one
        if raw:
            storage.write(segment_name(number), raw)
