"""Mutants against tests: a pytest plugin whose session collects the tests once and meets each mutant in a fork."""

import gc
import os
import resource
import signal

from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

BUDGET_S = 30                             # of a mutant's tests, by their time under coverage; the rest is not run
PATIENCE_S = 3                            # of processor time, besides ten times what the test takes
MEMORY = 3 << 30                          # bytes of one fork, for a mutant that never stops to append
# A failed property is enough: no shorter example is looked for, and none is kept.
settings.register_profile("mutation", deadline=None, database=None, derandomize=True,
                          phases=(Phase.explicit, Phase.generate))


class Loop:
    """Takes the place of pytest's loop. Calls `told(mutant, result, test)` as each mutant is through.

    A result is "killed" (by `test`), "timeout" (a test took ten times as long and more), "survived", "no test", or
    "broken": this runner could not put the mutant into place. Tests that fail without a mutant take no part.
    """

    def __init__(self, mutants, relevant, workers, told, patience_s=PATIENCE_S):
        self._mutants, self._relevant, self._workers, self._told = mutants, relevant, workers, told
        self._patience_s = patience_s
        self._running = {}

    def pytest_collection(self):
        settings.load_profile("mutation")                     # after conftest.py, before any test module

    def pytest_runtestloop(self, session):
        items = {item.nodeid: item for item in session.items if item.nodeid in self._relevant.seconds}
        session.config._tmp_path_factory.getbasetemp()        # one for all forks
        gc.collect()
        gc.freeze()                                           # or each fork copies the whole heap
        for test in self._failing(list(items.values())):
            print(f"{test} fails without a mutant and is left out", flush=True)
            del items[test]
        for mutant in self._mutants:
            tests = self._within_budget(test for test in self._relevant.of(mutant) if test in items)
            if not tests:
                self._told(mutant, "no test", None)
                continue
            while len(self._running) >= self._workers:
                self._wait()
            self._start(mutant, [items[test] for test in tests])
        while self._running:
            self._wait()
        return True

    def _within_budget(self, tests):
        chosen, total_s = [], 0
        for test in tests:
            total_s += self._relevant.seconds[test]
            if chosen and total_s > BUDGET_S:
                break
            chosen.append(test)
        return chosen

    def _failing(self, items):
        """Ids of the tests that fail as things are."""
        print(f"{len(items)} tests without a mutant", flush=True)
        _, reads = self._fork(None, items, False)
        with os.fdopen(reads) as pipe:
            found = pipe.read().split("\n")[:-1]
        _, status = os.wait()
        if status:
            raise RuntimeError(f"the tests without a mutant ended with status {status}")
        return found

    def _start(self, mutant, items):
        pid, reads = self._fork(mutant, items, True)
        self._running[pid] = mutant, reads

    def _fork(self, mutant, items, stops):
        """(process, pipe) of a fork that runs the tests, and writes the ids of those that fail into the pipe."""
        limits_s = [self._patience_s + 10 * self._relevant.seconds[item.nodeid] for item in items]
        reads, writes = os.pipe()
        pid = os.fork()
        if not pid:
            _meet(mutant, items, limits_s, writes, stops)
        os.close(writes)
        return pid, reads

    def _wait(self):
        pid, status = os.wait()
        mutant, reads = self._running.pop(pid)
        with os.fdopen(reads) as pipe:
            test = pipe.read().strip()
        if os.WIFSIGNALED(status):
            result = "timeout" if os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM) else "killed"
        elif os.WEXITSTATUS(status):
            result = "broken"
        else:
            result = "killed" if test else "survived"
        if test:
            self._relevant.has_seen(mutant, test)
        self._told(mutant, result, test)


def _meet(mutant, items, limits_s, writes, stops):
    """What a fork does: the mutant, then test after test; where it `stops`, up to the first that fails."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        if mutant:
            mutant.install()
    except BaseException:
        os._exit(2)
    for item, following, limit_s in zip(items, [*items[1:], None], limits_s, strict=True):
        signal.setitimer(signal.ITIMER_PROF, limit_s)         # of processor time: a busy machine changes nothing
        signal.alarm(1 + int(20 * limit_s))                   # for one that waits: no test does
        if _fails(item, following):
            os.write(writes, item.nodeid.encode() + b"\n")
            if stops:
                break
    os._exit(0)


def _fails(item, following):
    try:
        return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
    except BaseException:                                     # SystemExit of a firmware that must never end
        return True
