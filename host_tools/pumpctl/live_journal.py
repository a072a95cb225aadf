"""A pump's journal followed while it grows: events in words and the history for plots, both bounded. Asks no pump.

Every record is proven to follow the one before it. One that does not is told and passed over: what is shown here is for
looking at; `pumpctl log pull` and `log verify` are what proves.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from pump import record
from pump.alarms import REPEATED
from pumpctl.columns import as_dict, rows_of
from pumpctl.journal import Chain, JournalError
from pumpctl.live_history import History
from pumpctl.replies import LogPage
from pumpctl.wording import is_raised, words_of

EVENTS_MAX = 500
RECALL = 512                  # records before the newest that are read at first: 2 s from a Pico
ALERTS = ("fault", "denied", "self-test")
ROUTINE = ("rate", "day", "checkpoint", "accounts", "earlier", "ratio", "levels", "pulled", "dropped")


@dataclass(frozen=True)
class Event:
    """One record in words. utc_ms is 0 where the clock was not set; is_alert: somebody should look; is_routine: the
    schedule did it, or bookkeeping.
    """

    seq: int
    utc_ms: int
    offset_min: int
    event: str
    actor: str
    words: str
    is_alert: bool = False
    is_routine: bool = False


class LiveJournal:
    """`next_seq` is the record to ask for; `trouble` the first thing that was wrong, "" for nothing."""

    def __init__(self, recall: int = RECALL, events_max: int = EVENTS_MAX):
        self._recall = recall
        self._events: deque[Event] = deque(maxlen=events_max)
        self.history = History()
        self.begin(0)

    def begin(self, next_seq: int) -> None:
        """Forgets everything; the pump's next record will be `next_seq`."""
        self.next_seq = max(0, next_seq - self._recall)
        self.trouble = ""
        self._chain = Chain()
        self._events.clear()
        self.history.clear()

    def take(self, page: LogPage) -> None:
        """The records of a page, which begins with the one asked for or, where that is gone, a later one."""
        if page.first != self.next_seq:
            self._chain = Chain()
        raw = page.records
        while raw:
            taken = self._chain.take_all(raw) * record.SIZE
            self._keep(raw[:taken])
            self.next_seq = page.first + (len(page.records) - len(raw) + taken) // record.SIZE
            raw = raw[taken:]
            if raw:
                raw = self._pass_over(raw)

    def events(self) -> tuple[Event, ...]:
        """Oldest first."""
        return tuple(self._events)

    def _pass_over(self, raw: bytes) -> bytes:
        """What stands behind a record that does not follow, and from there on a new chain."""
        try:
            self._chain.take(raw[:record.SIZE])
        except JournalError as error:
            self.trouble = self.trouble or error.message
        self._chain = Chain()
        self.next_seq += 1
        return raw[record.SIZE:]

    def _keep(self, raw: bytes) -> None:
        parts = [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]
        for part, row in zip(parts, rows_of(parts), strict=True):
            values = as_dict(row)
            self._events.append(Event(values["seq"], values.get("utc", 0), values["offset_min"], values["event"],
                                      values["actor"], words_of(values),
                                      _is_alert(values), _is_routine(values)))
            self.history.take(part)


def _is_alert(values: dict[str, Any]) -> bool:
    return values["event"] in ALERTS or values.get("outcome") == "denied" or is_raised(values)


def _is_routine(values: dict[str, Any]) -> bool:
    return values["event"] in ROUTINE or (values["event"] == "alarm" and values["code"] == REPEATED)
