"""The work: all stories of a soak, over processes of this machine or of a Dask cluster, a window of them at a time."""

import hashlib
import os
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path

from pumpsim.soak import played
from pumpsim.soak.finds import Finds
from pumpsim.soak.story import STORIES_A_YEAR, story
from pumpsim.soak.verdict import Verdict

CHUNK = 8                     # stories handed to a process at once
AHEAD = 4                     # chunks under way and waiting, for each process


class Watcher:
    """Is told how a soak goes on."""

    def played(self, stories):
        """So many are over."""

    def found(self, found):
        """A Found, as it comes, not shrunk yet."""

    def shrinking(self, number, trial, most):
        """Story `number` is made smaller: trial number `trial`, of `most` at most."""


def play(seed, numbers):
    """(the first number, [(number, Failure)] of those that fail, a digest of all journals, CPU seconds)."""
    began = time.process_time()
    told = [(number, *played.play(story(seed, number))) for number in numbers]
    digest = hashlib.sha256("".join(journal for *_, journal in told).encode()).hexdigest()
    failed = [(number, failure) for number, failure, _ in told if failure]
    return numbers[0], failed, digest, time.process_time() - began


def soak(seed, years, jobs=None, out="out/soak", cluster=None, watcher=None, first=0):
    """The Verdict on `years` pump-years, from story `first` on. jobs: processes, one a core by default; cluster: of a
    Dask scheduler, the address, in their place; watcher: a Watcher."""
    began = time.perf_counter()
    watcher = watcher or Watcher()
    verdict = Verdict(seed, max(1, round(years * STORIES_A_YEAR)))
    finds, digests = Finds(seed, Path(out), watcher), {}
    end = first + verdict.stories
    firsts = range(first, end, CHUNK)
    chunks = ((seed, range(begin, min(begin + CHUNK, end))) for begin in firsts)
    for begin, failed, digest, computing_s in played_of(chunks, min(jobs or os.cpu_count() or 1, len(firsts)), cluster):
        digests[begin] = digest
        verdict.computing_s += computing_s
        finds.take(failed)
        watcher.played(min(verdict.stories, len(digests) * CHUNK))
    verdict.journals = hashlib.sha256("".join(digests[begin] for begin in firsts).encode()).hexdigest()[:16]
    verdict.failed = finds.shrunk()
    verdict.wall_s = time.perf_counter() - began
    return verdict


def played_of(chunks, jobs, cluster=None):
    """What `play` says of each chunk, as they come. Takes no more chunks than can be played soon."""
    if cluster is not None:
        from pumpsim.soak.cluster import played_on

        yield from played_on(cluster, play, chunks)
    elif jobs == 1:
        for chunk in chunks:
            yield play(*chunk)
    else:
        with ProcessPoolExecutor(jobs) as pool:
            yield from _in_pool(pool, chunks, AHEAD * jobs)


def _in_pool(pool, chunks, most):
    under_way = set()
    try:
        while True:
            under_way |= {pool.submit(play, *chunk) for chunk in islice(chunks, most - len(under_way))}
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:                                            # nobody waits for the rest
        pool.shutdown(cancel_futures=True)
