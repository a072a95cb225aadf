"""The days ahead as a terminal shows them: a row of blocks for each local day. Owns the drawing; computes no dose.

Every row is a local day from 00:00 to 24:00, so the hour that a change to summer time skips stays empty, and the one
that a change back repeats is marked. A column shows the highest rate within it: nothing short is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from pumpctl.cli import rate_text, volume_text
from pumpctl.console import shows
from pumpctl.durations import seconds
from pumpctl.localtime import EPOCH, MINUTE_MS, local_text
from pumpctl.preview import BAND, DAY_MIN, ClockChange, PlannedBolus, Preview
from pumpfiles.limits_table import KEY_OF_NAME

COLUMNS = (96, 72, 48, 24)    # of a day: 15, 20, 30 or 60 minutes each
ROWS = 2                      # of blocks, one above the other
LABEL = 11
VOLUME = 12
BAR = 40                      # columns of the reservoir


@dataclass(frozen=True)
class Glyphs:
    """What is drawn with. `steps`: from nothing to full; `band`: none, typical and all on-demand boluses gone."""

    steps: str
    band: str
    scheduled: str
    periodic: str
    skipped: str
    gap: str


UNICODE = Glyphs(" ▁▂▃▄▅▆▇█", "█▓▒", "▼", "▾", "x", "·")
PLAIN = Glyphs(" .:-=+*%#", "#=-", "v", "'", "x", "~")
BLUE, PURPLE, ORANGE, GREY = "blue", "magenta", "yellow", "bright_black"


def week_view(preview: Preview, width: int) -> RenderableType:
    """The drawing for a terminal of `width` columns."""
    glyphs = UNICODE if shows("".join((UNICODE.steps, UNICODE.band, UNICODE.scheduled, UNICODE.periodic))) else PLAIN
    columns = next((each for each in COLUMNS if LABEL + each + VOLUME <= width), COLUMNS[-1])
    view = _View(preview, columns, glyphs)
    parts: list[RenderableType] = [view.head(), view.axis()]
    for index in range(len(preview.days)):
        parts += view.day(index)
    parts += [view.axis(), *view.legend(), Text(""), *view.reservoir(), Text(""), *view.notes()]
    return Group(*parts)


class _View:
    def __init__(self, preview: Preview, columns: int, glyphs: Glyphs):
        self._preview = preview
        self._columns = columns
        self._minutes = DAY_MIN // columns
        self._glyphs = glyphs
        self._top = preview.highest_nl_per_h

    def head(self) -> Text:
        program, rig = self._preview.program, self._preview.rig
        on = f" on {rig.name}" if rig else ""
        begin = local_text(self._preview.start_ms, self._offset(self._preview.start_ms))
        return Text(f"{program.name}{on}, from {begin} ({program.zone_name}); highest rate {rate_text(self._top)}",
                    style="bold")

    def axis(self) -> Text:
        """00 03 06 ... over the hours that they name."""
        line = [" "] * (self._columns + 2)
        every = 3 if self._columns > COLUMNS[-1] else 6
        for hour in range(0, 25, every):
            at = hour * 60 // self._minutes
            line[at:at + 2] = f"{hour:02d}"
        return Text(" " * LABEL + "".join(line), style=GREY)

    def day(self, index: int) -> list[Text]:
        """The boluses of a day where it has any, and its rate in ROWS lines."""
        rates, marks = self._rates(index), self._marks(index)
        lines = []
        if any(mark != " " for mark in marks):
            lines.append(Text(" " * LABEL) + Text("".join(marks), style=PURPLE))
        for row in range(ROWS):
            label = self._label(index) if row == ROWS - 1 else ""
            line = Text(label.ljust(LABEL))
            cells = [self._cell(rate, ROWS - 1 - row) for rate in rates]
            for style, run in groupby(cells, key=lambda cell: cell[1]):
                line.append("".join(sign for sign, _ in run), style=style)
            if row == ROWS - 1:
                line.append(volume_text(self._preview.days[index].programmed_nl).rjust(VOLUME))
            lines.append(line)
        return lines

    def legend(self) -> list[Text]:
        """What the signs mean, of those that are used."""
        glyphs, boluses = self._glyphs, self._preview.boluses
        text = Text(" " * LABEL).append(glyphs.steps[-1], style=BLUE).append(f" rate, full: {rate_text(self._top)}")
        for kind, sign in (("scheduled", glyphs.scheduled), ("periodic", glyphs.periodic)):
            if any(bolus.kind == kind and not bolus.is_gap for bolus in boluses):
                text.append("   ").append(sign, style=PURPLE).append(f" {kind} bolus")
        if self._preview.changes:
            text.append("   ").append(glyphs.gap, style=ORANGE).append(" skipped or repeated hour")
        return [text]

    def reservoir(self) -> list[Text]:
        """What is left at the end of each day, as a band."""
        preview = self._preview
        if preview.rig is None:
            return []
        solid, typical, none = self._glyphs.band
        has_band = preview.program.on_demand is not None
        head = Text(f"reservoir at the end of the day, of {volume_text(preview.rig.reservoir_nl)}")
        if has_band:
            head.append("   ").append(solid, style=BLUE).append(" with all on-demand boluses  ")
            head.append(typical, style=ORANGE).append(" with half  ").append(none, style=ORANGE).append(" with none")
        lines = [head]
        for index, day in enumerate(preview.days):
            ends = [-(-left * BAR // preview.rig.reservoir_nl) for left in day.left_nl]
            bar = Text(solid * ends[0], style=BLUE)
            bar.append(typical * (ends[1] - ends[0]) + none * (ends[2] - ends[1]), style=ORANGE)
            bar.append(" " * (BAR - ends[2]))
            least, most = volume_text(day.left_nl[0]), volume_text(day.left_nl[-1])
            bar.append(f"  {most}" if least == most else f"  {least} to {most}", style="default")
            lines.append(Text(self._label(index).ljust(LABEL)) + bar)
        return lines

    def notes(self) -> list[Text]:
        """Clock changes, boluses, limits, when the reservoir is empty, the end of a trial."""
        found = [*self._change_notes(), *self._bolus_notes(), *self._limit_notes(), *self._empty_notes()]
        program = self._preview.program
        if program.ends_after_s:
            found.append(f"the program ends after {seconds(program.ends_after_s)}")
        if program.ends_volume_nl:
            found.append(f"the program ends after {volume_text(program.ends_volume_nl)}")
        return [Text(note) for note in found]

    def _change_notes(self) -> list[str]:
        found = []
        for change in self._preview.changes:
            begin, end = change_span(change)
            day = _date(begin)
            if change.is_gap:
                found.append(f"clocks forward: on {day} {_clock(begin)} to {_clock(end)} is skipped; nothing is "
                             "delivered for it, nothing is caught up")
            else:
                found.append(f"clocks back: on {day} {_clock(begin)} to {_clock(end)} comes twice; the rate repeats, a "
                             "scheduled bolus comes once, the first time")
        return found + [f"bolus of {volume_text(bolus.volume_nl)} skipped on {_date(self._local(bolus.utc_ms) - 1)}: "
                        "its local time does not exist that day" for bolus in self._preview.boluses if bolus.is_gap]

    def _bolus_notes(self) -> list[str]:
        program = self._preview.program
        found = []
        count = len([bolus for bolus in self._preview.boluses if bolus.kind == "scheduled" and not bolus.is_gap])
        if count:
            found.append(f"scheduled boluses: {count}")
        if program.periodic:
            volume_nl, over_s, every_s = program.periodic
            found.append(f"periodic bolus: {volume_text(volume_nl)} over {seconds(over_s)} every {seconds(every_s)}")
        if program.on_demand:
            volume_nl, over_s, lockout_s, most = program.on_demand
            found.append(f"on demand: {volume_text(volume_nl)} over {seconds(over_s)}, lockout {seconds(lockout_s)}, "
                         f"at most {most} in 24 h")
        return found

    def _limit_notes(self) -> list[str]:
        found = []
        for name, limits in (("limits", self._preview.limits), ("soft limits", self._preview.program.soft_limits)):
            texts = [f"{KEY_OF_NAME[key]} {rate_text(value) if 'rate' in key else volume_text(value)}"
                     for key, value in zip(KEY_OF_NAME, limits.values(), strict=True) if value]
            if texts:
                found.append(f"{name}: {', '.join(texts)}")
        return found

    def _empty_notes(self) -> list[str]:
        preview = self._preview
        if preview.rig is None:
            return ["no rig is known: no reservoir, no limits of a rig (give --rig)"]
        times = dict(zip(BAND, preview.empty_ms, strict=True))
        words = {name: "not within a year or the program" if ms is None
                 else f"{_date(self._local(ms))} {_clock(self._local(ms))}" for name, ms in times.items()}
        if len(set(words.values())) == 1:
            return [f"the reservoir is empty: {words['none']}"]
        return [f"the reservoir is empty: {words['none']} without on-demand boluses, {words['typical']} with half of "
                f"them, {words['all']} with all"]

    def _rates(self, index: int) -> list[int | str]:
        """For each column the highest rate in it; "" outside of the days ahead, the gap's sign where no time is."""
        day, preview = self._preview.days[index], self._preview
        found: list[int | str] = [""] * self._columns
        for stretch in preview.stretches:
            start_ms, end_ms = max(stretch.start_ms, day.start_ms), min(stretch.end_ms, day.end_ms)
            at_ms = start_ms
            while at_ms < end_ms:
                column = self._column(at_ms)
                until_ms = min(end_ms, at_ms + (self._minutes - self._local(at_ms) % self._minutes) * MINUTE_MS
                               - at_ms % MINUTE_MS)
                rate = max(preview.rate_at(at_ms), preview.rate_at(until_ms - 1))
                known = found[column]
                found[column] = max(rate, known) if isinstance(known, int) else rate
                at_ms = until_ms
        for change in preview.changes:
            if change.is_gap and day.start_ms <= change.utc_ms < day.end_ms:
                begin, end = change_span(change)
                for minute in range(begin, end):
                    column = minute % DAY_MIN // self._minutes
                    found[column] = self._glyphs.gap if found[column] == "" else found[column]
        return found

    def _marks(self, index: int) -> list[str]:
        """For each column the sign of what begins in it."""
        day = self._preview.days[index]
        found = [" "] * self._columns
        for bolus in self._preview.boluses:
            if day.start_ms <= bolus.utc_ms < day.end_ms:
                column = self._column(bolus.utc_ms)
                found[column] = _heavier(found[column], self._sign(bolus), self._glyphs)
        for change in self._preview.changes:
            if not change.is_gap and day.start_ms <= change.utc_ms < day.end_ms:
                begin, end = change_span(change)
                for minute in range(begin, end):
                    column = minute % DAY_MIN // self._minutes
                    found[column] = self._glyphs.gap if found[column] == " " else found[column]
        return found

    def _sign(self, bolus: PlannedBolus) -> str:
        if bolus.is_gap:
            return self._glyphs.skipped
        return self._glyphs.scheduled if bolus.kind == "scheduled" else self._glyphs.periodic

    def _cell(self, rate: int | str, row: int) -> tuple[str, str]:
        """A column's sign in a row of blocks, the lowest being row 0."""
        if isinstance(rate, str):
            return (rate or " ") if row == 0 else " ", ORANGE
        levels = len(self._glyphs.steps) - 1
        height = -(-rate * ROWS * levels // self._top) if self._top else 0           # any rate above 0 is seen
        return self._glyphs.steps[max(0, min(levels, height - row * levels))], BLUE

    def _label(self, index: int) -> str:
        return f"{EPOCH + timedelta(minutes=self._local(self._preview.days[index].start_ms)):%a %d %b}"

    def _column(self, utc_ms: int) -> int:
        return self._local(utc_ms) % DAY_MIN // self._minutes

    def _local(self, utc_ms: int) -> int:
        return self._preview.local_min(utc_ms)

    def _offset(self, utc_ms: int) -> int:
        return self._preview.zone.lookup(utc_ms // MINUTE_MS)[0]


def _heavier(known: str, sign: str, glyphs: Glyphs) -> str:
    """Of two signs in one column a scheduled bolus is shown, then one that is skipped."""
    return next(each for each in (glyphs.scheduled, glyphs.skipped, glyphs.periodic) if each in (known, sign))


def change_span(change: ClockChange) -> tuple[int, int]:
    """Local minutes since 1970 that a clock change skips, or that it repeats."""
    utc_min = change.utc_ms // MINUTE_MS
    first, last = sorted((change.before_min, change.after_min))
    return utc_min + first, utc_min + last


def _clock(local_min: int) -> str:
    return f"{local_min % DAY_MIN // 60:02d}:{local_min % 60:02d}"


def _date(local_min: int) -> str:
    return f"{EPOCH + timedelta(minutes=local_min):%a %d %b}"
