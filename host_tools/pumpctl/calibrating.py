"""A gravimetric calibration: which doses, weighing them, and what follows. Knows no command, no terminal.

What was moved is read from the pump's journal in steps, as counted on the step pin; so the calibration does not depend
on what a revolution was taken to be until now.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pump.rig import Rig
from pumpctl.errors import HostError

SIZES = (Fraction(1, 5), Fraction(2, 5), Fraction(3, 5), Fraction(4, 5), Fraction(1))
TIMES = 2                     # each size, up and down again
LARGEST_MIN = 6               # minutes at the prime rate: the series takes 36
RESERVOIR_PART = 8            # six times the largest, and the first one for the backlash, are less than a reservoir
MINUTE_PER_H = 60


@dataclass(frozen=True)
class Weighing:
    """One dose: steps counted, milligrams gained on the balance, seconds from reading to reading (evaporation)."""

    steps: int
    mass_mg: float
    lasted_s: float = 0.0


def plan_of(rig: Rig, count: int | None = None, volume_nl: int | None = None) -> list[int]:
    """The doses' volumes in nL: five sizes up and down, or `count` of them, or of one size.

    The largest is what the pump primes in 6 minutes, at most an eighth of the reservoir and the rig's largest prime.
    """
    largest_nl = min(rig.max_prime_nl, rig.reservoir_nl // RESERVOIR_PART,
                     rig.prime_nl_per_h * LARGEST_MIN // MINUTE_PER_H)
    if volume_nl is not None:
        return [volume_nl] * (count or len(SIZES) * TIMES)
    sizes = [_rounded(int(part * largest_nl)) for part in SIZES]
    series = [*sizes, *reversed(sizes)]
    return [series[at % len(series)] for at in range(count or len(series))]


def _rounded(nl: int) -> int:
    """To two digits, down."""
    unit = 10 ** max(0, len(str(nl)) - 2)
    return max(1, nl // unit * unit)


def check_plan(rig: Rig, plan: list[int], level_nl: int) -> None:
    """HostError where the rig or what is in the reservoir does not allow the series."""
    if max(plan) > rig.max_prime_nl:
        raise HostError(f"a dose of {max(plan)} nL is more than the {rig.max_prime_nl} nL that the rig primes at once",
                        "give a smaller --volume, or correct max in the rig's [prime]")
    if not rig.ratio.steps_of_nl(min(plan)):
        raise HostError(f"a dose of {min(plan)} nL is less than a motor step", "give a larger --volume")
    total = sum(plan) + min(plan)
    if total > level_nl:
        raise HostError(f"the series needs {total} nL and the reservoir holds {level_nl} nL",
                        "fill it, then: pumpctl refill --added VOLUME; or give a smaller --volume")


def save_weighings(path: Path, weighings: list[Weighing], rig: Rig) -> None:
    """The weighings so far as CSV, as `read_weighings` takes them: nothing that was weighed is lost."""
    lines = [f"# rig {rig.name}, {rig.steps_per_rev} steps a revolution; a dose a line", "steps,mass_mg,lasted_s"]
    lines += [f"{each.steps},{each.mass_mg:.4f},{each.lasted_s:.1f}" for each in weighings]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}", "choose another file with --save")


def read_weighings(path: Path, rig: Rig, moved: list[int] | None = None) -> tuple[list[Weighing], float | None]:
    """(a weighing for each line of a CSV, the mean of its temperature_C or None).

    Columns: mass_mg or mass_g, what each dose gained; lasted_s or lasted_min; and what was moved as steps, revolutions
    or requested_nL, _uL, _mL, unless `moved` says it in steps. HostError for a file that is wrong.
    """
    from flowtest.readings import ReadingsError, read_table

    try:
        table = read_table(path, "mass_mg")
    except OSError as error:
        raise HostError(f"cannot read {path}: {error.strerror}", "give the balance's readings with --readings FILE")
    except ReadingsError as error:
        raise HostError(str(error), "see: pumpctl calibrate --help")
    steps = moved if moved is not None else _steps_of(table, rig)
    if len(steps) != len(table):
        raise HostError(f"{path} has {len(table)} readings for {len(steps)} doses", "a line is to be a dose, in order")
    lasted = table.columns.get("lasted_s", [0.0] * len(table))
    celsius = float(table.columns["celsius"].mean()) if table.has("celsius") else None
    return [Weighing(int(count), float(mass), float(span)) for count, mass, span
            in zip(steps, table.columns["mass_mg"], lasted, strict=True)], celsius


def _steps_of(table, rig: Rig) -> list[int]:
    if table.has("steps"):
        return [round(each) for each in table.columns["steps"]]
    if table.has("revolutions"):
        return [round(each * rig.steps_per_rev) for each in table.columns["revolutions"]]
    if table.has("requested_ul"):
        return [rig.ratio.steps_of_nl(round(each * 1000)) for each in table.columns["requested_ul"]]
    raise HostError(f"{table.path} does not say what was dispensed",
                    "add a column steps, revolutions, or requested_uL, or leave --no-dispense away")


def fitted(weighings: list[Weighing], rig: Rig, liquid, repeatability_mg: float):
    """The fit of volume per revolution (flowtest.calibration.Fit); HostError where these are no doses."""
    import numpy as np

    from flowtest.calibration import dose_sigma_ul, fit

    for at, each in enumerate(weighings, 1):
        if each.mass_mg <= 0 or each.steps <= 0:
            raise HostError(f"dose {at} of {each.steps} steps gained {each.mass_mg:g} mg",
                            "is the balance in the right unit, and was it tared in between?")
    lost_mg = [liquid.evaporation_mg_per_h * each.lasted_s / 3600 for each in weighings]
    volumes = np.array([each.mass_mg + lost for each, lost in zip(weighings, lost_mg, strict=True)]) * liquid.ul_per_mg
    revolutions = np.array([each.steps / rig.steps_per_rev for each in weighings])
    try:
        return fit(revolutions, volumes, dose_sigma_ul(volumes, repeatability_mg * liquid.ul_per_mg))
    except ValueError as error:
        raise HostError(str(error), "weigh more doses")
