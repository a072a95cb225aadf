"""The pump's own limit check, with the place in the program file. Owns no rule of its own (U-03, U-04)."""

from __future__ import annotations

import re

from pump.check import DAY_NAMES, check_program
from pump.errors import PumpError
from pump.rig import Rig
from pump.zone import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pumpctl.program_file import ProgramFile
from pumpctl.schedule_tables import segment_at
from pumpctl.toml_source import Value

INSTANT = re.compile(rf"({'|'.join(DAY_NAMES)}) ([0-9]{{2}}):([0-9]{{2}}): ")


def check(program_file: ProgramFile, rig: Rig) -> None:
    """Raises InputError at the rate that goes beyond the rig's limits, naming the first offending local time."""
    try:
        check_program(program_file.program, rig)
    except PumpError as error:
        if error.code != "limit":
            raise
        # a rate offends at its first minute; a window that ends at the instant was filled by the minute before
        is_rate = any(each.rate_nl_per_h > rig.max_rate_nl_per_h for day in program_file.week for each in day)
        where = rate_at(program_file, error.message, 0 if is_rate else 1)
        raise where.refusal(f'rates within rig "{rig.name}": {error.message}')


def rate_at(program_file: ProgramFile, message: str, minutes_before: int) -> Value:
    """The rate in force that long before the instant a message begins with; the file's first where it has none."""
    instant = INSTANT.match(message)
    if instant is None:
        return program_file.week[0][0].written
    week_min = DAY_NAMES.index(instant[1]) * MINUTES_PER_DAY + int(instant[2]) * 60 + int(instant[3]) - minutes_before
    return segment_at(program_file.week, week_min % MINUTES_PER_WEEK).written
