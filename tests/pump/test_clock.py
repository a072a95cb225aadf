"""The pump's clocks across every wrap of the ticks (T-06) and settings of UTC (T-04, T-05)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump.board import TICKS_PERIOD
from pump.clock import PumpClock


class Ticks:
    """A tick source under the test's hand."""

    def __init__(self, at):
        self.at = at

    def ticks_ms(self):
        return self.at % TICKS_PERIOD


@pytest.mark.requirement("T-06")
@given(start=st.integers(0, TICKS_PERIOD - 1), steps=st.lists(st.integers(0, TICKS_PERIOD - 1), max_size=50))
def test_mono_time_is_the_sum_of_all_steps(start, steps):
    ticks = Ticks(start)
    clock = PumpClock(ticks)
    for step in steps:
        ticks.at += step
        clock.advance()
    assert clock.mono_ms == sum(steps)


@pytest.mark.requirement("T-06")
def test_ten_years_of_wraps_lose_nothing():
    ticks = Ticks(TICKS_PERIOD - 1)
    clock = PumpClock(ticks)
    ten_years_ms = 3653 * 86_400_000
    while clock.mono_ms < ten_years_ms:                        # 294 wraps
        ticks.at += min(TICKS_PERIOD - 1, ten_years_ms - clock.mono_ms)
        clock.advance()
    assert clock.mono_ms == 315_619_200_000                    # 3653 * 86400000


@pytest.mark.requirement("T-04")
def test_utc_is_unknown_until_set():
    clock = PumpClock(Ticks(5))
    assert not clock.is_set
    assert clock.utc_ms(0) is None


@pytest.mark.requirement("T-05")
def test_setting_utc_moves_no_monotonic_time():
    ticks = Ticks(TICKS_PERIOD - 10)
    clock = PumpClock(ticks)
    ticks.at += 25
    assert clock.advance() == 25
    clock.set_utc(1_774_566_000_000)
    clock.set_utc(1_774_609_200_000)                           # 12 h later: the second setting counts
    ticks.at += 100
    assert clock.advance() == 125
    assert clock.utc_ms(125) == 1_774_609_200_100
    assert clock.mono_of_utc(1_774_609_200_100) == 125
