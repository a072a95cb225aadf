"""The [head] of a rig file: the geometry of a pump head to picolitres per revolution. Knows no motor and no limit."""

from __future__ import annotations

from fractions import Fraction

from pumpfiles.quantities import LENGTH, VOLUME, plain
from pumpfiles.quantity_value import Echo, exact_of
from pumpfiles.toml_source import Value

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")     # 60 digits, cut off
PL_PER_REV_MAX = 1_000_000_000_000            # 1 L a revolution
HEAD_KEYS = {"syringe": ("inner_diameter", "lead"), "peristaltic": ("volume_per_revolution",)}


def read_head(table: Value, echo: Echo) -> int:
    """Picolitres per revolution, rounded down."""
    table.only("kind", *HEAD_KEYS["syringe"], *HEAD_KEYS["peristaltic"])
    kind = table.take("kind", '"syringe" or "peristaltic"')
    if kind.raw not in ("syringe", "peristaltic"):
        raise kind.refusal('"syringe" or "peristaltic"')
    for key in table.raw:
        if key != "kind" and key not in HEAD_KEYS[kind.raw]:
            raise table.refusal_of_key(key, f"{' and '.join(HEAD_KEYS[kind.raw])} for a {kind.raw} head")
    if kind.raw == "syringe":
        return _syringe(table, echo)
    written = table.take("volume_per_revolution", 'a volume such as "0.25 mL"')
    return _whole_pl(written, exact_of(written, VOLUME) * 1000, echo)


def _syringe(table: Value, echo: Echo) -> int:
    """pi/4 * d^2 * lead. A cubic millimetre is a microlitre, 10^6 pL."""
    diameter_mm = _positive_length(table.take("inner_diameter", str(LENGTH)), echo, "inner diameter")
    lead = table.take("lead", 'the travel per revolution, a length such as "2 mm"')
    lead_mm = _positive_length(lead, echo, "lead")
    return _whole_pl(lead, PI / 4 * diameter_mm ** 2 * lead_mm * 1_000_000, echo)


def _positive_length(value: Value, echo: Echo, label: str) -> Fraction:
    exact = exact_of(value, LENGTH)
    if not exact:
        raise value.refusal(f"{LENGTH}, more than 0")
    echo.add(label, value.raw, exact, None, LENGTH.canonical)
    return exact


def _whole_pl(value: Value, exact_pl: Fraction, echo: Echo) -> int:
    if not 1 <= exact_pl <= PL_PER_REV_MAX:
        raise value.refusal(f"1 pL to 1 L per revolution, not {plain(exact_pl / 1000)} nL")
    echo.lines.append(("volume per revolution", f"{int(exact_pl)} pL" + (", rounded down" if exact_pl % 1 else "")))
    return int(exact_pl)
