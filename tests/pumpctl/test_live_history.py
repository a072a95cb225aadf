"""The points of a plot: few, bounded, and still what the records say."""

from bisect import bisect_right

from hypothesis import given
from hypothesis import strategies as st

from pumpctl.live_history import STRAY_STEPS, History, Point

MINUTE_MS = 60_000


def test_a_day_at_one_rate_is_two_points():
    history = History()
    for count in range(145):                                     # a checkpoint in 10 min: 60 steps each at 36 uL/h
        history.add(Point(count * 10 * MINUTE_MS, 36_000, count * 60, count * 6_000_000))
    assert history.points() == (Point(0, 36_000, 0, 0), Point(1440 * MINUTE_MS, 36_000, 8640, 864_000_000))


def test_a_motor_that_fell_behind_keeps_its_points():
    history = History()
    for utc_ms, steps in ((0, 0), (10, 60), (20, 60), (30, 60)):
        history.add(Point(utc_ms, 36_000, steps, 0))
    assert [(point.utc_ms, point.steps) for point in history.points()] == [(0, 0), (10, 60), (30, 60)]


def test_a_clock_that_is_set_back_takes_the_future_away():
    history = History()
    for utc_ms, rate in ((0, 1), (10, 2), (20, 3), (5, 4)):
        history.add(Point(utc_ms, rate, utc_ms, 0))
    assert [point.utc_ms for point in history.points()] == [0, 5]


def test_the_oldest_go():
    history = History(points_max=3)
    for utc_ms in range(5):
        history.add(Point(utc_ms, utc_ms, 0, 0))
    assert [point.utc_ms for point in history.points()] == [2, 3, 4]


@given(st.lists(st.tuples(st.integers(1, 600), st.sampled_from([0, 20, 55])), min_size=1, max_size=60))
def test_no_point_that_was_left_out_was_far_from_the_line(stretches):
    """Each stretch runs at its own rate; what is between two points that were kept is a straight line to STRAY_STEPS
    a point left out, and the line only gets better known."""
    history, taken = History(), []
    utc_ms = parts = 0
    for minutes, rate in stretches:
        point = Point(utc_ms, rate * 1000, parts // 60, 0)
        taken.append(point)
        history.add(point)
        utc_ms += minutes * MINUTE_MS
        parts += minutes * rate
    kept = history.points()
    assert kept[0] == taken[0] and kept[-1] == taken[-1]
    times = [point.utc_ms for point in kept]
    for point in taken:
        at = bisect_right(times, point.utc_ms) - 1
        first, last = kept[at], kept[min(at + 1, len(kept) - 1)]
        span_ms = max(1, last.utc_ms - first.utc_ms)
        line = first.steps + (last.steps - first.steps) * (point.utc_ms - first.utc_ms) / span_ms
        assert abs(point.steps - line) <= STRAY_STEPS + 1
        assert point.rate_nl_per_h == first.rate_nl_per_h
