"""What is known of one pump at an instant: an object that never changes, for screens to draw. Asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pump import protocol
from pump.alarms import TABLE
from pump.program import Program
from pump.rig import Rig
from pumpctl.events import PRIORITIES
from pumpctl.live_history import Point
from pumpctl.live_journal import Event
from pumpctl.replies import Hello, Status

CONNECTING = "connecting"      # the first try is not over
_PRIORITY = {name: PRIORITIES.get(priority, "low") for name, priority, _ in TABLE}


class Forecast(NamedTuple):
    """UTC ms at which the reservoir will be empty: all, half and none of the on-demand boluses; None: not in a year."""

    soonest: int | None
    typical: int | None
    latest: int | None


@dataclass(frozen=True)
class View:
    """`number` grows with every change. While not connected the last known values stand.

    since_s: time.time() of the last change between connected and not; reason: why not connected; changed: what is
    other than it was before the connection broke; trouble: what is wrong with the journal; roles: whose keys are on
    this computer, where the pump has keys.
    """

    name: str
    number: int = 0
    connected: bool = False
    since_s: float = 0.0
    reason: str = CONNECTING
    changed: str = ""
    trouble: str = ""
    hello: Hello | None = None
    status: Status | None = None
    rig: Rig | None = None
    program: Program | None = None
    forecast: Forecast | None = None
    roles: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    points: tuple[Point, ...] = ()

    @property
    def alarms(self) -> list[tuple[str, str]]:
        """(name, priority) of the alarms shown, the highest first."""
        return [(name, _PRIORITY.get(name, "high")) for name in self.status.alarms] if self.status else []

    @property
    def title(self) -> str:
        """What people call the pump: its rig's name, or where it is."""
        return self.rig.name if self.rig else self.name

    def may(self, do: str) -> bool:
        """Whether this computer can open the session that a request needs, or it needs none (C-02)."""
        needs = protocol.MESSAGES[do][0]
        if self.status is None or needs in (protocol.READ, protocol.OPEN) or self.status.access == "open":
            return True
        return self.status.access == "keys" and (needs in self.roles or protocol.CHANGE in self.roles)

    def nl_of(self, point: Point) -> tuple[int, int]:
        """(delivered, programmed) nL of a point, rounded down."""
        return self.rig.ratio.nl_of_steps(point.steps) if self.rig else 0, point.programmed_pl // 1000
