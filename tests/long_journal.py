"""Long journals for tests, by whole segments."""

from pump.journal import SEGMENT_RECORDS
from pumpsim import long_journal


def write_journal(storage, unique_id, segments, more=0):
    """`segments` full segments of clock records and `more` records of another, chained, in place of whatever journal
    there was."""
    long_journal.write_journal(storage, unique_id, segments * SEGMENT_RECORDS + more)
