"""Replies as objects. Fields that a later version of the firmware adds are passed over."""

from __future__ import annotations

import binascii
from dataclasses import MISSING, dataclass, fields
from typing import Any

from pump import record
from pumpctl.refusals import IncompatibleError

# By the annotation of a field: what a reply may hold there
TYPES = {"int": (int,), "str": (str,), "bool": (bool,), "list[str]": (list,), "bytes": (bytes,),
         "int | None": (int, type(None)), "str | None": (str, type(None))}


class _Fields:
    @classmethod
    def of(cls, reply: dict[str, Any]):
        """The reply as this object; IncompatibleError where a field is missing that has no default, or of another type.
        """
        return cls(**{each.name: checked(reply, each.name, *TYPES[each.type]) for each in fields(cls)
                      if each.name in reply or each.default is MISSING})


def checked(reply: dict[str, Any], name: str, *types: type) -> Any:
    """A field of a reply, which is of one of the types; IncompatibleError otherwise."""
    if name not in reply:
        raise IncompatibleError(f"the pump's reply lacks '{name}'", "update pumpctl or the firmware")
    value = reply[name]
    if type(value) not in types or (list in types and any(type(item) is not str for item in value)):
        raise IncompatibleError(f"the pump's reply has a wrong '{name}'", "update pumpctl or the firmware")
    return value


def checked_bytes(reply: dict[str, Any], name: str) -> bytes:
    """The bytes of a base64 field; IncompatibleError where it is none."""
    try:
        return binascii.a2b_base64(checked(reply, name, str), strict_mode=True)
    except ValueError:
        raise IncompatibleError(f"the pump's reply has a wrong '{name}'", "update pumpctl or the firmware")


@dataclass(frozen=True)
class Hello(_Fields):
    """Who answers. `unique_id` is base64, `uptime_ms` counts from the pump's last boot.

    slot, build: which firmware runs; trial: it has yet to prove itself.
    """

    firmware: str
    journal: int
    unique_id: str
    boot: int
    uptime_ms: int
    slot: str
    build: str
    trial: bool
    board: str
    protocol: int

    @property
    def unique_bytes(self) -> bytes:
        return checked_bytes({"unique_id": self.unique_id}, "unique_id")


@dataclass(frozen=True)
class LogPage(_Fields):
    """Some records of the journal as they came, unproven: `records` from number `first` on; next_seq: to come."""

    first: int
    next_seq: int
    records: bytes

    @classmethod
    def of(cls, reply: dict[str, Any]) -> LogPage:
        page = super().of({**reply, "records": checked_bytes(reply, "records")})
        if len(page.records) % record.SIZE:
            raise IncompatibleError("the pump's reply has a wrong 'records'", "update pumpctl or the firmware")
        return page


@dataclass(frozen=True)
class Status(_Fields):
    """State, alarms, volumes in nL, clock, and what is stored; names are None where nothing is.

    delivered_nl: basal and boluses, bolus_nl its share of boluses; lockout_s, boluses_left: of the on-demand bolus.
    access: "open", "keys" or "unreadable"; session: the role of the session that is open, whoever's; busy: a commit is
    being checked.
    """

    state: str
    reason: str
    alarms: list[str]
    unacknowledged: bool
    self_test: list[str]
    rate_nl_per_h: int
    delivered_nl: int
    bolus_nl: int
    prime_nl: int
    withdrawn_nl: int
    uncertain_nl: int
    programmed_nl: int
    steps: int
    last_1h_nl: int
    last_24h_nl: int
    reservoir_nl: int
    bolus: bool
    temporary: bool
    lockout_s: int
    boluses_left: int
    utc_ms: int | None
    offset_min: int
    program: str | None
    program_digest: str
    rig: str | None
    rig_digest: str
    first_seq: int
    next_seq: int
    memory_free: int
    access: str
    session: str
    busy: bool
    board: str
    supply_mv: int = 0                # by firmware that says so
    chip_c: int | None = None


@dataclass(frozen=True)
class Inputs(_Fields):
    """Levels now. active: names of the inputs that are; pressure: the sensor's counts, None where none is fitted;
    rtc_utc_s: the battery-backed clock's time, None where there is none, or it does not answer, or has stopped."""

    active: list[str]
    pressure: int | None
    supply_mv: int
    chip_c: int
    rtc_utc_s: int | None = None      # by firmware that says so


@dataclass(frozen=True)
class Refill(_Fields):
    """What a refill found. difference_nl: withdrawn less expected, None where the reply was lost; warning: it is
    more than 5 % of what was used."""

    level_nl: int
    difference_nl: int | None
    warning: bool
