"""A 28BYJ-48 behind a ULN2003 on the emulated chip: what its four coils get, to the cycle."""

from itertools import pairwise

import pytest

from pump.board import INPUT_STOP, TRIP_MS
from pump.rig import COIL_PINS
from tests.pumps import RIG, program

CYCLES_PER_MS = 125_000
STEP_PIN = RIG["pins"]["step"]
RING = ["1000", "1100", "0100", "0110", "0010", "0011", "0001", "1001"]      # IN1 to IN4, forwards
STORED = {"rig": dict(RIG, motor={"driver": "ULN2003"}, max_step_rate=1000), "program": program()}


def coils(pico):
    return "".join(str(pico.do("output", pin=pin)) for pin in COIL_PINS)


def walked(edges, before):
    """[(cycle, coils)] after each instant at which one changed, of recorded edges."""
    levels = dict(zip(COIL_PINS, map(int, before), strict=True))
    found = {}
    for cycle, pin, level in edges:
        if pin in levels:
            levels[pin] = level
            found[cycle] = "".join(map(str, levels.values()))
    return list(found.items())


def test_the_coils_follow_the_steps(boot, say):
    pico = boot("coils", stored=STORED)
    pico.until_usb()
    pico.do("record", pins=[STEP_PIN, *COIL_PINS])
    pico.until("FORWARD")
    assert coils(pico) == RING[0]
    pico.do("edges")
    pico.run(0.035)                     # 20 ms, and 11 of 1 ms
    edges = pico.do("edges")
    forward = walked(edges, RING[0])
    assert [at for _, at in forward] == [RING[k % 8] for k in range(1, 12)]
    rises = [cycle for cycle, pin, level in edges if pin == STEP_PIN and level]
    assert {later - earlier for earlier, later in pairwise(cycle for cycle, _ in forward)} == {CYCLES_PER_MS}
    [lag] = {after - rise for rise, (after, _) in zip(rises, forward, strict=True)}
    say(f"coils {lag} cycles behind the step pulse")
    assert lag <= 8

    pico.until("BACK")
    away = walked(pico.do("edges"), RING[3])
    assert [at for _, at in away] == ["0000", RING[3]]      # off and on again, in the same half step
    pico.run(0.03)
    assert [at for _, at in walked(pico.do("edges"), RING[3])] == [RING[k % 8] for k in (2, 1, 0, -1, -2)]


@pytest.mark.requirement("D-08")
def test_a_stop_switch_takes_the_current_off_the_coils(boot, say):
    pico = boot("coils", stored=STORED)
    pico.until_usb()
    pico.until("RUN")
    pico.do("record", pins=[STEP_PIN, *COIL_PINS])
    pico.run(0.0503)
    pico.do("edges")
    last = coils(pico)
    begun = pico.cycles
    pico.do("drive", pin=7, level=0)
    cause = pico.until("END").rpartition("OFF")[2].removesuffix("END")
    off_ms = (walked(pico.do("edges"), last)[-1][0] - begun) / CYCLES_PER_MS
    say(f"coils without current {off_ms:.2f} ms after the switch")
    assert int(cause) == INPUT_STOP
    assert coils(pico) == "0000"
    assert 0 < off_ms <= TRIP_MS
    pico.run(0.03)
    assert pico.do("edges") == []


def test_the_coils_are_off_until_the_pump_starts_and_a_dose_reaches_them(boot):
    pico = boot(stored=STORED)
    pico.until_usb()
    pico.ask("ack")
    assert coils(pico) == "0000"
    pico.do("record", pins=[STEP_PIN, *COIL_PINS])
    assert pico.ask("prime", volume_nl=1000)["state"] == "priming"
    pico.run(3)
    edges = pico.do("edges")
    steps = [cycle for cycle, pin, level in edges if pin == STEP_PIN and level]
    made = [at for _, at in walked(edges, "0000")]
    assert len(steps) == 10             # 1000 nL of 100 nL a step
    assert made == [*(RING[k % 8] for k in range(11)), "0000"]
