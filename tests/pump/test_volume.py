"""Exact volume: grains, steps and picolitres (D-01, D-02)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump.volume import GRAINS_PER_NL, GRAINS_PER_PL, StepRatio, gcd

ratios = st.builds(StepRatio, st.integers(1, 10**12), st.integers(1, 10**6))


def test_a_grain_is_one_nanolitre_per_hour_for_one_millisecond():
    assert GRAINS_PER_NL == 3_600_000                          # 1 nL/h for the 3,600,000 ms of an hour is 1 nL
    assert GRAINS_PER_PL * 1000 == GRAINS_PER_NL


def test_ratio_of_a_syringe():
    ratio = StepRatio(330_259_000, 3200)
    assert ratio.nl_of_steps(3200) == 330_259                  # one revolution: 330,259,000 pL
    assert ratio.nl_of_steps(1) == 103                         # 330,259 / 3200 = 103.2 nL, rounded down
    assert ratio.steps_of_grains(330_259_000 * 3600) == 3200
    assert ratio.steps_of_grains(330_259_000 * 3600 - 1) == 3199


@pytest.mark.requirement("D-02")
@given(ratio=ratios, grains=st.integers(0, 10**24))
def test_steps_are_the_exact_quotient_rounded_down(ratio, grains):
    exact = Fraction(grains, 3600 * ratio.pl_per_rev) * ratio.steps_per_rev
    assert ratio.steps_of_grains(grains) == exact.__floor__()


@given(a=st.integers(0, 10**18), b=st.integers(1, 10**18))
def test_gcd_divides_both_and_leaves_coprimes(a, b):
    common = gcd(a, b)
    assert a % common == 0 and b % common == 0
    assert Fraction(a, b).denominator == b // common
