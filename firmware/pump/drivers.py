"""The motor drivers: what a step pulse has to be like for each. Owns the figures and their arithmetic; knows no pins.

The figures are the least that the makers' datasheets ask for at STEP: A4988 (Allegro) 1 us at either level; DRV8825
(Texas Instruments) 1.9 us, and 250 kHz at most; TMC2208 and TMC2209 (Trinamic) a period of their clock and 20 ns, with
the slowest clock of the tolerance, 11.5 MHz, 107 ns, which is 14 ticks of 8 ns. A ULN2003 has no STEP: the pulse stays
inside (pico/coils.py), and the interval is the motor's: a 28BYJ-48 follows 1000 half steps a second at best.
"""

# name: ns at high, ns at low, ns from one rising edge to the next
DRIVERS = {
    "A4988": (1000, 1000, 2000),
    "DRV8825": (1900, 1900, 4000),
    "TMC2208": (112, 112, 224),
    "TMC2209": (112, 112, 224),
    "ULN2003": (1000, 1000, 1000000),
}
SAFEST = "DRV8825"            # its pulse is long enough for all of them: until a rig says more
ULN2003 = "ULN2003"
STEP_RATE_MAX = 4464285       # steps/s: of the fastest, 10**9 // 224


def step_rate_max(driver):
    """The most steps/s that a driver takes."""
    return 1000000000 // DRIVERS[driver][2]


def pulse(driver, ticks_per_ms):
    """(ticks at high, ticks from one rising edge to the next at least), both rounded up."""
    high, low, interval = [-(-ns * ticks_per_ms // 1000000) for ns in DRIVERS[driver]]
    return high, max(high + low, interval)
