"""STOP over USB on the emulated chip: from the line on the wire to the last pulse, at rest and while flash is erased.

While flash is erased or programmed nothing runs that lies in flash, and that is MicroPython: a line waits until the
erase is over. What must be faster than that is the STOP switch, which needs no interpreter (firmware/WIRING.md).
"""

from statistics import median

import pytest

from pump import protocol
from tests.emulator.test_emulated_pump import CYCLES_PER_MS, NOON_UTC_MS, STEP_PIN, UTC
from tests.pumps import RIG, program

STEPS_PER_S = 1000                      # 100 nL a step: 360 mL/h; the last pulse is known to a millisecond
RATE_NL_PER_H = 360_000_000
FAST = dict(RIG, max_rate_nl_per_h=RATE_NL_PER_H, max_1h_nl=400_000_000)
SOMETIMES_S = 0.0137                    # no part of any period of the pump's: stops fall everywhere
ERASES_MOST_MS = 400                    # one event erases up to three sectors, 45 ms each, and writes


@pytest.fixture
def pico(boot):
    """A pump that is ready to run at STEPS_PER_S."""
    pico = boot(stored={"rig": FAST, "program": program(plans=[[0, RATE_NL_PER_H]], zone=UTC)})
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    pico.do("record", pins=[STEP_PIN])
    return pico


def latency_ms(pico):
    """Sends stop now; ms until the last pulse."""
    pico.do("edges")
    begun = pico.cycles
    pico.ask("stop")
    pico.run(0.1)
    rising = [cycle for cycle, _, level in pico.do("edges") if level]
    return max([cycle - begun for cycle in rising], default=0) / CYCLES_PER_MS


def until_erase(pico):
    """Asks for boluses, which are denied and written, until a flash erase has just begun."""
    before = len(pico.do("state")["eraseCycles"])
    for number in range(100):
        pico.send(protocol.frame((("id", 900_000 + number), ("do", "bolus"), ("volume_nl", 1), ("over_s", 1),
                                  ("confirm", 0))))
        for _ in range(100):
            pico.run(0.0005)
            if len(pico.do("state")["eraseCycles"]) > before:
                pico.serial = b""
                return
    raise AssertionError("nothing was erased")


@pytest.mark.figure
@pytest.mark.requirement("C-02")
def test_stop_ends_the_pulses_within_20_ms(pico, figure):
    found = []
    for number in range(20):
        pico.ask("start")
        pico.run(0.5 + number * SOMETIMES_S)
        found.append(latency_ms(pico))
        assert pico.ask("status")["state"] == "stopped"
    figure("stop", median(found))
    figure("stop_worst", max(found))


@pytest.mark.figure
def test_stop_waits_for_an_erase_and_no_longer(pico, figure):
    found = []
    for _ in range(10):
        pico.ask("start")
        pico.run(0.5)
        until_erase(pico)
        # what is still on its way answers the denied bolus
        pico.do("edges")
        begun = pico.cycles
        pico.send(protocol.frame((("id", 990_000 + len(found)), ("do", "stop"))))
        pico.run(0.6)
        rising = [cycle for cycle, _, level in pico.do("edges") if level]
        found.append(max([cycle - begun for cycle in rising], default=0) / CYCLES_PER_MS)
        pico.serial = b""
        assert pico.ask("status")["state"] == "stopped"
    figure("stop_erase", median(found))
    assert max(found) <= ERASES_MOST_MS
