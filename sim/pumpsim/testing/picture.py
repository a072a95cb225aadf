"""The picture of a test: rate, volume delivered and programmed, and the events, from the journal. Judges nothing."""

from datetime import datetime, timedelta

from pumpsim.testing.events import AS_BEFORE

RED, BLUE, GREY, ORANGE = "#d55e00", "#0072b2", "#666666", "#e69f00"      # of Okabe and Ito: told apart by all eyes
MARKED = {"alarm": RED, "fault": RED, "bolus": BLUE, "denied": ORANGE, "clock": GREY, "boot": GREY}
NOTHING_NEW = ("", AS_BEFORE)
SIZE_IN = (11, 6)
MINUTE = timedelta(minutes=1)
LISTED = 30                   # events beside the curves at most: the last ones
LEVELS = 4                    # heights of their numbers, so that close ones stay readable


def draw(pump, path, title):
    """Writes a PNG (or what the path's ending says) of all that `pump`, a BenchPump, has done; returns the path, or
    None where its journal holds nothing to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    doses = [event for event in pump.journal if event.utc_ms is not None and event.rate is not None]
    if not doses:
        return None
    figure = Figure(figsize=SIZE_IN, layout="constrained")
    FigureCanvasAgg(figure)
    curves, beside = figure.subfigures(1, 2, width_ratios=(3, 1))
    rates, volumes = curves.subplots(2, 1, sharex=True)
    _plot(doses, pump.step.ul, rates, volumes)
    _mark(_marked(pump.journal.since(doses[0].seq + 1))[-LISTED:], (rates, volumes), beside)
    locator = AutoDateLocator()
    volumes.xaxis.set_major_locator(locator)
    volumes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    figure.suptitle(title, fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    return path


def _plot(doses, step_ul, rates, volumes):
    times = [_time(event) for event in doses]
    marker = "o" if times[0] == times[-1] else ""        # a line of no length does not show
    rates.step(times, [event.rate.ul for event in doses], where="post", color=BLUE, marker=marker)
    rates.set_ylabel("rate, uL/h")
    for label, ul, style in (
            ("programmed", [event.programmed.ul for event in doses], {"color": GREY, "linewidth": 3, "alpha": 0.6}),
            ("delivered", [event.confirmed_steps * step_ul for event in doses], {"color": BLUE})):
        volumes.plot(times, ul, label=label, marker=marker, **style)
    volumes.set_ylabel("volume, uL")
    volumes.legend(loc="upper left")
    if marker:
        volumes.set_xlim(times[0] - MINUTE, times[0] + MINUTE)


def _marked(events):
    """Those that are listed: without acknowledgements, and alarms that are written down again."""
    return [event for event in events if event.name in MARKED and event.alarm not in NOTHING_NEW]


def _mark(events, axes, beside):
    """A line and a number at each event; what the numbers mean, down the side. One without a time is only listed."""
    for number, event in enumerate(events, 1):
        color = MARKED[event.name]
        beside.text(0, 0.94 - 0.9 * (number - 1) / LISTED, f"{number:>2}  {_when(event)}  {_label(event)}", fontsize=7,
                    va="top", color=color)
        if event.local is None:
            continue
        for part in axes:
            part.axvline(_time(event), color=color, linewidth=0.8, alpha=0.5)
        axes[0].annotate(str(number), (_time(event), 1), (0, 3 + 8 * (number % LEVELS)), fontsize=7, ha="center",
                         xycoords=("data", "axes fraction"), textcoords="offset points", color=color)


def _when(event):
    return event.local[5:] if event.local else "clock not set "


def _time(event):
    return datetime.fromisoformat(event.local)


def _label(event):
    return " ".join(word for word in (event.name, event.kind, event.outcome, event.alarm, event.request) if word)
