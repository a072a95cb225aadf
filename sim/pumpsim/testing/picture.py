"""The picture of a test: rate, volume delivered and programmed, and the events, from the journal. Judges nothing."""

from datetime import datetime

RED, BLUE, GREY, ORANGE = "#d55e00", "#0072b2", "#666666", "#e69f00"      # of Okabe and Ito: told apart by all eyes
MARKED = {"alarm": RED, "fault": RED, "bolus": BLUE, "denied": ORANGE, "clock": GREY, "boot": GREY}
SIZE_IN = (10, 6)


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
    rates, volumes = figure.subplots(2, 1, sharex=True)
    times = [_time(event) for event in doses]
    step_ul = pump.step.ul
    rates.step(times, [event.rate.ul for event in doses], where="post", color=BLUE)
    rates.set_ylabel("rate, uL/h")
    volumes.plot(times, [event.programmed.ul for event in doses], color=GREY, linewidth=3, alpha=0.6,
                 label="programmed")
    volumes.plot(times, [event.confirmed_steps * step_ul for event in doses], color=BLUE, label="delivered")
    volumes.set_ylabel("volume, uL")
    volumes.legend(loc="upper left")
    for event in events:
        if event.name in MARKED and event.alarm != "" and _time(event) > times[0]:
            for axes in (rates, volumes):
                axes.axvline(_time(event), color=MARKED[event.name], linewidth=0.8, alpha=0.5)
            rates.annotate(_label(event), (_time(event), 1), xycoords=("data", "axes fraction"), rotation=90,
                           va="top", ha="right", fontsize=7, color=MARKED[event.name])
    locator = AutoDateLocator()
    volumes.xaxis.set_major_locator(locator)
    volumes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    figure.suptitle(title, fontsize=10)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    return path


def _time(event):
    return datetime.fromisoformat(event.local)


def _label(event):
    return " ".join(word for word in (event.name, event.kind, event.outcome, event.alarm, event.request) if word)
