"""A flow: cumulative volume over time at one place, from a balance or from a simulated outlet. Owns the resampling."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flowtest.readings import ReadingsError, Table, read_table
from flowtest.water import CELSIUS_MAX, CELSIUS_MIN, Liquid

SAMPLE_S = 30                 # the standard's interval between two readings at most
READINGS_MIN = 3


@dataclass(frozen=True)
class Flow:
    """Both arrays begin at 0; times increase. `volume_ul` is what has come out until then."""

    time_s: np.ndarray
    volume_ul: np.ndarray

    @property
    def length_s(self) -> float:
        return float(self.time_s[-1])

    @property
    def total_ul(self) -> float:
        return float(self.volume_ul[-1])

    def volume_at(self, time_s: np.ndarray | float) -> np.ndarray:
        """Volume until `time_s`, between two readings in proportion."""
        return np.interp(time_s, self.time_s, self.volume_ul)

    def between_ul(self, begin_s: float, end_s: float) -> float:
        """What came out from one instant to another."""
        return float(self.volume_at(end_s) - self.volume_at(begin_s))

    def sampled(self, begin_s: float, end_s: float, sample_s: float = SAMPLE_S) -> np.ndarray:
        """Volumes at begin_s, begin_s + sample_s, ... up to end_s."""
        count = int((end_s - begin_s) / sample_s + 1e-9)
        return self.volume_at(begin_s + sample_s * np.arange(count + 1))

    def since(self, begin_s: float, end_s: float | None = None) -> Flow:
        """The same from an instant on, which becomes 0, to another one, or its own end."""
        end_s = self.length_s if end_s is None else end_s
        between = (self.time_s > begin_s) & (self.time_s < end_s)
        times = np.concatenate([[begin_s], self.time_s[between], [end_s]])
        volumes = np.concatenate([[self.volume_at(begin_s)], self.volume_ul[between], [self.volume_at(end_s)]])
        return Flow(times - begin_s, volumes - volumes[0])


def flow_of(time_s: np.ndarray, mass_mg: np.ndarray, liquid: Liquid) -> Flow:
    """The flow into a vessel on a balance: what it shows, and what evaporated since the first reading, as volume."""
    since_s = np.asarray(time_s, float) - time_s[0]
    gained_mg = np.asarray(mass_mg, float) - mass_mg[0] + liquid.evaporation_mg_per_h * since_s / 3600
    return Flow(since_s, gained_mg * liquid.ul_per_mg)


def read_flow(path: Path, liquid: Liquid) -> tuple[Flow, Liquid, Table]:
    """(flow, the liquid with its temperature, table) of a balance's CSV with a time and a mass column.

    A column temperature_C gives the liquid its mean temperature.
    """
    table = read_table(path, "time_s", "mass_mg")
    if len(table) < READINGS_MIN:
        raise ReadingsError(path, len(table) + 1, 1, f"{len(table)} readings", f"at least {READINGS_MIN}")
    liquid = measured(table, liquid)
    return flow_of(table.columns["time_s"], table.columns["mass_mg"], liquid), liquid, table


def measured(table: Table, liquid: Liquid) -> Liquid:
    """The liquid at the temperature of the table, where it has one and the density was not given."""
    if not table.has("celsius") or liquid.mg_per_ul is not None:
        return liquid
    celsius = float(np.mean(table.columns["celsius"]))
    if not CELSIUS_MIN <= celsius <= CELSIUS_MAX:
        raise ReadingsError(table.path, 2, 1, f"a mean temperature of {celsius:g} °C",
                            f"{CELSIUS_MIN} to {CELSIUS_MAX} °C")
    return Liquid(celsius, None, liquid.evaporation_mg_per_h, liquid.pressure_hpa, liquid.humidity_percent)


def evaporation_mg_per_h(time_s: np.ndarray, mass_mg: np.ndarray) -> float:
    """What a vessel loses while nothing flows: the slope of a straight line through the readings, by least squares."""
    slope_mg_per_s = np.polyfit(np.asarray(time_s, float) - time_s[0], np.asarray(mass_mg, float), 1)[0]
    return float(-slope_mg_per_s * 3600)
