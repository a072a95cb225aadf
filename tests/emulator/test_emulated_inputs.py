"""What is wired to the pump's inputs, driven on the emulated pins: button, stall output, limit switch."""

import pytest

from tests.emulator.test_emulated_pump import CYCLES_PER_MS, NOON_UTC_MS, STEP_PIN, UTC
from tests.pumps import RIG, program

STALL_PIN = 5
LIMIT_PIN = 6
BUTTON_PIN = RIG["pins"]["button"]


def running(boot, rig=RIG):
    """A pump at 100 steps/s, 36 mL/h, with an on-demand bolus of 10 uL in 2 s; the rig has been there at its boot."""
    pico = boot(stored={"rig": rig})
    pico.until_usb()
    pico.push("program", program(plans=[[0, 36_000_000]], zone=UTC, on_demand=[10_000, 2, 3_600, 4]))
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("start")
    pico.run(3)
    return pico


def stopping_ms(pico, pin, level):
    """Drives the pin; ms until the last step after it, 0 where none came."""
    pico.do("record", pins=[STEP_PIN])
    pico.do("edges")
    begun = pico.cycles
    pico.do("drive", pin=pin, level=level)
    pico.run(1)
    rising = [cycle for cycle, _, up in pico.do("edges") if up]
    assert pico.do("output", pin=4) == 1                # the driver is off
    return max([cycle - begun for cycle in rising], default=0) / CYCLES_PER_MS


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("pin, level, alarm", [(STALL_PIN, 1, "occlusion"), (LIMIT_PIN, 0, "end of travel")])
def test_an_input_stops_the_steps(boot, say, pin, level, alarm):
    pico = running(boot)

    took_ms = stopping_ms(pico, pin, level)

    say(f"{alarm}: the last step comes {took_ms:.1f} ms after the pin has changed")
    status = pico.ask("status")
    assert (status["state"], status["reason"]) == ("fault", alarm)
    assert took_ms <= 100                               # D-08


@pytest.mark.requirement("A-01")
def test_a_wire_to_an_input_that_is_not_fitted_means_nothing(boot):
    pico = running(boot, dict(RIG, parts=[]))
    steps = pico.ask("status")["steps"]

    pico.do("drive", pin=STALL_PIN, level=1)
    pico.do("drive", pin=LIMIT_PIN, level=0)
    pico.run(1)

    status = pico.ask("status")
    assert (status["state"], status["alarms"]) == ("running", ["clock not set"])        # there is none, as the rig says
    assert status["steps"] - steps >= 90                # at 100 a second
    pico.ask("stop")
    pico.ask("start")                                   # at rest they mean nothing either
    assert pico.ask("status")["state"] == "running"


@pytest.mark.requirement("B-01")
def test_a_press_of_the_button_gives_the_bolus(boot):
    pico = running(boot)
    assert pico.ask("status")["boluses_left"] == 4

    for level in (0, None, 0, None, 0):                 # a switch that bounces for 4 ms
        pico.do("drive", pin=BUTTON_PIN, level=level)
        pico.run(0.001)
    pico.run(0.2)
    pico.do("drive", pin=BUTTON_PIN, level=None)
    pico.run(0.2)
    assert pico.ask("status")["bolus"]
    pico.run(2.5)

    status = pico.ask("status")
    assert (status["bolus"], status["bolus_nl"], status["boluses_left"]) == (False, 10_000, 3)


def test_a_held_button_suspends(boot):
    pico = running(boot)
    pico.do("drive", pin=BUTTON_PIN, level=0)
    pico.run(3.3)
    status = pico.ask("status")
    assert (status["state"], status["reason"]) == ("suspended", "button")
