"""doses.csv and boluses.csv: one row for each delivered interval, one for each bolus request. Owns their columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pumpctl.doses import Interval
from pumpctl.events import BolusRow, Instant
from pumpctl.localtime import local_text, utc_text
from pumpctl.summary import Results

DOSE_COLUMNS = ("seq", "start_utc", "end_utc", "start_local", "end_local", "actor", "rate_nl_per_h", "programmed_nl",
                "delivered_nl", "steps")
BOLUS_COLUMNS = ("seq", "utc", "local", "kind", "actor", "requested_nl", "over_s", "outcome", "reason", "delivered_nl",
                 "start_utc", "end_utc", "due_utc")
MINUTE_MS = 60_000


def doses_text(results: Results) -> str:
    """One row for each delivered interval of constant rate, and each stretch of a ramp."""
    return _text(DOSE_COLUMNS, map(_dose_row, results.intervals))


def boluses_text(results: Results) -> str:
    """One row for each bolus request, granted or not. Volumes round down; due_utc: of a scheduled bolus."""
    return _text(BOLUS_COLUMNS, (_bolus_row(row, results) for row in results.events.boluses))


def _text(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _dose_row(row: Interval) -> tuple[object, ...]:
    return (row.seq, utc_text(row.start_utc_ms), utc_text(row.end_utc_ms),
            local_text(row.start_utc_ms, row.start_offset_min), local_text(row.end_utc_ms, row.end_offset_min),
            row.actor, row.rate_nl_per_h, row.programmed_nl, row.delivered_nl, row.steps)


def _bolus_row(row: BolusRow, results: Results) -> tuple[object, ...]:
    return (row.seq, _utc(row.at), local_text(row.at.utc_ms, row.at.offset_min), row.kind, row.actor, row.requested_nl,
            row.over_s, row.outcome, row.reason, results.ratio.nl_of_steps(row.delivered_steps), _utc(row.start),
            _utc(row.end), utc_text(row.due_utc_min * MINUTE_MS))


def _utc(at: Instant | None) -> str:
    return utc_text(at.utc_ms) if at else ""
