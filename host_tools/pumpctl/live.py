"""One pump, read as long as it takes: status, new journal records, documents; over unplugging and plugging in again.

A thread of its own owns the connection, because a pump answers one question at a time. Screens ask for `view()`, which
is always there, and hand in what they want of the pump as jobs, which the thread does between two looks. When the
connection breaks it is opened again with growing pauses, and nothing of what a job sent is ever sent again: its caller
hears that it is uncertain, and status and journal are read before the next job (C-06).
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from pump.errors import PumpError
from pump.forecast import empty_after_ms
from pump.program import Program
from pump.rig import Rig
from pumpctl.errors import HostError
from pumpctl.key_store import KeyStore
from pumpctl.live_journal import LiveJournal
from pumpctl.live_view import Forecast, View
from pumpctl.pump import Pump
from pumpctl.replies import Hello, Status
from pumpctl.transport import NoConnectionError

if TYPE_CHECKING:
    from pumpctl.targets import Target, Wanted

POLL_S = 0.25                 # between two looks
FIRST_PAUSE_S = 0.25          # before a second try to connect; each pause is twice the one before
LONGEST_PAUSE_S = 4.0
TRIES = 2                     # of a question; a pump that is gone is to be seen in seconds
PAGES = 32                    # of the journal between two looks at the status
FORECAST_S = 2.0              # a forecast is a walk of up to a year
Answer = TypeVar("Answer")
Job = tuple[Callable[[Pump], object], Future]


def live_pumps(wanted: Wanted) -> list[LivePump]:
    """Those that are meant. Where a pump comes back at another port it is found again by its name."""
    from pumpctl.opening import opened
    from pumpctl.targets import Wanted, target_of, targets_of

    def again(target: Target) -> Callable[[], Pump]:
        if target.name == target.port and (wanted.port or wanted.pumps or wanted.every):
            return lambda: opened(target, TRIES)
        chosen = Wanted(pumps=(target.name,)) if target.name != target.port else wanted
        return lambda: opened(target_of(chosen), TRIES)

    return [LivePump(target.name, again(target)) for target in targets_of(wanted)]


class LivePump:
    """Begins with `start` and ends with `close`, or as a context manager. All methods may be called from any thread."""

    def __init__(self, name: str, open_pump: Callable[[], Pump], poll_s: float = POLL_S):
        self._open = open_pump
        self._poll_s = poll_s
        self._view = View(name, since_s=time.time())
        self._changed = threading.Condition()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._stopping = False
        self._journal = LiveJournal()
        self._forecast_s = 0.0
        self._thread = threading.Thread(target=self._run, name=f"pump {name}", daemon=True)

    def __enter__(self) -> LivePump:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and the connection; jobs that were not begun are refused."""
        self._stopping = True
        self._jobs.put(None)
        self._thread.join()

    def view(self) -> View:
        """What is known now."""
        return self._view

    def wait(self, number: int, timeout_s: float) -> View:
        """The first view with a higher number than `number`, or whatever there is after `timeout_s`."""
        with self._changed:
            self._changed.wait_for(lambda: self._view.number > number or self._stopping, timeout_s)
            return self._view

    def do(self, job: Callable[[Pump], Answer]) -> Future[Answer]:
        """Has the thread call `job(pump)` soon; the future has what it returns or raises.

        NoConnectionError at once where the pump is not connected; UncertainError where the connection broke after
        something was sent.
        """
        future: Future[Answer] = Future()
        self._jobs.put((job, future))
        return future

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping:
            try:
                with self._open() as pump:
                    self._meet(pump)
                    pause_s = FIRST_PAUSE_S
                    self._serve(pump)
            except HostError as error:
                self._lose(error.message)
            except Exception as error:             # a thread that ended would leave a screen that looks alive
                self._lose(f"pumpctl failed: {type(error).__name__}: {error}")
            self._refuse_jobs(0 if self._stopping else pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _serve(self, pump: Pump) -> None:
        """Looks and does jobs until the connection breaks."""
        while not self._stopping:
            self._look(pump)
            try:
                job = self._jobs.get(timeout=self._poll_s)
            except queue.Empty:
                continue
            if job:
                self._do(pump, *job)

    def _do(self, pump: Pump, job: Callable[[Pump], object], future: Future) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(job(pump))
        except Exception as error:                 # where the connection broke, the next look finds it broken
            future.set_exception(error)

    def _refuse_jobs(self, for_s: float) -> None:
        """Waits; whoever wants something of the pump meanwhile is told at once that it is not there."""
        end_s = time.monotonic() + for_s
        while True:
            try:
                job = self._jobs.get(timeout=max(0.0, end_s - time.monotonic()))
            except queue.Empty:
                return
            if job and job[1].set_running_or_notify_cancel():
                job[1].set_exception(NoConnectionError(f"not connected to {self._view.name}: {self._view.reason}",
                                                       "nothing was sent; check the cable and the pump's power"))
            if self._stopping and not job:
                return

    def _meet(self, pump: Pump) -> None:
        """Who answers: the pump of before, or another one, of which nothing is known yet."""
        hello, former = pump.hello(), self._view.hello
        changed = _difference(former, hello)
        if changed or former is None:
            self._journal = LiveJournal()
            self._journal.begin(pump.status().next_seq)
            self._show(hello=hello, status=None, rig=None, program=None, forecast=None, events=(), points=(),
                       changed=changed)
        else:
            self._show(hello=hello)

    def _look(self, pump: Pump) -> None:
        status = pump.status()
        if status.next_seq < self._journal.next_seq:
            self._journal.begin(status.next_seq)
            self._show(changed="the journal begins anew: the pump's flash was wiped")
        self._read_documents(pump, status)
        self._find_keys(status)
        self._read_journal(pump, status)
        since_s = self._view.since_s if self._view.connected else time.time()
        self._show(connected=True, since_s=since_s, reason="", status=status, events=self._journal.events(),
                   points=self._journal.history.points(), trouble=self._journal.trouble,
                   forecast=self._forecast(status))

    def _read_documents(self, pump: Pump, status: Status) -> None:
        former = self._view.status
        if former is None or former.rig_digest != status.rig_digest:
            self._show(rig=_parsed(Rig, pump.document("rig")))
        if former is None or former.program_digest != status.program_digest:
            self._show(program=_parsed(Program, pump.document("program")))

    def _find_keys(self, status: Status) -> None:
        """Which roles' keys are here; looked for when the connection is new or the pump's access is another one."""
        view = self._view
        if view.hello is None or (view.connected and view.status and view.status.access == status.access):
            return
        roles: set[str] = set()
        if status.access == "keys":
            with contextlib.suppress(HostError):           # a file that cannot be read is no key; an order says why
                roles = {role for keys in KeyStore().of(view.hello.unique_bytes) for role in keys.roles}
        self._show(roles=tuple(sorted(roles)))

    def _read_journal(self, pump: Pump, status: Status) -> None:
        for _ in range(PAGES):
            if self._journal.next_seq >= status.next_seq:
                return
            page = pump.log(self._journal.next_seq)
            if not page.records:
                return
            self._journal.take(page)

    def _forecast(self, status: Status) -> Forecast | None:
        view = self._view
        if view.rig is None or view.program is None or status.utc_ms is None:
            return None
        if view.forecast and time.monotonic() - self._forecast_s < FORECAST_S:
            return view.forecast
        self._forecast_s = time.monotonic()
        found = empty_after_ms(view.program, view.rig, status.reservoir_nl, status.utc_ms)
        return Forecast(*(None if ms is None else status.utc_ms + ms for ms in found))

    def _lose(self, reason: str) -> None:
        view = self._view
        since_s = time.time() if view.connected else view.since_s
        self._show(connected=False, since_s=since_s, reason=reason)

    def _show(self, **news: object) -> None:
        """A new view, where anything is new."""
        view = replace(self._view, **news)
        if view != self._view:
            with self._changed:
                self._view = replace(view, number=view.number + 1)
                self._changed.notify_all()


def _difference(former: Hello | None, hello: Hello) -> str:
    """In words, where another pump answers than before; "" otherwise."""
    if former is None or (former.board, former.unique_id) == (hello.board, hello.unique_id):
        return ""
    return (f"another pump answers: {hello.board} {hello.unique_bytes.hex()}, "
            f"before it was {former.board} {former.unique_bytes.hex()}")


def _parsed(kind: type, body: bytes | None):
    """The document as the pump's own code has it; None where there is none, or one of another version."""
    try:
        return kind(body) if body else None
    except PumpError:
        return None
