"""Volumes and rates of the pytest plugin: exact, with units, and no bare number taken for one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpsim.testing import Rate, Volume, near


@pytest.mark.parametrize("text, nl", [
    ("1 uL", 1000), ("0.5 mL", 500_000), ("120 nL", 120), ("0.1 nL", Fraction(1, 10))])
def test_a_text_is_a_volume_to_the_last_digit(text, nl):
    assert Volume.of(text).nl == nl
    assert Volume(nl) == text


@given(st.integers(0, 10**12))
def test_a_volume_is_read_back_from_how_it_shows(nl):
    assert Volume.of(repr(Volume(nl))).nl == nl


def test_a_difference_may_be_negative_and_shows_so():
    assert repr(Volume(219_900) - "230 uL") == "-10.1 uL"
    assert repr("1 uL" - Volume(250)) == "0.75 uL"


def test_volumes_are_ordered_and_added_with_texts():
    assert Volume(1500) < "2 uL" and Volume(1500) >= "1.5 uL"
    assert Volume(1500) + "0.5 uL" == "2 uL"
    assert 2 * Volume(1500) == "3 uL"
    assert abs(Volume(-5)) == "5 nL"


def test_a_rate_is_no_volume():
    assert Rate.of("36 uL/h").nl == 36_000
    with pytest.raises(ValueError, match="expected"):
        Volume.of("36 uL/h")
    with pytest.raises(TypeError, match="has no unit"):
        Volume(5) == Rate(5)                     # noqa: B015


@pytest.mark.parametrize("value", [5, 5.0, None, True])
def test_a_bare_number_is_refused_and_not_compared(value):
    with pytest.raises(TypeError, match="has no unit"):
        Volume(5) == value                       # noqa: B015


@pytest.mark.parametrize("text", ["5", "5 mmL", ".5 uL", "1,5 uL", "", "-1 uL"])
def test_what_could_be_misread_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        Volume.of(text)


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_near_holds_up_to_its_bound_and_no_further(nl, within, off):
    wanted = near(f"{nl} nL", f"{within} nL")
    assert (Volume(nl + off) == wanted) is (off <= within)
    assert (Volume(nl - off) == wanted) is (off <= within)
