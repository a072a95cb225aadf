"""The rig file: TOML to the rig document (firmware/pump/rig.py). Owns the file's keys and the pump heads' geometry."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pump.rig import PIN_DEFAULTS, VERSION, Rig
from pumpctl.documents import accepted, canonical_json
from pumpctl.quantities import DURATION, LENGTH, RATE, VOLUME, plain
from pumpctl.quantity_value import Echo, exact_of, whole_of
from pumpctl.toml_source import Value, read_toml

PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494")     # 60 digits, cut off
PL_PER_REV_MAX = 1_000_000_000_000            # 1 L a revolution
STEPS_PER_REV_MAX = 1_000_000
STEP_RATE_MAX = 50_000                        # steps/s
VOLUME_MAX_NL = 100_000_000_000               # 100 L
RATE_MAX_NL_PER_H = 1_000_000_000             # 1 L/h
QUANTUM_DEFAULT_MIN = 10
GPIO_LAST = 28
LED_GPIO = 25
TAKEN_GPIO = {15: "is the maintenance jumper", 23: "switches the Pico's own supply", 24: "senses the Pico's USB supply",
              LED_GPIO: "is the Pico's LED, for led only"}
HEAD_KEYS = {"syringe": ("inner_diameter", "lead"), "peristaltic": ("volume_per_revolution",)}


@dataclass(frozen=True)
class RigFile:
    """A rig that the pump's own code has accepted. `body` is what is sent; `canonical` echoes every quantity."""

    path: object
    name: str
    body: bytes
    rig: Rig
    canonical: list[tuple[str, str]]


def load_rig(path: object) -> RigFile:
    """Reads and checks a rig file; HostError where it cannot be read, InputError for the first thing that is wrong."""
    root = read_toml(path).only("name", "head", "motor", "reservoir", "limits", "journal", "pins")
    echo = Echo()
    name = root.take("name", 'such as name = "bench-1"').name()
    document = {"v": VERSION, "name": name}
    document["pl_per_rev"] = _head(root.take("head", "a table [head]"), echo)
    document["steps_per_rev"], document["max_step_rate"] = _motor(root.take("motor", "a table [motor]"))
    reservoir = root.take("reservoir", "a table [reservoir]").only("capacity")
    document["reservoir_nl"] = whole_of(reservoir.take("capacity", str(VOLUME)), VOLUME, VOLUME_MAX_NL, echo,
                                        "reservoir capacity")
    limits = root.take("limits", "a table [limits]").only("max_rate", "max_1h", "max_24h")
    document["max_rate_nl_per_h"] = _max_rate(limits.take("max_rate", str(RATE)), document, echo)
    for key in ("max_1h", "max_24h"):
        document[key + "_nl"] = whole_of(limits.take(key, str(VOLUME)), VOLUME, VOLUME_MAX_NL, echo, key)
    document["quantum_min"] = _quantum(root.maybe("journal"), echo)
    document["pins"] = _pins(root.maybe("pins"))
    body = canonical_json(document)
    return RigFile(path, name, body, accepted(Rig, body, root), echo.lines)


def _head(table: Value, echo: Echo) -> int:
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


def _motor(table: Value) -> tuple[int, int]:
    """(steps per revolution with microsteps, most steps per second)."""
    table.only("full_steps", "microsteps", "max_step_rate")
    full_steps = table.take("full_steps", "such as 200").integer(1, STEPS_PER_REV_MAX)
    microsteps = table.take("microsteps", "such as 16").integer(1, STEPS_PER_REV_MAX // full_steps)
    rate = table.take("max_step_rate", "in steps/s, such as 4000").integer(1, STEP_RATE_MAX, "steps/s")
    return full_steps * microsteps, rate


def _max_rate(value: Value, document: dict, echo: Echo) -> int:
    """The rate limit in nL/h, which the motor must be able to turn."""
    nl_per_h = whole_of(value, RATE, RATE_MAX_NL_PER_H, echo, "max_rate")
    steps_per_s = Fraction(nl_per_h * 1000 * document["steps_per_rev"], 3600 * document["pl_per_rev"])
    available = document["max_step_rate"]
    if steps_per_s > available:
        reachable = int(nl_per_h * available / steps_per_s)
        raise value.refusal(f"a rate that the motor can turn: this needs {plain(steps_per_s)} steps/s, "
                            f"max_step_rate is {available} (enough for {reachable} nL/h)")
    return nl_per_h


def _quantum(table: Value | None, echo: Echo) -> int:
    """Minutes between checkpoints."""
    written = table.only("quantum").maybe("quantum") if table else None
    if written is None:
        return QUANTUM_DEFAULT_MIN
    minutes = exact_of(written, DURATION) / 60
    if minutes.denominator != 1 or not 1 <= minutes <= 60:
        raise written.refusal('whole minutes from "1 min" to "60 min"')
    echo.add("journal quantum", written.raw, minutes * 60, int(minutes * 60), DURATION.canonical)
    return int(minutes)


def _pins(table: Value | None) -> dict[str, int]:
    """GPIO numbers by use: the Pico's defaults, and what the file says instead."""
    pins = dict(PIN_DEFAULTS)
    if table is None:
        return pins
    table.only(*PIN_DEFAULTS)
    for use in table.raw:
        value = table.take(use, "a GPIO number")
        pins[use] = value.integer(0, GPIO_LAST)
        if pins[use] in TAKEN_GPIO and (use, pins[use]) != ("led", LED_GPIO):
            raise value.refusal(f"a free GPIO: {pins[use]} {TAKEN_GPIO[pins[use]]}")
    for use in reversed(table.raw):
        others = [other for other in pins if other != use and pins[other] == pins[use]]
        if others:
            raise table.take(use, "a GPIO number").refusal(f"a GPIO of its own: {pins[use]} is {others[0]}")
    return pins
