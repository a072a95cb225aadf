"""The work: all stories of a soak, over processes of this machine or of a Dask cluster, and their shrinking."""

import hashlib
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from pumpsim.soak import played
from pumpsim.soak.played import failure_of, written
from pumpsim.soak.shrink import Shrinker, same_kind
from pumpsim.soak.story import STORIES_A_YEAR, story
from pumpsim.soak.verdict import Found, Verdict

CHUNK = 8                     # stories handed to a process at once
SHRUNK_MOST = 10              # failures of which a file is made, of each kind one


def play(seed, numbers):
    """([(number, Failure or None, digest of the journal)], CPU seconds)."""
    began = time.process_time()
    told = [(number, *played.play(story(seed, number))) for number in numbers]
    return told, time.process_time() - began


def soak(seed, years, jobs=None, out="out/soak", cluster=None, on_progress=lambda done: None):
    """The Verdict on `years` pump-years. jobs: processes, one a core by default; cluster: of a Dask scheduler, the
    address, in their place. Calls on_progress(stories done)."""
    began = time.perf_counter()
    verdict = Verdict(seed, max(1, round(years * STORIES_A_YEAR)))
    chunks = [range(first, min(first + CHUNK, verdict.stories)) for first in range(0, verdict.stories, CHUNK)]
    told = []
    for done, (part, computing_s) in enumerate(_played(seed, chunks, jobs, cluster), 1):
        told += part
        verdict.computing_s += computing_s
        on_progress(min(verdict.stories, done * CHUNK))
    told.sort(key=lambda each: each[0])
    verdict.journals = hashlib.sha256("".join(digest for *_, digest in told).encode()).hexdigest()[:16]
    verdict.failed = _shrunk(seed, [(number, failure) for number, failure, _ in told if failure], Path(out))
    verdict.wall_s = time.perf_counter() - began
    return verdict


def _played(seed, chunks, jobs, cluster):
    """What `play` says of each chunk, as they come."""
    if cluster is not None:
        from pumpsim.soak.cluster import played_on

        yield from played_on(cluster, play, [(seed, chunk) for chunk in chunks])
    elif jobs == 1:
        for chunk in chunks:
            yield play(seed, chunk)
    else:
        with ProcessPoolExecutor(min(jobs or os.cpu_count() or 1, len(chunks))) as pool:
            for future in as_completed([pool.submit(play, seed, chunk) for chunk in chunks]):
                yield future.result()


def _shrunk(seed, failed, out):
    """Found for each; of the first of each kind a file in the folder `out`."""
    kinds, told = set(), []
    for number, failure in failed:
        found = Found(number, failure.what, failure.happened)
        if failure.what not in kinds and len(kinds) < SHRUNK_MOST:
            kinds.add(failure.what)
            shrinker = Shrinker(story(seed, number), failure, same_kind(failure_of, failure))
            table = shrinker.shrink() | {"title": f"soak {seed}/{number}: {failure.what}"}
            out.mkdir(parents=True, exist_ok=True)
            path = out / f"soak-{seed}-{number}.toml"
            path.write_text(written(table), encoding="utf-8")
            found.happened, found.path = shrinker.failure.happened, str(path)
            found.entries, found.trials = len(table["timeline"]), shrinker.trials
        told.append(found)
    return told
