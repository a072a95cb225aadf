"""`make mutate SAMPLE=400`: changes the firmware's logic in one place at a time, and counts what no test sees.

SAMPLE=400 takes some ten minutes on two cores, SAMPLE=0, all mutants, hours. SEED=2 takes others. Survivors that
survivors/ does not list are printed and kept in out/mutation/survivors.txt, and what became of each mutant in
results.txt beside it, the score of all modules in verdict.txt; the exit status is 1 where the score is below 90 %.
While working on survivors: python -m tests.mutation --sample 0 --module basal --survived-in COPY_OF_RESULTS.txt
"""

import argparse
import os
import random
import sys
import time
from pathlib import Path

import pytest

from tests.mutation.loop import Loop
from tests.mutation.mutants import all_mutants
from tests.mutation.relevant import OUT, ROOT, Relevant, refresh
from tests.mutation.report import Results, score, table, verdict
from tests.mutation.survivors import Known

GOAL = 0.9
PROGRESS_S = 10


class Progress:
    """Keeps the results, and says every ten seconds how far they are."""

    def __init__(self, results, of):
        self._results, self._of = results, of
        self._began = self._said = time.monotonic()
        self._log = (OUT / "results.txt").open("w", encoding="utf-8")

    def told(self, mutant, result, test):
        self._results.add(mutant, result)
        print(f"{result}  {_named(mutant)}  {test or ''}", file=self._log, flush=True)
        now = time.monotonic()
        if now - self._said >= PROGRESS_S:
            self._said = now
            count = self._results.total()
            print(f"{sum(count.values())} of {self._of} mutants, {len(self._results.new)} new survivors, "
                  f"{now - self._began:.0f} s", flush=True)


def _place(mutant):
    return f"{mutant.module}.py:{mutant.lines[0]}"


def _named(mutant):
    return f"{' => '.join(mutant.change)}  {_place(mutant)}"


def _survived_in(file, mutants):
    """Those of the mutants that no test saw, by a results.txt."""
    lines = file.read_text(encoding="utf-8").splitlines()
    names = {line.partition("  ")[2].strip() for line in lines if line.startswith(("survived  ", "no test  "))}
    places = {name.rpartition("  ")[2] for name in names}            # a change takes ms to be told
    return [mutant for mutant in mutants if _place(mutant) in places and _named(mutant) in names]


def main():
    parser = argparse.ArgumentParser(description="Mutation score of firmware/pump.")
    parser.add_argument("--sample", type=int, default=400, help="how many mutants (400); 0: all")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes at once (all cores)")
    parser.add_argument("--module", default="", help="only mutants of firmware/pump/MODULE.py")
    parser.add_argument("--survived-in", type=Path, metavar="FILE",
                        help="only those that no test saw in this results.txt")
    chosen = parser.parse_args()
    refresh(chosen.workers)
    population = [mutant for mutant in all_mutants() if chosen.module in ("", mutant.module)]
    if chosen.survived_in:
        population = _survived_in(chosen.survived_in, population)
    sample = population
    if 0 < chosen.sample < len(population):
        sample = random.Random(chosen.seed).sample(population, chosen.sample)
    print(f"seed {chosen.seed}: {len(sample)} of {len(population)} mutants", flush=True)
    relevant, results = Relevant(), Results(Known())
    loop = Loop(sample, relevant, chosen.workers, Progress(results, len(sample)).told)
    files = sorted({test.split("::")[0] for test in relevant.seconds})
    pytest.main(["-s", "-q", "--no-header", "--no-summary", "-p", "no:xdist", "--rootdir", str(ROOT), *files],
                plugins=[loop])
    survivors = "\n".join(mutant.diff() + ("" if result == "survived" else f"   ({result})")
                          for mutant, result in results.new)
    (OUT / "survivors.txt").write_text(survivors + "\n", encoding="utf-8")
    print(survivors, *(["", "listed:"] if results.listed else []), sep="\n")
    for mutant, entry in results.listed:
        print(f"{mutant.diff()}\n    {entry['why']}")
    if len(sample) == len(population) and not chosen.survived_in:       # of a rule's many changes a sample meets some
        for mutant, _ in results.outlived():
            print(f"{mutant.diff()}\n    is listed, and a test sees it: its entry can go")
    said = verdict(results, len(population))
    print("", *table(results), "", said, sep="\n")
    if not chosen.module and not chosen.survived_in:
        (OUT / "verdict.txt").write_text(said + "\n", encoding="utf-8")
    hits, of = score(results.total())
    return 0 if hits >= GOAL * of else 1


if __name__ == "__main__":
    sys.exit(main())
