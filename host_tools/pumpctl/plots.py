"""The picture of a run: rate, cumulative volume programmed and delivered, and their difference in steps.

Drawn to be read from the back of a room and by the colour-blind. The time axis is true time, labelled with local
time, so a day of 23 hours is shorter than its neighbours. Loads matplotlib; import this module where it is used.
"""

from __future__ import annotations

import re
import warnings
from datetime import datetime, timedelta
from io import StringIO
from math import nan
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pump.check import MONDAY_MIN
from pump.zone import MINUTES_PER_DAY, MINUTES_PER_WEEK, Zone
from pumpctl import doses as dosing
from pumpctl.errors import HostError
from pumpctl.localtime import EPOCH, utc_min_of_local
from pumpctl.summary import Results

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#007A5E", "#595959"       # after Okabe and Ito
RED, PURPLE = "#B84300", "#8F4A79"
LABELS_MAX = 12               # alarms with their names beside them; more are lines only
MINUTE_MS = 60_000
TICKS_MAX = 12
TICK_STEPS_MIN = (5, 15, 30, 60, 120, 180, 360, 720, *(days * MINUTES_PER_DAY for days in (1, 2, 4, 7, 14)))
POINTS_MAX = 2000
STYLE = {
    "font.size": 14, "axes.titlesize": 15, "axes.labelsize": 14, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#D9D9D9", "grid.linewidth": 0.8, "axes.axisbelow": True, "lines.linewidth": 2.2,
    "font.family": "sans-serif", "svg.fonttype": "none", "svg.hashsalt": "bench-pump", "axes.titlelocation": "left",
}


def draw(results: Results, *paths: Path) -> None:
    """Writes the picture, as SVG or PNG by each name's end; the same bytes for the same run."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(12, 9), layout="constrained")
        rate, volume, difference = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3.4, 1.6))
        _rate(rate, results)
        _volume(volume, results)
        _difference(difference, results)
        figure.align_ylabels()
        _boluses(rate, results)
        _alarms((rate, volume, difference), results)
        _time_axis(rate, volume, difference, results)
        for path in paths:
            save(figure, path, _title(results))


def save(figure: Figure, path: Path, title: str) -> None:
    """Writes a figure as SVG, or as PNG where the name ends so; the same bytes for the same figure. HostError where
    that cannot be."""
    warnings.filterwarnings("ignore", "Glyph .* missing")       # a name may have any character: a box stands for it
    try:
        if path.suffix.lower() == ".png":
            figure.savefig(path, format="png", dpi=110, metadata={"Software": None})
            return
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
        path.write_text(_numbered_clips(text.getvalue()), encoding="utf-8")
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}", "choose another place")


def _numbered_clips(svg: str) -> str:
    """The picture with its clip paths numbered: matplotlib names some of them after addresses in memory."""
    names: dict[str, str] = {}
    return re.sub(r'(?<=["#])p[0-9a-f]{10}(?=["\)])',
                  lambda found: names.setdefault(found[0], f"clip{len(names)}"), svg)


def _title(results: Results) -> str:
    program = results.run.program.name if results.run.program else "dose log"
    origin = "simulated pump" if results.board == "simulator" else "pump"
    return f"{program} on {results.run.rig.name} ({origin})"


def _rate(axes: Axes, results: Results) -> None:
    """Stairs, down to zero wherever nothing ran."""
    top = max((row.rate_nl_per_h for row in results.intervals), default=0)
    scale, unit = unit_of(top)
    times, rates = [], []
    for row in results.intervals:
        if not times or times[-1] != row.start_utc_ms:
            times += [times[-1] if times else row.start_utc_ms, row.start_utc_ms]
            rates += [0, 0]
        times += [row.start_utc_ms, row.end_utc_ms]
        rates += [row.rate_nl_per_h / scale] * 2
    times += times[-1:]
    rates += [0] if rates else []
    axes.fill_between(times, rates, color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(times, rates, color=BLUE, solid_joinstyle="miter", linewidth=2.2 if len(results.intervals) < 200 else 0.5)
    axes.set_ylim(0, (top / scale or 1) * 1.12)
    axes.set_ylabel(f"rate in {unit}/h")
    axes.set_title(_title(results), weight="bold", pad=14)


def _boluses(axes: Axes, results: Results) -> None:
    """A triangle above the rate where each bolus began, a hollow one where it was denied or skipped."""
    height = axes.get_ylim()[1] * 0.97
    for given, fill, label in ((True, PURPLE, "bolus"), (False, "none", "bolus denied or skipped")):
        times = [row.at.utc_ms for row in results.events.boluses if (row.start is not None) is given and row.at.utc_ms]
        if times:
            axes.plot(times, [height] * len(times), linestyle="none", marker="v", color=PURPLE, markerfacecolor=fill,
                      markersize=9 if len(times) < 100 else 4, label=label, clip_on=False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, fontsize=12)


def _alarms(every: tuple[Axes, ...], results: Results) -> None:
    """A line through all panels where an alarm was raised, with its name in the lowest."""
    raised = [row for row in results.events.alarms if row.raised.utc_ms >= results.begin.utc_ms > 0]
    for row in raised:
        for axes in every:
            axes.axvline(row.raised.utc_ms, color=RED, linestyle=(0, (4, 2)), linewidth=1.4)
    for index, row in enumerate(raised[:LABELS_MAX]):
        every[1].annotate(row.name, (row.raised.utc_ms, 0.06 + index % 4 * 0.09), xytext=(4, 0), fontsize=12, color=RED,
                          xycoords=("data", "axes fraction"), textcoords="offset points")


def _volume(axes: Axes, results: Results) -> None:
    """Both lines join the records at which a rate began or ended; in between a rate is constant."""
    corners = [dose for index, dose in enumerate(results.doses) if _is_corner(results.doses, index)]
    corners = [dose for dose in corners if dose.utc_ms]
    scale, unit = unit_of(max(results.programmed_nl, results.delivered_nl))
    first = results.doses[0]
    times = [dose.utc_ms for dose in corners]
    programmed = [dosing.programmed_nl(first, dose) / scale for dose in corners]
    delivered = [dosing.delivered_nl(first, dose, results.ratio) / scale for dose in corners]
    totals = [f"{nl / scale:,.3f} {unit}" for nl in (results.programmed_nl, results.delivered_nl)]
    early = [nl for at, nl in zip(times, delivered, strict=True) if at - times[0] < 0.4 * (times[-1] - times[0])]
    is_early = early and max(early) > 0.6 * delivered[-1]          # the curve is where the legend would be
    axes.plot(*broken_line(times, programmed), color=ORANGE, linewidth=7, label=f"programmed: {totals[0]}")
    axes.plot(*broken_line(times, delivered), color="black", linewidth=2, label=f"delivered: {totals[1]}")
    axes.set_ylim(bottom=0)
    axes.set_ylabel(f"volume in {unit}")
    axes.yaxis.set_major_formatter("{x:,.0f}" if scale == 1000 else "{x:g}")
    axes.legend(loc="lower right" if is_early else "upper left", frameon=True, framealpha=1, edgecolor="none")


def broken_line(times: list[int], values: list[float]) -> tuple[list[float], list[float]]:
    """The line with a gap wherever the clock was set back: nothing was taken back there."""
    found: list[tuple[float, float]] = []
    for at, value in zip(times, values, strict=True):
        if found and at < found[-1][0]:
            found.append((nan, nan))
        found.append((at, value))
    return [at for at, _ in found], [value for _, value in found]


def _is_corner(doses: list[dosing.Dose], index: int) -> bool:
    ends = index in (0, len(doses) - 1)
    return ends or doses[index].rate_nl_per_h != doses[index - 1].rate_nl_per_h or not doses[index].is_running


def _difference(axes: Axes, results: Results) -> None:
    """Every record's difference; where there are too many to see, the lowest and highest of each stretch."""
    doses = [dose for dose in results.doses if dose.utc_ms]
    values = [float(dosing.difference_steps(results.doses[0], dose, results.ratio)) for dose in doses]
    per_point = max(1, 2 * len(doses) // POINTS_MAX)
    stretches = [values[at:at + per_point] for at in range(0, len(values), per_point)]
    times = [dose.utc_ms for dose in doses[::per_point]]
    axes.axhspan(0, 1, color=GREEN, alpha=0.13, linewidth=0)
    if per_point == 1:
        axes.plot(times, values, color=GREEN, linestyle="none", marker="o", markersize=2.6, markeredgewidth=0)
    else:
        axes.fill_between(times, [min(part) for part in stretches], [max(part) for part in stretches], color=GREEN,
                          linewidth=0.6)
    axes.set_ylim(min([-0.25, *values]), max([1.25, *values]))
    axes.set_ylabel("steps")
    axes.set_title("programmed less delivered (band: one motor step)", fontsize=13, color=GREY)


def _time_axis(rate: Axes, volume: Axes, bottom: Axes, results: Results) -> None:
    program = results.run.program
    zone = program.schedule.zone if program else Zone(0, [])
    name = program.zone_name if program else "UTC"
    known = [dose.utc_ms for dose in results.doses if dose.is_running or dose.utc_ms >= results.begin.utc_ms > 0]
    told = [row.at.utc_ms for row in results.events.boluses] + [row.raised.utc_ms for row in results.events.alarms]
    known += [utc_ms for utc_ms in told if utc_ms >= results.begin.utc_ms > 0]       # a mark outside breaks the layout
    mark_time((rate, volume, bottom), zone, name, min(known, default=0), max(known, default=1))


def mark_time(panels: tuple[Axes, ...], zone: Zone, name: str, begin_ms: int, end_ms: int) -> None:
    """Local time below panels that lie one above the other, and a line through all of them at each clock change."""
    ticks = ticks_of(zone, begin_ms, end_ms)
    panels[-1].set_xlim(begin_ms, max(end_ms, begin_ms + 1))
    panels[-1].set_xticks([at for at, _ in ticks], [label for _, label in ticks])
    panels[-1].set_xlabel(f"local time ({name})")
    for change_min in zone.changes[::2]:
        if begin_ms < change_min * MINUTE_MS < end_ms:
            moved = zone.lookup(change_min)[0] - zone.lookup(change_min - 1)[0]
            for axes in panels:
                axes.axvline(change_min * MINUTE_MS, color=GREY, linestyle=(0, (2, 2)), linewidth=1.3)
            panels[0].annotate(f"clocks {moved / 60:+g} h", (change_min * MINUTE_MS, 1), xytext=(4, -2), fontsize=12,
                               xycoords=("data", "axes fraction"), textcoords="offset points", color=GREY, va="bottom")


def ticks_of(zone: Zone, begin_ms: int, end_ms: int) -> list[tuple[int, str]]:
    """(UTC ms, label) at round local times from begin to end: hours, days, Mondays or months, TICKS_MAX at most."""
    first, last = (ms // MINUTE_MS + zone.lookup(ms // MINUTE_MS)[0] for ms in (begin_ms, end_ms))
    step = next((step for step in TICK_STEPS_MIN if (last - first) // step < TICKS_MAX), None)
    if step is None:
        minutes = _months(first, last)
    else:
        origin = MONDAY_MIN if step % MINUTES_PER_WEEK == 0 else 0
        minutes = list(range(origin - (origin - first) // step * step, last + 1, step))
    ticks = [(utc_min_of_local(zone, minute) * MINUTE_MS, _label(minute, step)) for minute in minutes]
    return [(at, label) for at, label in ticks if begin_ms <= at <= end_ms]


def _months(first: int, last: int) -> list[int]:
    """Local minutes at which every month, or every quarter or year of a long run, begins."""
    begin, end = (EPOCH + timedelta(minutes=minute) for minute in (first, last))
    count = (end.year - begin.year) * 12 + end.month - begin.month
    every = next(every for every in (1, 3, 12, 120, 1200) if count // every <= TICKS_MAX)
    months = range(begin.year * 12 + begin.month - 1, end.year * 12 + end.month)
    starts = [datetime(month // 12, month % 12 + 1, 1) for month in months if month % every == 0]
    return [(start - EPOCH) // timedelta(minutes=1) for start in starts]


def _label(local_min: int, step: int | None) -> str:
    moment = EPOCH + timedelta(minutes=local_min)
    if step is None:
        return f"{moment:%b}\n{moment:%Y}"
    if step % MINUTES_PER_DAY == 0:
        return f"{moment:%a}\n{moment.day} {moment:%b}"
    return f"{moment:%H:%M}\n{moment.day} {moment:%b}" if local_min % MINUTES_PER_DAY == 0 else f"{moment:%H:%M}"


def unit_of(largest_nl: int) -> tuple[int, str]:
    """(nanolitres of the unit, its name) in which `largest_nl` reads well."""
    return (1_000_000, "mL") if largest_nl >= 10_000_000 else (1000, "µL")
