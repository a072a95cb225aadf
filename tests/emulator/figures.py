"""What is measured on the emulated Pico: one table with goals, printed after a run and kept in firmware/DESIGN.md, some
rows of it in README.md, too.

A test hands in what it has measured by the key of its row; the goal is held then and there. Emulated cycles are exact,
so the same firmware gives the same figures on any machine, but for those of an update, where the host's pace counts.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DESIGN, README = ROOT / "firmware" / "DESIGN.md", ROOT / "README.md"
BEGIN, END = "<!-- figures of make bench-emulator -->\n", "<!-- end of figures -->\n"
HEAD = "| what | figure | goal | met |\n|---|---|---|---|\n"


@dataclass(frozen=True)
class Row:
    """`most` or `least` is the goal, in the figure's unit; neither where there is none."""

    what: str
    unit: str
    digits: int = 0
    most: float | None = None
    least: float | None = None

    def text(self, value):
        return f"{value:,.{self.digits}f} {self.unit}"

    @property
    def goal(self):
        bound = self.most if self.most is not None else self.least
        if bound is None:
            return ""
        return f"{'at most' if self.most is not None else 'at least'} {bound:,} {self.unit}".replace("at most 0", "0")

    def is_met(self, value):
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    def line(self, figure):
        """In Markdown, with a figure as `text` made it, or "" where it was not measured."""
        met = ""
        if self.goal and figure:
            met = "yes" if self.is_met(number_of(figure)) else "no"
        return f"| {self.what} | {figure} | {self.goal} | {met} |\n"


ROWS = {
    "rate_1": Row("error of a step interval at 1 step/s, flash erased, garbage collected, link busy", "cycles", most=0),
    "rate_1000": Row("the same at 1,000 steps/s", "cycles", most=0),
    "rate_50000": Row("the same at 50,000 steps/s", "cycles", most=0),
    "rate_500000": Row("the same at 500,000 steps/s", "cycles", most=0),
    "rate_top": Row("highest steady rate, the same error 0", "steps/s", least=4_000_000),
    "minutes": Row("error of an interval in ten minutes of a program, a new rate every minute, against the simulator's",
                   "cycles", most=0),
    "erases": Row("the same around flash erases", "cycles", most=0),
    "doses": Row("a pulse's distance from the simulator's, start to stop with boluses, a temporary rate and a suspend",
                 "us", 1, most=10),
    "stop": Row("`stop` on the wire to the last pulse, median of 20", "ms", 1, most=20),
    "stop_worst": Row("the same, the latest of 20", "ms", 1, most=20),
    "stop_erase": Row("the same, sent as a flash erase of 45 ms begins: the latest of 10", "ms", 1, most=20),
    "stop_plain": Row("the same without the stop mark, the latest of 20", "ms", 1),
    "input": Row("stall, limit or stop input to the enable line off, inside a flash erase, worst", "ms", 2, most=5),
    "input_step": Row("the same to the last step", "ms", 2, most=100),
    "boot_empty": Row("boot to first reply, nothing stored", "s", 2, most=1.5),
    "boot": Row("boot to first reply, with rig, program and journal", "s", 2, most=1.5),
    "boot_misses": Row("the same with flash cache misses estimated", "s", 2, most=1.5),
    "boot_parts": Row("the same with every part fitted, but without a journal", "s", 2, most=1.5),
    "boot_weeks": Row("boot to first reply after 30 days of running", "s", 2, most=2),
    "boot_all": Row("the longest there is: all 11,000 records of a journal are read back", "s", 1),
    "heap": Row("heap free while running, typical program", "bytes", least=100_000),
    "heap_parts": Row("heap free with every part fitted", "bytes", least=100_000),
    "heap_largest": Row("heap free with the largest program, all ramps", "bytes", least=100_000),
    "flash": Row("flash used by one installed firmware", "KB"),
    "idle": Row("a poll at which nothing is due, the largest program running", "us"),
    "idle_bytes": Row("allocated by it", "bytes", most=0),
    "planning": Row("planning, the same: a command of steps put into the queue, mean", "us", most=5_000),
    "event": Row("one journal event, median of 800", "ms", 1, most=10),
    "event_worst": Row("the worst of them", "ms", most=1_000),
    "pull": Row("records pulled over USB", "records/s"),
    "update_answer": Row("update of a running pump: no answer", "s", most=60),
    "update_step": Row("update of a running pump: pumping time lost", "s", most=60),
}


DOCUMENTS = {                           # the keys of the rows that each has
    DESIGN: tuple(ROWS),
    README: ("rate_1", "rate_500000", "rate_top", "minutes", "erases", "doses", "stop", "stop_worst", "stop_erase",
             "input", "boot", "boot_misses", "boot_weeks", "heap", "heap_parts", "heap_largest", "idle", "idle_bytes",
             "planning", "event", "pull", "update_answer", "update_step"),
}


def number_of(figure):
    return float(re.match(r"[\d,.]+", figure)[0].replace(",", ""))


class Figures:
    """Those of one run, by key."""

    def __init__(self):
        self._found = {}

    def __bool__(self):
        return bool(self._found)

    def note(self, key, value):
        """Keeps a figure, the worse where there is one already; AssertionError where it misses its goal."""
        row = ROWS[key]
        worse = min if row.least is not None else max
        self._found[key] = worse(value, self._found.get(key, value))
        assert row.is_met(value), f"{row.what}: {row.text(value)}, {row.goal} is the goal"

    def table(self):
        """The rows that were measured, as Markdown."""
        return HEAD + "".join(row.line(row.text(self._found[key])) for key, row in ROWS.items() if key in self._found)

    def differences(self):
        """(what, measured, in the document) of the figures that have changed since they were written there."""
        written = in_document()
        return [(row.what, row.text(value), written.get(row.what)) for row, value in
                ((ROWS[key], value) for key, value in self._found.items()) if row.text(value) != written.get(row.what)]

    def write(self):
        """Puts what was measured into the documents' tables; the rows that were not are DESIGN.md's."""
        kept = in_document()
        for document, keys in DOCUMENTS.items():
            before, rest = document.read_text(encoding="utf-8").split(BEGIN)
            after = rest.split(END)[1]
            lines = [ROWS[key].line(ROWS[key].text(self._found[key]) if key in self._found
                                    else kept.get(ROWS[key].what, "")) for key in keys]
            document.write_text(before + BEGIN + HEAD + "".join(lines) + END + after, encoding="utf-8")


def rows_of(table):
    """{what: figure} of a table in Markdown."""
    found = re.findall(r"^\| (.*?) \| (.*?) \| .*\|.*\|$", table, re.MULTILINE)
    return {what: figure for what, figure in found if what != "what"}


def in_document(document=DESIGN):
    """The same of the one in a document."""
    text = document.read_text(encoding="utf-8")
    return rows_of(text[text.index(BEGIN):text.index(END)])
