"""The step plan against an independent model in fractions: exact, never early, never a whole step late (D-01, D-02)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.planner import Piece, Planner
from pump.volume import StepRatio

TICKS_PER_MS = 125_000
MAX_INTERVAL = 2**32 - 1


class Pieces:
    """Constant rates one after another, the last one for ever."""

    def __init__(self, pieces, num=1):
        self.num = num
        self.ends = []
        self.rates = []
        end = 0
        for length_ms, rate in pieces:
            end += length_ms
            self.ends.append(end)
            self.rates.append(rate)

    def piece_from(self, start_ms):
        for end, rate in zip(self.ends, self.rates, strict=True):
            if start_ms < end:
                return Piece(end, rate * (end - start_ms) * self.num)
        return Piece(start_ms + 3_600_000, self.rates[-1] * 3_600_000 * self.num)

    def parts_until(self, piece, ms):
        return piece.parts * (ms - piece.start_ms) // (piece.end_ms - piece.start_ms)

    def volume_nl(self, ms):
        """Exact volume until `ms`, as a Fraction of nL."""
        total, start = Fraction(0), 0
        for end, rate in zip(self.ends, self.rates, strict=True):
            total += Fraction(rate * (min(ms, end) - start), 3_600_000) if ms > start else 0
            start = end
        return total + (Fraction(self.rates[-1] * (ms - start), 3_600_000) if ms > start else 0)


def edges_of(planner, until_steps):
    """Ticks of all steps that the commands make when each is queued as soon as the one before ends."""
    tick, edges = 0, []
    while True:
        command = planner.next_command(tick // TICKS_PER_MS, until_steps)
        if command is None:
            return edges
        count, interval = command
        assert type(count) is type(interval) is int
        assert 16 <= interval <= MAX_INTERVAL
        edges += [tick + interval * k for k in range(1, count + 1)]
        tick += (count or 1) * interval


motions = st.one_of(st.integers(1, 100), st.integers(100, 100_000), st.integers(100_000, 2_000_000))
rates = st.one_of(st.just(0), motions)
lengths_ms = st.one_of(st.integers(1, 5_000), st.integers(60_000, 3_600_000))


@pytest.mark.long                                     # thousands of commands take long under coverage
@pytest.mark.requirement("D-01")
@pytest.mark.requirement("D-02")
@settings(max_examples=150, deadline=None)
@given(pieces=st.lists(st.tuples(lengths_ms, rates), min_size=1, max_size=8), pl_per_rev=st.integers(10**7, 10**9))
def test_every_step_comes_when_due_and_less_than_a_step_late(pieces, pl_per_rev):
    source = Pieces([*pieces, (1, 50_000)])
    ratio = StepRatio(pl_per_rev, 3200)
    planner = Planner(ratio, TICKS_PER_MS, 2500, MAX_INTERVAL, 0)
    source.num = ratio.num
    planner.begin(0, source, 0)
    edges = edges_of(planner, min(2000, 5 + int(source.volume_nl(sum(p[0] for p in pieces)) * 3_200_000 / pl_per_rev)))
    step_nl = Fraction(pl_per_rev, 3_200_000)
    for number, tick in enumerate(edges, 1):
        ms = Fraction(tick, TICKS_PER_MS)
        volume = source.volume_nl(ms)
        assert volume >= number * step_nl                              # never early
        assert volume < (number + 1) * step_nl                         # never a whole step behind
        assert ms < 2 or source.volume_nl(ms - 2) < number * step_nl   # nor 2 ms: what begins then need not wait long
    assert edges == sorted(edges)


@pytest.mark.requirement("D-01")
def test_a_steady_rate_is_one_command_with_the_exact_interval():
    # 3200 steps of 100 nL: 320 uL a revolution. 36 mL/h is 10 uL/s: 100 steps/s, 10 ms, 1,250,000 ticks.
    planner = Planner(StepRatio(320_000_000, 3200), TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(600_000, 36_000_000)]), 0)
    assert planner.next_command(0, 60_000) == (60_000, 1_250_000)      # 10 min * 60 s * 100 steps/s


@pytest.mark.requirement("D-01")
@pytest.mark.parametrize("rate, interval", [(1_800_000, 250), (16_000_000, 29), (5_142_857, 88)])
def test_where_a_step_takes_whole_ticks_one_command_holds_all(rate, interval):
    # A step of 1 pL. 1.8 mL/h are 500,000 pL/s: 250 ticks. 16 mL/h are 4,444,444.4 steps/s: 28.125 ticks, and so an
    # eighth of a step is 4 steps. 5,142,857 nL/h are 1,428,571.4 steps/s: 87.5000024 ticks, half a tick late: 21 steps.
    # So it is where that is the motor's shortest interval, and the longest that the hardware can wait.
    planner = Planner(StepRatio(1_000_000, 1_000_000), TICKS_PER_MS, interval, interval, 0)
    planner.begin(0, Pieces([(10_000, rate)]), 0)
    most = {250: 1_000_000, 29: 4, 88: 21}
    assert planner.next_command(0, 1_000_000) == (most[interval], interval)


@pytest.mark.long
@pytest.mark.requirement("D-01")
@pytest.mark.requirement("D-02")
@settings(max_examples=50, deadline=None)
@given(pieces=st.lists(st.tuples(st.integers(1, 5), st.integers(400_000, 16_071_426)), min_size=1, max_size=3))
def test_millions_of_steps_a_second_are_as_exact(pieces):
    planner = Planner(StepRatio(1_000_000, 1_000_000), TICKS_PER_MS, 28, MAX_INTERVAL, 0)
    source = Pieces([*pieces, (1, 400_000)])
    planner.begin(0, source, 0)
    for number, tick in enumerate(edges_of(planner, 3000), 1):
        volume_pl = source.volume_nl(Fraction(tick, TICKS_PER_MS)) * 1000
        assert number <= volume_pl < number + 1


@pytest.mark.requirement("D-01")
def test_the_last_step_of_a_slow_rate_is_not_late_into_a_fast_one():
    # Steps of 1 pL. 2 ms at 3,897,554 nL/h are 2165.308 steps, 1 ms at 657,692 nL/h is 182.692 more: step 2348 is due
    # at tick 375,000, where the next rate begins. As the last of many with one interval it came at 375,070, a whole
    # step of 6,428,572 nL/h later.
    planner = Planner(StepRatio(1_000_000, 1_000_000), TICKS_PER_MS, 28, MAX_INTERVAL, 0)
    source = Pieces([(2, 3_897_554), (1, 657_692), (1, 6_428_572), (1, 400_000)])
    planner.begin(0, source, 0)
    assert source.volume_nl(3) * 1000 == 2348
    assert edges_of(planner, 3000)[2347] == 375_000
    # It has a command of its own, and no other has: 73 steps each 684 ticks end at 374,386, 614 before
    planner.begin(0, source, 0)
    assert list(iter(lambda: planner.next_command(0, 2348), None))[-2:] == [(73, 684), (1, 614)]


@pytest.mark.requirement("D-01")
def test_an_eighth_of_a_step_late_all_that_follows_is_still_one_command():
    # 450 nL/h are 125 pL/s, a step of 1 pL in 8 ms; an eighth of it was due before: step n is due at 8 n - 1 ms. With
    # 8 ms between them the first of 2000 is 1 ms late, an eighth of a step; none may be later.
    ratio = StepRatio(1_000_000, 1_000_000)
    planner = Planner(ratio, 1000, 28, MAX_INTERVAL, 0)
    source = Pieces([(1_000_000, 450)], ratio.num)
    planner.begin(0, source, 0)
    planner.cut(1, 0)
    planner.begin(1, source, 0)
    assert planner.ms_of_step(1) == 8
    assert planner.next_command(1, 2000) == (2000, 8000)


@pytest.mark.requirement("D-10")
def test_one_step_in_ten_minutes_is_waited_for_exactly():
    # 100 nL in 10 min is 600 nL/h; 600 s are 75e9 ticks: 17 waits of 2**32 - 1 and the rest.
    planner = Planner(StepRatio(320_000_000, 3200), TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(3_600_000, 600)]), 0)
    assert edges_of(planner, 3) == [75_000_000_000, 150_000_000_000, 225_000_000_000]


def test_nothing_is_planned_beyond_the_limit():
    planner = Planner(StepRatio(320_000_000, 3200), TICKS_PER_MS, 31_250, MAX_INTERVAL, 10)
    planner.begin(0, Pieces([(600_000, 36_000_000)]), 10)
    assert planner.next_command(0, 10) is None
    assert planner.next_command(0, 12) == (2, 1_250_000)


@pytest.mark.requirement("D-01")
@settings(max_examples=100, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(1, 600_000), motions), min_size=2, max_size=8))
def test_cuts_lose_no_fraction_of_a_step(cuts):
    """However often a plan is cut and begun anew, the steps due are those of the whole volume, rounded down."""
    ratio = StepRatio(330_259_000, 3200)
    planner = Planner(ratio, TICKS_PER_MS, 2500, MAX_INTERVAL, 0)
    now, volume, due = 0, Fraction(0), 0
    for length_ms, rate in cuts:
        planner.begin(now, Pieces([(10**9, rate)], ratio.num), due)
        now += length_ms
        volume += Fraction(rate * length_ms, 3_600_000)
        due = planner.due_steps(now)
        planner.cut(now, due)
    assert due == (volume / Fraction(330_259_000, 3_200_000)).__floor__()
    assert planner.programmed_pl(0) == (volume * 1000).__floor__()


def test_a_late_start_catches_up_at_the_motors_highest_rate():
    # 100 steps/s, but nothing was queued for the first second: 100 steps are overdue. 400 steps/s at most: 2.5 ms.
    planner = Planner(StepRatio(320_000_000, 3200), TICKS_PER_MS, 312_500, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(600_000, 36_000_000)]), 0)
    count, interval = planner.next_command(1000, 60_000)
    assert interval == 312_500                                         # 125e6 / 400
    # Step n is due at 10 n ms and made at 1000 + 2.5 n ms: level at n = 133.3
    assert count == 133


@pytest.mark.requirement("D-02")
@pytest.mark.parametrize("rate, count", [
    (16_071_426, 125_000),      # 28.000004 ticks a step, and the motor's shortest interval is 28: it hardly gains any
    (15_254_237, 62_500),       # 29.5 ticks: less than 2 gained with each step
])
def test_who_catches_up_at_nearly_the_same_rate_makes_no_step_early(rate, count):
    planner = Planner(StepRatio(1_000_000, 1_000_000), TICKS_PER_MS, 28, MAX_INTERVAL, 0)
    source = Pieces([(100_000, rate)])
    planner.begin(0, source, 0)
    assert planner.next_command(1, 200_000) == (count, 28)             # a whole ms late: 125,000 ticks
    assert source.volume_nl(Fraction(125_000 + 28 * count, TICKS_PER_MS)) * 1000 >= count


@pytest.mark.requirement("D-01")
@pytest.mark.parametrize("counted, due_after", [
    (10, 11),                                          # level
    (9, 11),                                           # a step on its way when the motor was halted still comes
    (8, 9),                                            # two are missing: given up, and only the fraction is kept
    (12, 13),                                          # too many: nothing is held back
])
def test_after_an_acknowledged_fault_only_what_was_missed_is_given_up(counted, due_after):
    ratio = StepRatio(320_000_000, 3200)               # 100 nL a step; 36 uL/h: one in 10 s
    planner = Planner(ratio, TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(3_600_000, 36_000)], ratio.num), 0)
    planner.cut(105_000, counted)                      # 10.5 steps are due
    planner.settle()
    planner.begin(200_000, Pieces([(3_600_000, 36_000)], ratio.num), counted)
    assert planner.due_steps(205_000 if counted < 12 else 210_000) == due_after


@pytest.mark.requirement("D-01")
@pytest.mark.parametrize("counted, due_after", [(9, 12), (8, 10), (11, 13)])
def test_two_whole_steps_missing_are_given_up_and_a_whole_one_too_many_is_not_held_back(counted, due_after):
    ratio = StepRatio(320_000_000, 3200)
    planner = Planner(ratio, TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(3_600_000, 36_000)], ratio.num), 0)
    planner.cut(100_000, counted)                      # 10 steps are due
    planner.settle()
    planner.begin(200_000, Pieces([(3_600_000, 36_000)], ratio.num), counted)
    assert planner.due_steps(220_000) == due_after     # two more in 20 s


@pytest.mark.requirement("D-02")
def test_the_last_grain_of_a_step_is_waited_for():
    # Steps of 1 pL, 3600 grains; 1 nL/h is a grain in a ms
    ratio = StepRatio(1_000_000, 1_000_000)
    planner = Planner(ratio, TICKS_PER_MS, 28, MAX_INTERVAL, 0)
    source = Pieces([(10**9, 1)], ratio.num)
    planner.begin(0, source, 0)
    assert planner.programmed_pl(3599) == 0
    planner.cut(3599, 0)
    assert planner.programmed_pl(3599) == 0
    planner.begin(4000, source, 0)
    assert (planner.programmed_pl(4000), planner.programmed_pl(4001)) == (0, 1)
    assert planner.ms_of_step(1) == 4001
    planner.cut(4001, 2)                               # one too many
    planner.settle()
    planner.begin(5000, source, 2)
    assert planner.ms_of_step(3) == 8600


@pytest.mark.requirement("D-01")
def test_a_whole_step_left_over_comes_at_once_where_the_rate_is_0():
    # 1.5 steps are due when the plan is cut, and only one was counted by then: half a step and one on its way
    ratio = StepRatio(320_000_000, 3200)
    planner = Planner(ratio, TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(3_600_000, 36_000)], ratio.num), 0)      # a step in 10 s
    planner.cut(25_000, 1)
    planner.settle()
    planner.begin(30_000, Pieces([(3_600_000, 0)], ratio.num), 1)
    assert planner.due_steps(30_000) == 2
    assert planner.ms_of_step(2) == 30_000
    assert planner.next_command(30_000, 2) == (1, 31_250)
    planner.cut(40_000, 2)
    planner.begin(50_000, Pieces([(3_600_000, 36_000)], ratio.num), 2)         # half a step: 5 s more
    planner.cut(65_000, 3)                             # exactly one step is due and on its way
    planner.begin(70_000, Pieces([(3_600_000, 0)], ratio.num), 3)
    assert planner.next_command(70_000, 4) == (1, 31_250)


@pytest.mark.requirement("D-01")
def test_what_was_programmed_adds_up_over_pieces_that_are_queued_and_forgotten_or_not():
    ratio = StepRatio(320_000_000, 3200)
    planner = Planner(ratio, TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(10_000, 36_000), (10_000, 72_000), (10_000, 108_000)], ratio.num), 0)
    volumes_pl = [(5_000, 50_000), (10_000, 100_000), (15_000, 200_000), (20_000, 300_000), (30_000, 600_000)]
    assert [planner.programmed_pl(ms) for ms, _ in volumes_pl] == [pl for _, pl in volumes_pl]
    edges_of(planner, 3)                               # 100 nL a step: one in the first piece, two in the second
    planner.forget_before(20_000)
    assert [planner.programmed_pl(ms) for ms, _ in volumes_pl[3:]] == [300_000, 600_000]


@pytest.mark.requirement("D-04")
def test_nothing_of_a_bolus_is_due_when_it_begins():
    planner = Planner(StepRatio(320_000_000, 3200), TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(10_000, 36_000)]), 0)
    assert planner.bolus_parts(0) == 0


def test_pieces_that_are_over_and_queued_are_forgotten_but_for_the_one_in_force():
    """A schedule at rate 0 must not gather them for months."""
    ratio = StepRatio(320_000_000, 3200)
    planner = Planner(ratio, TICKS_PER_MS, 31_250, MAX_INTERVAL, 0)
    planner.begin(0, Pieces([(10_000, 36_000), (10_000, 0), (10_000, 0), (10_000, 36_000)], ratio.num), 0)
    edges_of(planner, 1)                               # due at 10 s, the only one until 40 s
    planner.forget_before(10_000)                      # nobody has asked for the second piece yet
    assert planner.piece_at(30_000).end_ms == 40_000
    planner.forget_before(30_000)
    assert len(planner._pieces) == 1
    planner.piece_at(40_000)
    planner.forget_before(40_000)                      # its step is not queued
    assert len(planner._pieces) == 2
