"""The pictures of flow tests: calibration, start-up, trumpet, doses, occlusions. Loads matplotlib.

For paper and for the colour-blind: colours after Okabe and Ito, and never by colour alone. Each function draws onto
axes that it is given; `saved` writes a figure, `inline` gives it as SVG text for a page.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from flowtest.calibration import Fit
from flowtest.curves import StartUp, Trumpet
from flowtest.doses import Occlusion, SizeAccuracy

BLUE, ORANGE, GREEN, GREY, RED = "#0072B2", "#E69F00", "#007A5E", "#595959", "#B84300"
STYLE = {
    "font.size": 13, "axes.titlesize": 14, "axes.labelsize": 13, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#D9D9D9", "grid.linewidth": 0.8, "axes.axisbelow": True, "lines.linewidth": 2.2,
    "font.family": "sans-serif", "svg.fonttype": "none", "svg.hashsalt": "bench-pump", "axes.titlelocation": "left",
}
LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", (0, (6, 2))), (GREEN, "^", (0, (2, 1))), (RED, "D", (0, (6, 2, 1, 2))),
         (GREY, "v", (0, (1, 1))))
SMOOTH_S = 300
Draw = Callable[[Axes], None]


def figure_of(*draws: Draw, columns: int = 1, size: tuple[float, float] = (10, 4.2)) -> Figure:
    """A figure of panels, each drawn by one of `draws`; `size` is that of a panel in inches."""
    with matplotlib.rc_context(STYLE):
        rows = -(-len(draws) // columns)
        figure = Figure(figsize=(size[0], size[1] * rows), layout="constrained")
        figure.get_layout_engine().set(h_pad=0.12, hspace=0.02)
        grid = figure.subplots(rows, columns, squeeze=False)
        for draw, axes in zip(draws, grid.flat, strict=False):
            draw(axes)
        for axes in list(grid.flat)[len(draws):]:
            axes.set_axis_off()
        return figure


def saved(figure: Figure, path: Path) -> None:
    """Writes the figure as the end of the name says, .svg or .png: the same bytes for the same numbers."""
    with matplotlib.rc_context(STYLE):
        if path.suffix == ".svg":
            path.write_text(svg_of(figure), encoding="utf-8")
        else:
            figure.savefig(path, dpi=120, metadata={"Software": None})


def svg_of(figure: Figure) -> str:
    with matplotlib.rc_context(STYLE):
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        names: dict[str, str] = {}                  # matplotlib names clip paths after addresses in memory
        return re.sub(r'(?<=["#])p[0-9a-f]{10}(?=["\)])',
                      lambda found: names.setdefault(found[0], f"clip{len(names)}"), text.getvalue())


def residuals(axes: Axes, fit: Fit) -> None:
    """Each dose's residual in percent over its volume, with the 95 % interval of the fit as a band."""
    percent = fit.residual_percent
    axes.axhspan(-fit.half_percent, fit.half_percent, color=GREEN, alpha=0.15, linewidth=0,
                 label=f"95 % interval of the fit: ±{fit.half_percent:.2g} %")
    axes.axhline(0, color=GREY, linewidth=1.2)
    good = [at for at in range(len(percent)) if at not in fit.suspect]
    axes.plot(fit.volume_ul[good], percent[good], linestyle="none", marker="o", color=BLUE, markersize=8,
              label="a dose")
    if fit.suspect:
        axes.plot(fit.volume_ul[list(fit.suspect)], percent[list(fit.suspect)], linestyle="none", marker="X", color=RED,
                  markersize=11, label="does not fit the others")
    for at in fit.suspect:
        axes.annotate(f"dose {at + 1}", (fit.volume_ul[at], percent[at]), xytext=(8, 4), textcoords="offset points")
    reach = 1.25 * max(float(np.max(np.abs(percent))), fit.half_percent, 0.01)
    axes.set_ylim(-reach, reach * 1.35)
    axes.set_xlim(left=0)
    axes.set_xlabel("weighed volume in µL")
    axes.set_ylabel("residual in %")
    axes.set_title(f"Volume per revolution: {fit.ul_per_rev:.5g} µL ({fit.low:.5g} to {fit.high:.5g})", weight="bold")
    axes.legend(loc="upper right", ncols=3, frameon=False, fontsize=11)


def start_up(axes: Axes, curve: StartUp) -> None:
    """Flow over the first two hours, with the rate that was set."""
    minutes = np.concatenate([[0], curve.time_s]) / 60
    axes.stairs(curve.flow_ul_per_h, minutes, color=BLUE, linewidth=1.6, label="flow, mean of each 30 s")
    axes.axhline(curve.rate_ul_per_h, color=ORANGE, linestyle=(0, (6, 3)), linewidth=2.4,
                 label=f"rate set: {curve.rate_ul_per_h:g} µL/h")
    if curve.started_s is not None:
        axes.axvline(curve.started_s / 60, color=GREY, linestyle=(0, (2, 2)), linewidth=1.6,
                     label=f"90 % of it over 5 min: after {curve.started_s / 60:.3g} min")
    axes.set_xlim(0, minutes[-1])
    low, high = np.percentile(curve.flow_ul_per_h, [1, 99])
    axes.set_ylim(min(0, low * 1.1), max(high, curve.rate_ul_per_h) * 1.3)
    axes.set_xlabel("minutes after the start")
    axes.set_ylabel("flow in µL/h")
    axes.set_title("Start-up", weight="bold")
    axes.legend(loc="lower right", frameon=True, framealpha=1, edgecolor="none", fontsize=11)


def trumpet(axes: Axes, curve: Trumpet) -> None:
    """Largest and smallest error over the length of the window."""
    minutes = [window.minutes for window in curve.windows]
    high = [window.high_percent for window in curve.windows]
    low = [window.low_percent for window in curve.windows]
    axes.fill_between(minutes, low, high, color=BLUE, alpha=0.12, linewidth=0)
    axes.plot(minutes, high, color=BLUE, marker="^", markersize=8, label="largest error")
    axes.plot(minutes, low, color=BLUE, marker="v", markersize=8, linestyle=(0, (5, 2)), label="smallest error")
    axes.axhline(curve.mean_percent, color=ORANGE, linestyle=(0, (6, 3)),
                 label=f"of the whole {(curve.end_s - curve.begin_s) / 60:.0f} min: {curve.mean_percent:+.2f} %")
    axes.axhline(0, color=GREY, linewidth=1.2)
    reach = 1.25 * max(1.0, *(abs(value) for value in [*high, *low]))
    axes.set_ylim(-reach, reach * 1.3)
    axes.set_xlim(0, 33)
    axes.set_xticks(minutes, [str(each) for each in minutes])
    axes.set_xlabel("observation window in minutes")
    axes.set_ylabel("error in %")
    axes.set_title(f"Trumpet curve at {curve.rate_ul_per_h:g} µL/h, from minute {curve.begin_s / 60:.0f} on",
                   weight="bold")
    axes.legend(loc="upper right", ncols=3, frameon=False, fontsize=11)


def start_ups(axes: Axes, curves: list[StartUp]) -> None:
    """Flow over time in percent of each rate, means of five minutes, for several rates on one sheet."""
    for at, curve in enumerate(curves):
        colour, marker, line = LOOKS[at % len(LOOKS)]
        samples = max(1, round(SMOOTH_S / (curve.time_s[1] - curve.time_s[0]))) if len(curve.time_s) > 1 else 1
        sums = np.concatenate([[0], np.cumsum(curve.flow_ul_per_h)])
        reach = np.minimum(np.arange(1, len(sums)), samples)
        means = (sums[1:] - sums[np.arange(1, len(sums)) - reach]) / reach
        axes.plot(curve.time_s / 60, 100 * means / curve.rate_ul_per_h, color=colour, linestyle=line, marker=marker,
                  markevery=(5 + 7 * at, 40), markersize=7, label=f"{curve.rate_ul_per_h:g} µL/h")
    axes.axhline(100, color=GREY, linewidth=1.2)
    axes.set_xlim(0, max(curve.time_s[-1] for curve in curves) / 60)
    axes.set_ylim(0, 140)
    axes.set_xlabel("minutes after the start")
    axes.set_ylabel("flow in % of the rate")
    axes.set_title("Start-up (means of 5 min)", weight="bold")
    axes.legend(loc="lower right", frameon=True, framealpha=1, edgecolor="none", fontsize=11)


def trumpets(axes: Axes, curves: list[Trumpet]) -> None:
    """Largest and smallest error over the window for several rates on one sheet."""
    for at, curve in enumerate(curves):
        colour, marker, line = LOOKS[at % len(LOOKS)]
        minutes = [window.minutes for window in curve.windows]
        mean = round(curve.mean_percent, 2) + 0               # no -0.00
        for side, label in (("high_percent", f"{curve.rate_ul_per_h:g} µL/h, mean {mean:+.2f} %"),
                            ("low_percent", None)):
            axes.plot(minutes, [getattr(window, side) for window in curve.windows], color=colour, marker=marker,
                      linestyle=line, markersize=7, label=label)
    axes.axhline(0, color=GREY, linewidth=1.2)
    minutes = [window.minutes for window in curves[0].windows]
    axes.set_xticks(minutes, [str(each) for each in minutes])
    reach = max(1.0, *(abs(value) for curve in curves for window in curve.windows
                       for value in (window.low_percent, window.high_percent)))
    axes.set_ylim(-1.1 * reach, 1.5 * reach)
    axes.set_xlim(0, 33)
    axes.set_xlabel("observation window in minutes")
    axes.set_ylabel("error in %")
    axes.set_title("Trumpet curves: largest and smallest error", weight="bold")
    axes.legend(loc="upper right", frameon=False, fontsize=11)


def doses(axes: Axes, sizes: list[SizeAccuracy]) -> None:
    """Mean error of each size, with the largest and the smallest as a bar."""
    size = [each.requested_ul for each in sizes]
    mean = np.array([each.mean_percent for each in sizes])
    low = mean - np.array([each.low_percent for each in sizes])
    high = np.array([each.high_percent for each in sizes]) - mean
    axes.errorbar(size, mean, yerr=(low, high), color=BLUE, marker="o", markersize=9, linestyle="none", capsize=7,
                  elinewidth=2.2, capthick=2.2)
    axes.axhline(0, color=GREY, linewidth=1.2)
    axes.set_xscale("log")
    axes.set_xticks(size, [f"{each:g}" for each in size])
    axes.set_xticks([], minor=True)
    axes.set_xlim(min(size) / 2, max(size) * 2)
    reach = 1.25 * max(0.5, float(np.max(np.abs(np.concatenate([mean - low, mean + high])))))
    axes.set_ylim(-reach, reach)
    axes.set_xlabel("bolus asked for in µL")
    axes.set_ylabel("error in %")
    counts = sorted({each.count for each in sizes})
    of = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    axes.set_title(f"Boluses: mean, smallest and largest of {of}", weight="bold")


def occlusions(axes: Axes, found: list[Occlusion]) -> None:
    """Time to the alarm over the rate; beside each point what came after the release, where it was weighed."""
    told = sorted((each for each in found if each.alarm_after_s is not None), key=lambda each: each.rate_ul_per_h)
    axes.plot([each.rate_ul_per_h for each in told], [each.alarm_after_s / 60 for each in told], color=BLUE, marker="o",
              markersize=9)
    for each in told:
        then = f"\nthen {each.post_bolus_ul:.3g} µL" if not math.isnan(each.post_bolus_ul) else ""
        axes.annotate(f"{each.alarm_after_s / 60:.3g} min{then}",
                      (each.rate_ul_per_h, each.alarm_after_s / 60), xytext=(10, 6), textcoords="offset points",
                      fontsize=11)
    for each in found:
        if each.alarm_after_s is None:
            axes.axvline(each.rate_ul_per_h, color=RED, linestyle=(0, (4, 2)))
            axes.annotate("no alarm", (each.rate_ul_per_h, 0.5), xycoords=("data", "axes fraction"), color=RED,
                          xytext=(5, 0), textcoords="offset points")
    axes.set_xscale("log")
    if told:
        axes.set_yscale("log")
        for axis in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
            axis(StrMethodFormatter("{x:g}"))                     # not 4 x 10^2
        times = [each.alarm_after_s / 60 for each in told]
        axes.set_ylim(min(times) / 2, max(times) * 4)
    rates = [each.rate_ul_per_h for each in found]
    axes.set_xticks(rates, [f"{each:g}" for each in rates])
    axes.set_xticks([], minor=True)
    axes.set_xlim(min(rates) / 2, max(rates) * 5)
    axes.set_xlabel("rate in µL/h")
    axes.set_ylabel("minutes to the alarm")
    axes.set_title("Occlusion: time to the alarm, and the bolus after it", weight="bold")
