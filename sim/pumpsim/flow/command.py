"""What `pumpsim flow` does: on a simulated rig, or with a real balance's readings."""

import json
import tomllib
from pathlib import Path

from flowtest.doses import by_size
from flowtest.flow import read_flow
from flowtest.water import Liquid
from pumpfiles.errors import HostError
from pumpfiles.quantities import RATE, VOLUME, QuantityError, parse
from pumpfiles.rig_file import load_rig
from pumpsim.fault_command import parameters_of
from pumpsim.flow.results import Results
from pumpsim.flow.runs import curves_of, run_boluses, run_curves, run_occlusion

# What a bench is like where nothing else is said; sources in sim/README.md's table, the rest assumed
LINE = {"compliance_ul_per_kpa": 1.5, "resistance_kpa_s_per_ul": 0.06, "balance_noise_mg": 0.02,
        "balance_step_mg": 0.01}
TYPICAL = {"syringe": LINE | {"slack_ul": 5, "stiction_ul": 0.3, "stall_kpa": 150},
           "peristaltic": LINE | {"rollers": 3, "pulsation_percent": 40, "stall_kpa": 150}}
COUNTS_PER_KPA = 10           # of the pressure sensor of a rig that has a pressure limit
RATE_PARTS = (0.02, 0.2, 1)   # of the highest rate that may go on for days
SIZE_PARTS = (0.01, 0.05, 0.25, 1)                   # of the largest bolus
BOLUSES = 10


def on_rig(path, on_part, *, rates=(), sizes=(), hours=3, plant=(), ideal=False):
    """The three tests on a simulated rig. `plant`: KEY=VALUE words; `ideal`: no effect but those. on_part(done, of)
    hears how far they are.

    ValueError, with what to do, for what is wrong.
    """
    try:
        file = load_rig(path)
    except HostError as error:
        raise ValueError(f"{error.message}. {error.hint}" if error.hint else error.message) from None
    rig = json.loads(file.body)
    with Path(path).open("rb") as text:
        kind = tomllib.load(text)["head"]["kind"]
    effects = {} if ideal else dict(TYPICAL[kind])
    if rig["pressure_limit"] and not ideal:
        effects |= {"counts_per_kpa": COUNTS_PER_KPA}
    effects |= parameters_of(plant)
    rates = [_number(each, RATE, "--rate") for each in rates] or _rates(rig)
    sizes = [_number(each, VOLUME, "--bolus") for each in sizes] or _sizes(rig)
    results = Results(f"{file.name}, simulated", Liquid(effects.get("temperature_c", 20.0)).text, effects)
    of, done = 2 * len(rates) + len(sizes), 0
    for rate in rates:
        results.curves.append(run_curves(rig, effects, rate, hours))
        on_part(done := done + 1, of)
    for size in sizes:
        results.doses += by_size(run_boluses(rig, effects, size, BOLUSES))
        on_part(done := done + 1, of)
    for rate in rates:
        results.occlusions.append(run_occlusion(rig, effects, rate))
        on_part(done := done + 1, of)
    return results


def of_readings(path, rate, celsius, evaporation_mg_per_h):
    """Start-up and trumpet curve of a balance's CSV; ValueError for what is wrong."""
    rate_ul_per_h = _number(rate, RATE, "--rate")
    try:
        flow, liquid, table = read_flow(Path(path), Liquid(celsius, evaporation_mg_per_h=evaporation_mg_per_h))
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}; give the balance's CSV with --readings") from None
    curves = curves_of(flow, rate_ul_per_h, table.columns["time_s"], table.columns["mass_mg"])
    return Results(Path(path).name, liquid.text, curves=[curves])


def _rates(rig):
    """Rates in uL/h, two digits each."""
    most = min(rig["max_rate_nl_per_h"], rig["max_1h_nl"], rig["max_24h_nl"] // 24) / 1000
    return [_rounded(part * most) for part in RATE_PARTS]


def _sizes(rig):
    most = min(rig["max_bolus_nl"], rig["max_1h_nl"], rig["max_24h_nl"]) / 1000
    return [_rounded(part * most) for part in SIZE_PARTS]


def _rounded(value):
    """Down to two digits."""
    digits = len(str(int(value))) if value >= 1 else 0
    unit = 10.0 ** (digits - 2)
    return round(int(value / unit) * unit, 6)


def _number(text, kind, option):
    """In uL or uL/h."""
    try:
        value = float(parse(text, kind)[0]) / 1000
    except QuantityError as error:
        raise ValueError(f"{option} {text!r}: expected {error}") from None
    if not value:
        raise ValueError(f"{option} {text!r}: expected more than 0")
    return value
