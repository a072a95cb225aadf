"""The rig file: TOML to the rig document (firmware/pump/rig.py). Owns the file's keys and defaults."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pump.drivers import DRIVERS, SAFEST, STEP_RATE_MAX, step_rate_max
from pump.limits import HIGHEST
from pump.program import RATE_MAX
from pump.rig import VERSION, Rig
from pumpfiles.calibration_table import Calibration, read_calibration
from pumpfiles.documents import accepted, canonical_json
from pumpfiles.driver_table import read_driver
from pumpfiles.parts_table import read_parts
from pumpfiles.pins_table import read_pins
from pumpfiles.pump_head import read_head
from pumpfiles.quantities import RATE, VOLTAGE, VOLUME, plain
from pumpfiles.quantity_value import Echo, seconds_of, whole_of
from pumpfiles.toml_source import Value, read_toml

STEPS_PER_REV_MAX = 1_000_000
QUANTUM_DEFAULT_MIN = 10
TOLERANCE_DEFAULT_STEPS = 2
TOLERANCE_MAX_STEPS = 100
AUTO_OFF_MAX_H = 8760                         # a year
SUPPLY_MAX_MV = 60_000
PRESSURE_MAX = 16_777_216                     # counts of a 24-bit sensor
MOTOR_H_MAX = 1_000_000
ACCELERATION_MAX = 1_000_000_000              # steps/s each second
TABLES = ("head", "calibration", "motor", "reservoir", "line", "limits", "prime", "journal", "alarms", "service",
          "driver", "parts", "pins")


@dataclass(frozen=True)
class RigFile:
    """A rig that the pump's own code has accepted. `body` is what is sent; `canonical` echoes every quantity.

    geometry_pl: volume of a revolution as [head] has it; what counts is `rig.pl_per_rev`.
    """

    path: object
    name: str
    body: bytes
    rig: Rig
    canonical: list[tuple[str, str]]
    geometry_pl: int = 0
    calibration: Calibration | None = None


def load_rig(path: object) -> RigFile:
    """Reads and checks a rig file; HostError where it cannot be read, InputError for the first thing that is wrong."""
    return rig_of(read_toml(path))


def rig_of(root: Value) -> RigFile:
    """The same of a table that has been read."""
    root.only("name", *TABLES)
    echo = Echo()
    name = root.take("name", 'such as name = "bench-1"').name()
    document = {"v": VERSION, "name": name}
    geometry_pl = read_head(root.take("head", "a table [head]"), echo)
    document["pl_per_rev"], calibration = read_calibration(root.maybe("calibration"), geometry_pl, echo)
    document |= _motor(root.take("motor", "a table [motor]"))
    if "ramp" not in document:
        document["v"] = VERSION - 1           # which pumps with an older firmware take as well
    reservoir = root.take("reservoir", "a table [reservoir]").only("capacity")
    document["reservoir_nl"] = _volume(reservoir.take("capacity", str(VOLUME)), echo, "reservoir capacity")
    document["line_nl"] = _line(root.maybe("line"), echo)
    document |= _limits(root.take("limits", "a table [limits]"), document, echo)
    document |= _prime(root.maybe("prime"), document, echo)
    document["quantum_min"] = _quantum(root.maybe("journal"), echo)
    document |= _alarms(root.maybe("alarms"), echo)
    document |= _service(root.maybe("service"), echo)
    document["driver"] = read_driver(root.maybe("driver"), root.take("motor", "a table [motor]"), echo)
    document["parts"] = read_parts(root.maybe("parts"), document["pressure_limit"] > 0, echo)
    document["pins"] = read_pins(root.maybe("pins"), document["parts"], document["motor"]["driver"],
                                 bool(document["driver"]))
    body = canonical_json(document)
    return RigFile(root.file, name, body, accepted(Rig, body, root), echo.lines, geometry_pl, calibration)


def _motor(table: Value) -> dict[str, object]:
    """The driver, steps per revolution with microsteps, most steps per second that motor and driver take, and the ramp
    to them where there is one.
    """
    table.only("driver", "full_steps", "microsteps", "max_step_rate", "start_rate", "acceleration")
    driver = _driver(table.maybe("driver"))
    full_steps = table.take("full_steps", "such as 200").integer(1, STEPS_PER_REV_MAX)
    microsteps = table.take("microsteps", "such as 16").integer(1, STEPS_PER_REV_MAX // full_steps)
    rate = table.take("max_step_rate", "in steps/s, such as 4000").integer(1, step_rate_max(driver),
                                                                          f"steps/s with a {driver}")
    return {"steps_per_rev": full_steps * microsteps, "max_step_rate": rate, "motor": {"driver": driver},
            **_ramp(table)}


def _ramp(table: Value) -> dict[str, list[int]]:
    """From which rate on, and how fast, the motor is brought to that of a prime: both or neither."""
    if table.maybe("start_rate") is None and table.maybe("acceleration") is None:
        return {}
    return {"ramp": [table.take("start_rate", "in steps/s, with acceleration").integer(1, STEP_RATE_MAX, "steps/s"),
                     table.take("acceleration", "in steps/s each second, with start_rate").integer(
                         1, ACCELERATION_MAX, "steps/s each second")]}


def _driver(value: Value | None) -> str:
    """One of the device's table; left out, the one whose pulses suit all."""
    if value is None:
        return SAFEST
    if not isinstance(value.raw, str) or value.raw not in DRIVERS:
        raise value.refusal("one of " + ", ".join(sorted(DRIVERS)))
    return value.raw


def _volume(value: Value, echo: Echo, label: str, least: int = 1) -> int:
    return whole_of(value, VOLUME, HIGHEST, echo, label, least)


def _line(table: Value | None, echo: Echo) -> int:
    """nL from the head to the outlet, 0 where nothing is said."""
    if table is None:
        return 0
    return _volume(table.only("volume").take("volume", 'of the line, such as "0.5 mL"'), echo, "line volume", 0)


def _limits(table: Value, document: dict, echo: Echo) -> dict[str, int]:
    """The hard limits (L-01). A bolus may by default be as much as an hour's limit."""
    table.only("max_rate", "max_bolus", "max_1h", "max_24h")
    limits = {"max_rate_nl_per_h": _dose_rate(table.take("max_rate", str(RATE)), document, echo)}
    bolus = table.maybe("max_bolus")
    if bolus is not None:
        limits["max_bolus_nl"] = _volume(bolus, echo, "max_bolus")
    for key in ("max_1h", "max_24h"):
        limits[key + "_nl"] = _volume(table.take(key, str(VOLUME)), echo, key)
    if bolus is None:
        limits["max_bolus_nl"] = limits["max_1h_nl"]
        echo.lines.append(("max_bolus", f"not given, as max_1h = {limits['max_1h_nl']} nL"))
    return limits


def _prime(table: Value | None, document: dict, echo: Echo) -> dict[str, int]:
    """Rate and most of one prime or withdrawal: by default the highest dose rate, and the whole reservoir."""
    prime = {"prime_nl_per_h": document["max_rate_nl_per_h"], "max_prime_nl": document["reservoir_nl"]}
    if table is None:
        return prime
    rate, most = table.only("rate", "max").maybe("rate"), table.maybe("max")
    if rate is not None:
        prime["prime_nl_per_h"] = _motor_rate(rate, document, echo, "prime rate")
    if most is not None:
        prime["max_prime_nl"] = _volume(most, echo, "prime max")
    return prime


def _dose_rate(value: Value, document: dict, echo: Echo) -> int:
    """A rate in nL/h at which the motor is able to start, too: doses begin at once, and slips are not counted."""
    nl_per_h = _motor_rate(value, document, echo, "max_rate")
    if "ramp" in document:
        _within(value, nl_per_h, document, "start_rate", document["ramp"][0], "at which the motor starts")
    return nl_per_h


def _motor_rate(value: Value, document: dict, echo: Echo, label: str) -> int:
    """A rate in nL/h which the motor is able to turn."""
    nl_per_h = whole_of(value, RATE, RATE_MAX, echo, label)
    _within(value, nl_per_h, document, "max_step_rate", document["max_step_rate"], "that the motor can turn")
    return nl_per_h


def _within(value: Value, nl_per_h: int, document: dict, key: str, most: int, what: str) -> None:
    """InputError where a rate needs more than `most` steps/s, which is what the motor's `key` says."""
    steps_per_s = Fraction(nl_per_h * 1000 * document["steps_per_rev"], 3600 * document["pl_per_rev"])
    if steps_per_s > most:
        reachable = int(nl_per_h * most / steps_per_s)
        raise value.refusal(f"a rate {what}: this needs {plain(steps_per_s)} steps/s, "
                            f"{key} is {most} (enough for {reachable} nL/h)")


def _quantum(table: Value | None, echo: Echo) -> int:
    """Minutes between checkpoints."""
    written = table.only("quantum").maybe("quantum") if table else None
    return QUANTUM_DEFAULT_MIN if written is None else seconds_of(written, 1, 60, echo, "journal quantum", 60) // 60


def _alarms(table: Value | None, echo: Echo) -> dict[str, int]:
    """What is watched besides the reservoir; 0 for what is not."""
    alarms = dict.fromkeys(("auto_off_h", "supply_low_mv", "pressure_limit", "pressure_least"), 0)
    alarms["tolerance_steps"] = TOLERANCE_DEFAULT_STEPS
    if table is None:
        return alarms
    table.only("auto_off", "supply_low", "pressure_limit", "pressure_least", "tolerance_steps")
    auto_off, supply_low = table.maybe("auto_off"), table.maybe("supply_low")
    tolerance = table.maybe("tolerance_steps")
    if auto_off is not None:
        alarms["auto_off_h"] = seconds_of(auto_off, 1, AUTO_OFF_MAX_H, echo, "alarms auto_off", 3600) // 3600
    if supply_low is not None:
        alarms["supply_low_mv"] = whole_of(supply_low, VOLTAGE, SUPPLY_MAX_MV, echo, "alarms supply_low")
    for key in ("pressure_limit", "pressure_least"):
        pressure = table.maybe(key)
        if pressure is not None:
            alarms[key] = _count(pressure, 1, PRESSURE_MAX, echo, f"alarms {key}", "counts")
    if tolerance is not None:
        alarms["tolerance_steps"] = _count(tolerance, 1, TOLERANCE_MAX_STEPS, echo, "alarms tolerance_steps", "steps")
    return alarms


def _service(table: Value | None, echo: Echo) -> dict[str, int]:
    """The rig's life (A-06), 0 for what is not counted."""
    service = {"service_steps": 0, "service_motor_h": 0}
    if table is None:
        return service
    table.only("steps", "motor_hours")
    steps, hours = table.maybe("steps"), table.maybe("motor_hours")
    if steps is not None:
        service["service_steps"] = _count(steps, 0, HIGHEST, echo, "service steps", "steps")
    if hours is not None:
        service["service_motor_h"] = _count(hours, 0, MOTOR_H_MAX, echo, "service motor_hours", "h")
    return service


def _count(value: Value, low: int, high: int, echo: Echo, label: str, unit: str) -> int:
    count = value.integer(low, high, unit)
    echo.lines.append((label, f"{count} {unit}"))
    return count
