"""What `pumpsim flow` does on a simulated rig."""

import json
import tomllib
from pathlib import Path

from flowtest.doses import by_size
from flowtest.water import Liquid
from pumpfiles.errors import HostError
from pumpfiles.quantities import RATE, VOLUME
from pumpfiles.rig_file import load_rig
from pumpsim.fault_command import parameters_of
from pumpsim.flow.entries import number
from pumpsim.flow.results import Results
from pumpsim.flow.runs import run_boluses, run_curves, run_occlusion

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
    rates = [number(each, RATE, "--rate") for each in rates] or _rates(rig)
    sizes = [number(each, VOLUME, "--bolus") for each in sizes] or _sizes(rig)
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
