"""The pump of the library: its messages (pump_link.py), and what takes several of them. Loads what a method needs when
it is called.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from pumpctl.pump_link import PumpLink
from pumpctl.refusals import NotReachedError

if TYPE_CHECKING:
    from _typeshed import StrPath

    from pump.program import Program
    from pump.rig import Rig
    from pumpctl.archiving import Pulled
    from pumpctl.clock_effect import Effect
    from pumpctl.preview import Preview
    from pumpctl.replies import Status
    from pumpctl.summary import Results
    from pumpsim import SimPump


class Pump(PumpLink):
    """Talks to one pump; a context manager. One request at a time: threads have to take turns.

    Every method may raise PumpRefused, NoConnectionError and IncompatibleError; one that changes something also
    NoKeyError where the pump has keys, and where its reply was lost NotDoneError or, if nobody can tell,
    UncertainError.
    """

    @classmethod
    def find(cls, name: str | None = None) -> Pump:
        """The pump that has a name of yours or whose unique id begins so; without one the pump that a command takes:
        PUMPCTL_PORT, PUMPCTL_PUMP, the configured one, or the only one on USB. NoConnectionError where none is found.
        """
        from pumpctl.targets import Wanted, target_of

        return cls.open(target_of(Wanted(pumps=(name,) if name else ())).require_port())

    @classmethod
    def simulated(cls, sim: SimPump | None = None) -> Pump:
        """A simulated pump in this process. Its time stands still until `sim.run_for(ms)`."""
        from pumpctl.transport import SimTransport
        from pumpsim import SimPump as NewSim

        return cls(SimTransport(sim or NewSim()))

    def rig(self) -> Rig:
        """The rig in force; HostError where there is none."""
        from pumpctl.pulling import stored_rig

        return stored_rig(self)

    def program(self) -> Program | None:
        """The program in force, None where there is none."""
        from pumpctl.pulling import stored_program

        return stored_program(self)

    def push(self, program: StrPath | None, rig: StrPath | None = None, beyond_soft_limits: bool = False) -> list[str]:
        """Checks a program's file, with the rig's file or the rig in the pump, and sends what the pump does not have:
        returns which of "rig" and "program". Replaces what is there without asking.

        InputError where the program is beyond the limits; NotConfirmedError where it is beyond its own soft limits and
        that was not asked for. Then nothing was sent.
        """
        from pumpctl.pushing import push_files

        return push_files(self, program, rig, beyond_soft_limits)

    def set_clock(self) -> int:
        """Sets the pump's UTC from this computer's clock; returns it, in ms since 1970."""
        utc_ms = time.time_ns() // 1_000_000
        self.clock_set(utc_ms)
        return utc_ms

    def clock_effect(self, utc_ms: int) -> Effect:
        """What setting the clock to `utc_ms` would do to scheduled boluses: late, skipped, repeated, again."""
        from pumpctl.clock_plan import plan_clock

        return plan_clock(self, self.program(), utc_ms).effect

    def preview(self, days: int = 7) -> Preview:
        """What the program will do in the local days ahead, from the pump's clock and its reservoir's level on.
        HostError where there is no program."""
        from pumpctl.preview import preview_of

        return preview_of(self, days)

    def wait_until(self, *states: str, timeout_s: float, every_s: float = 0.5) -> Status:
        """Waits until the pump is in one of these states, such as "stopped"; returns its status then. NotReachedError
        after timeout_s."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = self.status()
            if found.state in states:
                return found
            if time.monotonic() >= deadline:
                raise NotReachedError(f"the pump is {found.state} after {timeout_s:g} s, not {' or '.join(states)}",
                                      "see why with: pumpctl status")
            time.sleep(every_s)

    def results(self, first: int = 0) -> Results:
        """The journal from record `first` on, pulled, proven and worked out: `intervals` (the doses), `events`
        (boluses, alarms, denied requests), `days`, totals in nL. JournalError where a record is missing or changed."""
        from pumpctl.pulling import pull_run
        from pumpctl.summary import Results

        return Results(pull_run(self, first))

    def pull(self, archive: StrPath | None = None) -> Pulled:
        """Pulls what is new into an archive, by default that of `pumpctl log pull`."""
        from pumpctl.archive import Archive
        from pumpctl.archive_file import default_path
        from pumpctl.archiving import pull_into

        with Archive(Path(archive) if archive else default_path(), for_writing=True) as opened:
            return pull_into(opened, self)
