"""Accuracy of single doses by size, and what an occlusion did. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flowtest.flow import Flow


@dataclass(frozen=True)
class Dose:
    """One bolus: what was asked for and what came out."""

    requested_ul: float
    delivered_ul: float

    @property
    def error_percent(self) -> float:
        return 100 * (self.delivered_ul / self.requested_ul - 1)


@dataclass(frozen=True)
class SizeAccuracy:
    """All doses of one size; errors in percent of it. sd_percent is None for a single dose."""

    requested_ul: float
    count: int
    mean_ul: float
    mean_percent: float
    low_percent: float
    high_percent: float
    sd_percent: float | None


@dataclass(frozen=True)
class Occlusion:
    """One occlusion at a rate. alarm_after_s: from the occlusion to the alarm, None where none came.

    post_bolus_ul: what the line gave back when it was released; kpa: its pressure then, NaN where nobody measured it.
    """

    rate_ul_per_h: float
    alarm_after_s: float | None
    post_bolus_ul: float
    kpa: float = math.nan


def by_size(doses: Iterable[Dose]) -> list[SizeAccuracy]:
    """One entry for each size, smallest first."""
    sizes: dict[float, list[Dose]] = {}
    for dose in doses:
        sizes.setdefault(dose.requested_ul, []).append(dose)
    return [_accuracy(size, sizes[size]) for size in sorted(sizes)]


def _accuracy(size_ul: float, doses: list[Dose]) -> SizeAccuracy:
    errors = np.array([dose.error_percent for dose in doses])
    return SizeAccuracy(size_ul, len(doses), float(np.mean([dose.delivered_ul for dose in doses])),
                        float(errors.mean()), float(errors.min()), float(errors.max()),
                        float(errors.std(ddof=1)) if len(errors) > 1 else None)


def dose_of(flow: Flow, requested_ul: float, begin_s: float, end_s: float, basal_ul_per_h: float = 0) -> Dose:
    """A bolus out of a flow: what came out from `begin_s` to `end_s`, less the basal rate in that time."""
    return Dose(requested_ul, flow.between_ul(begin_s, end_s) - basal_ul_per_h * (end_s - begin_s) / 3600)
