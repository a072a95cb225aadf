"""A program run on a simulated pump in this process: the same requests as to a real one, in virtual time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pump.rig import Rig
from pumpctl.pulling import pull_records, pull_run, stored_rig
from pumpctl.pump import Pump
from pumpctl.replies import Status
from pumpctl.summary import Run
from pumpctl.transport import SimTransport

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
PULL_RECORDS = 2000           # of the 10,000 that the journal holds at least; a day of the busiest program is some 5000
REFILL_BELOW = 5              # the operator refills below a fifth of the reservoir


def simulate(rig_body: bytes, program_body: bytes, start_utc_ms: int, end_utc_ms: int,
             on_done: Callable[[int], None] = lambda done_ms: None, refills: bool = True) -> Run:
    """Pushes, sets the clock, starts, lets the time pass and stops; returns the journal and how long it all took.

    The journal is pulled on the way, so that a long run may outgrow the pump's storage. `refills`: so may it outgrow
    the reservoir, which a simulated operator fills up. `on_done` hears the simulated milliseconds so far.
    """
    from pumpsim import SimPump

    began = time.perf_counter()
    sim = SimPump()
    journal = bytearray()
    with Pump(SimTransport(sim)) as pump:
        pump.push_rig(rig_body)
        pump.push_program(program_body, confirm=True)
        pump.clock_set(start_utc_ms)
        pump.ack()                    # that the clock was not set at power-up
        pump.start()
        rig = stored_rig(pump)
        length_ms = end_utc_ms - start_utc_ms
        begin_ms = sim.now_ms
        while sim.now_ms - begin_ms < length_ms:
            status = pump.status()
            if refills and status.state == "running" and status.reservoir_nl * REFILL_BELOW < rig.reservoir_nl:
                status = _refill(pump, rig, status)
            if status.next_seq - _next_seq(journal) > PULL_RECORDS:
                journal += pull_records(pump, _next_seq(journal))
            sim.run_for(min(_look_again_ms(rig, status.reservoir_nl), length_ms - (sim.now_ms - begin_ms)))
            on_done(sim.now_ms - begin_ms)
        pump.stop()
        run = pull_run(pump, _next_seq(journal))
    return replace(run, raw=bytes(journal) + run.raw, simulated_s=length_ms // 1000,
                   wall_s=time.perf_counter() - began)


def _refill(pump: Pump, rig: Rig, status: Status) -> Status:
    """Fills the reservoir up to its capacity, and acknowledges what the pump has to say about it."""
    pump.refill(rig.reservoir_nl - status.reservoir_nl)
    if status.unacknowledged:
        pump.ack()
    return pump.status()


def _look_again_ms(rig: Rig, level_nl: int) -> int:
    """How long the operator may be away: at the rig's hourly limit the reservoir lasts that long; 1 h to a day."""
    return min(DAY_MS, max(HOUR_MS, level_nl * HOUR_MS // rig.limits.max_1h_nl))


def _next_seq(journal: bytearray) -> int:
    """The record after those pulled: a new pump's journal begins with record 0."""
    from pump import record

    return len(journal) // record.SIZE
