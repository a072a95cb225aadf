"""Pulling: everything that a dose log needs, from a pump. Owns the order of the questions; writes no file."""

from __future__ import annotations

import time
from collections.abc import Callable

from pump.errors import PumpError
from pump.program import Program
from pump.rig import Rig
from pumpctl.errors import HostError
from pumpctl.pump_link import PumpLink
from pumpctl.summary import Run


def pull_run(pump: PumpLink, first: int = 0, on_count: Callable[[int], None] = lambda count: None) -> Run:
    """The journal from record `first` on, with the pump's rig and program. `on_count` hears how many are here."""
    rig = stored_rig(pump)
    program = stored_program(pump)
    unique_id = pump.hello().unique_bytes
    began = time.perf_counter()
    raw = pull_records(pump, first, on_count)
    return Run(raw=raw, rig=rig, program=program, unique_id=unique_id, wall_s=time.perf_counter() - began)


def pull_records(pump: PumpLink, first: int, on_count: Callable[[int], None] = lambda count: None) -> bytes:
    """The journal from record `first` on; JournalError where its records do not follow each other."""
    parts = []
    for part in pump.records(first):
        parts.append(part)
        if len(parts) % 64 == 0:
            on_count(len(parts))
    on_count(len(parts))
    return b"".join(parts)


def stored_rig(pump: PumpLink) -> Rig:
    """The rig in the pump; HostError where there is none."""
    body = pump.document("rig")
    if body is None:
        raise HostError("the pump has no rig", "send one with: pumpctl push --rig RIG")
    return parsed(Rig, body)


def stored_program(pump: PumpLink) -> Program | None:
    """The program in the pump, None where there is none."""
    body = pump.document("program")
    return parsed(Program, body) if body else None


def parsed(kind: type, body: bytes):
    """The rig or program of a stored document; HostError where this pumpctl does not know its version."""
    try:
        return kind(body)
    except PumpError as error:
        raise HostError(f"the pump's {kind.__name__.lower()} is of another version: {error.message}",
                        "update pumpctl or send a new one")
