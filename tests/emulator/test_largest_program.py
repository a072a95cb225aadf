"""The largest program that a pump has to take, on the emulated Pico: it fits, is checked in time and runs."""

import json

import pytest

from tests.emulator.largest import RIG_WITH_ALL, largest_program
from tests.emulator.test_emulated_pump import NOON_UTC_MS

FREE_LEAST = 100_000
POLL_US_MOST = 5000
BUTTON_PIN = RIG_WITH_ALL["pins"]["button"]


@pytest.mark.parametrize("rise_nl_per_h", [0, 1_234_567], ids=["constant rates", "ramps"])
def test_the_largest_program_runs(boot, say, rise_nl_per_h):
    document = largest_program(rise_nl_per_h)
    pico = boot("busy")
    pico.until_usb()
    pico.push("rig", RIG_WITH_ALL)
    begun = pico.seconds
    pico.push("program", document)
    say(f"a program of {len(json.dumps(document))} bytes: {pico.seconds - begun:.1f} s to stage, check and store")
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("start")
    free = []
    for _ in range(3):
        pico.run(10)
        free.append(pico.ask("status")["memory_free"])
    press(pico)
    status = pico.ask("status")
    free.append(status["memory_free"])
    assert (status["state"], status["bolus"], status["boluses_left"]) == ("running", True, 3)
    pico.run(10)
    pico.ask("stop")
    times = json.loads(pico.until("END").removesuffix("END"))

    say(f"heap free while running: {min(free)} bytes at least")
    for kind, (polls, total_us, longest_us, allocated) in sorted(times.items()):
        say(f"{kind} polls: {polls}, {total_us // polls} us on average, {longest_us} us at most, "
            f"{allocated} bytes allocated at most")
    assert pico.do("state")["resets"] == 0
    assert min(free) >= FREE_LEAST
    # a collection of garbage may fall into any poll, so the mean is held and the longest is printed
    for kind in {"idle", "planning"} & set(times):
        polls, total_us, _, _ = times[kind]
        assert total_us // polls <= POLL_US_MOST, kind


def press(pico):
    pico.do("drive", pin=BUTTON_PIN, level=0)
    pico.run(0.2)
    pico.do("drive", pin=BUTTON_PIN, level=None)
    pico.run(0.2)
