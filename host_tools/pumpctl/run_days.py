"""Some local days of a run, cut out of its records. Knows no archive."""

from __future__ import annotations

from dataclasses import replace

from pump import record
from pumpctl.journal import records_of
from pumpctl.localtime import MINUTE_MS, date_text
from pumpctl.selection import DAY_MS
from pumpctl.summary import NothingError, Run


def of_days(run: Run, first_day: int, last_day: int) -> Run:
    """The records of some local days, in days since 1970, and the one behind them: a running pump writes one at every
    midnight, so that nothing of a day is cut off. NothingError where there is no record on these days.

    A record that was written while the clock was not set counts with the time of the one before it.
    """
    day, begin, end = 0, None, 0
    for place, part in enumerate(records_of(run.raw)):
        _, utc_s, _, _, _, offset_min, *_ = record.header(part)
        if utc_s:
            day = (utc_s * 1000 + offset_min * MINUTE_MS) // DAY_MS
        if first_day <= day <= last_day:
            begin = place if begin is None else begin
            end = place + 2
    if begin is None:
        days = date_text(first_day) + (f" to {date_text(last_day)}" if last_day != first_day else "")
        raise NothingError(f"there are no records of {days}", "see which days there are with: pumpctl log show")
    return replace(run, raw=run.raw[begin * record.SIZE:end * record.SIZE])
