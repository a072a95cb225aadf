"""Names of the numbers in records. A number that this version does not know is named by itself: "event 57"."""

from __future__ import annotations

from pump import access, bolus, boluses, reasons, record, selftest, transfer, update
from pump.alarms import TABLE
from pump.errors import CODES

PHASES = {0: "begun", 1: "complete", bolus.CANCELLED + 1: "cancelled", bolus.INTERRUPTED + 1: "interrupted",
          transfer.UNCERTAIN: "uncertain"}


def _named(what: str, names: tuple[str, ...], number: int) -> str:
    return names[number] if number < len(names) and (names[number] or not number) else f"{what} {number}"


def event_name(number: int) -> str:
    return _named("event", record.EVENT_NAMES, number) or "event 0"


def actor_name(number: int) -> str:
    return _named("actor", record.ACTOR_NAMES, number)


def board_name(raw: bytes) -> str:
    """The board that wrote a record."""
    return _named("board", record.BOARD_NAMES, record.header(raw)[9] % 16)


def alarm_name(number: int) -> str:
    return _named("alarm", tuple(row[0] for row in TABLE), number)


def alarm_names(mask: int) -> list[str]:
    """The alarms of a mask."""
    return [alarm_name(number) for number in range(mask.bit_length()) if mask >> number & 1]


def test_names(mask: int) -> list[str]:
    """What failed in a self-test."""
    return [_named("test", selftest.NAMES, bit) for bit in range(mask.bit_length()) if mask >> bit & 1]


def update_name(number: int) -> str:
    """What happened to a firmware."""
    return _named("step", update.NAMES, number)


def access_name(number: int) -> str:
    """What happened to a session or to the keys."""
    return _named("step", access.NAMES, number)


def role_name(number: int) -> str | None:
    """Of a session; None for nobody's."""
    return _named("role", access.ROLES, number) or None


def reason_name(number: int) -> str:
    """Why the pump is in its state; "" for none."""
    if number >= reasons.ALARMS:
        return alarm_name(number - reasons.ALARMS)
    return _named("reason", reasons.NAMES, number)


def error_name(number: int) -> str:
    return _named("error", CODES, number)


def kind_name(number: int) -> str:
    """Of a bolus."""
    return _named("kind", bolus.KIND_NAMES, number) or "kind 0"


def outcome_name(number: int) -> str:
    """Of a bolus."""
    return _named("outcome", bolus.OUTCOME_NAMES, number)


def denial_name(number: int) -> str:
    """Why a bolus was denied; "" for not denied."""
    return _named("denial", boluses.DENIALS, number)


def transfer_name(number: int) -> str:
    return transfer.KINDS[number - 1] if 1 <= number <= len(transfer.KINDS) else f"transfer {number}"


def phase_name(number: int) -> str:
    """Of a transfer."""
    return PHASES.get(number, f"phase {number}")
