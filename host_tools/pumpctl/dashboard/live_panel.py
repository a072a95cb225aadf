"""The live view of one pump: state, figures, reservoir, what may be done, and the plot."""

from __future__ import annotations

import time
from collections.abc import Callable

from nicegui import ui

from pumpctl import live_text
from pumpctl.dashboard import charts
from pumpctl.dashboard.alarm_bar import AlarmBar
from pumpctl.dashboard.colours import GREY, ICONS, STATES
from pumpctl.dashboard.event_list import EventList
from pumpctl.dashboard.operating import Deeds
from pumpctl.dashboard.station import Station
from pumpctl.dashboard.widgets import Figure, button, toggle
from pumpctl.live_view import View

CHART_S = 0.5                 # between two drawings of the plot
NEWEST = 5                    # events below the plot


class LivePanel:
    def __init__(self, station: Station, is_alone: bool):
        self._station = station
        self._is_alone = is_alone
        self._drawn_s = 0.0
        self._span = "24 h"
        self._box = ui.element("section").classes("pump wide" if is_alone else "pump")
        with self._box:
            with ui.element("div").classes("figures"):
                self._build_figures()
            with ui.element("div"):
                self._build_chart()

    def _build_figures(self) -> None:
        if not self._is_alone:
            self._name = ui.label("").classes("pump-name full")
            self._link = ui.label("").classes("small full")
            self._alarms = AlarmBar(self._station, "full")
        with ui.element("div").classes("state full").props('role="status"') as self._state:
            self._icon = ui.icon("stop")
            self._word = ui.label("not known").classes("word")
            self._reason = ui.label("").classes("reason")
        self._rate = Figure("Rate", "big full")
        self._delivered = Figure("Delivered")
        self._uncertain = Figure("Uncertain")
        self._day = Figure("Last 24 h")
        if self._station.simulation:
            self._outlet = Figure("Out of the line", "bench")
            self._pressure = Figure("Pressure in it", "bench")
        self._reservoir = Figure("Reservoir", "full")
        self._level = ui.html("", sanitize=False).classes("full")
        self._forecast = ui.label("").classes("small")
        self._on_demand = ui.label("").classes("small")
        with ui.element("div").classes("orders full"):
            self._deeds = Deeds(self._station, "start", "suspend", "resume", "stop", "bolus", "cancel", "refill",
                                "clock")

    def _build_chart(self) -> None:
        with ui.element("div").classes("deeds"):
            ui.label("Window").classes("small")
            self._spans = {name: button(name, "", lambda name=name: self._choose(name), "small")
                           for name in charts.SPANS}
            self._program = ui.label("").classes("small").style("margin-left: auto; font-weight: 700")
        self._chart = ui.echart(charts.skeleton(), renderer="canvas").classes("chart")
        self._chart.props('role="img" aria-label="Rate and cumulative volume over time"')
        self._events = EventList(NEWEST)
        self._choose(self._span)

    def choose(self, is_chosen: bool) -> None:
        """Whether the keys act on this pump, where there are several."""
        if not self._is_alone:
            toggle(self._box, "chosen", is_chosen)

    def fit(self, letter_px: float) -> None:
        """The letters of the plot follow those of the page."""
        self._chart.options.update(charts.skeleton(round(letter_px * (1.2 if self._is_alone else 1))))
        self._draw(self._station.view())

    def on_click(self, action: Callable[[], None]) -> None:
        self._box.on("click", action)

    def show_bench(self) -> None:
        """What a bench around a simulated pump measures."""
        if self._station.simulation:
            known = self._station.simulation.known
            self._outlet.show(live_text.volume(known.outlet_nl))
            self._pressure.show(f"{known.pressure_kpa:.0f} kPa")

    def show(self, view: View) -> None:
        """Draws a view."""
        toggle(self._box, "absent", not view.connected)
        state = view.status.state if view.status else "not known"
        self._word.set_text(state)
        self._reason.set_text((view.status.reason if view.status else "") or ", ".join(live_text.besides(view)))
        self._icon.set_name(ICONS.get(state, "help"))
        self._state.style(f"background: {STATES.get(state, GREY)}")
        if not self._is_alone:
            rig = f" ({view.rig.name})" if view.rig else ""
            self._name.set_text(f"{view.name}{rig}")
            self._link.set_text(f"{live_text.connection(view)}; {live_text.access(view)}")
            self._alarms.show(view)
        self._show_figures(view)
        self._deeds.show(view)
        self._events.show(view)
        self._program.set_text(f"Program: {view.program.name}" if view.program else "No program yet: press 2")
        if time.monotonic() - self._drawn_s >= CHART_S:
            self._draw(view)

    def _show_figures(self, view: View) -> None:
        status = view.status
        self._rate.show(live_text.short_rate(view))
        if status:
            self._delivered.show(live_text.volume(status.delivered_nl))
            self._uncertain.show(f"at most {live_text.volume(status.uncertain_nl)}")
            self._uncertain.box.set_visibility(status.uncertain_nl > 0)
            self._day.show(live_text.volume(status.last_24h_nl))
        self._reservoir.show(live_text.level(view))
        share = live_text.level_share(view)
        low = bool(status and view.program and status.reservoir_nl <= view.program.low_nl)
        self._level.set_content(f'<div class="level {"low" if low else ""}" role="meter" aria-label="Reservoir" '
                                f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share * 100:.0f}">'
                                f'<div style="width: {share * 100:.1f}%"></div></div>')
        self._forecast.set_text(live_text.forecast(view))
        self._on_demand.set_text(f"On demand: {live_text.on_demand(view)}")

    def _draw(self, view: View) -> None:
        self._drawn_s = time.monotonic()
        charts.fill(self._chart.options, view, charts.SPANS[self._span])
        self._chart.update()

    def _choose(self, name: str) -> None:
        self._span = name
        for each, made in self._spans.items():
            toggle(made, "on", each == name)
            made.props(f"aria-pressed={'true' if each == name else 'false'}")
        self._draw(self._station.view())
