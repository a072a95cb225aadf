"""What flow tests found: as JSON, as a table of figures, as text for a person, as files. Owns their names."""

import csv
import io
import math
from dataclasses import dataclass, field

from flowtest import pictures
from flowtest.doses import Occlusion, SizeAccuracy
from pumpsim.flow.runs import Curves

COLUMNS = ("test", "rate_ul_per_h", "requested_ul", "window_min", "quantity", "value")


@dataclass
class Results:
    """source: the rig's name, or the file of readings; `liquid` in words; notes: what was left out, and why."""

    source: str
    liquid: str
    effects: dict[str, float] = field(default_factory=dict)
    curves: list[Curves] = field(default_factory=list)
    doses: list[SizeAccuracy] = field(default_factory=list)
    occlusions: list[Occlusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_dict(self):
        return {"source": self.source, "liquid": self.liquid, "effects": self.effects,
                "curves": [_curves_dict(each) for each in self.curves],
                "boluses": [vars(each) for each in self.doses],
                "occlusions": [{name: None if value != value else value for name, value in vars(each).items()}
                               for each in self.occlusions],
                "notes": self.notes}

    def rows(self):
        """The figures one below the other: COLUMNS, None where a column does not belong to one."""
        for each in self.curves:
            rate, start, trumpet = each.rate_ul_per_h, each.start_up, each.trumpet
            yield "start-up", rate, None, None, "started_s", start.started_s
            yield "start-up", rate, None, None, "missing_ul", start.missing_ul
            if trumpet:
                yield "trumpet", rate, None, None, "mean_percent", trumpet.mean_percent
                for window in trumpet.windows:
                    yield "trumpet", rate, None, window.minutes, "low_percent", window.low_percent
                    yield "trumpet", rate, None, window.minutes, "high_percent", window.high_percent
        for each in self.doses:
            for name in ("count", "mean_ul", "mean_percent", "low_percent", "high_percent", "sd_percent"):
                yield "bolus", None, each.requested_ul, None, name, getattr(each, name)
        for each in self.occlusions:
            for name in ("alarm_after_s", "kpa", "post_bolus_ul"):
                yield "occlusion", each.rate_ul_per_h, None, None, name, getattr(each, name)

    def csv(self):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([_shown(value) for value in row] for row in self.rows())
        return out.getvalue()

    def lines(self):
        """For a person."""
        found = [f"{self.source}: {self.liquid}"]
        if self.effects:
            found.append("plant: " + ", ".join(f"{name}={value:g}" for name, value in self.effects.items()))
        for each in self.curves:
            found += _curve_lines(each)
        found += [f"bolus of {each.requested_ul:g} uL, {each.count} times: {_signed(each.mean_percent)} % "
                  f"({_signed(each.low_percent)} to {_signed(each.high_percent)} %)" for each in self.doses]
        found += [_occlusion_line(each) for each in self.occlusions]
        return found + [f"note: {note}" for note in self.notes]

    def write(self, folder):
        """figures.csv, flow.svg, flow.png, and the readings of each rate; returns their names."""
        folder.mkdir(parents=True, exist_ok=True)
        names = ["figures.csv", "flow.svg", "flow.png"]
        (folder / names[0]).write_text(self.csv(), encoding="utf-8")
        for name in names[1:]:
            pictures.saved(self.picture(), folder / name)
        for each in self.curves:
            name = f"readings-{each.rate_ul_per_h:g}-uL-h"
            again = sum(one.startswith(name) for one in names)
            names.append(f"{name}-{again + 1}.csv" if again else f"{name}.csv")
            rows = [f"{s:.10g},{mg:.4f}" for s, mg in zip(each.time_s, each.mass_mg, strict=True)]
            (folder / names[-1]).write_text("\n".join(["time_s,mass_mg", *rows]) + "\n", encoding="utf-8")
        return names

    def picture(self):
        """All tests on one sheet."""
        draws = []
        if self.curves:
            draws.append(lambda axes: pictures.start_ups(axes, [each.start_up for each in self.curves]))
        trumpets = [each.trumpet for each in self.curves if each.trumpet]
        if trumpets:
            draws.append(lambda axes: pictures.trumpets(axes, trumpets))
        if self.doses:
            draws.append(lambda axes: pictures.doses(axes, self.doses))
        if self.occlusions:
            draws.append(lambda axes: pictures.occlusions(axes, self.occlusions))
        return pictures.figure_of(*draws, columns=min(2, len(draws)), size=(8 * min(2, len(draws)), 5))


def _curves_dict(each):
    trumpet = each.trumpet
    return {"rate_ul_per_h": each.rate_ul_per_h, "started_s": each.start_up.started_s,
            "missing_ul": each.start_up.missing_ul, "mean_percent": trumpet.mean_percent if trumpet else None,
            "windows": [vars(window) for window in trumpet.windows] if trumpet else []}


def _curve_lines(each):
    start, trumpet = each.start_up, each.trumpet
    found = [f"{each.rate_ul_per_h:g} uL/h: 90 % {start.started_text}; {start.missing_ul:.3g} uL missing after "
             f"{start.time_s[-1] / 60:.3g} min"]
    if trumpet:
        windows = ", ".join(f"{window.minutes} min {_signed(window.low_percent)} to {_signed(window.high_percent)} %"
                            for window in trumpet.windows)
        found.append(f"  mean {_signed(trumpet.mean_percent)} %; {windows}")
    return found


def _occlusion_line(each):
    alarm = f"alarm after {each.alarm_after_s / 60:.3g} min" if each.alarm_after_s is not None else "NO alarm"
    kpa = f" at {each.kpa:.3g} kPa" if each.alarm_after_s is not None and not math.isnan(each.kpa) else ""
    back = f", {each.post_bolus_ul:.4g} uL after it" if not math.isnan(each.post_bolus_ul) else ""
    return f"occlusion at {each.rate_ul_per_h:g} uL/h: {alarm}{kpa}{back}"


def _signed(percent):
    return f"{round(percent, 2) + 0:+.2f}"            # no -0.00


def _shown(value):
    if value is None or value != value:
        return ""
    return f"{value:.6g}" if isinstance(value, float) and math.isfinite(value) else value
