"""Resets and power cuts of a pump that runs, on the emulated Pico: what the ledger and the journal know afterwards."""

import pytest

from pumpctl.proofs import prove
from tests.emulator.test_emulated_pump import NOON_UTC_MS, STEP_PIN, program_it, pulled_journal

UNIQUE_ID = bytes(8)                                    # the emulated flash chip's
NL_PER_STEP = 100


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


@pytest.mark.requirement("J-02")
@pytest.mark.requirement("J-03")
@pytest.mark.requirement("P-04")
def test_after_power_cuts_what_was_delivered_lies_between_confirmed_and_authorised(boot, say):
    pico = boot()
    program_it(pico)
    pico.do("record", pins=[STEP_PIN])
    made = 0
    for cut, run_s in enumerate((3.21, 61.7)):          # in the first minute, and after a minute's record
        pico.ask("start")
        pico.run(run_s)
        acknowledged = pico.ask("status")["next_seq"]
        pico.do("powerCycle")
        pico.until_usb()
        status = pico.ask("status")
        made += sum(1 for _, _, level in pico.do("edges") if level)
        journal = pulled_journal(pico)

        most = status["steps"] + status["uncertain_nl"] // NL_PER_STEP
        say(f"cut {cut + 1}: {made} steps made; the ledger knows of {status['steps']}, and of {most} at the most")
        assert status["steps"] <= made <= most
        assert status["state"] == "stopped"
        assert prove(b"".join(journal), UNIQUE_ID).count == status["next_seq"] >= acknowledged
        pico.ask("clock", utc_ms=NOON_UTC_MS + 600_000 * (cut + 1))
        pico.ask("ack")
    assert made >= 50 * 64                              # 50 steps a second, for 65 s less the time of two boots
