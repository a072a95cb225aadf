"""What happened besides the rate: boluses, alarms, denied requests, transfers, refills. From the journal's records.

One walk over the records; owns no file and no text but the names the pump has for things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pump import bolus as boluses
from pump import record
from pump.alarms import HIGH, LOW, MEDIUM, MOMENTARY, TABLE
from pump.boluses import LONG_MISSED
from pumpctl.names import actor_name, alarm_name, denial_name, error_name, kind_name, outcome_name

PRIORITIES = {LOW: "low", MEDIUM: "medium", HIGH: "high"}
UNDER_WAY = "under way"
PRIME, WITHDRAWAL = 1, 2      # high nibble of a transfer's code
NOT_MEASURED = (1 << 64) - 1
BOLUS_PERIOD = 1 << 32


@dataclass(frozen=True)
class Instant:
    """When a record was written; utc_ms is 0 where the clock was not set."""

    utc_ms: int
    offset_min: int


@dataclass
class BolusRow:
    """One request of a bolus and what became of it. Volumes in steps but for the one that was asked for, in nL.

    Scheduled ones that were missed long ago share a row: the reason says how many, due_utc_min is the first one's.
    """

    seq: int
    at: Instant
    kind: str
    actor: str
    requested_nl: int
    over_s: int
    outcome: str
    reason: str = ""
    delivered_steps: int = 0
    start: Instant | None = None
    end: Instant | None = None
    due_utc_min: int = 0          # of a scheduled bolus: when it was to be; 0: of no appointment


@dataclass
class AlarmRow:
    """One alarm from the moment it was raised; `ended`: its cause is gone."""

    number: int
    name: str
    priority: str
    seq: int
    raised: Instant
    ended: Instant | None = None
    acknowledged: Instant | None = None


@dataclass(frozen=True)
class Denied:
    """A request that the pump refused."""

    seq: int
    at: Instant
    actor: str
    request: str
    reason: str


@dataclass(frozen=True)
class RefillRow:
    """What was filled in, what was taken out before (None: not measured) and the level after, in nL."""

    seq: int
    at: Instant
    added_nl: int
    withdrawn_nl: int | None
    level_nl: int
    warning: bool


@dataclass
class Events:
    """All of a journal's, oldest first; primed_steps and withdrawn_steps are sums of what was moved."""

    boluses: list[BolusRow] = field(default_factory=list)
    alarms: list[AlarmRow] = field(default_factory=list)
    denied: list[Denied] = field(default_factory=list)
    refills: list[RefillRow] = field(default_factory=list)
    primed_steps: int = 0
    withdrawn_steps: int = 0
    uncertain_steps: int | None = None        # None: these records do not say


def events_of(raws: Iterable[bytes]) -> Events:
    """The events among journal records."""
    walk = _Walk()
    for raw in raws:
        walk.take(raw)
    return walk.finished()


class _Walk:
    def __init__(self):
        self.found = Events()
        self._open: BolusRow | None = None            # granted and not ended so far
        self._open_account: int | None = None         # bolus account when it began
        self._account = 0
        self._denied_bolus_id: int | None = None      # the host's; a record of the refusal follows
        self._takers = {record.EVENT_BOLUS: self._bolus, record.EVENT_ALARM: self._alarm,
                        record.EVENT_DENIED: self._denied, record.EVENT_REFILL: self._refill,
                        record.EVENT_TRANSFER: self._transfer, record.EVENT_ACCOUNTS: self._accounts}

    def take(self, raw: bytes) -> None:
        seq, utc_s, _, utc_ms, _, offset_min, _, event, actor, _, code = record.header(raw)
        at = Instant(utc_s * 1000 + utc_ms, offset_min)
        if event in record.DOSE_EVENTS:
            self._account = record.data_of(raw, record.DOSE)[4]
            if self._open and self._open_account is None:
                self._open_account = self._account    # the record that follows a grant, at the same instant
        elif event in self._takers:
            self._takers[event](raw, seq, at, actor_name(actor), code)

    def finished(self) -> Events:
        if self._open:
            self._open.delivered_steps = self._given()
        return self.found

    def _given(self) -> int:
        return 0 if self._open_account is None else (self._account - self._open_account) % BOLUS_PERIOD

    def _bolus(self, raw: bytes, seq: int, at: Instant, actor: str, code: int) -> None:
        kind, outcome = kind_name(code >> 4), code & 15
        volume_nl, granted, steps, over_s, due_min, _, denial, request_id = record.data_of(raw, record.BOLUS)
        reason = f"{denial_name(denial)}: {granted}" if denial == LONG_MISSED else denial_name(denial)
        row = BolusRow(seq, at, kind, actor, volume_nl, over_s, outcome_name(outcome), reason,
                       due_utc_min=due_min)
        if outcome == boluses.GRANTED:
            row.outcome, row.start = UNDER_WAY, at
            self._open, self._open_account = row, None
        elif outcome in (boluses.DENIED, boluses.SKIPPED):
            if outcome == boluses.DENIED:
                self.found.denied.append(Denied(seq, at, actor, f"bolus ({kind})", row.reason))
                self._denied_bolus_id = request_id if actor == "host" else None
        else:
            self._end_bolus(row, at, outcome, steps)
            return
        self.found.boluses.append(row)

    def _end_bolus(self, row: BolusRow, at: Instant, outcome: int, steps: int) -> None:
        began = self._open
        if began is None:                             # granted before the first record here
            began = row
            self.found.boluses.append(row)
        began.outcome = row.outcome
        # After a power loss the record does not know; what was confirmed of it stands in the account
        began.delivered_steps = self._given() if outcome == boluses.UNCERTAIN else steps
        began.end = at if outcome != boluses.UNCERTAIN else None
        self._open = None

    def _alarm(self, raw: bytes, seq: int, at: Instant, actor: str, number: int) -> None:
        shown, present, _ = record.data_of(raw, record.ALARM)
        if number == 0:
            for row in self.found.alarms:
                row.acknowledged = row.acknowledged or at
                if not shown >> row.number & 1:       # a cause that a power loss took away leaves no record
                    row.ended = row.ended or at
            return
        row = next((row for row in self.found.alarms if row.number == number and _is_open(row)), None)
        if number in MOMENTARY and shown >> number & 1:
            if row is None:
                self.found.alarms.append(AlarmRow(number, *_described(number), seq, at, ended=at))
        elif present >> number & 1:
            if row is None:
                self.found.alarms.append(AlarmRow(number, *_described(number), seq, at))
            else:
                row.ended = None
        elif row is not None:
            row.ended = at

    def _denied(self, raw: bytes, seq: int, at: Instant, actor: str, code: int) -> None:
        name, request_id = record.data_of(raw, record.REQUEST)
        request = name.rstrip(b"\0").decode("ascii", "replace")
        known, self._denied_bolus_id = self._denied_bolus_id, None
        if request != "bolus" or request_id != known:
            self.found.denied.append(Denied(seq, at, actor, request, error_name(code)))

    def _refill(self, raw: bytes, seq: int, at: Instant, actor: str, code: int) -> None:
        added_nl, withdrawn_nl, level_nl = record.data_of(raw, record.REFILL)
        self.found.refills.append(RefillRow(seq, at, added_nl, None if withdrawn_nl == NOT_MEASURED else withdrawn_nl,
                                            level_nl, bool(code)))

    def _transfer(self, raw: bytes, seq: int, at: Instant, actor: str, code: int) -> None:
        moved = record.data_of(raw, record.TRANSFER)[2]
        if code >> 4 == PRIME:
            self.found.primed_steps += moved
        else:
            self.found.withdrawn_steps += moved

    def _accounts(self, raw: bytes, seq: int, at: Instant, actor: str, code: int) -> None:
        self.found.uncertain_steps = record.data_of(raw, record.ACCOUNTS)[3]


def _is_open(row: AlarmRow) -> bool:
    return row.ended is None or row.acknowledged is None


def _described(number: int) -> tuple[str, str]:
    return alarm_name(number), PRIORITIES[TABLE[number][1]] if number < len(TABLE) else "unknown"
