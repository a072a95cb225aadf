"""The page: what is above the views, the views themselves, and the keys. Owns no pump."""

from __future__ import annotations

from html import escape
from pathlib import Path

from nicegui import ui

from pumpctl import live_text
from pumpctl.dashboard.alarm_bar import AlarmBar
from pumpctl.dashboard.editor import ANSWER_S, Editor, Kept
from pumpctl.dashboard.event_list import EventList
from pumpctl.dashboard.live_panel import LivePanel
from pumpctl.dashboard.operating import ORDERS, carry_out, is_possible
from pumpctl.dashboard.sim_bar import SimBar
from pumpctl.dashboard.simulation import DEEDS
from pumpctl.dashboard.station import Station
from pumpctl.dashboard.widgets import button, toggle

WARNING = "Bench prototype. Never connect it to a person or an animal."
VIEWS = ("Live", "Program", "Events", "Keys")
LOOK_S = 0.25
TELL_LETTER = """
    const tell = () => emitEvent('letter', parseFloat(getComputedStyle(document.documentElement).fontSize));
    window.addEventListener('resize', tell);
    tell();
"""
EVENTS = 200
CSS = Path(__file__).with_name("style.css")
DOWNLOADS = {"report.html": "Report", "doses.csv": "Doses (CSV)", "boluses.csv": "Boluses (CSV)",
             "journal.bin": "Journal"}


class Page:
    """One browser's page. `kept`: what the program editor begins with."""

    def __init__(self, stations: list[Station], kept: Kept):
        self._stations = stations
        self._chosen = 0
        self._shown = [-1] * len(stations)
        ui.add_css(CSS)
        self._build_head()
        ui.label(WARNING).classes("warning")
        self._connections = [(ui.label("").classes("broken").props('role="alert"'), ui.label("").classes("note"))
                             for _ in stations]
        self._bars = [SimBar(each.simulation) for each in stations if each.simulation]
        self._alarms = [AlarmBar(stations[0])] if len(stations) == 1 else []
        self._views = {name: ui.element("div").classes("page") for name in VIEWS}
        self._build_views(kept)
        self.choose(0)
        self.show_view("Live")
        ui.keyboard(self._pressed, ignore=["input", "select", "textarea"], repeating=False)
        ui.timer(LOOK_S, self.look)
        ui.timer(0, self._fit, once=True)

    def _build_head(self) -> None:
        with ui.element("header").classes("row-line head"):
            self._name = ui.label("").classes("name")
            with ui.element("div").classes("links") as links:
                self._connection = ui.label("")
                self._access = ui.label("").props('aria-label="Who may operate"')
            links.set_visibility(len(self._stations) == 1)
            with ui.element("nav").classes("deeds"):
                self._tabs = {name: button(name, str(number), lambda name=name: self.show_view(name), "small")
                              for number, name in enumerate(VIEWS, 1)}
                if len(self._stations) > 1:
                    button("Next pump", "n", self.next_pump, "small")
            self._clock = ui.label("").classes("clock").props('aria-label="The pump\'s local time"')

    def _build_views(self, kept: Kept) -> None:
        count = len(self._stations)
        with self._views["Live"], ui.element("div").classes("pumps"):
            self._panels = [LivePanel(each, count == 1) for each in self._stations]
        for number, panel in enumerate(self._panels):
            panel.on_click(lambda number=number: self.choose(number))
        with self._views["Program"]:
            self._editor = Editor(lambda: self._stations[self._chosen], kept)
        with self._views["Events"]:
            with ui.element("div").classes("deeds").style("column-gap: 1.2rem"):
                self._routine = ui.checkbox("also what the schedule does", on_change=self._routine_changed)
                self._downloads = [self._links(station) for station in self._stations]
            self._events = EventList(EVENTS)
        with self._views["Keys"]:
            ui.html(self._keys(), sanitize=False)

    @staticmethod
    def _links(station: Station) -> ui.element:
        with ui.element("div").classes("deeds").style("column-gap: 1.2rem") as links:
            ui.label("Download:").classes("small")
            for name, label in DOWNLOADS.items():
                ui.link(label, f"/download/{station.number}/{name}").classes("small")
        return links

    def _keys(self) -> str:
        rows = [(str(number), name) for number, name in enumerate(VIEWS, 1)]
        rows += [(order.key, order.label) for order in ORDERS.values()]
        if self._bars:
            rows += [(deed.key, f"{deed.label}, and over again") for deed in DEEDS]
            rows += [("w", "All well: ends all faults"), ("+", "Faster"), ("-", "Slower")]
        if len(self._stations) > 1:
            rows.append(("n", "Next pump"))
        rows += [("Tab", "To the next button or field"), ("Enter", "Press it")]
        found = "".join(f"<div><kbd>{escape(key.upper() if len(key) == 1 else key)}</kbd> &nbsp;{escape(what)}</div>"
                        for key, what in rows)
        return f'<h2 class="pump-name">Keys</h2><div class="keys">{found}</div>'

    def show_view(self, name: str) -> None:
        self._view = name
        for each, part in self._views.items():
            toggle(part, "hidden", each != name)
        for each, made in self._tabs.items():
            toggle(made, "on", each == name)
            made.props(f"aria-pressed={'true' if each == name else 'false'}")

    def choose(self, number: int) -> None:
        """Keys, program editor and events are of this pump from now on."""
        self._chosen = number
        self._shown = [-1] * len(self._stations)
        for each, panel in enumerate(self._panels):
            panel.choose(each == number)
            self._downloads[each].set_visibility(each == number)
        if len(self._stations) > 1:
            self._editor.to(self._stations[number].view().name)

    def next_pump(self) -> None:
        self.choose((self._chosen + 1) % len(self._stations))

    def look(self) -> None:
        """Shows what is new."""
        for bar in self._bars:
            bar.show()
        for panel in self._panels:
            panel.show_bench()
        for station in self._stations:
            view = station.view()
            if view.number == self._shown[station.number]:
                continue
            self._shown[station.number] = view.number
            self._panels[station.number].show(view)
            for bar in self._alarms:
                bar.show(view)
            broken, note = self._connections[station.number]
            broken.set_visibility(not view.connected)
            broken.set_text(f"{view.name}: {live_text.connection(view)}. What you see is what was known then.")
            note.set_visibility(bool(live_text.news(view)))
            note.set_text("; ".join(live_text.news(view)))
            if station.number == self._chosen:
                called = view.title if len(self._stations) == 1 else view.name
                self._name.set_text(called + (f" ({view.hello.board})" if view.hello else ""))
                self._connection.set_text(live_text.connection(view) if view.connected else "not connected")
                self._access.set_text(live_text.access(view))
                self._clock.set_text(live_text.clock(view))
                self._events.show(view)

    async def _fit(self) -> None:
        """The plots are drawn in pixels: how many make a letter, only the browser knows, and it says so."""
        ui.on("letter", lambda event: [panel.fit(float(event.args)) for panel in self._panels])
        await ui.run_javascript(TELL_LETTER, timeout=ANSWER_S)

    def _routine_changed(self, event) -> None:
        self._events.routine = event.value
        self._events.show(self._stations[self._chosen].view())

    async def _pressed(self, event) -> None:
        modifiers = event.modifiers
        if not event.action.keydown or modifiers.ctrl or modifiers.alt or modifiers.meta:
            return
        key = event.key.name.lower()
        if key.isdigit() and 1 <= int(key) <= len(VIEWS):
            self.show_view(VIEWS[int(key) - 1])
            return
        if key == "n" and len(self._stations) > 1:
            self.next_pump()
            return
        station = self._stations[self._chosen]
        for name, order in ORDERS.items():
            if order.key == key:
                if is_possible(name, station.view()):
                    await carry_out(station, name)
                return
        if self._bars:
            await self._bars[0].key(key)
