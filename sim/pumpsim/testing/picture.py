"""The picture of a test: rate, volume delivered and programmed, and the events, from the journal. Judges nothing."""

from datetime import datetime

from pumpsim.testing.events import AS_BEFORE

RED, BLUE, GREY, ORANGE = "#d55e00", "#0072b2", "#666666", "#e69f00"      # of Okabe and Ito: told apart by all eyes
MARKED = {"alarm": RED, "fault": RED, "bolus": BLUE, "denied": ORANGE, "clock": GREY, "boot": GREY}
NOTHING_NEW = ("", AS_BEFORE)
SIZE_IN = (11, 6)
LISTED = 30                   # events beside the curves at most: the last ones
LEVELS = 4                    # heights of their numbers, so that close ones stay readable


def draw(pump, path, title):
    """Writes a PNG (or what the path's ending says) of all that `pump`, a BenchPump, has done; returns the path, or
    None where its journal holds nothing to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    events = [event for event in pump.journal if event.utc_ms is not None]
    doses = [event for event in events if event.rate is not None]
    if not doses:
        return None
    figure = Figure(figsize=SIZE_IN, layout="constrained")
    FigureCanvasAgg(figure)
    curves, beside = figure.subfigures(1, 2, width_ratios=(3, 1))
    rates, volumes = curves.subplots(2, 1, sharex=True)
    times = [_time(event) for event in doses]
    step_ul = pump.step.ul
    rates.step(times, [event.rate.ul for event in doses], where="post", color=BLUE)
    rates.set_ylabel("rate, uL/h")
    volumes.plot(times, [event.programmed.ul for event in doses], color=GREY, linewidth=3, alpha=0.6,
                 label="programmed")
    volumes.plot(times, [event.confirmed_steps * step_ul for event in doses], color=BLUE, label="delivered")
    volumes.set_ylabel("volume, uL")
    volumes.legend(loc="upper left")
    marked = [event for event in events if event.name in MARKED and event.alarm not in NOTHING_NEW
              and _time(event) > times[0]]
    _mark(marked[-LISTED:], (rates, volumes), beside)
    locator = AutoDateLocator()
    volumes.xaxis.set_major_locator(locator)
    volumes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    figure.suptitle(title, fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    return path


def _mark(events, axes, beside):
    """A line and a number at each event; what the numbers mean, down the side."""
    for number, event in enumerate(events, 1):
        for part in axes:
            part.axvline(_time(event), color=MARKED[event.name], linewidth=0.8, alpha=0.5)
        axes[0].annotate(str(number), (_time(event), 1), (0, 3 + 8 * (number % LEVELS)), fontsize=7, ha="center",
                         xycoords=("data", "axes fraction"), textcoords="offset points", color=MARKED[event.name])
        beside.text(0, 0.94 - 0.9 * (number - 1) / LISTED, f"{number:>2}  {event.local[5:]}  {_label(event)}",
                    fontsize=7, va="top", color=MARKED[event.name])


def _time(event):
    return datetime.fromisoformat(event.local)


def _label(event):
    return " ".join(word for word in (event.name, event.kind, event.outcome, event.alarm, event.request) if word)
