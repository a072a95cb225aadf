"""The rolling window over ramps: where it is first above a limit, against a search one by one (L-01, L-03)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.planner import Piece
from pump.window import Window, _cut, _first_above, done_parts, first_excess, walk

pytestmark = pytest.mark.requirement("L-01")


def held(change, bulge, ms, span_ms):
    """What a window holds more after `ms` of a span than at its begin, exactly."""
    return Fraction(change * ms, span_ms) + Fraction(bulge * ms * (span_ms - ms), 2 * span_ms * span_ms)


@settings(max_examples=400, deadline=None)
@given(room=st.integers(0, 60), change=st.integers(-60, 60), bulge=st.integers(-400, 400), span_ms=st.integers(1, 40))
def test_the_first_ms_above_is_the_one_that_a_search_one_by_one_finds(room, change, bulge, span_ms):
    above = [ms for ms in range(1, span_ms + 1) if held(change, bulge, ms, span_ms) > room]
    assert _first_above(room, change, bulge, span_ms) == (above[0] if above else None)


def test_the_first_ms_above_is_right_for_every_small_span():
    for span_ms in range(1, 7):
        for change in range(-6, 7):
            for bulge in range(-12, 60):
                # held() times 2 * span^2
                more = [2 * span_ms * change * ms + bulge * ms * (span_ms - ms) for ms in range(1, span_ms + 1)]
                for room in range(8):
                    above = [ms for ms in range(1, span_ms + 1) if more[ms - 1] > 2 * span_ms * span_ms * room]
                    found = _first_above(room, change, bulge, span_ms)
                    assert found == (above[0] if above else None), (room, change, bulge, span_ms)


def test_a_window_that_held_too_much_before_is_above_though_nothing_changes():
    assert _first_above(-1, 0, 0, 10) is not None


def test_a_top_between_two_milliseconds_is_looked_at_on_both_sides():
    # 3 x (5 - x) * 20 / 50 over 5 ms: 0, 4.8 ... the top is at 2.5 ms; 2 ms and 3 ms hold as much
    assert held(0, 20, 2, 5) == held(0, 20, 3, 5) == Fraction(12, 5)
    assert _first_above(2, 0, 20, 5) == 2
    # moved a little to the right: 2 ms hold 2.8, 3 ms 3; only the latter is above 2.9
    assert (held(1, 20, 2, 5), held(1, 20, 3, 5)) == (Fraction(14, 5), 3)
    assert [_first_above(room, 1, 20, 5) for room in (2, 3)] == [2, None]


@settings(max_examples=200, deadline=None)
@given(parts=st.integers(0, 10**6), rise=st.integers(-10**6, 10**6), span_ms=st.integers(2, 1000), data=st.data())
def test_a_piece_that_is_cut_is_as_much_as_before(parts, rise, span_ms, data):
    ms = data.draw(st.integers(1, span_ms - 1))
    first, first_rise, left, left_rise = _cut(parts, rise, ms, span_ms)
    assert first + left == parts
    assert first == done_parts(parts, rise, ms, span_ms)
    exact = Fraction(parts * ms, span_ms) - Fraction(rise * ms * (span_ms - ms), 2 * span_ms * span_ms)
    assert first == exact.__floor__()
    # The rate goes on rising as steeply: the rise of a share of the time is its square of the whole one
    assert first_rise == rise * ms * ms // span_ms**2
    assert left_rise == rise * (span_ms - ms) ** 2 // span_ms**2


class Ramps:
    """Pieces of given length, parts and rise, one after another, then nothing."""

    def __init__(self, pieces):
        self._pieces = pieces

    def piece_from(self, start_ms):
        end_ms = 0
        for length_ms, parts, rise in self._pieces:
            end_ms += length_ms
            if start_ms < end_ms:
                piece = Piece(end_ms, parts)
                piece.rise = rise
                return piece
        return Piece(start_ms + 1000, 0)


lengths_ms, amounts, rises = st.integers(1, 300), st.integers(0, 5000), st.integers(-2000, 2000)


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(st.tuples(lengths_ms, amounts, rises), min_size=1, max_size=6),
    limits=st.lists(st.integers(1, 6000), min_size=2, max_size=3), window_ms=st.integers(1, 500),
    past=st.integers(0, 500))
def test_several_limits_are_judged_as_each_alone(pieces, limits, window_ms, past):
    def found(of):
        windows = [Window(window_ms, of, 0, 900, [(-window_ms, 0)], past)]
        for _ in walk(Ramps(pieces), 0, 900, windows):
            pass
        return windows[0].found

    assert found(limits) == [found([limit])[0] for limit in limits]


@settings(max_examples=300, deadline=None)
@given(
    stretches=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 20)), min_size=1, max_size=6),
    limit=st.integers(1, 900), window_ms=st.integers(1, 80), end_ms=st.integers(1, 200), before=st.integers(0, 20))
def test_the_first_excess_of_constant_rates_is_the_one_that_a_search_ms_by_ms_finds(
        stretches, limit, window_ms, end_ms, before):
    # parts a ms: `before` in the window before the start, then the stretches, then none; nothing is rounded
    rates = [rate for length_ms, rate in stretches for _ in range(length_ms)] + [0] * 300
    given_parts = [0]
    for rate in [before] * window_ms + rates:
        given_parts.append(given_parts[-1] + rate)
    held_parts = [given_parts[head + window_ms] - given_parts[head] for head in range(end_ms + 1)]
    above = [head for head in range(1, end_ms + 1) if held_parts[head] > limit]
    source = Ramps([(length_ms, rate * length_ms, 0) for length_ms, rate in stretches])
    past = before * window_ms
    if past <= limit:
        found = first_excess([(-window_ms, 0)], past, source, 0, end_ms, window_ms, limit)
        assert found == (above[0] if above else None)


def test_what_exceeds_a_limit_only_after_the_end_is_not_found():
    # 10 a ms from 0 on, and one piece until 1000: the window of 100 ms holds more than 500 from 51 ms on
    found = [first_excess((), 0, Ramps([(1000, 10_000, 0)]), 0, end_ms, 100, 500) for end_ms in (50, 51)]
    assert found == [None, 51]


def test_a_window_that_opens_on_a_delivered_past_lets_it_go_evenly():
    # 1000 parts in the 100 ms before; 20 a ms from now on while 10 a ms leave: above 1500 after more than 50 ms
    window = Window(100, [1500, 1999, 2000], 0, 1000, [(-100, 0)], 1000)
    for _ in walk(Ramps([(1000, 20_000, 0)]), 0, 1000, [window]):
        pass
    assert window.found == [51, 100, None]
