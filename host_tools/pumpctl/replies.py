"""Replies as objects. Fields that a later version of the firmware adds are passed over."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, fields
from typing import Any

from pumpctl.refusals import IncompatibleError


class _Fields:
    @classmethod
    def of(cls, reply: dict[str, Any]):
        try:
            return cls(**{field.name: reply[field.name] for field in fields(cls)})
        except KeyError as error:
            raise IncompatibleError(f"the pump's reply lacks {error}", "update pumpctl or the firmware")


@dataclass(frozen=True)
class Hello(_Fields):
    """Who answers. `unique_id` is base64, `uptime_ms` counts from the pump's last boot."""

    firmware: str
    journal: int
    unique_id: str
    boot: int
    uptime_ms: int
    board: str
    protocol: int

    @property
    def unique_bytes(self) -> bytes:
        return binascii.a2b_base64(self.unique_id)


@dataclass(frozen=True)
class Status(_Fields):
    """State, alarms, volumes in nL, clock, and what is stored; names are None where nothing is.

    delivered_nl: basal and boluses, bolus_nl its share of boluses; lockout_s, boluses_left: of the on-demand bolus.
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
    board: str


@dataclass(frozen=True)
class Refill(_Fields):
    """What a refill found. difference_nl: withdrawn less expected; warning: it is more than 5 % of what was used."""

    level_nl: int
    difference_nl: int
    warning: bool
