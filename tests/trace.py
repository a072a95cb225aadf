"""Which test traces which requirement: `python -m tests.trace` prints the table and fails on a hole.

A requirement is a line "- X-00 ..." of firmware/REQUIREMENTS.md; a test traces it with
`@pytest.mark.requirement("X-00")`. COMPLETE names the groups in which every requirement must have a test.
"""

import contextlib
import io
import re
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[1] / "firmware" / "REQUIREMENTS.md"
COMPLETE = "TDBLA"
WIDTH = 96                    # characters of a requirement that are shown


def known_requirements():
    """{number: its first words} of the document, in its order."""
    found = re.findall(r"^- ([A-Z]-\d\d) (.*)$", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def requirements_of(item):
    """The numbers that a collected test traces."""
    return [number for mark in item.iter_markers("requirement") for number in mark.args]


class Collector:
    """Keeps the tests of each requirement as pytest collects them."""

    def __init__(self):
        self.tests = defaultdict(dict)

    def pytest_collection_modifyitems(self, items):
        for item in items:
            for number in requirements_of(item):
                self.tests[number][f"{item.path.stem}::{getattr(item, 'originalname', item.name)}"] = None


def report(tests_of, known):
    """(lines of the table, numbers that must have a test and have none)."""
    lines, holes = [], []
    for number, words in known.items():
        tests = tests_of.get(number, ())
        if not tests and number[0] in COMPLETE:
            holes.append(number)
        lines.append(f"{number}  {len(tests):3d} tests  {textwrap.shorten(words, WIDTH, placeholder=' ...')}")
        lines += [f"        {test}" for test in tests]
    return [*lines, f"{sum(bool(tests) for tests in tests_of.values())} of {len(known)} requirements traced"], holes


def main():
    collector = Collector()
    listing = io.StringIO()
    with contextlib.redirect_stdout(listing):
        status = pytest.main(["--collect-only", "-q"], plugins=[collector])
    if status:
        print(listing.getvalue(), file=sys.stderr)
        return int(status)
    lines, holes = report(collector.tests, known_requirements())
    print("\n".join(lines))
    if holes:
        print(f"no test traces: {', '.join(holes)}", file=sys.stderr)
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
