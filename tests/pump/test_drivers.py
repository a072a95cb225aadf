"""What each driver's pulses are in ticks: never shorter than the datasheet's time."""

import pytest

from pump.drivers import DRIVERS, pulse


@pytest.mark.requirement("D-08")
@pytest.mark.parametrize("driver, ticks_per_ms, high, interval", [
    ("A4988", 125_000, 125, 250),                       # 1 us, twice
    ("DRV8825", 125_000, 238, 500),                     # 1.9 us are 237.5 ticks; 4 us
    ("TMC2209", 125_000, 14, 28),                       # 112 ns, twice
    ("TMC2209", 133_000, 15, 30),                       # 14.9 ticks, twice
    ("TMC2209", 120_000, 14, 28),                       # 13.44 and 26.88: the sum of what is rounded up is more
    ("ULN2003", 125_000, 125, 125_000),                 # 1 ms
])
def test_a_pulse_is_rounded_up_to_whole_ticks(driver, ticks_per_ms, high, interval):
    assert pulse(driver, ticks_per_ms) == (high, interval)


def test_the_figures_are_those_of_every_driver():
    assert {driver: pulse(driver, 1_000_000)[1] for driver in DRIVERS} == {
        "A4988": 2000, "DRV8825": 4000, "TMC2208": 224, "TMC2209": 224, "ULN2003": 1_000_000}      # a tick of 1 ns
