"""The reservoir's level, to the nanolitre, and what a refill says of it (A-04)."""

import pytest

from pump.reservoir import Reservoir
from pump.volume import StepRatio

pytestmark = pytest.mark.requirement("A-04")

RATIO = StepRatio(2000, 3)                      # a step is 2/3 nL


def filled(level_nl):
    reservoir = Reservoir()
    reservoir.set(level_nl, 0)
    return reservoir


def test_an_empty_level_forgets_no_fraction():
    # 1 - 2/3 nL is 0 in whole ones; back by the same step it is 1 again
    reservoir = filled(1)
    assert [reservoir.level_nl(steps, RATIO) for steps in (1, 0)] == [0, 1]


def test_from_below_empty_it_counts_anew():
    # 1 - 4/3 nL: it held more than was told; a step back brings 2/3 and two bring 4/3
    reservoir = filled(1)
    assert [reservoir.level_nl(steps, RATIO) for steps in (2, 1, 0)] == [0, 0, 1]


@pytest.mark.parametrize("withdrawn_nl, difference_nl, warns", [
    (55_000, 5000, False), (45_000, -5000, False), (55_001, 5001, True), (44_999, -5001, True),
])
def test_a_refill_warns_above_5_percent_of_what_was_used(withdrawn_nl, difference_nl, warns):
    # 150,000 steps are 100,000 nL of 150,000: 5 % are 5000
    reservoir = filled(150_000)
    assert reservoir.refill(90_000, withdrawn_nl, 150_000, RATIO) == (90_000, difference_nl, warns)


def test_a_refill_on_top_tells_of_no_difference():
    assert filled(150_000).refill(10_000, None, 150_000, RATIO) == (60_000, 0, False)
