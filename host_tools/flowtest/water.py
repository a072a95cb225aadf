"""From mass to volume: the density of water, the buoyancy of air, and what evaporates. Owns the formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass

CELSIUS_MIN, CELSIUS_MAX = 0, 40
WEIGHTS_MG_PER_UL = 8.0       # steel that balances are adjusted with, by convention (OIML D 28)
STANDARD_HPA = 1013.25


def water_mg_per_ul(celsius: float) -> float:
    """Density of pure, air-free water at 101.325 kPa from 0 to 40 degrees; ValueError beyond.

    M. Tanaka et al., Recommended table for the density of water, Metrologia 38 (2001) 301, equation 1: uncertainty
    below 1e-6. Air in the water makes it at most 4e-6 lighter, 100 hPa of pressure change 5e-6 of it.
    """
    if not CELSIUS_MIN <= celsius <= CELSIUS_MAX:
        raise ValueError(f"water at {celsius:g} °C: the formula holds from {CELSIUS_MIN} to {CELSIUS_MAX} °C")
    above = (celsius - 3.983035) ** 2 * (celsius + 301.797)
    return 0.999974950 * (1 - above / (522528.9 * (celsius + 69.34881)))


def air_mg_per_ul(celsius: float, pressure_hpa: float = STANDARD_HPA, humidity_percent: float = 50) -> float:
    """Density of moist air: OIML R 111-1 (2004), equation E.3-1, good to 2e-4 of it in a laboratory."""
    moist = 0.009 * humidity_percent * math.exp(0.061 * celsius)
    return (0.34848 * pressure_hpa - moist) / (273.15 + celsius) / 1000


@dataclass(frozen=True)
class Liquid:
    """What is weighed and where. `mg_per_ul` is its density where it is known, otherwise it is water at `celsius`.

    evaporation_mg_per_h: what the vessel loses by itself; it is added to what the balance shows.
    """

    celsius: float = 20.0
    mg_per_ul: float | None = None
    evaporation_mg_per_h: float = 0.0
    pressure_hpa: float = STANDARD_HPA
    humidity_percent: float = 50.0

    @property
    def density_mg_per_ul(self) -> float:
        return water_mg_per_ul(self.celsius) if self.mg_per_ul is None else self.mg_per_ul

    @property
    def ul_per_mg(self) -> float:
        """Volume of a milligram on the balance: air carries some of the liquid, and less of the steel weights."""
        air = air_mg_per_ul(self.celsius, self.pressure_hpa, self.humidity_percent)
        return (1 - air / WEIGHTS_MG_PER_UL) / (self.density_mg_per_ul - air)

    @property
    def text(self) -> str:
        """For a person: "water at 21.5 °C, 0.997882 g/mL, evaporation 1.2 mg/h"."""
        name = f"water at {self.celsius:g} °C" if self.mg_per_ul is None else f"a liquid at {self.celsius:g} °C"
        lost = f", evaporation {self.evaporation_mg_per_h:g} mg/h" if self.evaporation_mg_per_h else ""
        return f"{name}, {self.density_mg_per_ul:.6g} g/mL{lost}"
