"""Volume per revolution from weighed doses: weighted least squares through zero, with its 95 % interval.

Loads scipy for the quantile of Student's t alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

DOSES_MIN = 3                 # two degrees of freedom: with one the interval is 13 times the scatter
LEVEL = 0.95
DOSE_SCATTER = 0.002          # of its volume: what doses of one size differ by on a good rig
SUSPECT_LEVEL = 0.01          # chance that a dose among good ones is called suspect


@dataclass(frozen=True)
class Fit:
    """ul_per_rev with its interval from `low` to `high`. Arrays have an entry for each dose.

    residual_ul: volume less fit; suspect: indices of doses that do not fit the others.
    """

    ul_per_rev: float
    low: float
    high: float
    revolutions: np.ndarray
    volume_ul: np.ndarray
    residual_ul: np.ndarray
    suspect: tuple[int, ...]

    @property
    def half_percent(self) -> float:
        """Half of the interval, in percent of the estimate."""
        return 100 * (self.high - self.low) / 2 / self.ul_per_rev

    @property
    def residual_percent(self) -> np.ndarray:
        """Of what the fit gives for each dose."""
        return 100 * self.residual_ul / (self.ul_per_rev * self.revolutions)


def dose_sigma_ul(volume_ul: np.ndarray, repeatability_ul: float) -> np.ndarray:
    """The weights' standard deviations: two readings of the balance, and a scatter in proportion to the dose.

    Only their proportions matter: the scatter's size is taken from the residuals.
    """
    return np.hypot(np.sqrt(2) * repeatability_ul, DOSE_SCATTER * np.asarray(volume_ul, float))


def fit(revolutions: np.ndarray, volume_ul: np.ndarray, sigma_ul: np.ndarray) -> Fit:
    """The volume per revolution k of volume = k * revolutions, weights 1 / sigma^2.

    k = sum(w x y) / sum(w x^2); its standard error is s / sqrt(sum(w x^2)) with s^2 = sum(w r^2) / (n - 1), and the
    interval is k -+ t(0.975, n - 1) of that. ValueError for fewer than 3 doses, or for one that moved nothing.
    """
    x, y = np.asarray(revolutions, float), np.asarray(volume_ul, float)
    if len(x) < DOSES_MIN:
        raise ValueError(f"{len(x)} doses: a calibration needs at least {DOSES_MIN}")
    if np.any(x <= 0):
        raise ValueError("a dose of no revolution")
    weights = 1 / np.asarray(sigma_ul, float) ** 2
    total = float(np.sum(weights * x * x))
    k = float(np.sum(weights * x * y)) / total
    residuals = y - k * x
    freedom = len(x) - 1
    squares = float(np.sum(weights * residuals ** 2))
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * (squares / freedom / total) ** 0.5
    return Fit(k, k - half, k + half, x, y, residuals, _suspects(residuals, weights, weights * x * x / total, squares))


def _suspects(residuals: np.ndarray, weights: np.ndarray, leverage: np.ndarray, squares: float) -> tuple[int, ...]:
    """Doses whose residual is too large for the scatter of all others (externally studentised, after Bonferroni)."""
    count = len(residuals)
    scaled = weights * residuals ** 2 / (1 - leverage)
    others = (squares - scaled) / (count - 2)
    tiny = 1e-18 * float(np.max(weights * (residuals ** 2 + 1e-12)))
    limit = float(stdtrit(count - 2, 1 - SUSPECT_LEVEL / (2 * count))) ** 2
    return tuple(int(at) for at in range(count) if scaled[at] > tiny and scaled[at] > limit * max(others[at], 0))
