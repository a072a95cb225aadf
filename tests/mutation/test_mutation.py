"""The runner of mutants: what it changes, what it calls seen, and what it knows. The figures are make mutate's."""

import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest

from pump import zone
from tests.mutation.mutants import PUMP, mutants_of
from tests.mutation.report import Results, score, verdict, wilson
from tests.mutation.survivors import FIELDS, Known, changes, stored

ROOT = Path(__file__).parents[2]
MONDAY = {"zone": tomllib.loads(textwrap.dedent("""
    [[survivor]]
    at = "minute_of_week"
    was = "a + 1"
    now = ["a - 1", "a + 7"]
    why = "nobody counts Mondays"

    [[rule]]
    now = "^None$"
    equivalent = true
    why = "nothing is nothing"
    """))}


class Changed:
    """A mutant by its words alone."""

    def __init__(self, was, now, module="zone", function="minute_of_week"):
        self.module, self.function, self.change = module, function, (was, now)


def test_a_mutant_is_one_change_of_one_function_and_the_rest_stays():
    source = (PUMP / "volume.py").read_text(encoding="utf-8")
    found = mutants_of(PUMP / "volume.py")
    assert len({(mutant.function, mutant.source) for mutant in found}) > 0.9 * len(found)
    for mutant in found:
        compile(mutant.source, "volume", "exec")
        was, now = mutant.change
        assert was != now and mutant.source != source
        changed = [a for a, b in zip(source.splitlines(), mutant.source.splitlines(), strict=True) if a != b]
        first, last = mutant.lines
        assert changed == [line for line in source.splitlines()[first - 1:last] if line in changed]


def test_a_mutant_takes_the_place_of_its_function():
    kept = zone.minute_of_week.__code__
    assert zone.minute_of_week(0) == 3 * 1440           # 1970 began on a Thursday
    mutant = next(one for one in mutants_of(PUMP / "zone.py")
                  if one.function == "minute_of_week" and " - " in one.change[1] and " + " in one.change[0])
    try:
        mutant.install()
        assert zone.minute_of_week(0) != 3 * 1440
    finally:
        zone.minute_of_week.__code__ = kept


def test_words_for_a_person_are_left_alone_and_the_code_beside_them_is_not():
    changes = [mutant.change[1] for mutant in mutants_of(PUMP / "readiness.py") if "no valid rig" in mutant.change[0]]
    assert 'raise PumpError(None, "no valid rig is stored: push one")' in changes
    assert all("no valid rig is stored: push one" in change for change in changes)


def test_a_division_that_makes_a_float_is_no_mutant():
    changes = [mutant.change for mutant in mutants_of(PUMP / "volume.py")]
    assert any("//" in was and "//" not in now for was, now in changes)         # to `*`
    assert not any(" / " in now or " /= " in now for _, now in changes)


def test_a_known_survivor_is_told_by_its_place_and_its_change():
    known = Known(MONDAY)
    assert known.entry(Changed("a + 1", "a - 1"))["why"] == "nobody counts Mondays"
    assert known.entry(Changed("a + 1", "a + 7"))["why"] == "nobody counts Mondays"
    assert known.entry(Changed("a + 1", "None"))["equivalent"]
    for other in (Changed("a + 1", "a * 1"), Changed("a + 1", "a - 1", "clock"), Changed("b", "a = None")):
        assert known.entry(other) is None


def test_every_listed_survivor_is_about_a_line_that_is_there():
    for module, document in stored().items():
        lines = (PUMP / f"{module}.py").read_text(encoding="utf-8").splitlines()
        for entry in document.get("survivor", ()):
            assert entry["was"] in " ".join(line.split("  #")[0].strip() for line in lines), entry
            assert f"def {entry['at'].rpartition('.')[2]}(" in "\n".join(lines), entry
            assert changes(entry) and entry["was"] not in changes(entry), entry
            assert entry["why"] and set(entry) <= {*FIELDS, "why", "equivalent"}


def test_every_rule_is_about_lines_that_are_there():
    for module, document in stored().items():
        source = (PUMP / f"{module}.py").read_text(encoding="utf-8")
        for rule in document.get("rule", ()):
            function = re.match(r"\^(?:\w+\\.)?\(?(\w+)", rule["at"]).group(1)
            assert f"def {function}" in source, rule
            assert any(re.search(rule["was"], line.split("  #")[0].strip()) for line in source.splitlines()), rule
            assert rule["why"] and set(rule) <= {*FIELDS, "why", "equivalent"}


def test_the_score_leaves_out_what_is_equivalent_and_counts_what_is_only_listed():
    results = Results(Known(MONDAY))
    for result in ("killed", "killed", "timeout"):
        results.add(Changed("x", "y"), result)
    for now in ("a - 1", "None", "a * 1"):              # listed, equivalent, new
        results.add(Changed("a + 1", now), "survived")
    assert score(results.total()) == (3, 5)
    assert [mutant.change[1] for mutant, _ in results.new] == ["a * 1"]
    assert verdict(results, 6) == "mutation score 60.0 % (3 of 5 mutants seen by a test, 1 equivalent ones left out)"
    assert "a sample of 6 of 600, 95 % interval 23.1 to 88.2 %" in verdict(results, 600)


def test_an_entry_of_which_tests_see_every_change_can_go():
    results = Results(Known(MONDAY))
    for now, result in (("a - 1", "survived"), ("a + 7", "killed"), ("None", "timeout"), ("a * 1", "killed")):
        results.add(Changed("a + 1", now), result)
    assert [mutant.change[1] for mutant, _ in results.outlived()] == ["None"]


@pytest.mark.parametrize("hits, of, low, high", [(349, 400, 0.836, 0.902), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0)])
def test_the_interval_is_wilsons(hits, of, low, high):
    assert wilson(hits, of) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


SMALL_SUITE = """
    from pump import zone

    def test_always_wrong():
        assert False

    def test_a_week_has_seven_days():
        assert zone.minute_of_week(7 * 1440) == zone.minute_of_week(0) == 3 * 1440
    """
SMALL_RUN = """
    import sys
    import pytest
    from pump import zone
    from tests.mutation.loop import Loop

    class Fake:
        def __init__(self, name):
            self.name = name

        def install(self):
            def forever(minute):
                while True:
                    minute += 1
            if self.name == "seen":
                zone.minute_of_week = lambda minute: minute
            elif self.name == "endless":
                zone.minute_of_week = forever
            elif self.name == "broken":
                raise KeyError("no such function")

    class Relevant:
        seconds = {f"test_small.py::{name}": 0.01 for name in ("test_a_week_has_seven_days", "test_always_wrong")}

        def of(self, mutant):
            return [] if mutant.name == "no test" else list(self.seconds)

        def has_seen(self, mutant, test):
            print("by", test)

    fakes = [Fake(name) for name in ("seen", "harmless", "endless", "broken", "no test")]
    loop = Loop(fakes, Relevant(), 2, lambda mutant, result, test: print(mutant.name, "is", result), patience_s=0.3)
    pytest.main(["-s", "-p", "no:xdist", "-c", "/dev/null", "--rootdir", ".", "test_small.py"], plugins=[loop])
    """


def test_each_mutant_has_its_result_and_a_test_that_always_fails_sees_none(tmp_path):
    """Takes two seconds: a process of its own, and one mutant that never ends."""
    (tmp_path / "test_small.py").write_text(textwrap.dedent(SMALL_SUITE), encoding="utf-8")
    run = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + textwrap.dedent(SMALL_RUN)
    said = subprocess.run([sys.executable, "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    results = dict(line.split(" is ") for line in said.splitlines() if " is " in line and "left out" not in line)
    assert results == {"seen": "killed", "harmless": "survived", "endless": "timeout", "broken": "broken",
                       "no test": "no test"}, said
    assert "test_always_wrong fails without a mutant and is left out" in said
    assert [line for line in said.splitlines() if line.startswith("by")] == [
        "by test_small.py::test_a_week_has_seven_days"]
