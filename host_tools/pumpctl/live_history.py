"""What a plot of rate and cumulative volume needs, bounded: a point where the rate changed. Knows no pump and no unit.

A checkpoint that lies on the straight line between its neighbours says nothing new and is not kept, so weeks of a
schedule fit where every record would not. When there are too many all the same, the oldest go.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from pump import record

POINTS_MAX = 4000             # of the circadian example more than two years
STRAY_STEPS = 2               # a record confirms whole steps: one too many or too few at either end of a line


class Point(NamedTuple):
    """At utc_ms: steps and programmed picolitres since the journal began; the rate is that from here on."""

    utc_ms: int
    rate_nl_per_h: int
    steps: int
    programmed_pl: int


class History:
    def __init__(self, points_max: int = POINTS_MAX):
        self._points: deque[Point] = deque(maxlen=points_max)

    def take(self, raw: bytes) -> None:
        """The point of a journal record; one that is no dose record, or has no time, gives none."""
        _, utc_s, _, utc_ms, _, _, _, event, *_ = record.header(raw)
        if event in record.DOSE_EVENTS and utc_s:
            steps, programmed_pl, _, rate, _ = record.data_of(raw, record.DOSE)
            self.add(Point(utc_s * 1000 + utc_ms, rate, steps, programmed_pl))

    def add(self, point: Point) -> None:
        """Adds the newest point. One of the same instant is replaced; where the clock was set back, so are those that
        it has yet to show again.
        """
        points = self._points
        while points and points[-1].utc_ms >= point.utc_ms:
            points.pop()
        if len(points) > 1 and _is_on_line(points[-2], points[-1], point):
            points.pop()
        points.append(point)

    def clear(self) -> None:
        self._points.clear()

    def points(self) -> tuple[Point, ...]:
        """Oldest first."""
        return tuple(self._points)


def _is_on_line(first: Point, middle: Point, last: Point) -> bool:
    if not first.rate_nl_per_h == middle.rate_nl_per_h == last.rate_nl_per_h or last.utc_ms == first.utc_ms:
        return False
    share_ms, span_ms = middle.utc_ms - first.utc_ms, last.utc_ms - first.utc_ms
    expected = first.steps + (last.steps - first.steps) * share_ms // span_ms
    return abs(middle.steps - expected) <= STRAY_STEPS
