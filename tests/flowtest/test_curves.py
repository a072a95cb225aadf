"""The curves of F-01 against flows whose errors are known without them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtest.curves import WINDOWS_MIN, TooShortError, start_up, trumpet
from flowtest.doses import Dose, by_size, dose_of
from flowtest.flow import Flow, evaporation_mg_per_h, flow_of
from flowtest.water import Liquid

HOUR_S = 3600


def flow(rate_ul_per_h, hours=4, every_s=30.0, more=lambda time_s: 0 * time_s):
    """A constant rate and `more` microlitres."""
    time_s = np.arange(0, hours * HOUR_S + 1, every_s)
    return Flow(time_s, rate_ul_per_h * time_s / HOUR_S + more(time_s))


@pytest.mark.requirement("F-01")
@pytest.mark.parametrize("every_s", [1.0, 7.0, 30.0])
def test_a_constant_flow_has_a_trumpet_without_a_mouth(every_s):
    found = trumpet(flow(100, every_s=every_s), 100)
    assert [window.minutes for window in found.windows] == list(WINDOWS_MIN) == [2, 5, 11, 19, 31]
    for window in found.windows:
        assert (window.low_percent, window.high_percent) == pytest.approx((0, 0), abs=1e-9)
    assert found.mean_percent == pytest.approx(0, abs=1e-9)
    assert (found.begin_s, found.end_s) == pytest.approx((HOUR_S, 4 * HOUR_S), abs=30)


@pytest.mark.requirement("F-01")
@given(part=st.floats(0.01, 0.9), period_min=st.floats(1.5, 60), minutes=st.sampled_from(WINDOWS_MIN))
def test_a_pulsation_opens_the_trumpet_by_the_integral_of_its_sine(part, period_min, minutes):
    """rate * (1 + part * sin(2 pi t / T)): the mean over P differs by part * sin(pi P / T) / (pi P / T) at most."""
    period_s = period_min * 60
    wave = part * 100 / HOUR_S * period_s / (2 * np.pi)
    pulsing = flow(100, hours=6, every_s=1, more=lambda t: wave * (1 - np.cos(2 * np.pi * t / period_s)))
    [window] = trumpet(pulsing, 100, sample_s=1, windows_min=(minutes,)).windows
    half_turns = np.pi * minutes / period_min
    expected = 100 * part * abs(np.sin(half_turns) / half_turns)
    assert window.high_percent == pytest.approx(expected, abs=0.05 + expected * 0.01)
    assert window.low_percent == pytest.approx(-expected, abs=0.05 + expected * 0.01)


@pytest.mark.requirement("F-01")
def test_a_pump_that_is_wrong_by_a_part_has_a_flat_trumpet_beside_zero():
    found = trumpet(flow(103), 100)
    assert found.mean_percent == pytest.approx(3)
    assert all((window.low_percent, window.high_percent) == pytest.approx((3, 3)) for window in found.windows)


@pytest.mark.requirement("F-01")
def test_a_gap_of_four_minutes_counts_in_every_window():
    """Nothing flows from minute 90 to 94: all of a window of 2 min, 4 of 5, 4 of 11, 19 and 31 min."""
    def stopped(time_s):
        return -100 / HOUR_S * np.clip(time_s - 5400, 0, 240)

    found = trumpet(flow(100, more=stopped), 100)
    expected = [-100, -80, -400 / 11, -400 / 19, -400 / 31]
    assert [window.low_percent for window in found.windows] == pytest.approx(expected)
    assert [window.high_percent for window in found.windows] == pytest.approx([0] * 5, abs=1e-9)


@given(st.lists(st.floats(0, 5), min_size=200, max_size=400))
def test_windows_agree_with_a_plain_count(samples):
    """Against a loop over every stretch, volumes from a running sum."""
    volumes = np.concatenate([[0], np.cumsum(samples)])
    given_flow = Flow(30.0 * np.arange(len(volumes)), volumes)
    found = trumpet(given_flow, 120, begin_s=0)                       # 120 uL/h: 1 uL in each 30 s
    for window in found.windows:
        length = window.minutes * 2
        sums = [sum(samples[at:at + length]) / length for at in range(len(samples) - length + 1)]
        assert window.high_percent == pytest.approx(100 * (max(sums) - 1), abs=1e-6)
        assert window.low_percent == pytest.approx(100 * (min(sums) - 1), abs=1e-6)


def test_windows_that_do_not_fit_are_left_out_and_a_flow_too_short_is_said():
    assert [w.minutes for w in trumpet(flow(100, hours=1.25), 100).windows] == [2, 5, 11]       # of 15 min
    with pytest.raises(TooShortError, match="lasts 60 min: a trumpet curve needs 62 min"):
        trumpet(flow(100, hours=1), 100)


@pytest.mark.requirement("F-01")
def test_the_start_up_curve_of_a_soft_line_is_its_exponential():
    """A line that fills with a time constant of 10 min: rate * (1 - exp(-t / 600))."""
    def missing(time_s):
        return -100 / HOUR_S * 600 * (1 - np.exp(-time_s / 600))

    found = start_up(flow(100, more=missing), 100)
    assert len(found.time_s) == 240 and found.time_s[-1] == 2 * HOUR_S
    middle = found.time_s - 15
    assert found.flow_ul_per_h == pytest.approx(100 * (1 - np.exp(-middle / 600)), abs=0.02)
    # all that the line holds: 100 uL/h * 600 s = 16.667 uL, but exp(-12) of it
    assert found.missing_ul == pytest.approx(100 / 6, abs=0.001)
    # the mean over the last 5 min is 90 %: exp(-t/600) * 600/300 * (exp(0.5) - 1) = 0.1, t = 1538.6 s, the next sample
    assert found.started_s == 1560


def test_a_flow_that_never_starts_says_so():
    found = start_up(flow(0), 100)
    assert found.started_s is None and found.missing_ul == pytest.approx(200)
    assert found.started_text == start_up(flow(0, hours=5 / 60), 100).started_text == "never reached"
    with pytest.raises(TooShortError, match="lasts 20 s"):
        start_up(Flow(np.array([0, 20.0]), np.array([0, 1.0])), 100)


@pytest.mark.parametrize("minutes, said", [
    (3, "not judged: that takes 5 min, this is 3 min"),
    (4.5, "not judged: that takes 5 min, this is 4.5 min"),
    (5, "after 5 min"),
])
def test_a_perfect_flow_of_less_than_five_minutes_is_not_said_never_to_start(minutes, said):
    assert start_up(flow(100, hours=minutes / 60), 100).started_text == said


def test_evaporation_is_added_to_what_the_balance_shows():
    """1 h in which 10 mg came and 2 mg went."""
    weighed = flow_of(np.array([0, 1800, 3600.0]), np.array([100, 104, 108.0]), Liquid(20, evaporation_mg_per_h=2))
    assert weighed.total_ul == pytest.approx(10 * Liquid(20).ul_per_mg)
    assert evaporation_mg_per_h(np.array([0, 1800, 3600.0]), np.array([100, 99, 98.0])) == pytest.approx(2)


def test_a_part_of_a_flow_begins_at_nothing():
    part = flow(100).since(1815)
    assert part.total_ul == pytest.approx(100 * (4 - 1815 / HOUR_S)) and part.volume_ul[0] == 0
    assert trumpet(part, 100).mean_percent == pytest.approx(0, abs=1e-9)


@pytest.mark.requirement("F-01")
def test_doses_are_judged_by_size():
    small, large = by_size([Dose(50, 51), Dose(10, 9.8), Dose(10, 10.1), Dose(10, 10.1)])
    assert (small.requested_ul, small.count, small.mean_ul) == (10, 3, pytest.approx(10))
    # errors -2, 1, 1 %: squares 4 + 1 + 1 over n - 1 = 2: sqrt(3)
    assert (small.low_percent, small.high_percent, small.mean_percent, small.sd_percent) == pytest.approx(
        (-2, 1, 0, 3 ** 0.5))
    assert (large.mean_percent, large.sd_percent) == (pytest.approx(2), None)


def test_a_dose_out_of_a_flow_is_less_the_basal_rate():
    given_flow = flow(60, more=lambda t: 5.0 * (t >= 600))                # 5 uL at once, 60 uL/h: 1 uL a minute
    assert dose_of(given_flow, 5, 540, 660, 60).delivered_ul == pytest.approx(5)
    assert dose_of(given_flow, 7, 540, 660).delivered_ul == pytest.approx(7)
