"""Quantities: texts such as "0.5 mL/h" to exact fractions (U-01). Owns the accepted kinds and units; knows no file.

The factors between units are pint's, in fractions, so that no digit is lost; which units are taken is listed here,
because pint would also read "ML" as a million litres and "0.5 m" as a length.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

VOLUMES = ("mL", "uL", "µL", "μL", "nL", "L", "ml", "ul", "µl", "μl", "nl", "l")     # both micro signs of Unicode
MASSES = ("mg", "ug", "µg", "μg", "ng", "g")
TIMES = ("h", "min", "s", "day", "d")
LENGTHS = ("mm", "cm", "um", "µm", "μm", "m", "in")
VOLTAGES = ("V", "mV")
CURRENTS = ("mA", "A")
RESISTANCES = ("mohm", "ohm", "mΩ", "Ω")

NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
UNIT = re.compile(r" *([^\W\d_]+(?:/[^\W\d_]+)?)")
POINTLESS = re.compile(r"\.[0-9]|[0-9]+\.(?![0-9])")
TEXT_MAX = 60
PLAIN = "no comma, exponent, gap or leading zero, at most 15 on each side"


class QuantityError(ValueError):
    """A text that is no such quantity; the message says what is expected instead."""


@dataclass(frozen=True)
class Kind:
    """A kind of quantity: how it is called, an example, its canonical unit and the units that it is taken in."""

    name: str
    example: str
    canonical: str
    units: tuple[str, ...]

    def __str__(self) -> str:
        return f'{self.name} such as "{self.example}"'


def _per(tops: tuple[str, ...], bottoms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{top}/{bottom}" for top in tops for bottom in bottoms)


RATE = Kind("a rate", "0.5 mL/h", "nL/h", _per(VOLUMES, TIMES))
MASS_RATE = Kind("a mass rate", "0.35 mg/day", "ng/h", _per(MASSES, TIMES))
VOLUME = Kind("a volume", "5 mL", "nL", VOLUMES)
MASS = Kind("a mass", "25 ug", "ng", MASSES)
LENGTH = Kind("a length", "14.5 mm", "mm", LENGTHS)
CONCENTRATION = Kind("a concentration", "0.5 mg/mL", "ng/mL", _per(MASSES, VOLUMES))
DURATION = Kind("a duration", "10 min", "s", TIMES)
VOLTAGE = Kind("a voltage", "4.5 V", "mV", VOLTAGES)
CURRENT = Kind("a current", "800 mA", "mA", CURRENTS)
RESISTANCE = Kind("a resistance", "110 mohm", "mohm", RESISTANCES)
KINDS = (RATE, MASS_RATE, VOLUME, MASS, LENGTH, CONCENTRATION, DURATION, VOLTAGE, CURRENT, RESISTANCE)


def parse(text: str, *kinds: Kind) -> tuple[Fraction, Kind]:
    """(value in the canonical unit, exactly; which of the kinds it is). QuantityError for any other text."""
    number, unit = _split(text, kinds[0])
    for kind in kinds:
        if unit in kind.units:
            return number * _factor(unit, kind.canonical), kind
    raise QuantityError(_wrong_unit(unit, kinds))


def _split(text: str, kind: Kind) -> tuple[Fraction, str]:
    such_as = f'such as "{kind.example}"'
    number = NUMBER.match(text)
    if POINTLESS.match(text):
        raise QuantityError(f"a number with digits on both sides of the point and a unit, {such_as}")
    if number is None or len(text) > TEXT_MAX:
        raise QuantityError(f"digits without sign or space before, and a unit, {such_as}")
    rest = text[number.end():]
    if not rest.strip():
        raise QuantityError(f"a unit after the number, {such_as}")
    unit = UNIT.fullmatch(rest)
    if unit is None:
        raise QuantityError(f"digits and a point ({PLAIN}), then a unit, {such_as}")
    return Fraction(number[0]), unit[1]


def _wrong_unit(unit: str, kinds: tuple[Kind, ...]) -> str:
    wanted = " or ".join(str(kind) for kind in kinds)
    if any(unit in kind.units for kind in KINDS):
        return wanted
    units = [each for kind in kinds for each in kind.units]
    same = [each for each in units if each.lower() == unit.lower()]
    near = same or difflib.get_close_matches(unit, units, n=1)
    return f"{wanted}; {unit} is no unit for it" + (f" (did you mean {near[0]}?)" if near else "")


@cache
def _registry():
    import pint  # takes a third of a second: only where a file is read
    return pint.UnitRegistry(non_int_type=Fraction)


@cache
def _factor(unit: str, canonical: str) -> Fraction:
    """How many `canonical` are one `unit`, exactly."""
    registry = _registry()
    return Fraction(registry.Quantity(Fraction(1), registry.parse_units(unit)).to(canonical).magnitude)


def plain(value: Fraction) -> str:
    """Digits of an exact value: "20000", "14.5", or the first digits and " ..." where they do not end in time."""
    whole, rest = divmod(value, 1)
    digits = ""
    while rest and len(digits) < 6:
        digit, rest = divmod(rest * 10, 1)
        digits += str(digit)
    return f"{whole}{digits and '.' + digits}{' ...' if rest else ''}"
