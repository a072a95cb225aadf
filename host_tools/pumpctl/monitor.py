"""The terminal's live view: a frame of panels, one a pump, and a line for each change where nobody watches.

Draws views and waits for them; asks no pump itself.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pumpctl import live_text
from pumpctl.live_view import View

if TYPE_CHECKING:
    from rich.console import RenderableType

WARNING = "bench prototype: never for people or animals"
STYLES = {"high": "bold white on red", "medium": "black on yellow", "low": "black on cyan"}
BORDERS = {"running": "green", "fault": "red", "suspended": "yellow", "priming": "cyan", "withdrawing": "cyan"}
BARS = " ▁▂▃▄▅▆▇█"
LINE_WIDTH = 48               # columns of the rate line, half an hour each
LINE_MS = 86_400_000
EVENTS = 8


def frame(views: list[View], height: int = 40) -> RenderableType:
    """All pumps side by side."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(expand=True)
    for _ in views:
        grid.add_column(ratio=1)
    grid.add_row(*(_panel(view, max(3, height - 24)) for view in views))
    return Group(grid, Text(f"{WARNING}   q: leave", style="dim"))


def _panel(view: View, events: int) -> RenderableType:
    from rich.console import Group
    from rich.panel import Panel

    border = BORDERS.get(view.status.state, "white") if view.status else "white"
    parts = [_connection(view), _figures(view), _events(view, events)]
    return Panel(Group(*parts), title=f"[bold]{view.title}[/]", border_style=border if view.connected else "red")


def _connection(view: View) -> RenderableType:
    from rich.text import Text

    text = Text(live_text.connection(view), style="" if view.connected else "bold white on red")
    for line in live_text.news(view):
        text.append(f"\n{line}", style="black on yellow")
    return text


def _figures(view: View) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    status = view.status
    table.add_row("state", Text(live_text.state(view), style="bold"))
    table.add_row("alarms", _alarms(view))
    table.add_row("rate", Text(live_text.rate(view), style="bold"))
    table.add_row("last 24 h", Text(rate_line(view)))
    if status:
        uncertain = f", {live_text.volume(status.uncertain_nl)} uncertain" if status.uncertain_nl else ""
        table.add_row("delivered", f"{live_text.volume(status.delivered_nl)} of "
                                   f"{live_text.volume(status.programmed_nl)} programmed{uncertain}")
        table.add_row("of it boluses", live_text.volume(status.bolus_nl))
        table.add_row("last 1 h, 24 h",
                      f"{live_text.volume(status.last_1h_nl)}, {live_text.volume(status.last_24h_nl)}")
    table.add_row("reservoir", Text(f"{bar(live_text.level_share(view))} {live_text.level(view)}"))
    table.add_row("", live_text.forecast(view))
    table.add_row("on demand", live_text.on_demand(view))
    table.add_row("clock", live_text.clock(view))
    table.add_row("program", view.program.name if view.program else "none")
    table.add_row("access", live_text.access(view))
    table.add_row("board", view.hello.board if view.hello else "not known")
    return table


def _alarms(view: View) -> RenderableType:
    from rich.text import Text

    text = Text()
    for name, priority in view.alarms:
        text.append(f" {name} ", style=STYLES[priority])
        text.append(" ")
    text.append(live_text.alarms(view) if not view.alarms else
                "not acknowledged" if view.status and view.status.unacknowledged else "acknowledged")
    return text


def _events(view: View, most: int) -> RenderableType:
    from rich.table import Table

    table = Table(expand=True, box=None, padding=(0, 1, 0, 0), title="last events", title_justify="left",
                  show_header=False)
    table.add_column(style="dim", no_wrap=True, width=15)
    table.add_column(style="bold", no_wrap=True, width=10)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for event in [each for each in view.events if not each.is_routine][-most:]:
        table.add_row(live_text.event_time(event), event.event, event.words)
    return table


def bar(share: float, width: int = 16) -> str:
    """A bar of blocks, 0 to 1."""
    full = round(share * width)
    return "█" * full + "░" * (width - full)


def rate_line(view: View) -> str:
    """The mean rates of the last 24 h, half an hour a column, the highest a full block; "" where nothing is known."""
    if view.status is None or view.status.utc_ms is None or not view.points:
        return ""
    span_ms = LINE_MS // LINE_WIDTH
    begin_ms = view.status.utc_ms - LINE_MS
    sums = [0] * LINE_WIDTH
    ends_ms = [point.utc_ms for point in view.points[1:]] + [view.status.utc_ms]
    for point, end_ms in zip(view.points, ends_ms, strict=True):
        at_ms = max(point.utc_ms, begin_ms)
        while at_ms < end_ms:
            column = (at_ms - begin_ms) // span_ms
            until_ms = min(end_ms, begin_ms + (column + 1) * span_ms)
            sums[min(column, LINE_WIDTH - 1)] += point.rate_nl_per_h * (until_ms - at_ms)
            at_ms = until_ms
    top = max(sums) or 1
    return "".join(BARS[-(-each * (len(BARS) - 1) // top)] for each in sums)


def values_of(view: View) -> dict[str, Any]:
    """What --json says of a view."""
    return {"connected": view.connected, "since": live_text.connection(view), "changed": view.changed,
            "trouble": view.trouble, "hello": asdict(view.hello) if view.hello else None,
            "status": asdict(view.status) if view.status else None,
            "empty_utc_ms": list(view.forecast) if view.forecast else None,
            "events": [asdict(event) for event in view.events[-EVENTS:]]}


def change_of(view: View) -> tuple[object, ...]:
    """What must be other for a new line."""
    status = view.status
    if not view.connected or status is None:
        return (view.connected, view.changed)
    return (True, view.changed, view.trouble, status.state, status.reason, status.rate_nl_per_h, tuple(status.alarms),
            status.unacknowledged, status.bolus, status.temporary, status.program_digest, status.rig_digest)


def line(view: View) -> str:
    """"2026-03-27T06:30:00 bench-1: running, 55 µL/h, 130.0 µL delivered, alarms: none"."""
    status = view.status
    if not view.connected or status is None:
        return f"{view.title}: {live_text.connection(view)}"
    when = "clock not set" if status.utc_ms is None else live_text.local(status.utc_ms, status.offset_min,
                                                                         "%Y-%m-%dT%H:%M:%S")
    said = [f"{when} {view.title}: {live_text.state(view)}", live_text.rate(view),
            f"{live_text.volume(status.delivered_nl)} delivered", f"alarms: {live_text.alarms(view)}",
            *live_text.news(view)]
    return ", ".join(said)
