"""The largest program that a pump has to take, on the emulated Pico: it fits, is checked in time and runs."""

import json

import pytest

from pump.program import SIZE_MAX
from tests.emulator.largest import RIG_WITH_ALL, largest_program
from tests.emulator.test_emulated_pump import NOON_UTC_MS
from tests.pumps import body_of

FREE_LEAST = 100_000
POLL_US_MOST = 5000
BUTTON_PIN = RIG_WITH_ALL["pins"]["button"]


@pytest.mark.figure
@pytest.mark.parametrize("rise_nl_per_h", [0, 1_234_567], ids=["constant rates", "ramps"])
def test_the_largest_program_runs(boot, say, figure, rise_nl_per_h):
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
    for percent in range(90, 100):      # each cuts the plan and fills the queue anew
        pico.ask("temp", percent=percent, rate_nl_per_h=0, for_s=600)
        pico.run(0.5)
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
    for kind in {"idle", "counting", "planning"} & set(times):
        polls, total_us, _, _ = times[kind]
        assert total_us // polls <= POLL_US_MOST, kind
    figure("idle_bytes", times["idle"][3])
    if rise_nl_per_h:
        figure("heap_largest", min(free))
        figure("idle", times["idle"][1] / times["idle"][0])
        figure("planning", times["planning"][1] / times["planning"][0])


def test_a_program_of_nearly_the_most_bytes_can_be_pushed(boot, say):
    # 83 segments a day, ramps; the name takes the rest
    document = largest_program(segments=83)
    document["name"] = "n" * min(64, SIZE_MAX - len(body_of(document)) + len(document["name"]))
    size = len(body_of(document))
    assert SIZE_MAX - 256 < size <= SIZE_MAX
    pico = boot()
    pico.until_usb()
    pico.push("rig", RIG_WITH_ALL)
    for _ in range(2):                  # the second time with the first one in force, running
        begun = pico.seconds
        pico.push("program", document)
        say(f"a program of {size} bytes: {pico.seconds - begun:.1f} s to stage, check and store")
        pico.ask("clock", utc_ms=NOON_UTC_MS)
        if pico.ask("status")["state"] == "stopped":
            pico.ask("start")
    pico.run(5)
    status = pico.ask("status")
    say(f"heap free with it: {status['memory_free']} bytes")
    assert (status["state"], status["program"]) == ("running", document["name"])
    pico.do("powerCycle")
    pico.until_usb()
    assert pico.ask("status")["program"] == document["name"]


def press(pico):
    pico.do("drive", pin=BUTTON_PIN, level=0)
    pico.run(0.2)
    pico.do("drive", pin=BUTTON_PIN, level=None)
    pico.run(0.2)
