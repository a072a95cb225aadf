"""Which tests and scenarios trace which requirement, and how they ended: `python -m tests.trace` prints the table.

A requirement is a line "- X-00 ..." of firmware/REQUIREMENTS.md; a test traces it with
`@pytest.mark.requirement("X-00")`, a scenario with `requirements = ["X-00"]`. The tests' results are those of the last
`make test`; the scenarios are played. Fails where a requirement has no test, where one of its tests or scenarios
failed, and where results are there but none of them is a pass. Results that do not belong to the tests of now are a
complaint too: a collected test without one (those of tests/emulator have a command of their own), or a source that
has changed since.
"""

import contextlib
import io
import re
import sys
import textwrap
import tomllib
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ROOT / "firmware" / "REQUIREMENTS.md"
RESULTS = ROOT / "out" / "tests.xml"                    # written by make test
SCENARIOS = ROOT / "sim" / "scenarios"
APART = ROOT / "tests" / "emulator"                     # make test leaves it out
SOURCES = ("firmware", "host_tools", "sim", "tests")
NAMED = 5                     # tests without a result that are named
WIDTH = 90                    # characters of a requirement that are shown
PASSED, FAILED, SKIPPED, UNKNOWN = "passed", "FAILED", "skipped", "not run"
WORST = (FAILED, PASSED, SKIPPED, UNKNOWN)              # of several results the first of these counts


def known_requirements():
    """{number: its first words} of the document, in its order."""
    found = re.findall(r"^- ([A-Z]-\d\d) (.*)$", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def requirements_of(item):
    """The numbers that a collected test traces."""
    return [number for mark in item.iter_markers("requirement") for number in mark.args]


class Collector:
    """Keeps the tests of each requirement as pytest collects them, and in `due` those that make test runs."""

    def __init__(self):
        self.tests = defaultdict(dict)
        self.due = {}

    def pytest_collection_modifyitems(self, items):
        for item in items:
            name = name_of(item.nodeid)
            if APART not in item.path.parents:
                self.due[name] = None
            for number in requirements_of(item):
                self.tests[number][name] = None


def name_of(nodeid):
    """"test_file::test_name" of pytest's name for a test; of one in a class "TestClass::test_name"."""
    path, *names = nodeid.split("[")[0].split("::")
    return "::".join([Path(path).stem, *names][-2:])


def worst_of(results):
    """One word for several: failed before passed before skipped before not run."""
    return min(results, key=WORST.index, default=UNKNOWN)


def results_of(xml):
    """{"test_file::test_name": result} of a JUnit text; the cases of one test count together."""
    found = defaultdict(list)
    for case in ElementTree.fromstring(xml).iter("testcase"):
        kinds = {child.tag for child in case}
        result = FAILED if kinds & {"failure", "error"} else SKIPPED if "skipped" in kinds else PASSED
        found[f"{case.get('classname').split('.')[-1]}::{case.get('name').split('[')[0]}"].append(result)
    return {name: worst_of(results) for name, results in found.items()}


def scenarios_of(folder):
    """{number: paths of the scenarios that trace it}."""
    found = defaultdict(list)
    for path in sorted(folder.glob("*.toml")):
        for number in tomllib.loads(path.read_text(encoding="utf-8")).get("requirements", ()):
            found[number].append(path)
    return found


def report(known, tests_of, scenarios, results):
    """(lines of the table, complaints). results: by the name of a test and of a scenario."""
    lines, complaints = [], []
    for number, words in known.items():
        tests, played = list(tests_of.get(number, ())), [path.stem for path in scenarios.get(number, ())]
        ended = {name: results.get(name, UNKNOWN) for name in (*tests, *played)}
        result = worst_of(ended.values())
        if not tests:
            complaints.append(f"{number}: no test traces it")
        elif result == FAILED or (result != PASSED and results):
            complaints.append(f"{number}: {result}")
        lines.append(f"{number}  {result:8s} {len(tests):3d} tests {len(played):2d} scenarios  "
                     f"{textwrap.shorten(words, WIDTH, placeholder=' ...')}")
        lines += [f"        {result:8s} {name}" for name, result in ended.items()]
    strange = sorted({*tests_of, *scenarios} - known.keys())
    complaints += [f"{number}: no such requirement" for number in strange]
    return lines, complaints


def stale(due, results, written_s, sources):
    """Complaints about results that are not those of the tests and sources of now.

    due: names of tests that should have one; written_s: when the results were written; sources: {path: when changed}.
    """
    missing = [name for name in due if name not in results]
    newer = sorted(path for path, changed_s in sources.items() if changed_s > written_s)
    found = []
    if missing:
        more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
        found.append(f"{len(missing)} of {len(due)} tests without a result: {', '.join(missing[:NAMED])}{more}: "
                     f"run make test")
    if newer:
        more = f" and {len(newer) - 1} more files have" if len(newer) > 1 else " has"
        found.append(f"{newer[0]}{more} changed since these results: run make test")
    return found


def changed_of(root, folders):
    """{path from the root: when it was changed} of all Python files and scenarios."""
    return {str(path.relative_to(root)): path.stat().st_mtime
            for folder in folders for ending in ("*.py", "*.toml") for path in (root / folder).rglob(ending)
            if "node_modules" not in path.parts}


def main():
    from pumpsim.scenarios.many import run_all

    collector = Collector()
    listing = io.StringIO()
    with contextlib.redirect_stdout(listing):
        status = pytest.main(["--collect-only", "-q"], plugins=[collector])
    if status:
        print(listing.getvalue(), file=sys.stderr)
        return int(status)
    known, scenarios = known_requirements(), scenarios_of(SCENARIOS)
    results = results_of(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    old = stale(collector.due, results, RESULTS.stat().st_mtime, changed_of(ROOT, SOURCES)) if results else []
    paths = sorted({path for found in scenarios.values() for path in found})
    results |= {Path(one.path).stem: PASSED if one.passed else FAILED for one in run_all(paths)}
    lines, complaints = report(known, collector.tests, scenarios, results)
    complaints += old
    print("\n".join(lines))
    print(f"{len(known)} requirements, {len({test for found in collector.tests.values() for test in found})} tests, "
          f"{len(paths)} scenarios: {len(complaints)} complaints")
    if not RESULTS.exists():
        print("no results of tests are here: run make test first", file=sys.stderr)
    print("".join(f"{complaint}\n" for complaint in complaints), end="", file=sys.stderr)
    return 1 if complaints or not RESULTS.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
