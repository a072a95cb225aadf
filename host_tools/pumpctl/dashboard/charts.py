"""The live plot: rate above, cumulative volume below, as options for ECharts. From views; knows no page.

Times are the pump's local ones: the axis counts in UTC, and the offset is added.
"""

from __future__ import annotations

from typing import Any

from pumpctl.dashboard.colours import BLACK, BLUE, GREEN, ORANGE
from pumpctl.live_history import Point
from pumpctl.live_view import View
from pumpctl.localtime import MINUTE_MS

HOUR_MS = 3_600_000
SPANS = {"2 h": 2 * HOUR_MS, "24 h": 24 * HOUR_MS, "7 days": 168 * HOUR_MS}
TEXT_PX = 18
TIMES = {"year": "{yyyy}", "month": "{d} {MMM}", "day": "{ee} {d} {MMM}", "hour": "{HH}:{mm}", "minute": "{HH}:{mm}",
         "second": "{HH}:{mm}:{ss}"}


def skeleton(text_px: int = TEXT_PX) -> dict[str, Any]:
    """The plot without any data; its letters are so high."""
    text = {"fontSize": text_px, "color": BLACK}
    axis = {"type": "time", "axisLabel": {**text, "hideOverlap": True, "margin": 12, "formatter": TIMES},
            "axisLine": {"lineStyle": {"color": BLACK}}}
    lines = {"splitLine": {"lineStyle": {"color": "#cccccc"}}, "axisLabel": text, "min": 0, "splitNumber": 3,
             "nameTextStyle": {**text, "fontWeight": "bold", "align": "left"}}
    return {
        "useUTC": True, "animation": False, "textStyle": {"fontFamily": "sans-serif"},
        "aria": {"enabled": True, "decal": {"show": False}},
        "tooltip": {"trigger": "axis", "textStyle": {"fontSize": text_px}},
        "legend": {"data": ["delivered", "programmed"], "right": 10, "top": "46%", "textStyle": text,
                   "selectedMode": False},
        "grid": [{"left": 5 * text_px, "right": 2 * text_px, "top": 5 * text_px // 2, "height": "32%"},
                 {"left": 5 * text_px, "right": 2 * text_px, "top": "58%", "bottom": 9 * text_px // 4}],
        "xAxis": [{**axis, "gridIndex": 0, "axisLabel": {"show": False}}, {**axis, "gridIndex": 1}],
        "yAxis": [{**lines, "gridIndex": 0, "name": "Rate (µL/h)"},
                  {**lines, "gridIndex": 1, "name": "Volume in this window (µL)"}],
        "series": [
            _series("rate", 0, BLUE, 4) | {"step": "end", "areaStyle": {"color": BLUE, "opacity": 0.15}},
            _series("delivered", 1, GREEN, 5),
            _series("programmed", 1, ORANGE, 3) | {"lineStyle": {"color": ORANGE, "width": 3, "type": "dashed"}},
        ],
    }


def _series(name: str, grid: int, colour: str, width: int) -> dict[str, Any]:
    return {"name": name, "type": "line", "xAxisIndex": grid, "yAxisIndex": grid, "showSymbol": False, "data": [],
            "lineStyle": {"color": colour, "width": width}, "itemStyle": {"color": colour}}


def fill(options: dict[str, Any], view: View, span_ms: int) -> None:
    """Puts the last span_ms of a view into a plot. Volumes count from the window's beginning."""
    points, begin_ms, end_ms = window(view, span_ms)
    shift_ms = (view.status.offset_min if view.status else 0) * MINUTE_MS
    for axis in options["xAxis"]:
        axis["min"], axis["max"] = begin_ms + shift_ms, end_ms + shift_ms
    options["xAxis"][1]["axisLabel"]["show"] = bool(points)
    volumes = [view.nl_of(point) for point in points]
    first = volumes[0] if volumes else (0, 0)
    times = [point.utc_ms + shift_ms for point in points]
    rates = [[at, point.rate_nl_per_h / 1000] for at, point in zip(times, points, strict=True)]
    options["series"][0]["data"] = _steps(rates)
    for series, at in ((1, 0), (2, 1)):
        options["series"][series]["data"] = [[time, (volume[at] - first[at]) / 1000]
                                             for time, volume in zip(times, volumes, strict=True)]


def _steps(rates: list[list[float]]) -> list[list[float]]:
    """A rate holds until the next point: both ends of every stretch."""
    found: list[list[float]] = []
    for at, rate in rates:
        if found and found[-1][1] != rate:
            found.append([at, found[-1][1]])
        found.append([at, rate])
    return found


def window(view: View, span_ms: int) -> tuple[list[Point], int, int]:
    """(points, begin, end) of the last span_ms: what lies on its left edge is put on the line, the right one is
    now, or without a clock what was last known."""
    status = view.status
    points = list(view.points)
    if status is not None and status.utc_ms is not None:
        points = [point for point in points if point.utc_ms <= status.utc_ms]
        points.append(Point(status.utc_ms, status.rate_nl_per_h, status.steps, status.programmed_nl * 1000))
    if not points:
        return [], 0, span_ms
    end_ms = points[-1].utc_ms
    begin_ms = end_ms - span_ms
    inside = [point for point in points if point.utc_ms >= begin_ms]
    before = [point for point in points if point.utc_ms < begin_ms]
    if before and inside:
        inside.insert(0, _between(before[-1], inside[0], begin_ms))
    return inside, begin_ms, end_ms


def _between(first: Point, last: Point, at_ms: int) -> Point:
    share_ms, span_ms = at_ms - first.utc_ms, last.utc_ms - first.utc_ms
    steps, programmed = ((after - before) * share_ms // span_ms + before for before, after in
                         ((first.steps, last.steps), (first.programmed_pl, last.programmed_pl)))
    return Point(at_ms, first.rate_nl_per_h, steps, programmed)
