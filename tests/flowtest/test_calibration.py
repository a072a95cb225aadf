"""The fit of volume per revolution, against arithmetic by hand and against its own promise of 95 %."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowtest.calibration import dose_sigma_ul, fit

ONES = np.ones(4)


def test_doses_without_scatter_give_the_volume_exactly():
    found = fit(np.array([0.1, 0.2, 0.4]), np.array([33, 66, 132.0]), np.ones(3))
    assert (found.ul_per_rev, found.low, found.high) == pytest.approx((330, 330, 330))
    assert found.suspect == ()


def test_the_interval_is_students_t_times_the_standard_error():
    """x = 1, 2, 3, 4, y = 10.1, 19.8, 30.3, 39.8: k = 300.0 / 30; residuals 0.1, -0.2, 0.3, -0.2."""
    found = fit(np.array([1, 2, 3, 4]), np.array([10.1, 19.8, 30.3, 39.8]), ONES)
    assert found.ul_per_rev == pytest.approx(299.8 / 30)
    residuals = np.array([10.1, 19.8, 30.3, 39.8]) - 299.8 / 30 * np.array([1, 2, 3, 4])
    error = (sum(residuals ** 2) / 3 / 30) ** 0.5
    assert found.high - found.ul_per_rev == pytest.approx(3.18245 * error, rel=1e-5)       # t(0.975, 3)
    assert found.low + found.high == pytest.approx(2 * found.ul_per_rev)


@given(st.lists(st.tuples(st.floats(0.05, 5), st.floats(-0.05, 0.05), st.floats(0.01, 2)), min_size=3, max_size=30))
def test_the_fit_is_the_least_squares_solution_of_numpy(doses):
    x, errors, sigma = (np.array(column) for column in zip(*doses, strict=True))
    y = 330 * x * (1 + errors)
    found = fit(x, y, sigma)
    [expected], *_ = np.linalg.lstsq((x / sigma)[:, None], y / sigma, rcond=None)
    assert found.ul_per_rev == pytest.approx(expected)
    assert found.low <= found.ul_per_rev <= found.high


def test_nineteen_of_twenty_intervals_hold_the_truth():
    dice = np.random.default_rng(20261125)
    x = np.array([0.1, 0.2, 0.3, 0.4, 0.5] * 2)
    sigma = dose_sigma_ul(330 * x, 0.1)
    fits = [fit(x, 330 * x + dice.normal(0, sigma), sigma) for _ in range(4000)]
    held = sum(found.low <= 330 <= found.high for found in fits) / len(fits)
    assert 0.94 <= held <= 0.96                   # 0.95 -+ 3 * sqrt(0.95 * 0.05 / 4000) = 0.0103, and the seed is fixed
    assert sum(bool(found.suspect) for found in fits) / len(fits) < 0.02              # one in a hundred is said wrongly


@pytest.mark.parametrize("wrong", [0, 4, 9])
def test_a_dose_that_was_misread_is_named(wrong):
    dice = np.random.default_rng(7)
    x = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.4, 0.3, 0.2, 0.1])
    sigma = dose_sigma_ul(330 * x, 0.1)
    y = 330 * x + dice.normal(0, sigma)
    y[wrong] *= 1.03
    assert fit(x, y, sigma).suspect == (wrong,)


def test_small_doses_weigh_as_the_balance_and_large_ones_as_the_pump():
    # sqrt(2) * 0.1 uL; and 0.2 % of 1000 uL
    assert dose_sigma_ul(np.array([1, 1000.0]), 0.1) == pytest.approx([0.1414, 2.005], abs=1e-3)


@pytest.mark.parametrize("x, said", [([1, 2], "at least 3"), ([1, 0, 2], "no revolution")])
def test_what_is_no_series_is_refused(x, said):
    with pytest.raises(ValueError, match=said):
        fit(np.array(x), np.ones(len(x)), np.ones(len(x)))
