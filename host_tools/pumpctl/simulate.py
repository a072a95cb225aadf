"""A program run on a simulated pump in this process: the same requests as to a real one, in virtual time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pumpctl.pulling import pull_records, pull_run
from pumpctl.pump import Pump
from pumpctl.summary import Run
from pumpctl.transport import SimTransport

DAY_MS = 86_400_000
PULL_EVERY_MS = 14 * DAY_MS   # some 2000 records, or 7000 with the most rate changes: the journal holds 10,000


def simulate(rig_body: bytes, program_body: bytes, start_utc_ms: int, end_utc_ms: int,
             on_done: Callable[[int], None] = lambda done_ms: None) -> Run:
    """Pushes, sets the clock, starts, lets the time pass and stops; returns the journal and how long it all took.

    The journal is pulled on the way, so that a long run may outgrow the pump's storage. `on_done` hears the simulated
    milliseconds so far.
    """
    from pumpsim import SimPump

    began = time.perf_counter()
    sim = SimPump()
    journal = bytearray()
    with Pump(SimTransport(sim)) as pump:
        pump.push_rig(rig_body)
        pump.push_program(program_body)
        pump.clock_set(start_utc_ms)
        pump.start()
        length_ms = end_utc_ms - start_utc_ms
        for at_ms in range(0, length_ms, DAY_MS):
            sim.run_for(min(DAY_MS, length_ms - at_ms))
            on_done(at_ms + DAY_MS)
            if at_ms and at_ms % PULL_EVERY_MS == 0:
                journal += pull_records(pump, _next_seq(journal))
        pump.stop()
        run = pull_run(pump, _next_seq(journal))
    return replace(run, raw=bytes(journal) + run.raw, simulated_s=length_ms // 1000,
                   wall_s=time.perf_counter() - began)


def _next_seq(journal: bytearray) -> int:
    """The record after those pulled: a new pump's journal begins with record 0."""
    from pump import record

    return len(journal) // record.SIZE
