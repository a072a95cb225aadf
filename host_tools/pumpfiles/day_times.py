"""Days of the week and times of day as a program file writes them. Owns both notations; knows no schedule."""

from __future__ import annotations

import re

from pump.check import DAY_NAMES
from pumpfiles.toml_source import Value

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_EXPECTED = 'days such as "mon", "sat,sun", "mon-fri" or "fri-mon"'
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
TIME_EXPECTED = 'a time of day from "00:00" to "23:59"'


def days_of(value: Value | None) -> list[int]:
    """Numbers of the days named, 0 for Monday, each once; every day where nothing is written."""
    if value is None:
        return list(range(7))
    numbers: list[int] = []
    for part in value.text(DAYS_EXPECTED).split(","):
        first, dash, last = (each.strip(" ") for each in part.partition("-"))
        if first not in DAYS or (dash and (last not in DAYS or last == first)):
            raise value.refusal(DAYS_EXPECTED)
        start = DAYS.index(first)
        length = (DAYS.index(last) - start) % 7 + 1 if dash else 1
        numbers += [(start + each) % 7 for each in range(length)]
    for day in numbers:
        if numbers.count(day) > 1:
            raise value.refusal(f"each day once: {DAY_NAMES[day]} is named twice")
    return numbers


def label_of_days(value: Value | None) -> str:
    """How the days are called when their entry is echoed."""
    return "every day" if value is None else value.raw


def minute_of(at: Value) -> int:
    """Minute of the day, 0..1439."""
    match = TIME.fullmatch(at.text(TIME_EXPECTED))
    if match is None:
        raise at.refusal(TIME_EXPECTED)
    return int(match[1]) * 60 + int(match[2])


def clock_of(minute: int) -> str:
    """"06:30" of a minute of the day."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
