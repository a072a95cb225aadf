"""The interlock on the emulated chip: from an input's edge to the enable line and the last step, in cycles."""

import pytest

from pump.board import INPUT_LIMIT, INPUT_LINK, INPUT_STALL, INPUT_STOP, STOP_MARK, TRIP_MS
from tests.pumps import RIG

STEP_PIN = 2
ENABLE_PIN = 4
CYCLES_PER_MS = 125_000
ERASE_MS = 45                           # as flash.mjs has it
INPUTS = [(5, 1, INPUT_STALL), (6, 0, INPUT_LIMIT), (7, 0, INPUT_STOP), (None, 0, INPUT_LINK)]      # pin, level, what


def act(pico, pin, level, packet):
    """Drives a pin, or sends a packet where there is none."""
    if pin is None:
        pico.send(packet)
    else:
        pico.do("drive", pin=pin, level=level)


@pytest.mark.figure
@pytest.mark.requirement("D-08")
@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("pin, level, bit", INPUTS, ids=["stall", "limit", "stop", "link"])
def test_an_input_takes_the_enable_line_off_during_a_flash_erase(boot, say, figure, pin, level, bit):
    pico = boot("tripping")
    pico.until_usb()
    pico.until("READY")
    pico.do("record", pins=[STEP_PIN, ENABLE_PIN])
    erases = len(pico.do("state")["eraseCycles"])
    while len(pico.do("state")["eraseCycles"]) == erases:
        pico.run(0.0005)                # into a sector's erase, in which nothing is interpreted
    pico.do("edges")

    begun = pico.cycles
    act(pico, pin, level, STOP_MARK)
    pico.run(0.02)                      # still inside
    edges = pico.do("edges")
    act(pico, pin, 1 - level, b"another packet")        # and it is over before anybody could read it
    seen, made, later = pico.until("END", 10).removesuffix("END").split()
    after = [edge for edge in pico.do("edges") if edge[1] == STEP_PIN and edge[2]]
    at_rest = pico.until("OFF").removesuffix("OFF")

    off = next(cycle for cycle, pin, level in edges if (pin, level) == (ENABLE_PIN, 1))
    last = max(cycle for cycle, pin, level in edges if (pin, level) == (STEP_PIN, 1))
    say(f"enable line off {(off - begun) / CYCLES_PER_MS:.2f} ms after the pin, {off - last} cycles after the step")
    assert pico.do("state")["eraseCycles"][erases] + ERASE_MS * CYCLES_PER_MS > off > begun
    assert off - begun <= TRIP_MS * CYCLES_PER_MS
    assert last - off <= 2
    assert after == []
    assert (int(seen), int(at_rest)) == (bit, 0)
    assert made == later                # and the count is exact
    assert pico.do("output", pin=ENABLE_PIN) == 1
    figure("input", (off - begun) / CYCLES_PER_MS)
    figure("input_step", (last - begun) / CYCLES_PER_MS)


@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("fitted, unfitted", [("diag", "limit"), ("limit", "diag")])
def test_what_is_not_fitted_does_not_stop_the_pump(boot, fitted, unfitted):
    active = {"diag": (5, 1, INPUT_STALL), "limit": (6, 0, INPUT_LIMIT)}
    pico = boot("tripping", stored={"rig": dict(RIG, parts=[fitted])})
    pin, level, _ = active[unfitted]
    pico.do("drive", pin=pin, level=level)
    pico.until_usb()
    pico.until("READY")
    for level in (1, 0, 1, 0):          # 20 ms each: ten times what the watch takes
        pico.do("drive", pin=pin, level=level)
        pico.run(0.02)
        assert pico.do("output", pin=ENABLE_PIN) == 0

    pin, level, bit = active[fitted]
    pico.do("drive", pin=pin, level=level)
    pico.run(TRIP_MS / 1000)

    assert pico.do("output", pin=ENABLE_PIN) == 1
    assert int(pico.until("END", 10).split()[0]) == bit


def test_what_a_wire_picks_up_does_not_stop_the_pump(boot):
    pico = boot("tripping")
    pico.until_usb()
    pico.until("READY")
    for _ in range(50):                 # 0.3 ms each, at every phase of the watch
        pico.do("drive", pin=7, level=0)
        pico.run(0.0003)
        pico.do("drive", pin=7, level=1)
        pico.run(0.0017003)
    assert pico.do("output", pin=ENABLE_PIN) == 0
