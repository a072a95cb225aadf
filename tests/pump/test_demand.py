"""Basal, ramps and boluses as pieces: exact volumes, clipping that lengthens, accounts apart (D-01, D-04, D-05)."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pump.basal import Basal, Temporary, isqrt
from pump.bolus import HOST, Bolus
from pump.clock import PumpClock
from pump.demand import Demand
from pump.schedule import LocalSchedule, Schedule
from pump.volume import StepRatio
from pump.zone import Zone

RATIO = StepRatio(320_000_000, 3200)                   # 100 nL a step
MIDNIGHT_MS = 4 * 86_400_000                           # Monday 1970-01-05
CEILING = 2_000_000


class Standing:
    """A tick source that stands still."""

    def ticks_ms(self):
        return 0


def basal(plan, minimum=0, ceiling=CEILING, temporary=None):
    clock = PumpClock(Standing())
    clock.set_utc(MIDNIGHT_MS)
    schedule = LocalSchedule(Schedule([0] * 7, [plan]), Zone(0, []))
    return Basal(schedule, clock, RATIO, minimum, ceiling, temporary)


def walk(source, until_ms):
    """Pieces from 0 until `until_ms`, as (start, end, parts, bolus parts)."""
    pieces, now = [], 0
    while now < until_ms:
        piece = source.piece_from(now)
        assert piece.end_ms > now
        assert type(piece.parts) is type(piece.bolus_parts) is type(piece.end_ms) is int
        pieces.append((now, piece.end_ms, piece.parts, piece.bolus_parts))
        now = piece.end_ms
    return pieces


@given(value=st.integers(0, 10**40))
@example(value=2)
def test_isqrt(value):
    root = isqrt(value)
    assert root * root <= value < (root + 1) * (root + 1)


@pytest.mark.requirement("D-05")
def test_a_ramp_has_the_volume_of_its_mean_rate():
    # 20 to 60 uL/h over 6 h: 40 * 6 = 240 uL; then 60 uL/h
    pieces = walk(Demand(basal([0, 20_000, 60_000, 360, 60_000, 60_000]), RATIO, CEILING), 6 * 3_600_000)
    assert pieces[-1][1] == 6 * 3_600_000
    assert sum(piece[2] for piece in pieces) == 240_000 * 3_600_000 * RATIO.num


rates = st.integers(0, 2_000_000)


@pytest.mark.requirement("D-05")
@settings(max_examples=60, deadline=None)
@given(start=rates, end=rates, minutes=st.integers(1, 1440), minimum=st.integers(0, 100_000))
def test_a_ramp_is_followed_within_an_eighth_of_a_step(start, end, minutes, minimum):
    plan = [0, start, end] + ([minutes, end, end] if minutes < 1440 else [])
    length = minutes * 60_000

    def exact(ms):
        """Grains of max(ramp, minimum) until `ms`, as a Fraction."""
        def rate(t):
            return start + Fraction((end - start) * t, length)
        cross = Fraction((minimum - start) * length, end - start) if end != start else Fraction(-1)
        knots = sorted({Fraction(0), Fraction(ms), *([cross] if 0 < cross < ms else [])})
        return sum((max(rate((a + b) / 2), minimum) * (b - a) for a, b in itertools.pairwise(knots)),
                   Fraction(0))

    done, step = 0, Fraction(RATIO.den, RATIO.num)
    for first, last, parts, _ in walk(Demand(basal(plan, minimum), RATIO, CEILING), length)[:400]:
        middle = Fraction(first + last, 2)
        assert abs(Fraction(done + Fraction(parts, 2), RATIO.num) - exact(middle)) <= step / 7
        done += parts
        assert abs(Fraction(done, RATIO.num) - exact(last)) <= step / 100


@pytest.mark.requirement("D-04")
def test_clipping_lengthens_a_bolus_and_leaves_its_volume():
    # ceiling 100 uL/h, basal 40: 60 are left. 30 uL over 10 min is 180 uL/h: clipped it takes 30 min.
    bolus = Bolus(HOST, 30_000, 600_000, RATIO)
    pieces = walk(Demand(basal([0, 40_000, 40_000], ceiling=100_000), RATIO, 100_000, bolus), 3_600_000)
    assert sum(piece[3] for piece in pieces) == 300 * RATIO.den
    assert [piece[1] for piece in pieces if piece[3]] == [1_800_000]


@pytest.mark.requirement("D-04")
@settings(max_examples=100, deadline=None)
@given(
    first=st.integers(0, 150_000), second=st.integers(0, 150_000), end=st.integers(0, 150_000),
    volume=st.integers(100, 500_000), over=st.integers(1, 7_200_000))
def test_a_bolus_is_exact_on_any_basal(first, second, end, volume, over):
    bolus = Bolus(HOST, volume, over, RATIO)
    plan = [0, first, end, 20, second, second]
    pieces = walk(Demand(basal(plan, ceiling=200_000), RATIO, 200_000, bolus), 20 * 3_600_000)
    assert sum(piece[3] for piece in pieces) == volume // 100 * RATIO.den
    for start, last, parts, bolus_parts in pieces:
        assert 0 <= bolus_parts <= parts <= 200_000 * (last - start) * RATIO.num
    last = max(piece[1] for piece in pieces if piece[3])
    assert last >= (volume // 100 * 100) * over // volume - 1          # clipped or not, never faster than asked


@pytest.mark.requirement("D-05")
@pytest.mark.parametrize("temporary, grains", [
    (Temporary(1_800_000, 150, 0), (60_000 * 1_800_000) + (40_000 * 1_800_000)),      # half an hour at 150 %
    (Temporary(1_800_000, None, 10_000), (10_000 * 1_800_000) + (40_000 * 1_800_000)),
    (Temporary(1_800_000, 0, 0), (5_000 * 1_800_000) + (40_000 * 1_800_000)),         # the minimum rate holds
])
def test_a_temporary_rate_ends_by_itself(temporary, grains):
    demand = Demand(basal([0, 40_000, 40_000, 60, 0, 0], 5_000, temporary=temporary), RATIO, CEILING)
    pieces = walk(demand, 3_600_000)
    assert [piece[1] for piece in pieces] == [1_800_000, 3_600_000]
    assert sum(piece[2] for piece in pieces) == grains * RATIO.num


@pytest.mark.requirement("U-03")
@pytest.mark.parametrize("volume_nl, over_s", [(10_000, 3600), (20_000, 3600), (60_000, 600), (90_000, 600),
                                               (100_000, 7200), (50_000, 7200)])       # clipped from 30 and 105 min on
def test_a_walk_over_whole_ramps_sees_a_clipped_bolus_as_the_plan_gives_it(volume_nl, over_s):
    # 40 to 80 uL/h in 2 h under a ceiling of 100: 60 to 20 uL/h are left for the bolus, 80 uL in all
    def walked(is_whole):
        bolus = Bolus(HOST, volume_nl, over_s * 1000, RATIO)
        demand = Demand(basal([0, 40_000, 80_000, 120, 80_000, 80_000], ceiling=100_000), RATIO, 100_000, bolus)
        return walk(demand.whole() if is_whole else demand, 4 * 3_600_000)

    plan, whole = walked(False), walked(True)
    assert sum(piece[3] for piece in whole) == sum(piece[3] for piece in plan) == volume_nl // 100 * RATIO.den
    end, whole_end = (max(piece[1] for piece in pieces if piece[3]) for pieces in (plan, whole))
    assert abs(end - whole_end) <= 1000                # of five minutes of a ramp a straight line is made


@pytest.mark.requirement("U-03")
def test_a_walk_takes_a_whole_ramp_as_one_piece():
    # 40 to 80 uL/h in 2 h: 60 on the average; nothing clips the bolus of 10 uL in its first hour, which ends a piece
    plan = [0, 40_000, 80_000, 120, 80_000, 80_000]
    piece = Demand(basal(plan), RATIO, CEILING).whole().piece_from(0)
    assert (piece.end_ms, piece.parts) == (7_200_000, 60_000 * 7_200_000 * RATIO.num)
    assert piece.rise == 40_000 * 7_200_000 * RATIO.num
    demand = Demand(basal(plan), RATIO, CEILING, Bolus(HOST, 10_000, 3_600_000, RATIO)).whole()
    assert [piece[1] for piece in walk(demand, 7_200_000)] == [3_600_000, 7_200_000]


def delivered(source, edges_ms):
    """Grains of a Basal between each two of these instants."""
    found = []
    for now, until in itertools.pairwise(edges_ms):
        grains = 0
        while now < until:
            now, part, _, _ = source.line_from(now, until)
            grains += part
        found.append(grains)
    return found


@pytest.mark.requirement("L-01")
@settings(max_examples=60, deadline=None)
@given(first=rates, end=rates, then=rates, minimum=st.integers(0, 100_000), percent=st.none() | st.integers(0, 300),
       rate=rates, length_min=st.integers(2, 240), ended_min=st.integers(0, 240))
def test_at_most_is_the_higher_of_a_temporary_rate_and_the_schedule_however_soon_that_ends(
        first, end, then, minimum, percent, rate, length_min, ended_min):
    plan = [0, first, end, 120, then, then]
    temporary = Temporary(length_min * 60_000, percent, rate)
    ended = Temporary(min(ended_min, length_min) * 60_000, percent, rate)
    edges = sorted({0, ended.end_ms, temporary.end_ms, *range(0, 300 * 60_000, 60_000)})
    most = delivered(basal(plan, minimum, temporary=temporary.at_most()), edges)
    given = delivered(basal(plan, minimum, temporary=temporary), edges)
    schedule = delivered(basal(plan, minimum), edges)
    both = [max(pair) for pair in zip(given, schedule, strict=True)]
    # In the minute in which a ramp of 2 h crosses the rate it is more than either: less than half a minute's climb
    for high, low, one, other in zip(most, both, given, schedule, strict=True):
        assert low - 4 <= high <= low + 60_000 * 2_000_000 // 120 // 2 + 4
        assert one <= high + 4 >= other
    mixed = delivered(basal(plan, minimum, temporary=ended), edges)
    assert all(part <= high + 4 for part, high in zip(mixed, most, strict=True))


HOUR = 3_600_000
RISING = [0, 20_000, 60_000, 240, 60_000, 60_000]      # 20 to 60 uL/h in four hours: 10 uL/h more each hour


@pytest.mark.requirement("D-05")
@pytest.mark.requirement("D-04")
@pytest.mark.parametrize("minimum, ceiling, percent, met_h", [
    (0, 50_000, 100, 3), (30_000, CEILING, 100, 1), (0, 60_000, 150, 2), (0, 60_600, 101, 4), (0, 60_300, 101, 3.97)])
def test_a_ramp_is_told_in_one_up_to_where_it_meets_a_bound_and_flat_behind_it(minimum, ceiling, percent, met_h):
    # 150 % of 20 + 10 t is 60 uL/h after 2 h; 101 % of it 60.6 uL/h after 4 h, and 60.3 after 3.97 h
    temporary = Temporary(9 * HOUR, percent, 0) if percent != 100 else None
    source = basal(RISING, minimum, ceiling, temporary)
    met_ms = -(-(100 * ceiling - 20_000 * percent) * 4 * HOUR // (40_000 * percent)) if not minimum else HOUR

    end_ms, grains, rise, is_change = source.line_from(0)

    assert (end_ms, is_change) == (min(met_ms, 4 * HOUR), True)
    assert end_ms == pytest.approx(met_h * HOUR, abs=0.01 * HOUR)
    if minimum:
        assert (grains, rise) == (minimum * end_ms, 0)             # at the minimum rate: flat
    else:
        assert grains == percent * end_ms * (2 * 4 * HOUR * 20_000 + 40_000 * end_ms) // (200 * 4 * HOUR)
        assert rise == 40_000 * percent * end_ms * end_ms // (100 * 4 * HOUR)
    if end_ms < 4 * HOUR and not minimum:
        behind_ms, grains, rise, is_change = source.line_from(end_ms)
        assert (behind_ms, is_change) == (4 * HOUR, False)         # the same segment goes on
        assert (grains, rise) == (ceiling * (behind_ms - end_ms), 0)


@pytest.mark.requirement("D-05")
def test_a_stretch_of_a_ramp_strays_by_an_eighth_of_a_step_at_most():
    # s = 10 uL/h per hour = 100 steps/h per hour; s d^2 / 8 is an eighth of a step where d = 0.1 h
    end_ms, grains, is_change = basal(RISING).stretch_from(0)
    assert (end_ms, is_change) == (HOUR // 10, True)
    assert grains == HOUR // 10 * 20_500                           # 20 to 21 uL/h


def test_a_temporary_rate_below_the_schedules_is_the_rate():
    assert basal(RISING, temporary=Temporary(HOUR, None, 5_000)).line_from(0) == (HOUR, 5_000 * HOUR, 0, True)
