"""What was changed and done to a pump, as rows of text: clock, resets, documents, firmware; starts, transfers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pump import record
from pumpctl.columns import as_dict, rows_of
from pumpctl.wording import words_of

CHANGE_HEADS = ("time", "what", "by", "details")
CHANGES = ("boot", "clock", "rig", "program", "firmware", "self-test", "dropped")
OPERATIONS = ("start", "stop", "suspend", "resume", "temporary", "refill", "transfer", "ack")


def change_rows(raws: Iterable[bytes], events: tuple[str, ...], names: dict[str, str]) -> list[tuple[str, ...]]:
    """A row for each record of these events; `names` of documents by the beginning of their digest."""
    numbers = {record.EVENT_NAMES.index(name) for name in events}
    found = []
    for row in rows_of(raw for raw in raws if record.header(raw)[7] in numbers):
        values = as_dict(row)
        if values.get("outcome") != "begun":
            found.append((values.get("local", "not set"), values["event"], values["actor"], _details(values, names)))
    return found


def _details(values: dict[str, Any], names: dict[str, str]) -> str:
    if values["event"] in ("rig", "program"):
        name = names.get(values["digest"])
        return f"{name}: {words_of(values)}" if name else words_of(values)
    return words_of(values)
