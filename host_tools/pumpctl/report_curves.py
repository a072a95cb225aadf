"""A balance's readings in a report: start-up and trumpet curve, with their figures and pictures. Loads flowtest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pumpctl.errors import HostError

if TYPE_CHECKING:
    from flowtest.curves import StartUp, Trumpet
    from flowtest.flow import Flow
    from flowtest.water import Liquid

NOTE = ("Each point is the largest or the smallest error of all stretches of that length. The idea of both curves is "
        "that of IEC 60601-2-24; no conformity is claimed.")


@dataclass(frozen=True)
class Curves:
    """trumpet is None where the readings are too short for it; `why_not` says so."""

    source: str
    liquid: Liquid
    flow: Flow
    start_up: StartUp
    trumpet: Trumpet | None
    why_not: str = ""

    def svg(self) -> str:
        """Both curves below each other."""
        from flowtest import pictures

        draws = [lambda axes: pictures.start_up(axes, self.start_up)]
        if self.trumpet:
            trumpet = self.trumpet
            draws.append(lambda axes: pictures.trumpet(axes, trumpet))
        return pictures.svg_of(pictures.figure_of(*draws, size=(12, 4.6)))

    def facts(self) -> list[tuple[str, str]]:
        """(what, text) of the figures."""
        start = self.start_up
        found = [("Readings", f"{self.source}: {len(self.flow.time_s):,} in {self.flow.length_s / 3600:.2f} h, "
                              f"{self.flow.total_ul:,.1f} µL"),
                 ("Liquid", self.liquid.text), ("Rate set", f"{start.rate_ul_per_h:g} µL/h"),
                 ("90 % of it, over 5 min", start.started_text),
                 (f"Missing after {start.time_s[-1] / 60:.0f} min", f"{start.missing_ul:.2f} µL")]
        if self.trumpet:
            found += [("Error of the mean", f"{self.trumpet.mean_percent:+.2f} %")]
        return found

    def windows(self) -> list[tuple[str, ...]]:
        """(window, smallest error, largest error) as texts."""
        return [(f"{each.minutes} min", f"{each.low_percent:+.2f} %", f"{each.high_percent:+.2f} %")
                for each in (self.trumpet.windows if self.trumpet else ())]

    def as_dict(self) -> dict:
        trumpet = self.trumpet
        return {"rate_ul_per_h": self.start_up.rate_ul_per_h, "started_s": self.start_up.started_s,
                "missing_ul": self.start_up.missing_ul, "mean_percent": trumpet.mean_percent if trumpet else None,
                "windows": [{"minutes": each.minutes, "low_percent": each.low_percent,
                             "high_percent": each.high_percent} for each in (trumpet.windows if trumpet else ())]}


def curves_of(path: Path, liquid: Liquid, rate_ul_per_h: float) -> Curves:
    """The curves of a balance's CSV (columns time_s or time, and mass_mg or mass_g) against the rate that was set.

    HostError where the file is wrong or holds no curve.
    """
    from flowtest.curves import TooShortError, start_up, trumpet
    from flowtest.flow import read_flow
    from flowtest.readings import ReadingsError

    try:
        flow, liquid, _ = read_flow(path, liquid)
        start = start_up(flow, rate_ul_per_h)
    except OSError as error:
        raise HostError(f"cannot read {path}: {error.strerror}", "give the balance's readings with --readings FILE")
    except ReadingsError as error:
        raise HostError(str(error), "the columns are in host_tools/README.md")
    except TooShortError as error:
        raise HostError(f"{path}: {error}", "give longer readings")
    try:
        return Curves(path.name, liquid, flow, start, trumpet(flow, rate_ul_per_h))
    except TooShortError as error:
        return Curves(path.name, liquid, flow, start, None, str(error))
