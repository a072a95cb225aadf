"""The table of requirements, tests, scenarios and results says what it should, and what is missing is a complaint."""

import re
from pathlib import Path
from types import SimpleNamespace

from tests.trace import (
    FAILED,
    PASSED,
    ROOT,
    SKIPPED,
    Collector,
    changed_of,
    known_requirements,
    name_of,
    report,
    results_of,
    scenarios_of,
    stale,
)

KNOWN = {"T-01": "A rate schedule", "D-03": "The ledger counts"}
TESTS = {"T-01": {"test_zone::test_one": None}, "D-03": {"test_ledger::test_two": None}}
XML = """<testsuites><testsuite>
<testcase classname="tests.pump.test_zone" name="test_one[a]"/>
<testcase classname="tests.pump.test_zone" name="test_one[b]"><skipped/></testcase>
<testcase classname="tests.pump.test_ledger" name="test_two[1]"/>
<testcase classname="tests.pump.test_ledger" name="test_two[2]"><failure/></testcase>
<testcase classname="tests.emulator.test_board" name="test_three"><skipped/></testcase>
</testsuite></testsuites>"""


def test_each_requirement_stands_with_its_tests_scenarios_and_results():
    results = {"test_zone::test_one": PASSED, "test_ledger::test_two": PASSED, "leak": PASSED}
    lines, complaints = report(KNOWN, TESTS, {"D-03": [Path("sim/scenarios/leak.toml")]}, results)
    assert lines == ["T-01  passed     1 tests  0 scenarios  A rate schedule",
                     "        passed   test_zone::test_one",
                     "D-03  passed     1 tests  1 scenarios  The ledger counts",
                     "        passed   test_ledger::test_two",
                     "        passed   leak"]
    assert complaints == []


def test_a_requirement_without_a_test_is_a_complaint_a_scenario_alone_is_none():
    _, complaints = report(KNOWN, {"T-01": TESTS["T-01"]}, {"D-03": [Path("leak.toml")]}, {"leak": PASSED})
    assert complaints == ["T-01: not run", "D-03: no test traces it"]


def test_what_failed_or_only_was_skipped_is_a_complaint():
    results = results_of(XML)
    assert results == {"test_zone::test_one": PASSED, "test_ledger::test_two": FAILED,
                       "test_board::test_three": SKIPPED}
    _, complaints = report(KNOWN, {"T-01": {"test_board::test_three": None}, "D-03": TESTS["D-03"]}, {}, results)
    assert complaints == ["T-01: skipped", "D-03: FAILED"]
    scenario = {"T-01": [Path("leak.toml")]}
    assert report(KNOWN, TESTS, scenario, {"leak": FAILED, "test_ledger::test_two": PASSED})[1] == ["T-01: FAILED"]


def test_before_any_run_only_holes_are_complaints():
    assert report(KNOWN, TESTS, {}, {})[1] == []


def test_a_test_without_a_result_is_a_complaint_when_others_have_one():
    due = [f"test_zone::test_{number}" for number in range(8)]
    assert stale(due, dict.fromkeys(due, SKIPPED), 100, {}) == []
    assert stale(due, dict.fromkeys(due[1:], PASSED), 100, {}) == [
        "1 of 8 tests without a result: test_zone::test_0: run make test"]
    assert stale(due, {due[7]: PASSED}, 100, {}) == [
        "7 of 8 tests without a result: test_zone::test_0, test_zone::test_1, test_zone::test_2, test_zone::test_3, "
        "test_zone::test_4 and 2 more: run make test"]


def test_tests_that_make_test_leaves_out_need_no_result():
    collector = Collector()
    collector.pytest_collection_modifyitems([
        SimpleNamespace(nodeid=f"{path}::test_one[1]", path=ROOT / path, iter_markers=lambda name: ())
        for path in ("tests/emulator/test_rom.py", "tests/device/test_link.py", "tests/test_trace.py")])
    assert list(collector.due) == ["test_link::test_one", "test_trace::test_one"]


def test_a_source_that_is_newer_than_the_results_is_a_complaint(tmp_path):
    for name in ("pump/zone.py", "pump/zone.md", "late.toml", "node_modules/a.py"):
        path = tmp_path / "firmware" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    changed = changed_of(tmp_path, ("firmware", "sim"))
    assert changed.keys() == {"firmware/pump/zone.py", "firmware/late.toml"}
    assert stale([], {}, 100, {"a.py": 99, "b.py": 100}) == []
    assert stale([], {}, 100, {"b.py": 102, "a.py": 101}) == [
        "a.py and 1 more files have changed since these results: run make test"]


def test_pytests_and_junits_names_for_a_test_are_one():
    """As pytest writes them; tests of this repository, and one in a class, which hypothesis makes."""
    for nodeid, classname, name in (
            ("tests/pump/test_zone.py::test_one[a::b]", "tests.pump.test_zone", "test_one[a::b]"),
            ("tests/test_trace.py::test_two", "tests.test_trace", "test_two"),
            ("tests/pump/test_model.py::TestModel::runTest", "tests.pump.test_model.TestModel", "runTest")):
        assert list(results_of(f'<a><testcase classname="{classname}" name="{name}"/></a>')) == [name_of(nodeid)]


def test_a_number_that_no_requirement_has_is_a_complaint():
    _, complaints = report(KNOWN, TESTS | {"X-99": {"test_a::test_b": None}}, {"Z-01": [Path("leak.toml")]}, {})
    assert complaints == ["X-99: no such requirement", "Z-01: no such requirement"]


def test_scenarios_name_their_requirements(tmp_path):
    (tmp_path / "leak.toml").write_text('title = "a leak"\nrequirements = ["A-01", "A-05"]\n')
    (tmp_path / "other.toml").write_text('title = "nothing"\n')
    assert scenarios_of(tmp_path) == {"A-01": [tmp_path / "leak.toml"], "A-05": [tmp_path / "leak.toml"]}


def test_the_document_has_every_group():
    known = known_requirements()
    assert {number[0] for number in known} == set("TDBLJPACUF")
    assert all(words for words in known.values())


def test_every_requirement_is_named_by_a_test():
    """`make trace` asks pytest; this reads the sources, so that the suite fails on a hole too."""
    named = {number for path in (ROOT / "tests").rglob("test_*.py")
             for mark in re.findall(r"mark\.requirement\(([^)]*)\)", path.read_text(encoding="utf-8"))
             for number in re.findall(r'"([A-Z]-\d\d)"', mark)}
    assert known_requirements().keys() - named == set()
