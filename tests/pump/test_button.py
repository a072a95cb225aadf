"""The button, read when its level changes and else only when it asks to be: clicks, holds and bounce (P-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump.button import CLICK, HOLD, HOLD_MS, NOTHING, POLL_MS, STABLE_MS, Button


def told(changes, until_ms):
    """[(what, ms)] that a button says of (ms, level) from 0 on, up at first."""
    button, level, found, now_ms = Button(), False, [], 0
    changes = [*changes, (until_ms, None)]
    while changes:
        what = button.read(level, now_ms)
        if what != NOTHING:
            found.append((what, now_ms))
        next_ms = button.next_ms(now_ms)
        at_ms, change = changes[0]
        if next_ms is not None and next_ms < at_ms:
            now_ms = next_ms
            continue
        now_ms, level = at_ms, change
        del changes[0]
    return found


@given(st.integers(STABLE_MS + POLL_MS, HOLD_MS - 1))
def test_a_press_of_less_than_three_seconds_is_one_click_when_it_is_let_go(ms):
    [(what, at_ms)] = told([(1000, True), (1000 + ms, False)], 10_000)
    assert what == CLICK
    assert 1000 + ms + STABLE_MS <= at_ms <= 1000 + ms + STABLE_MS + POLL_MS


@given(st.integers(HOLD_MS + 2 * POLL_MS, 60_000))
def test_a_longer_one_is_one_hold_after_three_seconds_and_no_click(ms):
    [(what, at_ms)] = told([(1000, True), (1000 + ms, False)], 100_000)
    assert what == HOLD
    assert 1000 + HOLD_MS <= at_ms <= 1000 + HOLD_MS + STABLE_MS + POLL_MS


@given(st.lists(st.integers(1, STABLE_MS - POLL_MS - 1), min_size=2, max_size=20))
def test_a_contact_that_bounces_is_one_press(gaps):
    gaps = gaps[:len(gaps) // 2 * 2]                    # it ends as it began: closed, then open
    changes, at_ms = [(1000, True)], 1000
    for index, gap in enumerate(gaps):
        at_ms += gap
        changes.append((at_ms, index % 2 == 1))
    assert [what for what, _ in told([*changes, (at_ms + 500, False)], 10_000)] == [CLICK]


@pytest.mark.requirement("P-01")
def test_one_that_is_down_at_power_up_does_not_count_and_asks_for_nothing():
    assert told([(0, True), (5000, False)], 20_000) == []
    button = Button()
    assert button.read(True, 0) == NOTHING
    assert button.next_ms(0) is None
    assert [what for what, _ in told([(0, True), (5000, False), (6000, True), (6200, False)], 20_000)] == [CLICK]


def test_a_spark_shorter_than_thirty_milliseconds_is_nothing():
    assert told([(1000, True), (1000 + STABLE_MS - POLL_MS - 1, False)], 5000) == []


def test_at_rest_it_asks_for_nothing():
    button = Button()
    for now_ms in (0, 30, 60):
        button.read(False, now_ms)
    assert button.next_ms(60) is None
