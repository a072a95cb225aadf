"""The pump's events in words, the newest first."""

from __future__ import annotations

from html import escape

from nicegui import ui

from pumpctl import live_text
from pumpctl.live_journal import Event
from pumpctl.live_view import View


def table_of(events: list[Event]) -> str:
    """HTML; what the pump's records say is text, never markup."""
    rows = "".join(_row(event) for event in events)
    return ('<table class="events"><thead><tr><th>Time</th><th>Event</th><th>By</th><th>What</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>")


def _row(event: Event) -> str:
    cells = (live_text.event_time(event), event.event, event.actor, event.words)
    kind = ' class="alert"' if event.is_alert else ""
    return f"<tr{kind}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


class EventList:
    """`routine`: also what the schedule and the bookkeeping write."""

    def __init__(self, most: int, routine: bool = False):
        self._most = most
        self.routine = routine
        self._html = ui.html("", sanitize=False).style("width: 100%")
        self._shown: tuple[object, ...] = ()

    def show(self, view: View) -> None:
        what = (view.hello, view.events[-1].seq if view.events else -1, len(view.events), self.routine)
        if what != self._shown:
            self._shown = what
            wanted = [event for event in view.events if self.routine or not event.is_routine]
            self._html.set_content(table_of(wanted[-self._most:][::-1]))
