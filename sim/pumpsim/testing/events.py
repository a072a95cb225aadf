"""The journal for a test: records as events with names and units. Reads records; knows no pump."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pump import record
from pump.alarms import REPEATED, TABLE
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from pump.errors import CODES
from pump.reasons import NAMES as REASONS
from pump.reasons import name as reason_name
from pumpsim.testing.quantity import Rate, Volume

LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
AS_BEFORE = "as before"       # in place of an alarm's name: once a day those that are shown are written down again
TRANSFER_KINDS = ("", "priming", "withdrawing")
TOLD = ("kind", "volume", "outcome", "denial", "alarm", "reason", "rate", "request", "error")
OF_ALL = ("seq", "name", "utc_ms", "local", "offset_min", "boot", "actor")
BOLUSES, TRANSFERS = (record.EVENT_BOLUS,), (record.EVENT_BOLUS, record.EVENT_TRANSFER)
# Properties of some events only: {property: numbers of the events}
OF_SOME = {
    "rate": record.DOSE_EVENTS, "confirmed_steps": record.DOSE_EVENTS, "programmed": record.DOSE_EVENTS,
    "reason": (record.EVENT_BOOT, record.EVENT_STOP, record.EVENT_SUSPEND, record.EVENT_ACK),
    "alarm": (record.EVENT_FAULT, record.EVENT_ALARM),
    "kind": TRANSFERS, "volume": TRANSFERS, "steps": TRANSFERS, "outcome": BOLUSES, "denial": BOLUSES,
    "request": (record.EVENT_DENIED,), "error": (record.EVENT_DENIED,),
}
ALARMS = tuple(name for name, *_ in TABLE)
# Of properties that are one of a few words: all of them
WORDS = {"actor": record.ACTOR_NAMES, "alarm": (*ALARMS, AS_BEFORE), "reason": (*REASONS, *ALARMS[1:]),
         "kind": (*KIND_NAMES, *TRANSFER_KINDS[1:]), "outcome": OUTCOME_NAMES, "denial": DENIALS, "error": CODES}


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

    def _has(self, name):
        return self._number in OF_SOME[name]

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
        return Rate(record.data_of(self.raw, record.DOSE)[3]) if self._has("rate") else None

    @property
    def confirmed_steps(self):
        """Dose steps counted by then, over the life of the journal."""
        return record.data_of(self.raw, record.DOSE)[0] if self._has("confirmed_steps") else None

    @property
    def programmed(self):
        """What schedule and boluses had asked for by then, rounded down to nL."""
        return Volume(record.data_of(self.raw, record.DOSE)[1] // 1000) if self._has("programmed") else None

    @property
    def reason(self):
        """Why the pump is in its state: of boot, stop, suspend and ack."""
        return reason_name(self.code & 127) if self._has("reason") else None

    @property
    def alarm(self):
        """The alarm's name: of fault and alarm; "" for an acknowledgement, AS_BEFORE where nothing is new."""
        if not self._has("alarm"):
            return None
        return AS_BEFORE if self.code == REPEATED else TABLE[self.code][0]

    @property
    def kind(self):
        """Of a bolus: host, on demand, scheduled, periodic; of a transfer: priming, withdrawing."""
        if not self._has("kind"):
            return None
        return (KIND_NAMES if self.name == "bolus" else TRANSFER_KINDS)[self.code >> 4]

    @property
    def outcome(self):
        """Of a bolus: granted, complete, cancelled, interrupted, denied, skipped, uncertain."""
        return OUTCOME_NAMES[self.code & 15] if self._has("outcome") else None

    @property
    def denial(self):
        """Why a bolus was denied or skipped; "" where it was not."""
        return DENIALS[record.data_of(self.raw, record.BOLUS)[6]] if self._has("denial") else None

    @property
    def volume(self):
        """Of a bolus or a transfer: as asked for."""
        return Volume(self._transferred[0]) if self._has("volume") else None

    @property
    def steps(self):
        """Of a bolus or a transfer that is over: what was delivered."""
        return self._transferred[2] if self._has("steps") else None

    @property
    def _transferred(self):
        return record.data_of(self.raw, record.BOLUS if self.name == "bolus" else record.TRANSFER)

    @property
    def request(self):
        """Of a denied request: which."""
        if not self._has("request"):
            return None
        return record.data_of(self.raw, record.REQUEST)[0].rstrip(b"\0").decode()

    @property
    def error(self):
        """Of a denied request: the code."""
        return CODES[self.code] if self._has("error") else None

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
        an event, a property or a word that there is not, so that a test does not pass by a typing error."""
        for name in names:
            if name not in record.EVENT_NAMES[1:]:
                raise ValueError(f"{name!r} is no event; choose among {', '.join(record.EVENT_NAMES[1:])}")
        for key, value in values.items():
            _check(key, value, names)
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


def _check(key, value, names):
    """ValueError where no event of these names, or of any, can have this property or this value of it."""
    if key not in OF_SOME and key not in OF_ALL:
        raise ValueError(f"an event has no {key!r}; choose among {', '.join((*OF_ALL, *OF_SOME))}")
    having = [record.EVENT_NAMES[number] for number in OF_SOME.get(key, ())]
    if names and having and not set(names) & set(having):
        raise ValueError(f"{key} is of {', '.join(having)}, not of {', '.join(names)}")
    if key in WORDS and value not in WORDS[key]:
        known = ", ".join(filter(None, WORDS[key]))
        raise ValueError(f"{key} is never {value!r}; it is one of {known}")
    if key == "local" and not (isinstance(value, str) and LOCAL.fullmatch(value)):
        raise ValueError(f"local is never {value!r}; write date and time such as \"2026-01-05 06:30:00\"")
