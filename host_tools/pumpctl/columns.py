"""A journal record as typed, unit-named columns: the table of them, and how a record fills them. Knows no file format.

Volumes that the pump counts are in steps of the motor, because that is what happened; the rig's ratio makes volumes of
them. Times are milliseconds of UTC since 1970 here. A column that does not belong to a record's event is None.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pump import record
from pump.alarms import REPEATED
from pump.bolus import SCHEDULED
from pumpctl import names
from pumpctl.events import NOT_MEASURED
from pumpctl.journal import JournalError
from pumpctl.localtime import LATEST_MS, local_text
from pumpctl.refusals import IncompatibleError

MINUTE_MS = 60_000
ABSOLUTE = 65535              # percent of a temporary rate that is no percentage

# name: kind. host_tools/README.md says what each means.
COLUMNS = {
    "pump": "text", "journal": "int", "seq": "int", "utc": "time", "local": "text", "offset_min": "int",
    "mono_ms": "int", "boot": "int", "event": "text", "actor": "text", "board": "text", "code": "int",
    "reason": "text", "resumes": "flag", "ramp": "flag", "alarm": "text",
    "confirmed_steps": "int", "programmed_pl": "int", "authorised_ahead_steps": "int", "rate_nl_per_h": "int",
    "bolus_steps": "int",
    "old_utc": "time", "new_utc": "time",
    "digest": "text", "generation": "int", "confirmed": "flag",
    "kind": "text", "outcome": "text", "denial": "text", "volume_nl": "int", "granted_steps": "int",
    "delivered_steps": "int", "over_s": "int", "due_utc": "time", "entry": "int", "request_id": "int",
    "authorised_steps": "int", "moved_steps": "int",
    "percent": "int", "for_s": "int", "bridge": "flag",
    "added_nl": "int", "withdrawn_nl": "int", "level_nl": "int", "difference_large": "flag",
    "shown": "text", "present": "text", "unacknowledged": "text",
    "bolus_account_steps": "int", "prime_steps": "int", "withdrawn_steps": "int", "uncertain_steps": "int",
    "motor_s": "int", "starts": "int", "trial_start_utc": "time", "trial_steps": "int", "uncertain_prime_steps": "int",
    "request": "text", "error": "text",
    "dropped_first_seq": "int", "dropped_count": "int", "dropped_chain": "text",
    "failed": "text", "memory_free": "int", "pulled_before_seq": "int",
    "version": "text", "build": "text", "step": "text",
    "role": "text", "failures": "int",
    "pl_per_rev": "int", "steps_per_rev": "int", "earlier_doses_nl": "int", "earlier_uncertain_nl": "int",
    "earlier_boluses_nl": "int", "earlier_primed_nl": "int", "earlier_withdrawn_nl": "int",
}
SIGNED = ("offset_min", "earlier_doses_nl", "earlier_uncertain_nl", "earlier_boluses_nl", "earlier_primed_nl",
          "earlier_withdrawn_nl")      # whole numbers that may be negative; all others reach up to 2^64
PLACES = {name: place for place, name in enumerate(COLUMNS)}
Row = list[Any]


def _flag(number: int) -> bool:
    return bool(number)


def _time_or_none(ms: int) -> int | None:
    return ms if 0 < ms <= LATEST_MS else None


def _minutes(minutes: int) -> int | None:
    return _time_or_none(minutes * MINUTE_MS)


def _seconds(seconds: int) -> int | None:
    return _time_or_none(seconds * 1000)


def _known(number: int) -> int | None:
    return number or None


def _measured(nl: int) -> int | None:
    return None if nl == NOT_MEASURED else nl


def _percentage(percent: int) -> int | None:
    return None if percent == ABSOLUTE else percent


def _alarms(mask: int) -> str:
    return "; ".join(names.alarm_names(mask))


def _failed(mask: int) -> str:
    return "; ".join(names.test_names(mask))


def _denial(number: int) -> str | None:
    return names.denial_name(number) or None


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("ascii", "replace")


def _high(name: Callable[[int], str]) -> Callable[[int], str]:
    return lambda code: name(code >> 4)


def _low(name: Callable[[int], str]) -> Callable[[int], str]:
    return lambda code: name(code & 15)


def _reason(code: int) -> str | None:
    return names.reason_name(code) or None


def _boot_reason(code: int) -> str | None:
    return _reason(code & ~record.BOOT_RESUMES)


def _resumes(code: int) -> bool:
    return code >= record.BOOT_RESUMES


def _checkpoint_reason(code: int) -> str | None:
    return names.reason_name(code) or None if code > record.RATE_RAMP else None


def _ramp(code: int) -> bool:
    return code == record.RATE_RAMP


def _alarm(code: int) -> str | None:
    return names.alarm_name(code) if code not in (0, REPEATED) else None


Convert = Callable[[Any], Any] | None
DOSE = (record.DOSE, (("confirmed_steps", None), ("programmed_pl", None), ("authorised_ahead_steps", None),
                      ("rate_nl_per_h", None), ("bolus_steps", None)))
IMAGE = (record.IMAGE, (("digest", bytes.hex), ("generation", None), ("confirmed", _flag)))

# event: (layout, columns of its data, columns of its code)
EVENTS: dict[int, tuple[str, tuple[tuple[str, Convert], ...], tuple[tuple[str, Convert], ...]]] = {
    record.EVENT_BOOT: (*DOSE, (("reason", _boot_reason), ("resumes", _resumes))),
    **dict.fromkeys((record.EVENT_STOP, record.EVENT_SUSPEND, record.EVENT_ACK),
                    (*DOSE, (("reason", _reason),))),
    **dict.fromkeys((record.EVENT_START, record.EVENT_RATE, record.EVENT_DAY, record.EVENT_RESUME),
                    (*DOSE, (("ramp", _ramp),))),
    record.EVENT_CHECKPOINT: (*DOSE, (("ramp", _ramp), ("reason", _checkpoint_reason))),
    record.EVENT_FAULT: (*DOSE, (("alarm", _alarm),)),
    record.EVENT_CLOCK: (record.CLOCK, (("old_utc", _time_or_none), ("new_utc", _time_or_none)), ()),
    record.EVENT_RIG: (*IMAGE, ()),
    record.EVENT_PROGRAM: (*IMAGE, ()),
    record.EVENT_BOLUS: (record.BOLUS, (
        ("volume_nl", None), ("granted_steps", None), ("delivered_steps", None), ("over_s", None),
        ("due_utc", _minutes), ("entry", None), ("denial", _denial), ("request_id", _known)),
        (("kind", _high(names.kind_name)), ("outcome", _low(names.outcome_name)))),
    record.EVENT_TRANSFER: (record.TRANSFER, (
        ("volume_nl", None), ("authorised_steps", None), ("moved_steps", None), ("request_id", _known)),
        (("kind", _high(names.transfer_name)), ("outcome", _low(names.phase_name)))),
    record.EVENT_TEMPORARY: (record.TEMPORARY, (("percent", _percentage), ("rate_nl_per_h", None), ("for_s", None)),
                             (("bridge", _flag),)),
    record.EVENT_REFILL: (record.REFILL, (("added_nl", None), ("withdrawn_nl", _measured), ("level_nl", None)),
                          (("difference_large", _flag),)),
    record.EVENT_ALARM: (record.ALARM, (("shown", _alarms), ("present", _alarms), ("unacknowledged", _alarms)),
                         (("alarm", _alarm),)),
    record.EVENT_ACCOUNTS: (record.ACCOUNTS, (("bolus_account_steps", None), ("prime_steps", None),
                                              ("withdrawn_steps", None), ("uncertain_steps", None)), ()),
    record.EVENT_LEVELS: (record.LEVELS, (
        ("level_nl", None), ("motor_s", None), ("starts", None), ("trial_start_utc", _seconds), ("trial_steps", None),
        ("uncertain_prime_steps", None)), ()),
    record.EVENT_DENIED: (record.REQUEST, (("request", _text), ("request_id", _known)), (("error", names.error_name),)),
    record.EVENT_DROPPED: (record.DROPPED, (("dropped_first_seq", None), ("dropped_count", None),
                                            ("dropped_chain", bytes.hex)), ()),
    record.EVENT_SELF_TEST: (record.SELF_TEST, (("failed", _failed), ("memory_free", None)), ()),
    record.EVENT_PULLED: (record.PULLED, (("pulled_before_seq", None),), ()),
    record.EVENT_FIRMWARE: (record.FIRMWARE, (("version", _text), ("build", _text), ("request_id", _known)),
                            (("step", names.update_name),)),
    record.EVENT_ACCESS: (record.ACCESS, (("role", names.role_name), ("failures", None), ("request_id", _known)),
                          (("step", names.access_name),)),
    record.EVENT_RATIO: (record.RATIO, (("pl_per_rev", None), ("steps_per_rev", None), ("earlier_doses_nl", None),
                                        ("earlier_uncertain_nl", None)), ()),
    record.EVENT_EARLIER: (record.EARLIER, (("earlier_boluses_nl", None), ("earlier_primed_nl", None),
                                            ("earlier_withdrawn_nl", None)), ()),
}


def _placed(columns: tuple[tuple[str, Convert], ...]) -> tuple[tuple[int, Convert], ...]:
    return tuple((PLACES[name], convert) for name, convert in columns)


_DATA_AT = record.SIZE - record.CHAIN_SIZE - 4 - record.DATA_SIZE
_FILLERS = {event: (struct.Struct(f"<{_DATA_AT}x{layout[1:]}").unpack_from, _placed(data), _placed(code))
            for event, (layout, data, code) in EVENTS.items()}
_ENTRY = PLACES["entry"]


def rows_of(parts: Iterable[bytes], pump: str = "", journal: int = 1) -> Iterator[Row]:
    """One row a record, in the order of COLUMNS; `pump` "" where that is not known.

    Events that this version does not know fill only the first columns.
    """
    empty: Row = [None] * len(COLUMNS)
    empty[0], empty[1] = pump or None, journal
    for raw in parts:
        if len(raw) < record.SIZE:
            raise JournalError(0, "the file ends inside it")
        seq, utc_s, mono_s, utc_ms, mono_ms, offset_min, boot, event, actor, origin, code = record.header(raw)
        if origin >> 4 > record.JOURNAL_VERSION:
            raise IncompatibleError(f"record {seq} is of journal version {origin >> 4}", "update pumpctl")
        utc = utc_s * 1000 + utc_ms
        row = empty.copy()
        row[2:12] = (seq, utc or None, local_text(utc, offset_min) or None, offset_min, mono_s * 1000 + mono_ms, boot,
                     names.event_name(event), names.actor_name(actor), names.board_name(raw), code)
        filler = _FILLERS.get(event)
        if filler:
            unpack, data, codes = filler
            for (place, convert), value in zip(data, unpack(raw), strict=True):
                row[place] = convert(value) if convert else value
            for place, convert in codes:
                row[place] = convert(code) if convert else code
            if event == record.EVENT_BOLUS and code >> 4 != SCHEDULED:
                row[_ENTRY] = None
        yield row


def as_dict(row: Row) -> dict[str, Any]:
    """The columns that belong to the record, by name."""
    return {name: value for name, value in zip(COLUMNS, row, strict=True) if value is not None}
