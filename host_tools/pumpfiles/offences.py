"""The place in a program file that a refusal of the pump's check is about. Owns no rule: it only finds the entry.

The check knows no file: it names an instant or an entry in words. Where nothing is named, the first rate is shown.
"""

from __future__ import annotations

import re

from pump.check import DAY_NAMES
from pump.limits import NAMES
from pump.zone import MINUTES_PER_DAY, MINUTES_PER_WEEK
from pumpfiles.bolus_tables import ScheduledBolus
from pumpfiles.limits_table import KEY_OF_NAME
from pumpfiles.program_file import ProgramFile
from pumpfiles.toml_source import Value

INSTANT = re.compile(rf"({'|'.join(DAY_NAMES)}) ([0-9]{{2}}):([0-9]{{2}}): (.*)")
LOOSER = re.compile(rf"the program's ({'|'.join(NAMES)}) is looser")
BOLUS = re.compile(r"the bolus at ([0-9]{2}):([0-9]{2}) ")
WEEK_S = MINUTES_PER_WEEK * 60


def place_of(program_file: ProgramFile, message: str) -> Value:
    """The value that a message of pump.check is about."""
    instant = INSTANT.match(message)
    if instant:
        week_min = DAY_NAMES.index(instant[1]) * MINUTES_PER_DAY + int(instant[2]) * 60 + int(instant[3])
        return _at(program_file, week_min, instant[4])
    return _named(program_file, message) or program_file.week[0][0].written


def _at(program_file: ProgramFile, week_min: int, words: str) -> Value:
    """The entry in force at an instant: what begins there, or for a window that ends there what filled it last."""
    if words.startswith("a bolus begins"):
        return _latest_bolus(program_file, week_min * 60).at
    if "hold more" in words:
        last_min = (week_min - 1) % MINUTES_PER_WEEK
        bolus = _latest_bolus(program_file, last_min * 60 + 59)
        if bolus and _since_s(bolus, last_min * 60) < bolus.over_s:
            return bolus.written
        return program_file.segment_at(last_min).written
    segment = program_file.segment_at(week_min)
    return segment.written_end if segment.end_rate_nl_per_h > segment.rate_nl_per_h else segment.written


def _since_s(bolus: ScheduledBolus, week_s: int) -> int:
    """Seconds of the week since the bolus last began."""
    starts = [(day * MINUTES_PER_DAY + bolus.minute) * 60 for day in range(7) if bolus.mask >> day & 1]
    return min((week_s - start) % WEEK_S for start in starts)


def _latest_bolus(program_file: ProgramFile, week_s: int) -> ScheduledBolus | None:
    """The scheduled bolus that began last before an instant; of two that begin at once the later in the file."""
    return min(reversed(program_file.boluses.scheduled), key=lambda bolus: _since_s(bolus, week_s), default=None)


def _named(program_file: ProgramFile, message: str) -> Value | None:
    """The entry that a message without an instant names."""
    root = program_file.root
    looser, bolus = LOOSER.match(message), BOLUS.match(message)
    if looser:
        return root.take("limits", "").take(KEY_OF_NAME[looser[1]], "")
    if bolus:
        there = [each for each in program_file.boluses.scheduled
                 if each.minute == int(bolus[1]) * 60 + int(bolus[2])]
        worst = min if "less than" in message else max
        return worst(there, key=lambda each: each.volume_nl).written
    for name in ("periodic_bolus", "on_demand"):
        if message.startswith(name):
            return root.take(name, "").take("volume", "")
    if message.startswith("on-demand and periodic"):
        return (root.maybe("on_demand") or root.take("periodic_bolus", "")).take("volume", "")
    if message.startswith("reservoir low"):
        return root.take("reservoir", "").take("low", "")
    return root.take("minimum_rate", "") if message.startswith("minimum_rate") else None
