"""Step rates on the emulated chip: intervals on the pin, to the cycle, while the interpreter is as busy as can be."""

import re
from ast import literal_eval
from pathlib import Path

import pytest

from tests.emulator.figures import ROWS

DEVICE = Path(__file__).parent / "device" / "rates.py"
RATES = literal_eval(re.search(r"^RATES = (.*)$", DEVICE.read_text(), re.MULTILINE)[1])     # (steps, interval)
STEP_PIN = 2
CLOCK_HZ = 125_000_000


@pytest.mark.figure
@pytest.mark.requirement("D-01")
def test_the_interval_is_exact_at_every_rate(boot, say, figure):
    pico = boot("rates")
    pico.until_usb()
    pico.do("intervals", pin=STEP_PIN)
    seen = []
    for _, interval in RATES:
        pico.until("GO", 10)
        erases_before = len(pico.do("state")["eraseCycles"])
        pico.do("intervals", pin=STEP_PIN)
        counted = int(pico.until("OK", 10).rpartition("DONE")[2].removesuffix("OK"))
        found = pico.do("intervals", pin=STEP_PIN)
        erases = len(pico.do("state")["eraseCycles"]) - erases_before
        error = max(found["most"] - interval, interval - found["least"])
        say(f"{CLOCK_HZ / interval:,.0f} steps/s: {found['edges']} edges, {counted} counted, {erases} erases, "
            f"error of an interval {error} cycles")
        seen.append((found["edges"], counted, found["least"], found["most"], erases > 0))

        if f"rate_{CLOCK_HZ // interval}" in ROWS:
            figure(f"rate_{CLOCK_HZ // interval}", error)

    assert seen == [(steps, steps, interval, interval, True) for steps, interval in RATES]
    figure("rate_top", CLOCK_HZ // RATES[-1][1])
