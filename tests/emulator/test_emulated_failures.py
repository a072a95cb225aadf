"""What fails in the loop of a running pump, on the emulated Pico: the motor is off, and no way leads to the prompt."""

import pytest

from pumpctl.firmware_image import FIRMWARE
from tests.emulator.test_emulated_pump import STEP_PIN, program_it

AT_START = """
from pump.app import RUNNING
real = app.{part}
def broken(value):
    if app.controller.state == RUNNING:
        raise MemoryError("no room")
    return real(value)
app.{part} = broken
"""


@pytest.fixture
def failing(boot, tmp_path):
    """A Pico whose firmware's `part` fails once the pump runs; a host has started it."""

    def start(part):
        text = (FIRMWARE / "main.py").read_text(encoding="utf-8")
        changed = tmp_path / "main.py"
        changed.write_text(text.replace("try:\n    app.run()", AT_START.format(part=part) + "try:\n    app.run()"))
        pico = boot(beside=[changed])
        program_it(pico)
        pico.ask("ack")                                 # the clock was not set: now the indicator changes at the start
        pico.ask("start")
        return pico

    return start


@pytest.mark.requirement("P-05")
def test_an_indicator_that_fails_halts_the_pump_and_the_host_is_answered(failing):
    pico = failing("board.indicator.show")
    status = pico.ask("status")
    assert (status["state"], status["reason"]) == ("fault", "firmware error")
    pico.do("record", pins=[STEP_PIN])
    pico.run(1)
    assert pico.do("edges") == []
    assert pico.do("state")["resets"] == 0


@pytest.mark.requirement("C-04")
@pytest.mark.requirement("P-05")
def test_a_loop_that_ends_resets_the_pump_instead_of_giving_the_prompt(failing):
    pico = failing("board.clock.sleep_ms")
    pico.run(0.5)
    pico.until_usb()
    assert pico.do("state")["resets"] == 1
    status = pico.ask("status")
    assert status["state"] == "stopped"
    pico.do("record", pins=[STEP_PIN])
    pico.run(1)
    assert pico.do("edges") == []
