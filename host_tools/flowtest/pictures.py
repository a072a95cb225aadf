"""The pictures of flow tests: calibration, start-up, trumpet, doses, occlusions. Loads matplotlib.

For paper and for the colour-blind: colours after Okabe and Ito, and never by colour alone. Each function draws onto
axes that it is given; `saved` writes a figure, `inline` gives it as SVG text for a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from flowtest.calibration import Fit
from flowtest.curves import StartUp, Trumpet

BLUE, ORANGE, GREEN, GREY, RED = "#0072B2", "#E69F00", "#007A5E", "#595959", "#B84300"
STYLE = {
    "font.size": 13, "axes.titlesize": 14, "axes.labelsize": 13, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#D9D9D9", "grid.linewidth": 0.8, "axes.axisbelow": True, "lines.linewidth": 2.2,
    "font.family": "sans-serif", "svg.fonttype": "none", "svg.hashsalt": "bench-pump", "axes.titlelocation": "left",
}
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
