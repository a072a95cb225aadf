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
    """State, volumes in nL, clock, and what is stored; names are None where nothing is."""

    state: str
    reason: str
    rate_nl_per_h: int
    delivered_nl: int
    uncertain_nl: int
    programmed_nl: int
    steps: int
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
