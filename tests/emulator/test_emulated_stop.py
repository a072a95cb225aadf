"""STOP over USB on the emulated chip: from the line on the wire to the last pulse, at rest and while flash is erased.

While flash is erased or programmed nothing runs that lies in flash, and that is MicroPython: a line waits until the
erase is over. Its mark does not (firmware/pico/stop_mark.py).
"""

from statistics import median

import pytest

from pump import protocol
from pump.board import STOP_MARK
from tests.emulator.test_emulated_pump import CYCLES_PER_MS, NOON_UTC_MS, STEP_PIN, UTC
from tests.pumps import RIG, program

STEPS_PER_S = 1000                      # 100 nL a step: 360 mL/h; the last pulse is known to a millisecond
RATE_NL_PER_H = 360_000_000
FAST = dict(RIG, max_rate_nl_per_h=RATE_NL_PER_H, max_1h_nl=400_000_000)
SOMETIMES_S = 0.0137                    # no part of any period of the pump's: stops fall everywhere


@pytest.fixture
def pico(boot):
    """A pump that is ready to run at STEPS_PER_S."""
    pico = boot(stored={"rig": FAST, "program": program(plans=[[0, RATE_NL_PER_H]], zone=UTC)})
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    pico.do("record", pins=[STEP_PIN])
    return pico


def rising(pico):
    """Cycles of the pulses since it was last asked."""
    return [cycle for cycle, _, level in pico.do("edges") if level]


def latency_ms(pico, number, mark=STOP_MARK):
    """Sends stop now; (ms until the last pulse, pulses since then). Time passes until it has been answered."""
    begun = pico.cycles
    pico.send(mark + protocol.frame((("id", 990_000 + number), ("do", "stop"))))
    pico.run(0.6)
    pico.serial = b""
    cycles = rising(pico)
    return max([cycle - begun for cycle in cycles], default=0) / CYCLES_PER_MS, len(cycles)


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
def test_stop_ends_the_pulses_within_20_ms_and_every_pulse_is_counted(pico, figure):
    found, made = [], 0
    for number in range(20):
        pico.ask("start")
        pico.run(0.5 + number * SOMETIMES_S)
        made += len(rising(pico))
        late_ms, pulses = latency_ms(pico, number)
        found.append(late_ms)
        made += pulses
        status = pico.ask("status")
        assert (status["state"], status["steps"]) == ("stopped", made)
    figure("stop", median(found))
    figure("stop_worst", max(found))


@pytest.mark.figure
@pytest.mark.requirement("C-02")
def test_stop_does_not_wait_for_a_flash_erase(pico, figure):
    found = []
    for number in range(10):
        pico.ask("start")
        pico.run(0.5)
        until_erase(pico)
        rising(pico)
        found.append(latency_ms(pico, number)[0])
        assert pico.ask("status")["state"] == "stopped"
    figure("stop_erase", max(found))


@pytest.mark.figure
def test_without_its_mark_a_stop_waits_for_the_interpreter(pico, figure):
    found = []
    for number in range(20):
        pico.ask("start")
        pico.run(0.5 + number * SOMETIMES_S)
        rising(pico)
        found.append(latency_ms(pico, number, b"")[0])
        assert pico.ask("status")["state"] == "stopped"
    figure("stop_plain", max(found))


@pytest.mark.requirement("C-02")
def test_a_mark_behind_which_the_line_is_damaged_stops_the_pump(pico):
    pico.ask("start")
    pico.run(0.5)
    rising(pico)
    begun = pico.cycles
    pico.send(STOP_MARK + b'{"id":5,"do":"stop"} *00000000\n')
    assert b"bad_crc" in pico.until("\n").encode()
    pico.run(0.3)
    assert max(cycle - begun for cycle in rising(pico)) <= 2 * CYCLES_PER_MS
    assert pico.ask("status")["state"] == "stopped"
