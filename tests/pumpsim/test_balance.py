"""The balance under the plant's outlet: what it weighs, and what it says. Numbers have their arithmetic beside."""

import math

import pytest

from tests.pumpsim.plant_bench import Bench


def test_the_balance_weighs_what_is_there():
    bench = Bench(evaporation_ul_per_h=6.0, balance_drift_mg_per_h=1.0)
    bench.turn(1000, 3600)
    bench.wait(3600)
    assert bench.plant.evaporated_ul == pytest.approx(12, abs=0.01)
    mg = (100 - 12) * 0.997152                                  # water at 20 C on a balance: 0.998207 less the air's
    assert bench.plant.balance_mg() == pytest.approx(mg + 2, abs=0.05)


def test_a_reading_has_noise_and_steps_of_its_own():
    bench = Bench(balance_noise_mg=0.5, balance_step_mg=0.1, seed=1)
    readings = [bench.plant.balance_mg() for _ in range(2000)]
    mean = sum(readings) / 2000
    assert abs(mean) < 0.05                                     # 4 of its 0.011
    assert math.sqrt(sum((one - mean) ** 2 for one in readings) / 2000) == pytest.approx(0.5, rel=0.08)
    assert all(abs(one * 10 - round(one * 10)) < 1e-6 for one in readings)
    assert readings[:20] == [Bench(balance_noise_mg=0.5, balance_step_mg=0.1, seed=1).plant.balance_mg() for _ in "1"
                             ] + readings[1:20]


def test_a_temperature_that_changes_moves_no_balance():
    """A uL weighs (water - air) / (1 - air / 8): at 20 C of 0.998207 and 0.001199, at 35 C of 0.994033 and 0.001134."""
    bench = Bench()
    bench.turn(1000, 10)
    bench.plant.set(temperature_c=35.0)
    assert bench.plant.balance_mg() == pytest.approx(99.7157, abs=1e-3)
    bench.turn(1000, 10)
    assert bench.plant.balance_mg() == pytest.approx(99.7157 + 99.3040, abs=1e-3)
    bench.plant.set(temperature_c=20.0)
    assert bench.plant.balance_mg() == pytest.approx(99.7157 + 99.3040, abs=1e-3)
