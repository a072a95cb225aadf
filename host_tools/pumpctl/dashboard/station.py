"""A pump as the page has it: its reader, the simulation around it where there is one, and what may be asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pumpctl.live import LivePump
from pumpctl.live_view import View

if TYPE_CHECKING:
    from pumpctl.dashboard.simulation import Simulation
    from pumpctl.pump import Pump

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Station:
    """`number`: its place on the page, from 0."""

    number: int
    live: LivePump
    simulation: Simulation | None = None

    def view(self) -> View:
        return self.live.view()

    async def do(self, job: Callable[[Pump], Answer]) -> Answer:
        """Has the pump's own thread do it, and waits without stopping the page."""
        return await asyncio.wrap_future(self.live.do(job))
