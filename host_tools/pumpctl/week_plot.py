"""The days ahead as a picture: rate with boluses, limits and clock changes, and the reservoir as a band. Loads
matplotlib; import this module where it is used.

Drawn as plots.py does: readable from the back of a room and by the colour-blind, true time on the axis.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pumpctl.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, STYLE, mark_time, save, unit_of
from pumpctl.preview import Preview

SAMPLES = 1000                # of the reservoir's curves
FAR = 1.6                     # a limit further above the highest rate than this is told, not drawn


def draw_week(preview: Preview, path: Path, width_in: float = 12) -> None:
    """Writes the picture, SVG or PNG by the name's end; the same bytes for the same preview. A smaller width in inches
    makes all texts larger where the picture is shown as large.
    """
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(width_in, (7.5 if preview.rig else 5) * (width_in / 12) ** 0.5), layout="constrained")
        if preview.rig:
            rate, reservoir = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
            _reservoir(reservoir, preview)
            every = (rate, reservoir)
        else:
            rate = figure.subplots(1, 1)
            every = (rate,)
        _rate(rate, preview)
        title = f"{preview.program.name}{f' on {preview.rig.name}' if preview.rig else ''}: what is ahead"
        rate.set_title(title, weight="bold", pad=34)             # the legend has its line below
        mark_time(every, preview.zone, preview.program.zone_name, preview.start_ms, preview.end_ms)
        figure.align_ylabels()
        save(figure, path, title)


def _rate(axes: Axes, preview: Preview) -> None:
    scale, unit = unit_of(preview.highest_nl_per_h)
    times, rates = [], []
    for each in preview.stretches:
        times += [each.start_ms, each.end_ms]
        rates += [each.rate_nl_per_h / scale, each.end_rate_nl_per_h / scale]
    axes.fill_between(times, rates, color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(times, rates, color=BLUE, solid_joinstyle="miter")
    top = (preview.highest_nl_per_h / scale or 1) * 1.2
    for limit, words, style in ((preview.limits.max_rate_nl_per_h, "limit", "-"),
                                (preview.program.soft_limits.max_rate_nl_per_h, "soft limit", (0, (4, 2)))):
        if not limit:
            continue
        text = f"{words} {limit / scale:g} {unit}/h"
        if limit <= preview.highest_nl_per_h * FAR:
            axes.axhline(limit / scale, color=RED, linestyle=style, linewidth=1.6, label=text)
            top = max(top, limit / scale * 1.15)
        else:
            axes.plot([], [], color=RED, linestyle=style, linewidth=1.6, label=f"{text}, above")
    axes.set_ylim(0, top)
    axes.set_ylabel(f"rate in {unit}/h")
    _boluses(axes, preview, top)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.02), ncols=5, frameon=False, fontsize=12,
                    columnspacing=1.4, borderpad=0.2)


def _boluses(axes: Axes, preview: Preview, top: float) -> None:
    for kind, is_gap, marker, fill, label in (("scheduled", False, "v", PURPLE, "bolus"),
                                              ("periodic", False, "|", PURPLE, "periodic bolus"),
                                              ("scheduled", True, "x", "none", "bolus skipped: no such local time")):
        times = [bolus.utc_ms for bolus in preview.boluses if bolus.kind == kind and bolus.is_gap is is_gap]
        if times:
            axes.plot(times, [top * 0.965] * len(times), linestyle="none", marker=marker, color=PURPLE,
                      markerfacecolor=fill, markersize=9 if len(times) < 100 else 5, label=label, clip_on=False)


def _reservoir(axes: Axes, preview: Preview) -> None:
    """What is left: the band between all allowed on-demand boluses and none, and a line for half of them."""
    assert preview.rig is not None and preview.level_nl is not None
    start_nl = preview.level_nl
    scale, unit = unit_of(preview.rig.reservoir_nl)
    span_ms = preview.end_ms - preview.start_ms
    times = [preview.start_ms + span_ms * at // SAMPLES for at in range(SAMPLES)]
    least, typical, most = ([max(0, start_nl - gone) / scale for gone in curve]
                            for curve in zip(*preview.gone_nl(times), strict=True))
    if preview.program.on_demand:
        axes.fill_between(times, least, most, color=ORANGE, alpha=0.35, linewidth=0,
                          label="from none to all on-demand boluses")
        axes.plot(times, typical, color="black", linewidth=1.8, label="half of them")
    else:
        axes.plot(times, typical, color="black", linewidth=1.8, label="left")
    if preview.program.low_nl:
        axes.axhline(preview.program.low_nl / scale, color=GREEN, linestyle=(0, (4, 2)), linewidth=1.6,
                     label=f"low: {preview.program.low_nl / scale:g} {unit}")
    first = preview.empty_ms[0]
    if first is not None and first < preview.end_ms:
        axes.axvline(first, color=RED, linewidth=1.4)
        axes.annotate("empty at the earliest", (first, 0.5), xytext=(-6, 0), color=RED, fontsize=12, ha="right",
                      xycoords=("data", "axes fraction"), textcoords="offset points")
    axes.set_ylim(0, preview.rig.reservoir_nl / scale * 1.04)
    axes.set_ylabel(f"reservoir in {unit}")
    axes.legend(loc="lower left", frameon=True, framealpha=0.9, edgecolor="none", fontsize=12)
    axes.tick_params(axis="x", colors=GREY)
