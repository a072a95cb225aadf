"""What `pumpsim flow --readings` does: the three tests out of a balance's CSV, the pump's log and a person's marks.

The log and the marks say what happened when; without either, the pump was started with the first reading.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flowtest.doses import by_size
from flowtest.flow import read_flow
from flowtest.marked import found_by
from flowtest.marks import Clock, Mark, read_marks
from flowtest.pump_log import read_log
from flowtest.water import Liquid
from pumpfiles.quantities import RATE
from pumpsim.flow.entries import number
from pumpsim.flow.results import Results
from pumpsim.flow.runs import SETTLE_S, curves_of


@dataclass(frozen=True)
class Given:
    """Paths of the files, what was typed, and s that a bolus or a release is given to settle."""

    readings: str
    log: str | None = None
    marks: str | None = None
    rate: str | None = None
    began: str | None = None
    settle_s: float = SETTLE_S


def of_readings(given, celsius, evaporation_mg_per_h):
    """The Results that a balance's readings hold; ValueError, with what to do, for what is wrong."""
    flow, liquid, table = _opened("--readings", given.readings, lambda path: read_flow(
        path, Liquid(celsius, evaporation_mg_per_h=evaporation_mg_per_h)))
    clock = _clock(given, table)
    found = found_by(flow, _marks(given, clock), given.settle_s, clock.text)
    if not (found.stretches or found.doses or found.occlusions):
        raise ValueError(_nothing(given, flow, clock, found.notes))
    time_s, mass_mg = table.columns["time_s"] - table.columns["time_s"][0], table.columns["mass_mg"]
    curves = []
    for each in found.stretches:
        within = (time_s >= each.begin_s) & (time_s <= each.end_s)
        part = flow.since(each.begin_s, each.end_s)
        curves.append(curves_of(part, each.rate_ul_per_h, time_s[within] - each.begin_s, mass_mg[within]))
    return Results(Path(given.readings).name, liquid.text, curves=curves, doses=by_size(found.doses),
                   occlusions=found.occlusions, notes=found.notes)


def _opened(option, path, read):
    try:
        return read(Path(path))
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}; give another file with {option}") from None


def _clock(given, table):
    """Of the balance."""
    if given.began is None:
        return Clock(table.start, float(table.columns["time_s"][0]))
    if table.start is not None:
        raise ValueError(f"--began {given.began}: the readings have times of their own; leave it out")
    try:
        return Clock(datetime.fromisoformat(given.began), float(table.columns["time_s"][0]))
    except ValueError:
        raise ValueError(f"--began {given.began!r}: expected when the first reading was, such as 2026-03-27T06:30:00") \
            from None


def _marks(given, clock):
    marks = []
    if given.log is not None:
        if clock.zero is None:
            raise ValueError("--log needs the time of the first reading, as the readings have seconds: give it with "
                             "--began, such as 2026-03-27T06:30:00")
        marks += _opened("--log", given.log, lambda path: read_log(path, clock))
    if given.marks is not None:
        marks += _opened("--marks", given.marks, lambda path: read_marks(path, clock))
    if given.rate is None:
        if not marks:
            raise ValueError("--readings needs the --rate that was set from the first reading on, or --log or --marks, "
                             "which say what was done")
        return marks
    if given.log is not None or any(mark.kind in ("start", "rate") for mark in marks):
        raise ValueError("--rate: the log or the marks say the rates; leave it out")
    return [Mark(0, "start", number(given.rate, RATE, "--rate")), *marks]


def _nothing(given, flow, clock, notes):
    """Why no test was found, for a person."""
    files = " and ".join(path for path in (given.log, given.marks) if path) or "--rate"
    span = f"{given.readings}, from {clock.text(0)} to {clock.text(flow.length_s)}"
    why = f": {notes[0]}" if notes else "; are the clocks the same, and the days?"
    return f"nothing of {files} can be judged by {span}{why}"
