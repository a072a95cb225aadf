"""The bar of a simulated pump: how fast its time passes, and what goes wrong around it."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import run, ui

from pumpctl.dashboard.simulation import DEEDS, SPEEDS, Deed, Simulation
from pumpctl.dashboard.widgets import button, complain_of, keys_text, toggle
from pumpctl.errors import HostError


class SimBar:
    def __init__(self, simulation: Simulation):
        self._simulation = simulation
        with ui.element("section").classes("row-line sim").props('aria-label="Simulation"'):
            with ui.element("div").classes("deeds"):
                ui.html(f"Time{keys_text('-')}{keys_text('+')}", sanitize=False).classes("title")
                self._speeds = {speed: button(_label(speed), "", lambda speed=speed: self.set_speed(speed), "small")
                                for speed in SPEEDS}
                self._reason = ui.label("").classes("title")
            with ui.element("div").classes("deeds"):
                ui.label("Faults").classes("title")
                self._deeds = {deed: button(deed.label, deed.key, lambda deed=deed: self.turn(deed), "small")
                               for deed in DEEDS}
                self._clear = button("All well", "w", self.clear, "small go")

    def show(self) -> None:
        known = self._simulation.known
        for speed, made in self._speeds.items():
            _press(made, speed == known.speed, "on")
        for deed, made in self._deeds.items():
            _press(made, deed.fault in known.active, "fault-on")
        self._clear.set_enabled(bool(known.active))
        self._reason.set_text(known.reason or ("no power" if known.state == "off" else ""))

    async def key(self, key: str) -> bool:
        """Does what a key stands for; False where it is none of this bar."""
        for deed in DEEDS:
            if deed.key == key:
                await self.turn(deed)
                return True
        if key in ("+", "-"):
            speeds = [speed for speed in SPEEDS if speed != self._simulation.known.speed]
            current = self._simulation.known.speed
            number = float(current) if not isinstance(current, str) else SPEEDS[-1]
            others = [speed for speed in speeds if (speed > number) == (key == "+")]
            if others:
                await self.set_speed(min(others) if key == "+" else max(others))
            return True
        if key == "w":
            await self.clear()
            return True
        return False

    async def set_speed(self, speed: float) -> None:
        await self._try(lambda: self._simulation.set_speed(speed))

    async def turn(self, deed: Deed) -> None:
        await self._try(lambda: self._simulation.turn(deed))

    async def clear(self) -> None:
        await self._try(self._simulation.clear)

    async def _try(self, job: Callable[[], None]) -> None:
        try:
            await run.io_bound(job)
        except HostError as error:
            complain_of(error)
        else:
            self.show()


def _label(speed: float) -> str:
    return f"{speed:,.0f}x" if speed else "Pause"


def _press(made: ui.button, is_on: bool, kind: str) -> None:
    toggle(made, kind, is_on)
    made.props(f"aria-pressed={'true' if is_on else 'false'}")
