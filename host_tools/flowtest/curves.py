"""Start-up curve and trumpet curve of a flow against the rate that was set. Pure functions.

The curves' idea is that of IEC 60601-2-24. For an observation window P the error of every stretch of that length is
100 * (its volume / (rate * P) - 1); the trumpet curve shows the largest and the smallest of them for each P. Short
windows show pulsation, long ones the error of the mean, and so the two lines close like a trumpet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from flowtest.flow import SAMPLE_S, Flow

WINDOWS_MIN = (2, 5, 11, 19, 31)
SETTLE_S = 3600               # the first hour belongs to the start-up curve
STARTED_PART = 0.9            # of the rate, over STARTED_WINDOW_S: the flow has begun
STARTED_WINDOW_S = 300


class TooShortError(ValueError):
    """A flow that is too short for what was asked."""


@dataclass(frozen=True)
class Window:
    """Errors in percent in all windows of `minutes`."""

    minutes: int
    low_percent: float
    high_percent: float


@dataclass(frozen=True)
class Trumpet:
    """Of a flow from `begin_s` to `end_s` at `rate_ul_per_h`; mean_percent is the error of the whole of it."""

    rate_ul_per_h: float
    begin_s: float
    end_s: float
    mean_percent: float
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class StartUp:
    """The flow in each `sample_s` from the start: `flow_ul_per_h[i]` holds until `time_s[i]`.

    started_s: when the mean over 5 minutes had first reached 90 % of the rate, None where it never did;
    missing_ul: what had not come out by the end that was due by then.
    """

    rate_ul_per_h: float
    time_s: np.ndarray
    flow_ul_per_h: np.ndarray
    started_s: float | None
    missing_ul: float

    @property
    def started_text(self) -> str:
        """After how long it had started, for a person; or why that is not known."""
        if self.started_s is not None:
            return f"after {self.started_s / 60:.3g} min"
        if self.time_s[-1] < STARTED_WINDOW_S:
            return f"not judged: that takes {STARTED_WINDOW_S // 60} min, this is {self.time_s[-1] / 60:.3g} min"
        return "never reached"


def trumpet(flow: Flow, rate_ul_per_h: float, begin_s: float = SETTLE_S, end_s: float | None = None,
            sample_s: float = SAMPLE_S, windows_min: tuple[int, ...] = WINDOWS_MIN) -> Trumpet:
    """The trumpet curve from `begin_s` to `end_s` (the flow's end); windows longer than that are left out.

    TooShortError where not even the shortest fits. A window is a whole number of samples.
    """
    end_s = flow.length_s if end_s is None else end_s
    volumes = flow.sampled(begin_s, end_s, sample_s) if end_s > begin_s else np.zeros(1)
    rate_ul_per_s = rate_ul_per_h / 3600
    found = []
    for minutes in windows_min:
        samples = round(minutes * 60 / sample_s)
        if samples < len(volumes):
            parts = (volumes[samples:] - volumes[:-samples]) / (rate_ul_per_s * samples * sample_s)
            found.append(Window(minutes, _percent(parts.min()), _percent(parts.max())))
    if not found:
        need_s = begin_s + windows_min[0] * 60
        raise TooShortError(f"the flow lasts {end_s / 60:g} min: a trumpet curve needs {need_s / 60:g} min and more, "
                            f"of which {begin_s / 60:g} min to settle")
    last = (len(volumes) - 1) * sample_s
    return Trumpet(rate_ul_per_h, begin_s, begin_s + last,
                   _percent((volumes[-1] - volumes[0]) / (rate_ul_per_s * last)), tuple(found))


def start_up(flow: Flow, rate_ul_per_h: float, until_s: float = 2 * SETTLE_S, sample_s: float = SAMPLE_S) -> StartUp:
    """The start-up curve until `until_s` or the flow's end."""
    volumes = flow.sampled(0, min(until_s, flow.length_s), sample_s)
    if len(volumes) < 2:
        raise TooShortError(f"the flow lasts {flow.length_s:g} s: a start-up curve needs {sample_s:g} s and more")
    times = sample_s * np.arange(1, len(volumes))
    samples = round(STARTED_WINDOW_S / sample_s)
    started_s = None
    if samples < len(volumes):
        means = (volumes[samples:] - volumes[:-samples]) / STARTED_WINDOW_S * 3600
        [reached] = np.nonzero(means >= STARTED_PART * rate_ul_per_h)
        started_s = float(times[reached[0] + samples - 1]) if len(reached) else None
    return StartUp(rate_ul_per_h, times, np.diff(volumes) / sample_s * 3600, started_s,
                   float(rate_ul_per_h / 3600 * times[-1] - volumes[-1]))


def _percent(ratio: float) -> float:
    return float(100 * (ratio - 1))
