"""The pump's own checks and forecast of a program file, before it is sent. Owns no rule of its own (U-03, U-04)."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from pump.check import beyond_soft as beyond_soft_of
from pump.check import check_program
from pump.errors import PumpError
from pump.forecast import empty_after_ms
from pump.rig import Rig
from pumpfiles.offences import place_of
from pumpfiles.program_file import ProgramFile

HOUR_MS = 3_600_000


def check(program_file: ProgramFile, rig: Rig) -> None:
    """Raises InputError at the entry that goes beyond the limits of rig or program, with the first offending time."""
    try:
        check_program(program_file.program, rig)
    except PumpError as error:
        if error.code != "limit":
            raise
        raise place_of(program_file, error.message).refusal(
            f'a program within the limits of rig "{rig.name}": {error.message}')


def beyond_soft(program_file: ProgramFile, rig: Rig) -> str:
    """What of its own soft limits a program exceeds that has passed `check`: the pump's words, with the place in the
    file and the first instant; empty where it is within (L-05)."""
    message = beyond_soft_of(program_file.program, rig)
    if not message:
        return ""
    return f"{program_file.path}:{place_of(program_file, message).line}: soft limit: {message}"


def reservoir_life(program_file: ProgramFile, rig: Rig, start: datetime | None = None,
                   level_nl: int | None = None) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """(soonest, typical, latest): hours from `start` until the reservoir is empty, with all allowed on-demand boluses,
    with half of them, with none (A-04).

    `start` is now by default, UTC unless it has a zone; the reservoir is full by default. None stands for longer than
    a year, or for a program that ends before.
    """
    start = start or datetime.now(UTC)
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    level_nl = rig.reservoir_nl if level_nl is None else level_nl
    ms = empty_after_ms(program_file.program, rig, level_nl, int(start.timestamp()) * 1000)
    soonest, typical, latest = [None if each is None else Fraction(each, HOUR_MS) for each in ms]
    return soonest, typical, latest
