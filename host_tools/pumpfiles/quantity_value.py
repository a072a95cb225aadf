"""Quantities of a file: a TOML value to whole canonical units, with its echo. Owns rounding; knows no document."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from pump.limits import HIGHEST
from pump.program import RATE_MAX
from pumpfiles.quantities import (
    CONCENTRATION,
    DURATION,
    MASS,
    MASS_RATE,
    RATE,
    VOLUME,
    Kind,
    QuantityError,
    parse,
    plain,
)
from pumpfiles.toml_source import Value

FLUID_EXAMPLE = 'fluid = { name = "dye", concentration = "0.5 mg/mL" }'


@dataclass
class Echo:
    """The quantities of a file in the order they were read: (label, text in canonical units)."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def add(self, label: str, written: str, exact: Fraction, whole: int | None, unit: str) -> None:
        text = f"{written} = {plain(exact) if whole is None else whole} {unit}"
        if whole is not None and whole != exact:
            text += f", rounded down from {plain(exact)}"
        self.lines.append((label, text))


def exact_of(value: Value, kind: Kind) -> Fraction:
    """The quantity in the kind's canonical unit, exactly; InputError for any other text or type."""
    return _parse(value, kind)[0]


def whole_of(value: Value, kind: Kind, most: int, echo: Echo, label: str, least: int = 1) -> int:
    """The quantity in whole canonical units, rounded down, least <= whole <= most; noted in the echo."""
    exact = exact_of(value, kind)
    whole = int(exact)
    if not least <= whole <= most:
        raise value.refusal(f"{kind}, from {least} to {most} {kind.canonical}")
    echo.add(label, value.raw, exact, whole, kind.canonical)
    return whole


def rate_of(value: Value, concentration: Value | None, echo: Echo, label: str) -> int:
    """A rate by volume, or by mass with a concentration, in nL/h rounded down (D-02); 0 only where 0 is written."""
    exact, written = _by_mass_or_volume(value, RATE, MASS_RATE, concentration)
    whole = int(exact)
    if whole > RATE_MAX:
        raise value.refusal(f"{RATE}, at most {RATE_MAX} nL/h")
    if exact and not whole:
        raise value.refusal(f'"0 uL/h" or at least 1 nL/h: {written} would be rounded down to nothing')
    echo.add(label, written, exact, whole, RATE.canonical)
    return whole


def volume_of(value: Value, concentration: Value | None, echo: Echo, label: str) -> int:
    """A volume, or a mass with a concentration, in nL rounded down (D-02), from 1 nL to 100 L."""
    exact, written = _by_mass_or_volume(value, VOLUME, MASS, concentration)
    whole = int(exact)
    if not 1 <= whole <= HIGHEST:
        raise value.refusal(f"{VOLUME}, from 1 to {HIGHEST} nL")
    echo.add(label, written, exact, whole, VOLUME.canonical)
    return whole


def seconds_of(value: Value, low: int, high: int, echo: Echo, label: str, unit_s: int = 1) -> int:
    """A duration in s that is a whole number of units of `unit_s` (1, 60 or 3600): low <= number of units <= high."""
    exact = exact_of(value, DURATION)
    count = exact / unit_s
    if count.denominator != 1 or not low <= count <= high:
        unit, units = {1: ("s", "seconds"), 60: ("min", "minutes"), 3600: ("h", "hours")}[unit_s]
        raise value.refusal(f'{DURATION}, in whole {units} from "{low} {unit}" to "{high} {unit}"')
    echo.add(label, value.raw, exact, int(exact), DURATION.canonical)
    return int(exact)


def _by_mass_or_volume(value: Value, by_volume: Kind, by_mass: Kind,
                       concentration: Value | None) -> tuple[Fraction, str]:
    """(nL or nL/h, exactly; how it is written, with the concentration where that was needed)."""
    exact, kind = _parse(value, by_volume, by_mass)
    if kind is by_volume:
        return exact, value.raw
    if concentration is None:
        raise value.refusal(f"{by_volume}, or for {by_mass.name} a concentration, such as {FLUID_EXAMPLE}")
    # ng / (ng/mL) = mL = 10^6 nL, and so by the hour
    return exact * 1_000_000 / exact_of(concentration, CONCENTRATION), f"{value.raw} at {concentration.raw}"


def _parse(value: Value, *kinds: Kind) -> tuple[Fraction, Kind]:
    text = value.text(str(kinds[0]))
    try:
        return parse(text, *kinds)
    except QuantityError as error:
        raise value.refusal(str(error))
