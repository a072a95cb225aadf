"""What a person may do to a pump on the page: one button, one request. The pump says what is allowed; a button that it
would refuse anyway in this state is off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pumpctl.dashboard.station import Station
from pumpctl.dashboard.widgets import button, complain_of, relabel, tell
from pumpctl.errors import HostError
from pumpctl.live_view import View

if TYPE_CHECKING:
    from nicegui import ui

    from pumpctl.pump import Pump


@dataclass(frozen=True)
class Order:
    """`states`: in which it makes sense; () for every one; `done`: what is said when the pump has done it."""

    label: str
    done: str
    key: str
    kind: str
    states: tuple[str, ...]
    job: Callable[[Pump], object]


ORDERS = {
    "start": Order("Start", "It runs", "g", "go", ("stopped",), lambda pump: pump.start()),
    "suspend": Order("Suspend", "It is suspended", "p", "", ("running",), lambda pump: pump.suspend()),
    "resume": Order("Resume", "It runs again", "r", "go", ("suspended",), lambda pump: pump.resume()),
    "stop": Order("Stop", "It stands", "s", "stop", (), lambda pump: pump.stop()),
    "bolus": Order("Bolus", "The bolus begins", "b", "act", ("running",), lambda pump: pump.bolus()),
    "cancel": Order("Cancel bolus", "The bolus is cancelled", "k", "", ("running",), lambda pump: pump.cancel()),
    "ack": Order("Acknowledge", "Acknowledged", "a", "act", (), lambda pump: pump.ack()),
    "refill": Order("Refilled", "The reservoir counts as full", "f", "", (), lambda pump: fill_up(pump)),
    "clock": Order("Set clock", "It has this computer's time", "t", "act", (),
                   lambda pump: pump.clock_set(int(time.time() * 1000))),
}


def fill_up(pump: Pump) -> str:
    """Tells the pump that its reservoir was filled up to its capacity."""
    from pumpctl.pulling import stored_rig

    missing_nl = stored_rig(pump).reservoir_nl - pump.status().reservoir_nl
    pump.refill(missing_nl)
    return "refilled"


async def carry_out(station: Station, name: str) -> bool:
    """Does an order and tells what came of it; False where the pump refused it."""
    order = ORDERS[name]
    try:
        await station.do(order.job)
    except HostError as error:
        complain_of(error, order.label)
        return False
    tell(order.done)
    return True


def is_possible(name: str, view: View) -> bool:
    """Whether its button is on."""
    status = view.status
    if status is None or not view.connected or not view.may(name):
        return False
    if ORDERS[name].states and status.state not in ORDERS[name].states:
        return False
    if name == "start":
        return view.program is not None
    if name == "bolus":
        return bool(view.program and view.program.on_demand) and not status.bolus and not status.lockout_s
    if name == "cancel":
        return status.bolus
    if name == "ack":
        return status.unacknowledged or status.state == "fault"
    if name == "clock":
        return status.utc_ms is None
    return True


class Deeds:
    """The buttons of one pump."""

    def __init__(self, station: Station, *names: str):
        self._buttons: dict[str, ui.button] = {
            name: button(ORDERS[name].label, ORDERS[name].key, lambda name=name: carry_out(station, name),
                         ORDERS[name].kind) for name in names}

    def show(self, view: View) -> None:
        for name, made in self._buttons.items():
            made.set_enabled(is_possible(name, view))
            if name == "clock":
                made.set_visibility(view.status is not None and view.status.utc_ms is None)
            if name == "bolus":
                locked = view.status.lockout_s if view.status else 0
                relabel(made, f"Bolus in {countdown(locked)}" if locked else "Bolus", ORDERS[name].key)


def countdown(span_s: int) -> str:
    """"1:02:03" or "2:03"."""
    hours, rest = divmod(span_s, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
