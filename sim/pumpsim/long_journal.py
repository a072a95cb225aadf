"""A journal of many records, made at once instead of in years of running."""

from pump import record
from pump.journal import SEGMENT_RECORDS, segment_name


def write_journal(storage, unique_id, count, utc_s=0):
    """`count` chained clock records (whole segments, then part of one, by eights) in place of whatever journal there
    was, written at `utc_s`; returns them."""
    for name in storage.names():
        if name.startswith("j."):
            storage.remove(name)
    chain, records = unique_id, []
    for seq in range(count):
        head = (seq, utc_s, 0, 0, 0, 0, 0, record.EVENT_CLOCK, record.ACTOR_HOST, record.JOURNAL_VERSION * 16, 0)
        records.append(record.seal(head, b"", chain))
        chain = record.chain_of(records[-1])
    for start in range(0, count, SEGMENT_RECORDS):
        storage.write(segment_name(start // SEGMENT_RECORDS), b"".join(records[start:start + SEGMENT_RECORDS]))
    return records
