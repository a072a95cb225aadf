"""Counted steps of the last day: lines between samples, rounded so that a window never holds too little (L-03)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.history import SAMPLES_LEFT, SAMPLES_MAX, History
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
def test_past_its_room_samples_go_that_are_within_a_step_of_the_line_of_others():
    # 1 step/s, a step more in every odd sample; after 200 samples twice as fast, after 500 nothing
    found = history_of(*[(1000 * k, k + k % 2 + max(0, k - 200) if k <= 500 else 801) for k in range(SAMPLES_MAX)])
    found.forget_before(0)
    assert (len(knots(found, -1)), found.loose_steps) == (SAMPLES_MAX, 1)
    found.add(1000 * SAMPLES_MAX, 801)
    found.forget_before(0)
    assert found.loose_steps == 2                       # and one for the line
    assert len(knots(found, -1)) <= 8
    for k in range(SAMPLES_MAX):
        counted = k + k % 2 + max(0, k - 200) if k <= 500 else 801
        assert found.least_at(1000 * k) <= counted <= found.most_at(1000 * k)


@pytest.mark.requirement("L-03")
def test_where_no_sample_is_on_a_line_those_go_that_are_nearly_and_the_lines_are_as_much_looser():
    # k^2 is off the line of its neighbours by 1, of those at a distance of 2 and 3 by 4 and 9
    found = history_of(*[(1000 * k, k * k) for k in range(SAMPLES_MAX + 1)])
    found.forget_before(0)
    kept = knots(found, -1)
    assert SAMPLES_LEFT // 3 < len(kept) <= SAMPLES_LEFT
    assert kept[0] == (0, 0)
    assert kept[-1] == (1000 * SAMPLES_MAX, SAMPLES_MAX ** 2)
    assert all((ms // 1000) ** 2 == steps for ms, steps in kept)
    for k in range(SAMPLES_MAX + 1):
        assert found.least_at(1000 * k) <= k * k <= found.most_at(1000 * k)
        assert found.most_at(1000 * k) - found.least_at(1000 * k) <= 2 * found.loose_steps + 1


@pytest.mark.requirement("L-03")
def test_lines_that_were_loosened_are_forgotten_with_the_day_and_then_none_is_loose():
    found = history_of(*[(1000 * k, k) for k in range(SAMPLES_MAX + 1)])
    found.forget_before(0)
    last_ms = 1000 * SAMPLES_MAX
    found.add(last_ms + 1000, 2 * SAMPLES_MAX)
    for before_ms, loose in ((last_ms - 1, 2), (last_ms, 1)):
        found.forget_before(before_ms)
        assert found.loose_steps == loose
    for k in range(2, SAMPLES_MAX):                     # a zigzag of ten steps: within 1, 2, 4 and 8 there are too few
        found.add(last_ms + 1000 * k, 2 * SAMPLES_MAX + 10 * k + 10 * (k % 2))
    found.forget_before(last_ms)
    found.add(last_ms + 1000 * SAMPLES_MAX, 20 * SAMPLES_MAX)
    found.forget_before(last_ms)
    assert found.loose_steps == 1 + 1 + 2 + 4 + 8 + 16
    last_ms += 1000 * SAMPLES_MAX
    for k in range(1, SAMPLES_MAX + 1):
        found.add(last_ms + 1000 * k, 20 * SAMPLES_MAX + k)
        found.forget_before(last_ms)
    assert found.loose_steps == 2                       # and it begins again with those within one


@pytest.mark.requirement("L-03")
def test_more_room_is_made_than_is_needed_at_once():
    # 500 samples of a zigzag of 6 steps, and a line: without the line there would be room again, and none in an hour
    zigzag = [(1000 * k, 10 * k + 6 * (k % 2)) for k in range(500)]
    line = [(1000 * k, 5000) for k in range(500, SAMPLES_MAX + 1)]
    found = history_of(*zigzag, *line)
    found.forget_before(0)
    assert len(knots(found, -1)) <= SAMPLES_LEFT
    assert found.loose_steps == 1 + 1 + 2 + 4 + 8


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("off", [-2, 2])
@pytest.mark.parametrize("rise", [10, 5000])                # a second
def test_a_sample_two_steps_off_a_line_is_not_within_one(rise, off):
    found = history_of(*[(1000 * k, rise * k + (off if k == 300 else 0)) for k in range(SAMPLES_MAX + 1)])
    found.make_room()
    assert found.loose_steps == 2
    kept = knots(found, -1)
    assert (300_000, rise * 300 + off) in kept
    assert [ms for ms, _ in kept] == sorted({ms for ms, _ in kept})
    assert len(kept) <= 7


def test_another_recount_takes_the_place_of_the_first():
    coarse, fine = StepRatio(3_200_000_000, 3200), StepRatio(320_000_000, 3200)
    found = history_of((0, 0), (1000, 10))
    found.recount(fine, coarse, 10)
    found.recount(coarse, fine, 10)                     # an old step and one, 11 new ones, are 2 of the first again
    assert found.loose_steps == 1 + 2
    found.add(2000, 12)
    found.forget_before(1000)
    assert found.loose_steps == 1


minutes_of_a_day = st.tuples(st.integers(1, 240), st.sampled_from([0, 1, 7, 60, 333, 4000]),
                             st.sampled_from([0, 0, 0, 1, -1, 17, -17]))


@pytest.mark.requirement("L-03")
@settings(max_examples=25, deadline=None)
@given(pieces=st.lists(minutes_of_a_day, min_size=3, max_size=12), every_s=st.sampled_from([20, 60]),
       spread=st.integers(1, 999))
def test_a_line_is_as_right_as_it_says_whatever_was_left_out(pieces, every_s, spread):
    """Minutes, steps a minute and how many more in each minute, over and over for 28 h; at `spread` of a thousand."""
    counted = [0]                                       # thousandths of a step, by every_s seconds
    minute, rate = every_s / 60, 0
    while len(counted) * every_s < 28 * 3600:
        for minutes, begin, more in pieces:
            rate = begin
            for _ in range(max(1, round(minutes / minute))):
                counted.append(counted[-1] + max(0, rate) * (1000 * every_s + spread) // 60)
                rate += more * every_s // 20
    found = History()
    for at, thousandths in enumerate(counted):
        now_ms = 1000 * every_s * at
        found.add(now_ms, thousandths // 1000)
        found.forget_before(now_ms - DAY_MS)
        if at % 997 == 996 or at == len(counted) - 1:
            assert len(knots(found, -1)) <= SAMPLES_MAX
            for then in range(max(0, at - DAY_MS // (1000 * every_s) + 1), at, 41):
                for share in (0, 1, 2):                 # between two samples the rate was constant
                    ms = 1000 * every_s * then + share * every_s * 333
                    exact = counted[then] + (counted[then + 1] - counted[then]) * (share * 333) // 1000
                    assert found.least_at(ms) <= exact // 1000 <= found.most_at(ms)
