"""What a poll costs under CPython while the largest program runs; `make test-emulator` prints it for the Pico."""

import time

from pumpsim import SimPump
from tests.emulator.largest import RIG_WITH_ALL, largest_program
from tests.emulator.test_emulated_pump import NOON_UTC_MS
from tests.pumps import ask, push, ready_pump, request, send

IDLE = 2000                             # polls in a run
PLANNING = 200


def running():
    """A simulated pump that has followed the largest program, ramps and all, for a minute."""
    pump = ready_pump(RIG_WITH_ALL, largest_program(), NOON_UTC_MS)
    ask(pump, "start")
    pump.run_for(60_000)
    return pump


def idle_us(pump):
    """Microseconds of a poll at which nothing is due: time stands still."""
    poll = pump.app.poll
    began = time.perf_counter()
    for _ in range(IDLE):
        poll()
    return (time.perf_counter() - began) / IDLE * 1e6


def planning_us(pump):
    """Microseconds of a poll that queues commands, others left out."""
    planner, spent, found = pump.app.parts.delivery.planner, 0.0, 0
    while found < PLANNING:
        pump.world.move_to(pump.now_ms + 20)
        queued, began = planner.queued_steps, time.perf_counter()
        pump.app.poll()
        took = time.perf_counter() - began
        if planner.queued_steps != queued:
            spent += took
            found += 1
    return spent / PLANNING * 1e6


def commit_ms():
    """Milliseconds of a commit of the largest program, its check included."""
    pump = SimPump()
    push(pump, "rig", RIG_WITH_ALL)
    began = time.perf_counter()
    assert "ok" in push(pump, "program", largest_program())
    took = (time.perf_counter() - began) * 1000
    assert "ok" in send(pump, request("stop"))
    return took


def report(line, runs=5):
    pump = running()
    line("an idle poll, the largest program running", [idle_us(pump) for _ in range(runs)], "us", "-")
    line("a planning poll, the same", [planning_us(pump) for _ in range(runs)], "us", "-")
    line("pushing the largest program", [commit_ms() for _ in range(runs)], "ms", "-")
