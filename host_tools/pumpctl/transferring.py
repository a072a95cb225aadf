"""Moving a volume and waiting for it: a prime, or a withdrawal, from beginning to end. Knows no command, no terminal.

What was moved is read from the pump's journal in steps, as counted on the step pin.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from pump import record
from pump.rig import Rig
from pumpctl.errors import HostError
from pumpctl.pump import Pump

POLL_S = 0.2
PATIENCE = 1.5                # times the time that it should take, and PATIENCE_S
PATIENCE_S = 30
COMPLETE = 1


def transferred(pump: Pump, rig: Rig, volume_nl: int, on_part: Callable[[float], None] = lambda part: None,
                backwards: bool = False, sleep: Callable[[float], None] = time.sleep) -> int:
    """Primes a volume, or withdraws it, on a pump at rest and waits for it; returns the steps counted. `on_part` hears
    0 to 1.

    HostError where it ends otherwise: stopped, an alarm, a reset. The pump is not stopped where the link fails.
    """
    next_seq = pump.status().next_seq
    state = pump.withdraw(volume_nl) if backwards else pump.prime(volume_nl)
    due_s = volume_nl * 3600 / rig.prime_nl_per_h
    began = time.monotonic()
    while pump.status().state == state:
        spent_s = time.monotonic() - began
        if spent_s > due_s * PATIENCE + PATIENCE_S:
            pump.stop()
            raise HostError(f"{volume_nl} nL were not moved within {spent_s:.0f} s; the pump was stopped",
                            "see: pumpctl log show --last 20")
        on_part(min(1.0, spent_s / due_s))
        sleep(min(POLL_S, due_s / 20))
    steps = _moved(pump.records(next_seq))
    if steps is None:
        raise HostError(f"{volume_nl} nL did not run to their end", "see: pumpctl log show --last 20")
    on_part(1.0)
    return steps


def _moved(raws: Iterator[bytes]) -> int | None:
    """Steps of the transfer that these records tell the end of; None where it did not complete."""
    for raw in raws:
        head = record.header(raw)
        if head[7] == record.EVENT_TRANSFER and head[10] % 16 == COMPLETE:
            return record.data_of(raw, record.TRANSFER)[2]
    return None
