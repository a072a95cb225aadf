"""What a view says, in words for a screen. Shared by the terminal and the web page; draws nothing."""

from __future__ import annotations

from datetime import datetime

from pumpctl.cli import rate_text
from pumpctl.durations import seconds
from pumpctl.live_journal import Event
from pumpctl.live_view import CONNECTING, View
from pumpctl.localtime import EPOCH, LATEST_MS, MINUTE_MS, timedelta

MILLILITRE_NL = 1_000_000


def connection(view: View) -> str:
    """"connected since 14:02:11", "not connected since 14:02:11: unplugged", in this computer's time."""
    since = datetime.fromtimestamp(view.since_s).strftime("%H:%M:%S")
    if view.connected:
        return f"connected since {since}"
    if view.reason == CONNECTING:
        return CONNECTING
    return f"not connected since {since}: {view.reason}"


def state(view: View) -> str:
    """"running", "fault: occlusion", "not known"."""
    if view.status is None:
        return "not known"
    return view.status.state + (f": {view.status.reason}" if view.status.reason else "")


def rate(view: View) -> str:
    """"55 µL/h, bolus under way"."""
    if view.status is None:
        return "not known"
    return ", ".join([rate_text(view.status.rate_nl_per_h), *besides(view)])


def besides(view: View) -> list[str]:
    """What else than the schedule makes the rate."""
    status = view.status
    found = (("bolus under way", status.bolus), ("temporary rate", status.temporary)) if status else ()
    return [name for name, runs in found if runs]


def short_rate(view: View) -> str:
    """"657.5 µL/h": three or four digits, rounded down."""
    if view.status is None:
        return "not known"
    nl_per_h = view.status.rate_nl_per_h
    if nl_per_h < 10_000:
        return rate_text(nl_per_h)
    return f"{nl_per_h // 100 / 10:,.1f}".removesuffix(".0") + " µL/h"


def volume(nl: int) -> str:
    """"6.80 mL" or "420.5 µL": three or four digits are enough to look at. Rounded down."""
    if nl >= MILLILITRE_NL:
        return f"{nl // 10_000 / 100:,.2f} mL"
    return f"{nl // 100 / 10:,.1f} µL"


def clock(view: View) -> str:
    """"Fri 27 Mar 2026 06:30:15" of the pump's local time."""
    if view.status is None or view.status.utc_ms is None:
        return "clock not set"
    return local(view.status.utc_ms, view.status.offset_min, "%a %d %b %Y %H:%M:%S")


def local(utc_ms: int, offset_min: int, form: str) -> str:
    """An instant in the pump's local time."""
    return (EPOCH + timedelta(milliseconds=min(utc_ms, LATEST_MS) + offset_min * MINUTE_MS)).strftime(form)


def level(view: View) -> str:
    """"6.20 of 10.00 mL"."""
    if view.status is None or view.rig is None:
        return "not known"
    left, most = volume(view.status.reservoir_nl), volume(view.rig.reservoir_nl)
    return f"{left.removesuffix(most[-3:])} of {most}"


def level_share(view: View) -> float:
    """0 to 1 of the reservoir's capacity."""
    if view.status is None or view.rig is None:
        return 0.0
    return min(1.0, view.status.reservoir_nl / view.rig.reservoir_nl)


def forecast(view: View) -> str:
    """When the reservoir is empty by the program: a band where boluses on demand are allowed (A-04)."""
    if view.forecast is None or view.status is None:
        return "no forecast"
    soonest, latest = (_instant(ms, view.status.offset_min) for ms in (view.forecast.soonest, view.forecast.latest))
    return f"empty {latest}" if soonest == latest else f"empty {soonest} to {latest}"


def _instant(utc_ms: int | None, offset_min: int) -> str:
    return "in over a year" if utc_ms is None else local(utc_ms, offset_min, "%a %d %b %H:%M")


def on_demand(view: View) -> str:
    """"3 of 4 left", "locked for 42 min 10 s"."""
    if view.status is None:
        return "not known"
    if view.program is None or not view.program.on_demand:
        return "none in the program"
    left = f"{view.status.boluses_left} of {view.program.on_demand[3]} left in 24 h"
    return f"locked for {seconds(view.status.lockout_s)}, {left}" if view.status.lockout_s else left


def alarms(view: View) -> str:
    """"occlusion, reservoir low (not acknowledged)", "none"."""
    if view.status is None:
        return "not known"
    if not view.status.alarms:
        return "none"
    return ", ".join(view.status.alarms) + (" (not acknowledged)" if view.status.unacknowledged else " (acknowledged)")


def event_time(event: Event) -> str:
    """"27 Mar 06:30:00" of the pump's local time."""
    return local(event.utc_ms, event.offset_min, "%d %b %H:%M:%S") if event.utc_ms else "clock not set"


def access(view: View) -> str:
    """Who may operate: "open, no keys", "keys: operate, program", "keys, none here: stop only"."""
    if view.status is None:
        return "not known"
    if view.status.access == "open":
        return "open, no keys"
    if view.status.access != "keys":
        return "keys that cannot be read: stop only"
    return f"keys: {', '.join(view.roles)}" if view.roles else "keys, none here: stop only"


def news(view: View) -> list[str]:
    """What is not as it should be with the connection or the journal."""
    return [text for text in (view.changed, view.trouble) if text]
