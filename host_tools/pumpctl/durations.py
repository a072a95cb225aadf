"""Durations as texts."""

from __future__ import annotations


def seconds(span_s: int) -> str:
    """"10 min", "1 h 30 min", "45 s" of whole seconds, exactly."""
    parts = ((span_s // 3600, "h"), (span_s // 60 % 60, "min"), (span_s % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
