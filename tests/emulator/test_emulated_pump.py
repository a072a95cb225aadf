"""The deployed pump on an emulated Pico, over its USB serial: boots, is programmed, runs ten minutes, stops.

The steps on the pin are held, cycle by cycle, against the simulator running the same program from the same instant.
"""

import binascii
import json
from itertools import pairwise

import pytest

from pump import record
from pump.drivers import pulse
from tests.pumps import RIG, ask, events, program, ready_pump

STEP_PIN = RIG["pins"]["step"]
NOON_UTC_MS = 1_774_872_000_000                 # 2026-03-30T12:00Z
UTC = {"name": "UTC", "first_offset_min": 0, "changes": []}
# A step is 100 nL, so 18 mL/h is 180,000 steps/h, 50 a second. Rates that are no whole number of ticks a step, and
# another one every minute: each minute writes a record, every seventh empties the journal's tail into a segment.
MINUTES = 10
PLAN = [0, 18_000_001] + [value for minute in range(30) for value in (720 + minute, 18_000_001 + minute % 3 * 777_777)]
CYCLES_PER_MS = 125_000
LAYOUTS = {record.EVENT_ALARM: record.ALARM, record.EVENT_ACCOUNTS: record.ACCOUNTS, record.EVENT_LEVELS: record.LEVELS}
ERASE_MS_MOST = 400                             # how long after its begin an erase may hold the processor up


@pytest.mark.figure
@pytest.mark.parametrize("miss_cycles", [0, 45], ids=["flash as fast as RAM", "cache misses estimated"])
def test_boots_and_answers_within_a_second_and_a_half(boot, say, figure, miss_cycles):
    pico = boot(miss_cycles=miss_cycles)
    seconds = [boot_seconds(pico)]
    program_it(pico)
    begun = pico.seconds
    pico.do("powerCycle")
    seconds.append(boot_seconds(pico) - begun)

    say("boot to first reply: %.2f s on an empty file system, %.2f s with rig, program and journal" % tuple(seconds))
    if not miss_cycles:
        figure("boot_empty", seconds[0])
    figure("boot_misses" if miss_cycles else "boot", seconds[1])


@pytest.mark.figure
def test_ten_minutes_of_a_program(boot, say, figure):
    pico = boot()
    program_it(pico)
    erases_before = len(pico.do("state")["eraseCycles"])
    pico.do("record", pins=[STEP_PIN])
    pico.ask("start")
    free = []
    for _ in range(MINUTES):
        pico.run(60)
        status = pico.ask("status")
        assert status["state"] == "running", status
        free.append(status["memory_free"])
    stopped = pico.ask("stop")
    pico.run(1)

    pin = pico.do("edges")
    rising = [cycle for cycle, _, level in pin if level]
    erases = pico.do("state")["eraseCycles"][erases_before:]
    raw = pulled_journal(pico)
    expected, expected_events = simulated(start_utc_ms(raw), len(rising))

    worst, worst_near_erase = interval_errors(rising, expected, erases)
    say(f"{len(rising)} steps in {MINUTES} minutes; worst error of an interval: {worst} cycles; "
        f"around {len(erases)} flash erases: {worst_near_erase} cycles")
    say(f"heap free while running: {min(free)} bytes at least")
    say(f"pulse: {shortest_pulse(pin) / 125:.2f} us")
    assert len(rising) == stopped["steps"] == pico.ask("status")["steps"]
    assert len(rising) >= 50 * 60 * MINUTES
    figure("minutes", worst)
    figure("erases", worst_near_erase)
    assert len(erases) >= 2
    assert shortest_pulse(pin) >= pulse(RIG["motor"]["driver"], CYCLES_PER_MS)[0]
    figure("heap", min(free))
    assert pico_events(raw)[:MINUTES] == expected_events[:MINUTES]


def test_how_long_polls_take(boot, say):
    pico = boot("busy")
    program_it(pico)
    pico.ask("start")
    for _ in range(3):
        pico.run(60)
        pico.ask("status")
    pico.ask("stop")
    times = json.loads(pico.until("END").removesuffix("END"))

    for kind, (polls, total_us, longest_us, allocated) in sorted(times.items()):
        say(f"{kind} polls: {polls}, {total_us // polls} us on average, {longest_us} us at most, "
            f"{allocated} bytes allocated at most")
    assert max(longest for _, _, longest, _ in times.values()) < 1_000_000      # half of the watchdog's two seconds


def boot_seconds(pico):
    """Sends hello as soon as the chip is on USB; returns the second at which the reply is there."""
    pico.until_usb()
    assert pico.ask("hello")["journal"] == record.JOURNAL_VERSION
    return pico.seconds


def program_it(pico):
    pico.until_usb()
    pico.push("rig", dict(RIG, quantum_min=1))
    pico.push("program", program(plans=[PLAN], zone=UTC))
    pico.ask("clock", utc_ms=NOON_UTC_MS)


def pulled_journal(pico):
    found = b""
    while True:
        reply = pico.ask("log", **{"from": len(found) // record.SIZE, "max": 16})
        if not reply["records"]:
            return [found[at:at + record.SIZE] for at in range(0, len(found), record.SIZE)]
        found += binascii.a2b_base64(reply["records"])


def start_utc_ms(raw):
    """UTC of the journal's start record."""
    head = next(record.header(one) for one in raw if record.header(one)[7] == record.EVENT_START)
    return head[1] * 1000 + head[3]


def pico_events(raw):
    """As tests.pumps.events, from the start record on."""
    found = []
    for one in raw:
        head = record.header(one)
        if found or head[7] == record.EVENT_START:
            data = record.data_of(one, LAYOUTS.get(head[7], record.DOSE))
            found.append((record.EVENT_NAMES[head[7]], head[1] * 1000 + head[3], data))
    return found


def simulated(utc_ms, steps):
    """(cycles of the first `steps` steps since the start, events from the start record on) of the simulator."""
    edges = []
    pump = ready_pump(dict(RIG, quantum_min=1), program(plans=[PLAN], zone=UTC), utc_ms,
                      on_edges=lambda first, interval, count: edges.extend(
                          range(first, first + count * interval, interval)))
    first_event = len(events(pump))
    ask(pump, "start")
    while len(edges) < steps:
        pump.run_for(1000)
    found = events(pump, first_event)
    return edges[:steps], found[[event[0] for event in found].index("start"):]


def interval_errors(rising, expected, erases):
    """(largest difference of an interval on the pin from the plan's, the same of intervals that meet an erase)."""
    worst = worst_near_erase = 0
    for (begin, end), (plan_begin, plan_end) in zip(pairwise(rising), pairwise(expected), strict=True):
        error = abs((end - begin) - (plan_end - plan_begin))
        worst = max(worst, error)
        if any(begin <= erase + ERASE_MS_MOST * CYCLES_PER_MS and erase <= end for erase in erases):
            worst_near_erase = max(worst_near_erase, error)
    return worst, worst_near_erase


def shortest_pulse(pin):
    """Cycles from a rising edge to the falling one after it, the least."""
    return min(fall[0] - rise[0] for rise, fall in pairwise(pin) if rise[2])
