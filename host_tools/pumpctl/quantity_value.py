"""Quantities of a file: a TOML value to whole canonical units, with its echo. Owns rounding; knows no document."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from pump.program import RATE_MAX
from pumpctl.quantities import CONCENTRATION, MASS_RATE, RATE, Kind, QuantityError, parse, plain
from pumpctl.toml_source import Value


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


def whole_of(value: Value, kind: Kind, most: int, echo: Echo, label: str) -> int:
    """The quantity in whole canonical units, rounded down, 1 <= whole <= most; noted in the echo."""
    exact = exact_of(value, kind)
    whole = int(exact)
    if not 1 <= whole <= most:
        raise value.refusal(f"{kind}, from 1 to {most} {kind.canonical}")
    echo.add(label, value.raw, exact, whole, kind.canonical)
    return whole


def rate_of(value: Value, concentration: Value | None, echo: Echo, label: str) -> int:
    """A rate by volume, or by mass with a concentration, in nL/h rounded down (D-02); 0 only where 0 is written."""
    exact, kind = _parse(value, RATE, MASS_RATE)
    written = value.raw
    if kind is MASS_RATE:
        if concentration is None:
            raise value.refusal(f'{RATE}, or for a mass rate a concentration, such as '
                                f'fluid = {{ name = "dye", concentration = "0.5 mg/mL" }}')
        exact = exact * 1_000_000 / exact_of(concentration, CONCENTRATION)     # ng/h / (ng/mL) = mL/h = 10^6 nL/h
        written += f" at {concentration.raw}"
    whole = int(exact)
    if whole > RATE_MAX:
        raise value.refusal(f"{RATE}, at most {RATE_MAX} nL/h")
    if exact and not whole:
        raise value.refusal(f'"0 uL/h" or at least 1 nL/h: {written} would be rounded down to nothing')
    echo.add(label, written, exact, whole, RATE.canonical)
    return whole


def _parse(value: Value, *kinds: Kind) -> tuple[Fraction, Kind]:
    text = value.text(str(kinds[0]))
    try:
        return parse(text, *kinds)
    except QuantityError as error:
        raise value.refusal(str(error))
