"""The alarms of one pump, each with its priority in words and colour, and the button that acknowledges them."""

from __future__ import annotations

from html import escape

from nicegui import ui

from pumpctl.dashboard.colours import PRIORITIES
from pumpctl.dashboard.operating import Deeds
from pumpctl.dashboard.station import Station
from pumpctl.live_view import View


class AlarmBar:
    def __init__(self, station: Station, kind: str = ""):
        self._box = ui.element("section").classes(f"alarm {kind}").props('role="alert" aria-label="Alarms"')
        with self._box:
            ui.icon("warning")
            self._text = ui.html("", sanitize=False)
            self._deeds = Deeds(station, "ack")
        self._box.set_visibility(False)

    def show(self, view: View) -> None:
        alarms = view.alarms
        self._box.set_visibility(bool(alarms))
        if not alarms:
            return
        self._box.style(f"background: {PRIORITIES[alarms[0][1]]}")
        words = ", ".join(f"{escape(name)} <small>({priority})</small>" for name, priority in alarms)
        waits = view.status is not None and view.status.unacknowledged
        also = "" if waits else " <small>acknowledged, its cause is still there</small>"
        self._text.set_content(f"{words}{also}")
        self._deeds.show(view)
