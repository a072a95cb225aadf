"""The records of a simulated pump, read beside its link. Knows the journal's `read`, and what a whole record is."""

from pump import record

AT_ONCE = 64


def keep_records(journal, kept):
    """Adds to `kept`, raw records by their sequence numbers in order, what the journal has and it has not. What is
    damaged, or on a chip that cannot be read at this instant, a later call may have."""
    last = next(reversed(kept), -1)
    new = {}
    seq = _first_missing(journal.first_seq, kept, last)
    try:
        while raw := journal.read(seq, AT_ONCE):
            for at in range(0, len(raw), record.SIZE):
                one = raw[at:at + record.SIZE]
                if seq not in kept and record.is_whole(one):
                    new[seq] = one
                seq += 1
    except OSError:
        pass
    is_behind = not new or min(new) > last
    kept.update(new)
    if not is_behind:
        in_order = sorted(kept.items())
        kept.clear()
        kept.update(in_order)


def _first_missing(seq, kept, last):
    if len(kept) == last + 1:                           # all from the first one of its life
        return max(seq, last + 1)
    while seq in kept:
        seq += 1
    return seq
