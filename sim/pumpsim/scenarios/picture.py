"""The picture of a scenario: rate, programmed and delivered volume, pressure, and what happened when."""

import textwrap

RED, GREY, BLUE, ORANGE = "#b00020", "#777777", "#1f5fa8", "#c96a00"
CHARACTERS = 110              # of a line above the picture


def draw(scenario, played, result, path):
    """Writes a PNG to `path`, whose folder is made where there is none; of one that ended with an error up to there."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    hours = [sample[0] / 3_600_000 for sample in played.samples]
    rate, volume, pressure = figure.subplots(3, sharex=True)
    rate.step(hours, [sample[1] / 1000 for sample in played.samples], where="post", color=BLUE)
    rate.set_ylabel("rate in force, uL/h")
    volume.plot(hours, [sample[2] / 1000 for sample in played.samples], color=GREY, linewidth=4, alpha=0.5,
                label="programmed, by the pump's word")
    volume.plot(hours, [sample[3] / 1000 for sample in played.samples], color=ORANGE, label="counted by the pump")
    volume.plot(hours, [sample[4] for sample in played.samples], color=BLUE, label="out of the outlet")
    volume.set_ylabel("volume, uL")
    volume.legend(loc="upper left", frameon=False)
    kpa = [sample[5] for sample in played.samples]
    pressure.plot(hours, kpa, color=BLUE)
    if max(map(abs, kpa)) < 1:
        pressure.set_ylim(-1, 1)
    pressure.set_ylabel("pressure, kPa")
    pressure.set_xlabel(f"hours since {scenario.time.clock(0)[:-3]} local time")
    for axes in (rate, volume, pressure):
        axes.grid(alpha=0.3)
        axes.margins(x=0.01)
        _mark(axes, played)
    _name(rate, played)
    figure.suptitle(_verdict(scenario, result), color="black" if result.passed else RED)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)


def _verdict(scenario, result):
    """The title, and of what failed the first thing."""
    if result.passed:
        return f"{scenario.title}: passed"
    first = result.error or f"expected: {result.failures[0].text}; happened: {result.failures[0].happened}"
    return "\n".join([f"{scenario.title}: FAILED", *textwrap.wrap(first, CHARACTERS)])


def _mark(axes, played):
    """A line for each deed of the timeline, a red one for each alarm."""
    for ms, _ in played.done:
        axes.axvline(ms / 3_600_000, color=GREY, linewidth=0.8, linestyle=":")
    for ms, _ in played.watch.raised:
        if ms:                                          # the clock is not set before the scenario begins
            axes.axvline(ms / 3_600_000, color=RED, linewidth=0.8)


def _name(axes, played):
    """What the lines are, above the first axes, at most a dozen."""
    named = [(ms, text, GREY) for ms, text in played.done] + [
        (ms, name, RED) for ms, name in played.watch.raised if ms > 0]
    for at, (ms, text, color) in enumerate(sorted(named)[:12]):
        axes.annotate(text, (ms / 3_600_000, 1), (2, -9 - 9 * (at % 6)), xycoords=("data", "axes fraction"),
                      textcoords="offset points", fontsize=7, color=color,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8})
