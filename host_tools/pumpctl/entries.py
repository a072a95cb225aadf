"""Quantities typed on the command line, to the pump's whole units. Owns rounding and echo; knows no file and no pump.

Rounded down like everything else (D-02). What would be rounded down to nothing is refused.
"""

from __future__ import annotations

import re
from fractions import Fraction

import click

from pump import protocol
from pumpfiles.quantities import (
    CONCENTRATION,
    DURATION,
    MASS,
    MASS_RATE,
    NUMBER,
    RATE,
    VOLUME,
    Kind,
    QuantityError,
    parse,
    plain,
)

NG_PER_ML_AND_NL = 1_000_000  # ng / (ng/mL) = mL = 10^6 nL
PERCENT = re.compile(r"([0-9]{1,4}) ?%")
PERCENT_MAX = 1000
NG_PER_MG = 1_000_000
NG_PER_ML_AT_1_MG_PER_UL = 1_000_000_000
CELSIUS = re.compile(rf"({NUMBER.pattern}) ?(?:°C|C)")
CELSIUS_MAX = 40              # as far as the formula for the density of water reaches


def volume_nl(name: str, text: str, ng_per_ml: int = 0) -> int:
    """Whole nL of a volume, or of a mass where the fluid has a concentration; as much as a request can hold."""
    return _by_volume(name, text, (VOLUME, MASS), ng_per_ml, 1, _most("bolus", "volume_nl"))


def refill_nl(name: str, text: str) -> int:
    """Whole nL of what is in a reservoir; 0 only where 0 is written."""
    return _by_volume(name, text, (VOLUME, MASS), 0, 0, _most("refill", "added_nl"))


def rate_nl_per_h(name: str, text: str, ng_per_ml: int = 0) -> int:
    """Whole nL/h of a rate by volume, or by mass where the fluid has a concentration; 0 only where 0 is written."""
    return _by_volume(name, text, (RATE, MASS_RATE), ng_per_ml, 0, _most("temp", "rate_nl_per_h"))


def duration_s(name: str, text: str, most_s: int) -> int:
    """Whole seconds from 1 to most_s; nothing is rounded."""
    exact, _ = _parsed(name, text, DURATION)
    if exact.denominator != 1 or not 1 <= exact <= most_s:
        raise _wrong(name, text, f"{DURATION}, in whole seconds from 1 s to {most_s} s")
    return int(exact)


def percent_of(text: str) -> int | None:
    """The number of "50%" or "50 %"; None for a text that is no percentage."""
    match = PERCENT.fullmatch(text)
    if match is None:
        return None
    if int(match[1]) > PERCENT_MAX:
        raise _wrong("RATE", text, f"at most {PERCENT_MAX} %")
    return int(match[1])


def mass_mg(name: str, text: str) -> float:
    """Milligrams of a mass: of a balance, so nothing is rounded and 0 is one."""
    return float(_parsed(name, text, MASS)[0] / NG_PER_MG)


def mg_per_h(name: str, text: str) -> float:
    """Of a mass rate such as "0.8 mg/h"."""
    return float(_parsed(name, text, MASS_RATE)[0] / NG_PER_MG)


def mg_per_ul(name: str, text: str) -> float:
    """A density such as "0.998 g/mL", from 0.1 to 25 g/mL."""
    density = float(_parsed(name, text, CONCENTRATION)[0] / NG_PER_ML_AT_1_MG_PER_UL)
    if not 0.1 <= density <= 25:
        raise _wrong(name, text, 'a density such as "0.998 g/mL"')
    return density


def celsius(name: str, text: str) -> float:
    """Of a temperature such as "21.5C", from 0 to 40 degrees Celsius."""
    match = CELSIUS.fullmatch(text)
    if match is None or float(match[1]) > CELSIUS_MAX:
        raise _wrong(name, text, f'a temperature such as "21.5C", from 0C to {CELSIUS_MAX}C')
    return float(match[1])


def is_mass(text: str) -> bool:
    """True where a text is a mass or a mass rate, so that a concentration is needed."""
    try:
        parse(text, MASS, MASS_RATE)
    except QuantityError:
        return False
    return True


def _by_volume(name: str, text: str, kinds: tuple[Kind, Kind], ng_per_ml: int, least: int, most: int) -> int:
    """By volume, or by mass: the second kind. From `least` to `most` canonical units; nothing is rounded down to 0."""
    by_volume, by_mass = kinds
    exact, kind = _parsed(name, text, by_volume, by_mass)
    if kind is by_mass:
        if not ng_per_ml:
            raise _wrong(name, text, f"{by_volume}; a mass needs a program with a concentration in the pump")
        exact = exact * NG_PER_ML_AND_NL / ng_per_ml
    whole = int(exact)
    if not whole and (exact or least):
        raise _wrong(name, text, f"{by_volume}, at least 1 {by_volume.canonical}")
    if whole > most:
        raise _wrong(name, text, f"{by_volume}, at most {most} {by_volume.canonical}")
    return whole


def _most(do: str, field: str) -> int:
    """The most that a request's field can hold."""
    return next(most for name, _, _, most in protocol.MESSAGES[do][1] if name == field)


def _parsed(name: str, text: str, *kinds: Kind) -> tuple[Fraction, Kind]:
    try:
        return parse(text, *kinds)
    except QuantityError as error:
        raise _wrong(name, text, str(error))


def _wrong(name: str, text: str, expected: str) -> click.UsageError:
    return click.UsageError(f"{name}: found {text!r}, expected {expected}")


def ratio_text(value: Fraction) -> str:
    """An exact value in microlitres or the like, with at most three digits behind the point."""
    rounded = Fraction(round(value * 1000), 1000)
    return plain(rounded) if rounded == value else f"about {plain(rounded)}"
