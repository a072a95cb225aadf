"""The buzzer on the emulated chip: what comes out of its pin for each priority of an alarm (A-02)."""

from itertools import pairwise

import pytest

from tests.emulator.test_emulated_inputs import LIMIT_PIN
from tests.emulator.test_emulated_pump import CYCLES_PER_MS, NOON_UTC_MS
from tests.pumps import RIG

BUZZER_PIN = 16
PERIOD = 125_000_000 // 2500            # cycles of the tone


def beeps(pico, seconds):
    """[(begin in ms, periods)] of the beeps from now on; every period is the tone's."""
    pico.do("record", pins=[BUZZER_PIN])
    pico.do("edges")
    begun = pico.cycles
    pico.run(seconds)
    rising = [cycle for cycle, _, level in pico.do("edges") if level]
    found = []
    for before, cycle in pairwise([-PERIOD * 10, *rising]):
        if cycle - before == PERIOD:
            found[-1][1] += 1
        else:
            assert cycle - before > 2 * PERIOD
            found.append([(cycle - begun) / CYCLES_PER_MS, 1])
    return found


def assert_beeps_every(found, ms, periods):
    """Whole beeps of so many periods, apart by so much; the first and the last may be cut off."""
    assert len(found) >= 3
    assert {count for _, count in found[1:-1]} == {periods}
    for (begin, _), (following, _) in pairwise(found[1:]):
        assert abs(following - begin - ms) < 1


@pytest.mark.requirement("A-02")
def test_each_priority_has_its_beeps(boot, say):
    pico = boot()
    pico.until_usb()
    assert pico.ask("status")["alarms"] == ["clock not set"]
    # medium: 250 ms at 2.5 kHz are 625 periods, every 2 s: 0.5 Hz
    assert_beeps_every(beeps(pico, 8), 2000, 625)

    pico.do("drive", pin=LIMIT_PIN, level=0)
    pico.run(0.1)
    assert pico.ask("status")["alarms"][0] == "end of travel"
    # high: as long, every 0.5 s: 2 Hz
    assert_beeps_every(beeps(pico, 3), 500, 625)

    pico.do("drive", pin=LIMIT_PIN, level=None)
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    assert pico.ask("status")["alarms"] == []
    assert beeps(pico, 3) == []
    assert pico.do("output", pin=BUZZER_PIN) == 0       # no current through a coil at rest


@pytest.mark.requirement("A-02")
def test_a_low_alarm_beeps_once_in_a_while(boot):
    pico = boot()
    pico.until_usb()
    pico.push("rig", dict(RIG, service_steps=1000, service_motor_h=0))
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    pico.ask("prime", volume_nl=90_000)                 # 900 of the 1000 steps of 100 nL: service due, low
    pico.run(10)
    pico.ask("stop")                                    # writes a record, and what adds up is looked at with those
    assert pico.ask("status")["alarms"] == ["service due"]
    # 100 ms are 250 periods, every 20 s
    found = beeps(pico, 41)
    assert [count for _, count in found[-1:]] == [250]
    assert abs(found[-1][0] - found[-2][0] - 20_000) < 1
