"""The [calibration] of a rig file: what a revolution was found to deliver, when and how. Knows no motor and no limit.

Where it is there, it takes the place of the head's geometry. The file is written by `pumpctl calibrate`
(calibration_file.py); a person may read it, and take it out again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from pumpfiles.quantities import VOLUME, plain
from pumpfiles.quantity_value import Echo, exact_of
from pumpfiles.toml_source import Value

FACTOR_MAX = 2                # between calibration and geometry: beyond it one of them is a slip
ACCURACY = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?) ?%")
ACCURACY_EXPECTED = 'an accuracy such as "2 %", more than 0'
ACCURACY_DEFAULT_PERCENT = Fraction(2)
FINDING_KEYS = ("volume_per_revolution", "interval", "date", "method")


@dataclass(frozen=True)
class Finding:
    """One calibration; volumes are exact nL per revolution, `interval_nl` is that of 95 %."""

    nl_per_rev: Fraction
    interval_nl: tuple[Fraction, Fraction]
    date: str
    method: str


@dataclass(frozen=True)
class Calibration:
    """The one in force, what came before it (newest first), and the accuracy that the rig is to keep."""

    finding: Finding
    history: list[Finding] = field(default_factory=list)
    accuracy_percent: Fraction = ACCURACY_DEFAULT_PERCENT


def read_calibration(table: Value | None, geometry_pl: int, echo: Echo) -> tuple[int, Calibration | None]:
    """(picolitres per revolution: the calibrated volume, rounded down, or the geometry's; the calibration)."""
    if table is None:
        return geometry_pl, None
    table.only(*FINDING_KEYS, "accuracy", "history")
    written = table.take("volume_per_revolution", str(VOLUME))
    exact_pl = exact_of(written, VOLUME) * 1000
    if not Fraction(geometry_pl, FACTOR_MAX) <= exact_pl <= geometry_pl * FACTOR_MAX:
        raise written.refusal(f"a volume within a factor of {FACTOR_MAX} of the {geometry_pl} pL of [head]")
    finding = _finding(table)
    down = ", rounded down" if exact_pl % 1 else ""
    echo.lines.append(("calibrated volume per revolution",
                       f"{written.raw} = {int(exact_pl)} pL{down}, of {finding.date}; "
                       f"{_percent_text(exact_pl / geometry_pl)} of the head's, and what counts"))
    history = table.maybe("history")
    past = [_finding(each.only(*FINDING_KEYS)) for each in history.entries("[[calibration.history]] tables")] \
        if history else []
    return int(exact_pl), Calibration(finding, past, _accuracy(table.maybe("accuracy")))


def _percent_text(ratio: Fraction) -> str:
    return f"{plain(Fraction(round(ratio * 10_000), 100))} %"


def _finding(table: Value) -> Finding:
    volume = exact_of(table.take("volume_per_revolution", str(VOLUME)), VOLUME)
    interval = table.take("interval", 'of 95 %, such as ["330 uL", "331 uL"]')
    ends = interval.entries('two volumes, such as ["330 uL", "331 uL"]')
    if len(ends) != 2:
        raise interval.refusal('two volumes, such as ["330 uL", "331 uL"]')
    low, high = (exact_of(each, VOLUME) for each in ends)
    if not 0 < low <= volume <= high:
        raise interval.refusal("an interval with the volume per revolution inside it")
    return Finding(volume, (low, high), _date(table.take("date", 'such as "2026-03-27"')),
                   table.take("method", "how it was found").text("a text"))


def _date(value: Value) -> str:
    text = value.text('a date such as "2026-03-27"')
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise value.refusal('a date such as "2026-03-27"')


def _accuracy(value: Value | None) -> Fraction:
    if value is None:
        return ACCURACY_DEFAULT_PERCENT
    percent = accuracy_percent(value.text(ACCURACY_EXPECTED))
    if percent is None:
        raise value.refusal(ACCURACY_EXPECTED)
    return percent


def accuracy_percent(text: str) -> Fraction | None:
    """The number of "2 %"; None for another text, and for 0 %."""
    match = ACCURACY.fullmatch(text)
    return (Fraction(match[1]) or None) if match else None
