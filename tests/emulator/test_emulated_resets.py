"""A watchdog reset of a pump that runs, on the emulated Pico: every step of it is in the ledger afterwards (P-03)."""

import pytest

from tests.emulator.test_emulated_pump import STEP_PIN, program_it


@pytest.mark.requirement("P-02")
@pytest.mark.requirement("P-03")
def test_after_a_watchdog_reset_the_ledger_has_every_step_on_the_pin(boot, say):
    pico = boot("hang")
    program_it(pico)
    pico.do("record", pins=[STEP_PIN])
    pico.ask("start")
    pico.run(4)
    assert pico.do("state")["resets"] == 0
    pico.run(6)                                         # hangs after 5 s; the watchdog bites 2 s later
    pico.until_usb()
    status = pico.ask("status")
    steps = sum(1 for _, _, level in pico.do("edges") if level)

    say(f"{steps} steps before a watchdog reset, {status['steps']} in the ledger after it, "
        f"{status['uncertain_nl']} nL uncertain")
    assert pico.do("state")["resets"] == 1
    assert status["reason"] == "watchdog reset"
    assert (status["steps"], status["uncertain_nl"]) == (steps, 0)
    assert steps >= 5 * 50                              # 18 mL/h, 100 nL a step: 50 a second
