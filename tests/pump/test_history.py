"""Counted steps of the last day: lines between samples, rounded so that a window never holds too little (L-03)."""

import pytest

from pump.history import SAMPLES_MAX, History
from pump.volume import StepRatio

DAY_MS = 86_400_000


def history_of(*samples):
    found = History()
    for ms, steps in samples:
        found.add(ms, steps)
    return found


def knots(history, start_ms=0):
    """The samples from `start_ms` on, as (ms, steps)."""
    return list(history.knots(start_ms, 1))[1:]


def test_before_the_first_sample_nothing_had_been_counted():
    assert (History().least_at(5), History().most_at(5)) == (0, 0)
    assert list(History().knots(7, 3)) == [(7, 0)]


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("ms, least, most", [
    (0, 10, 10), (100, 10, 10), (1100, 20, 20), (5000, 20, 20),
    (600, 14, 16),                                     # 15: a step either side
    (650, 14, 17),                                     # 15.5, rounded down and a step less; up, and one more
    (101, 10, 12),                                     # 10.01; never less than the sample before
    (1099, 18, 21),                                    # 19.99
])
def test_between_two_samples_the_rate_was_constant_and_a_step_may_be_on_either_side(ms, least, most):
    found = history_of((100, 10), (1100, 20))
    assert (found.least_at(ms), found.most_at(ms)) == (least, most)


@pytest.mark.requirement("L-03")
def test_the_line_of_an_instant_is_found_among_many():
    found = history_of(*[(1000 * k, 10 * k) for k in range(100)])
    for ms in range(0, 99_000, 333):
        assert found.least_at(ms) <= ms / 100 <= found.most_at(ms) <= found.least_at(ms) + 3
    assert [found.least_at(1000 * k) for k in range(100)] == [10 * k for k in range(100)]


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("before_ms, kept", [
    (1000, [(100, 1), (1999, 5), (2000, 9)]),          # the first of the two moves a millisecond ahead
    (1998, [(1998, 1), (1999, 5), (2000, 9)]),
    (1999, [(1999, 1), (2000, 9)]),                    # there is no room: one sample with the sum
])
def test_steps_that_come_at_one_instant_are_spread_over_no_time_before_it(before_ms, kept):
    found = history_of((100 if before_ms == 1000 else before_ms, 1), (2000, 5), (2000, 9))
    assert knots(found) == kept
    earlier = knots(history_of((50, 0), *kept[:-1], (2000, 5), (2000, 9)))
    assert earlier == [(50, 0), *kept]                  # and no sample before them changes


@pytest.mark.requirement("L-03")
def test_a_recounted_line_is_trusted_to_an_old_step_until_it_has_left_the_day():
    coarse, fine = StepRatio(3_200_000_000, 3200), StepRatio(320_000_000, 3200)           # 1 uL and 100 nL a step
    found = history_of((0, 0), (1000, 10))
    found.recount(fine, coarse, 10)
    # 10 steps of 1 uL are 100 of 100 nL, of which 10 end as before; half of the line is 50, and an old step is 10 and 1
    assert (found.least_at(0), found.least_at(1000)) == (-90, 10)
    assert (found.least_at(500), found.most_at(500)) == (-40 - 11, -40 + 11)
    found.add(2000, 110)
    found.forget_before(999)
    assert found.least_at(1500) == 60 - 11
    found.forget_before(1000)                           # what is left is of the new ratio
    assert (found.least_at(1500), found.most_at(1500)) == (60 - 1, 60 + 1)
    found = history_of((0, 0), (1000, 10))
    found.recount(coarse, fine, 10)                     # 1 uL, one step: an old step is a whole new one, rounded up
    found.add(2000, 110)
    assert (found.least_at(1500), found.most_at(1500)) == (60 - 2, 60 + 2)
    found.forget_before(1000)
    assert (found.least_at(1500), found.most_at(1500)) == (60 - 1, 60 + 1)


def test_nothing_to_recount_is_no_error():
    found = History()
    found.recount(StepRatio(1, 1), StepRatio(2, 1), 0)
    assert found.least_at(5) == 0
    for ms, steps in ((0, 0), (1000, 10)):              # all of the new ratio
        found.add(ms, steps)
        found.forget_before(ms - DAY_MS)
    assert (found.least_at(500), found.most_at(500)) == (4, 6)


def test_a_sample_that_says_nothing_new_is_none():
    assert knots(history_of((1000, 5), (1000, 5), (900, 5), (1000, 4))) == [(1000, 5)]
    assert knots(history_of((1000, 5), (2000, 5))) == [(1000, 5), (2000, 5)]


@pytest.mark.requirement("L-03")
def test_what_no_window_reaches_is_forgotten_and_the_sample_at_its_begin_stays():
    found = history_of((1000, 1), (2000, 2), (3000, 3), (4000, 4))
    found.forget_before(1999)
    assert knots(found) == [(1000, 1), (2000, 2), (3000, 3), (4000, 4)]
    found.forget_before(3000)
    assert knots(found) == [(3000, 3), (4000, 4)]
    found.forget_before(9000)
    assert knots(found) == [(4000, 4)]


@pytest.mark.requirement("L-03")
def test_past_its_room_every_other_sample_goes_and_the_sum_stays():
    found = history_of(*[(1000 * k, k * k) for k in range(SAMPLES_MAX)])
    found.forget_before(0)
    assert len(knots(found, -1)) == SAMPLES_MAX
    found.add(1000 * SAMPLES_MAX, SAMPLES_MAX ** 2)
    found.forget_before(0)
    # The first, and from the third on every other one: 0, 2, 4 ... 600
    assert knots(found, -1) == [(1000 * k, k * k) for k in range(0, SAMPLES_MAX + 1, 2)]
    assert found.least_at(DAY_MS) == SAMPLES_MAX ** 2
