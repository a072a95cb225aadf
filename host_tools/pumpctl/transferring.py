"""Moving a volume and waiting for it: a prime, or a withdrawal, from beginning to end. Knows no command, no terminal.

What was moved is read from the pump's journal in steps, as counted on the step pin. Whatever ends the waiting early
stops the pump: Ctrl-C, SIGTERM and SIGHUP too.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pump import record
from pump.rig import Rig
from pumpctl.errors import HostError
from pumpctl.pump import Pump
from pumpctl.transport import NoConnectionError

POLL_S = 0.2
PATIENCE = 1.5                # times the time that it should take, and PATIENCE_S
PATIENCE_S = 30
COMPLETE = 1


def transferred(pump: Pump, rig: Rig, volume_nl: int, on_part: Callable[[float], None] = lambda part: None,
                backwards: bool = False, sleep: Callable[[float], None] = time.sleep) -> int:
    """Primes a volume, or withdraws it, on a pump at rest and waits for it; returns the steps counted. `on_part` hears
    0 to 1.

    HostError where it ends otherwise: stopped, an alarm, a reset; the pump is stopped then. NoConnectionError where it
    cannot be told to stop.
    """
    with _stopped_early(pump):
        return _awaited(pump, rig, volume_nl, on_part, backwards, sleep)


def _awaited(pump: Pump, rig: Rig, volume_nl: int, on_part: Callable[[float], None], backwards: bool,
             sleep: Callable[[float], None]) -> int:
    next_seq = pump.status().next_seq
    state = pump.withdraw(volume_nl) if backwards else pump.prime(volume_nl)
    due_s = volume_nl * 3600 / rig.prime_nl_per_h
    began = time.monotonic()
    while pump.status().state == state:
        spent_s = time.monotonic() - began
        if spent_s > due_s * PATIENCE + PATIENCE_S:
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


@contextmanager
def _stopped_early(pump: Pump) -> Iterator[None]:
    """Stops the pump where this ends by an exception."""
    with _ended_by_signals():
        try:
            yield
        except BaseException:
            _stop(pump)
            raise


def _stop(pump: Pump) -> None:
    try:
        pump.stop()
    except HostError:
        raise NoConnectionError("the pump cannot be told to stop, and its motor may be turning",
                                "switch the motor's supply off, then see: pumpctl status") from None


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM, and SIGHUP of a terminal that is closed, end this as Ctrl-C does: by an exception, so that the motor is
    stopped; a second one does not cut that off. What is ignored (nohup) stays so. The exit code is the shell's, 128 and
    the signal's number."""
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}
    heeded = [number for number, handler in before.items() if handler != signal.SIG_IGN]

    def end(number: int, frame: object) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in heeded:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])
