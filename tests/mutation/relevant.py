"""Which tests run which lines of firmware/pump, and how long each takes: coverage's contexts, kept in out/mutation.

While the firmware is unchanged, only test files that changed are run again.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import coverage

from tests.mutation.mutants import PUMP

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "mutation"
LINES = OUT / "lines.coverage"
KEPT = OUT / "tests.json"                 # {"digests": {file: SHA-256}, "seconds": {test: its time, see durations}}
SUITE = "tests/pump"
LEFT_OUT = {"test_model.py", "test_polling.py", "test_year.py"}    # minutes under coverage, each
AT_MOST_S = 4.0                           # slower tests cost more than they find: a survivor meets every one
KILLERS = 12                              # how many tests of a module are remembered as having seen a mutant


class Relevant:
    """The tests of a mutant, those first that are likely to see it, and quick."""

    def __init__(self):
        seconds = _kept()["seconds"]
        self.seconds = {test: seconds[test] for test in seconds if seconds[test] <= AT_MOST_S}
        self._lines = coverage.CoverageData(str(LINES))
        self._lines.read()
        self._tests_at = {}
        self._killers = {}

    def of(self, mutant):
        """Test ids: those that saw others in this module, then its own test file, each by time."""
        killers = self._killers.get(mutant.module, [])

        def rank(test):
            return test not in killers, f"test_{mutant.module}.py" not in test, self.seconds[test]

        return sorted(self._running(mutant), key=rank)

    def has_seen(self, mutant, test):
        killers = self._killers.setdefault(mutant.module, [])
        if test not in killers:
            killers.insert(0, test)
            del killers[KILLERS:]

    def _running(self, mutant):
        """Those that run one of the mutant's lines; of a long statement coverage knows the first line only."""
        by_line = self._tests_at.get(mutant.module)
        if by_line is None:
            contexts = self._lines.contexts_by_lineno(str(mutant.path))
            by_line = self._tests_at[mutant.module] = {
                line: {test.rpartition("|")[0] for test in tests} & self.seconds.keys()
                for line, tests in contexts.items()}
        first, last = mutant.lines
        start = max((line for line in by_line if line <= first), default=first)
        found = set().union(*(by_line.get(line, ()) for line in (start, *range(first, last + 1))))
        if not found:                                   # the head of a function runs on import: its first statement
            found = by_line.get(min((line for line in by_line if line > last), default=last), found)
        return found


def refresh(workers):
    """Runs the tests that must be run for what is kept to be of these sources."""
    OUT.mkdir(parents=True, exist_ok=True)
    kept, firmware, suite = _kept(), _digests(PUMP), _digests(ROOT / SUITE)
    is_same = all(kept["digests"].get(name) == firmware[name] for name in firmware)
    changed = [name for name in suite if not (is_same and kept["digests"].get(name) == suite[name])]
    if changed:
        print(f"which tests run which lines: {len(changed)} test files", flush=True)
        new = OUT / "new.json"
        options = ["-n", str(workers), "-p", "tests.mutation.durations", f"--cov={PUMP}", "--cov-context=test",
                   "--cov-report=", "--cov-fail-under=0", *(["--cov-append"] if is_same else [])]
        ended = subprocess.run([sys.executable, "-m", "pytest", *options, *changed], cwd=ROOT, check=False,
                               env=os.environ | {"COVERAGE_FILE": str(LINES), "DURATIONS": str(new)})
        if ended.returncode not in (0, 1):              # 1: a test failed, and takes no part
            raise SystemExit(ended.returncode)
        seconds = {test: kept["seconds"][test] for test in kept["seconds"] if test.split("::")[0] not in changed}
        seconds |= json.loads(new.read_text(encoding="utf-8"))
        KEPT.write_text(json.dumps({"digests": firmware | suite, "seconds": seconds}), encoding="utf-8")


def _kept():
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {"digests": {}, "seconds": {}}


def _digests(folder):
    return {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.glob("*.py")) if path.name not in LEFT_OUT}
