"""The journal for a test: records as events with names and units. Reads records; knows no pump."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pump import record
from pump.alarms import TABLE
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from pump.errors import CODES
from pump.reasons import name as reason_name
from pumpsim.testing.quantity import Rate, Volume

WITH_REASON = (record.EVENT_BOOT, record.EVENT_STOP, record.EVENT_SUSPEND, record.EVENT_ACK)
TOLD = ("kind", "volume", "outcome", "denial", "alarm", "reason", "rate", "request", "error")
TRANSFER_KINDS = ("", "priming", "withdrawing")


class Event:
    """One record. What does not belong to its kind of event is None.

    seq; name, as PROTOCOL.md's table of events has it; utc_ms (None while the clock was not set); offset_min; actor:
    "pump", "schedule", "host" or "button".
    """

    def __init__(self, raw):
        (self.seq, utc_s, self.mono_s, utc_ms, _, self.offset_min, self.boot, self._number, actor, _,
         self.code) = record.header(raw)
        self.raw = raw
        self.name = record.EVENT_NAMES[self._number]
        self.actor = record.ACTOR_NAMES[actor]
        self.utc_ms = utc_s * 1000 + utc_ms if utc_s else None

    def _is(self, *numbers):
        return self._number in numbers

    @property
    def local(self):
        """Local date and time, such as "2026-01-05 06:30:00"; None while the clock was not set."""
        if self.utc_ms is None:
            return None
        moment = datetime.fromtimestamp(self.utc_ms // 1000, UTC) + timedelta(minutes=self.offset_min)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    @property
    def rate(self):
        """From here on, basal and bolus; of a record with the ledger in it."""
        return Rate(record.data_of(self.raw, record.DOSE)[3]) if self._number in record.DOSE_EVENTS else None

    @property
    def confirmed_steps(self):
        """Dose steps counted by then, over the life of the journal."""
        return record.data_of(self.raw, record.DOSE)[0] if self._number in record.DOSE_EVENTS else None

    @property
    def programmed(self):
        """What schedule and boluses had asked for by then, rounded down to nL."""
        return Volume(record.data_of(self.raw, record.DOSE)[1] // 1000) if self._number in record.DOSE_EVENTS else None

    @property
    def reason(self):
        """Why the pump is in its state: of boot, stop, suspend and ack."""
        return reason_name(self.code & 127) if self._is(*WITH_REASON) else None

    @property
    def alarm(self):
        """The alarm's name: of fault and alarm; "" for an acknowledgement."""
        return TABLE[self.code][0] if self._is(record.EVENT_FAULT, record.EVENT_ALARM) else None

    @property
    def kind(self):
        """Of a bolus: host, on demand, scheduled, periodic; of a transfer: priming, withdrawing."""
        if self._is(record.EVENT_BOLUS):
            return KIND_NAMES[self.code >> 4]
        return TRANSFER_KINDS[self.code >> 4] if self._is(record.EVENT_TRANSFER) else None

    @property
    def outcome(self):
        """Of a bolus: granted, complete, cancelled, interrupted, denied, skipped, uncertain."""
        return OUTCOME_NAMES[self.code & 15] if self._is(record.EVENT_BOLUS) else None

    @property
    def denial(self):
        """Why a bolus was denied or skipped; "" where it was not."""
        return DENIALS[record.data_of(self.raw, record.BOLUS)[6]] if self._is(record.EVENT_BOLUS) else None

    @property
    def volume(self):
        """Of a bolus or a transfer: as asked for."""
        layout = {record.EVENT_BOLUS: record.BOLUS, record.EVENT_TRANSFER: record.TRANSFER}.get(self._number)
        return Volume(record.data_of(self.raw, layout)[0]) if layout else None

    @property
    def steps(self):
        """Of a bolus or a transfer that is over: what was delivered."""
        layout = {record.EVENT_BOLUS: record.BOLUS, record.EVENT_TRANSFER: record.TRANSFER}.get(self._number)
        return record.data_of(self.raw, layout)[2] if layout else None

    @property
    def request(self):
        """Of a denied request: which."""
        if not self._is(record.EVENT_DENIED):
            return None
        return record.data_of(self.raw, record.REQUEST)[0].rstrip(b"\0").decode()

    @property
    def error(self):
        """Of a denied request: the code."""
        return CODES[self.code] if self._is(record.EVENT_DENIED) else None

    def __repr__(self):
        words = " ".join(str(told) for name in TOLD if (told := getattr(self, name)) is not None)
        return f"{self.seq:5d}  {self.local or 'clock not set':19}  {self.name:10}  {self.actor:8}  {words}".rstrip()


class Journal(Sequence):
    """Events, oldest first; prints as a table."""

    def __init__(self, events):
        self._events = list(events)

    def __len__(self):
        return len(self._events)

    def __getitem__(self, at):
        return Journal(self._events[at]) if isinstance(at, slice) else self._events[at]

    def named(self, *names, **values):
        """Those of these names whose properties have these values: `named("bolus", outcome="denied")`. ValueError for
        an event that there is not, so that a test does not pass by a typing error."""
        for name in names:
            if name not in record.EVENT_NAMES[1:]:
                raise ValueError(f"{name!r} is no event; choose among {', '.join(record.EVENT_NAMES[1:])}")
        return Journal(event for event in self if (not names or event.name in names)
                       and all(getattr(event, key) == value for key, value in values.items()))

    def since(self, seq):
        """Those from this sequence number on."""
        return Journal(event for event in self if event.seq >= seq)

    @property
    def names(self):
        return [event.name for event in self]

    def __repr__(self):
        return "\n".join(map(repr, self)) or "no events"
