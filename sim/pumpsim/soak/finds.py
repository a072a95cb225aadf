"""The finds of a soak: stories that fail, as scenario files. Each kind's first is written whole as soon as it is found,
so that an interrupted soak loses none, and shrunk when all stories are over.
"""

from pumpsim.soak import shrink
from pumpsim.soak.played import BROKEN_OFF, failure_of, written
from pumpsim.soak.shrink import Shrinker, same_kind
from pumpsim.soak.story import story
from pumpsim.soak.verdict import Found

SHRUNK_MOST = 10              # kinds of which a story is shrunk
STUCK_SHARE = 5               # trials for one of a story that stands still: it takes as much longer


class Finds:
    def __init__(self, seed, out, watcher):
        """out: the folder, a Path; watcher: see work.Watcher."""
        self._seed = seed
        self._out = out
        self._watcher = watcher
        self._failures = {}           # by number
        self._firsts = {}             # number by kind

    def take(self, failed):
        """(number, Failure) of more stories, in any order."""
        for number, failure in failed:
            self._failures[number] = failure
            found = self._found(number, failure)
            if number <= self._firsts.get(failure.what, number):
                self._firsts[failure.what] = number
                found.whole = self._write("-whole", number, story(self._seed, number))
            self._watcher.found(found)

    def shrunk(self):
        """Found for each, by number; those of the first kinds shrunk."""
        chosen = sorted(self._firsts.values())[:SHRUNK_MOST]
        return [self._shrink(number, failure) if number in chosen else self._found(number, failure)
                for number, failure in sorted(self._failures.items())]

    def _found(self, number, failure):
        return Found(self._seed, number, failure.what, failure.happened)

    def _shrink(self, number, failure):
        most = shrink.TRIALS_MOST
        if failure.what == BROKEN_OFF["stuck"]:
            most //= STUCK_SHARE
        shrinker = Shrinker(story(self._seed, number), failure, same_kind(failure_of, failure), most,
                            lambda trial: self._watcher.shrinking(number, trial, most))
        table = shrinker.shrink()
        path = self._write("", number, table | {"title": f"soak {self._seed}/{number}: {failure.what}"})
        return Found(self._seed, number, failure.what, shrinker.failure.happened, path, len(table["timeline"]),
                     shrinker.trials, self._path("-whole", number))

    def _write(self, suffix, number, table):
        self._out.mkdir(parents=True, exist_ok=True)
        path = self._path(suffix, number)
        with open(path, "w", encoding="utf-8") as file:
            file.write(written(table))
        return path

    def _path(self, suffix, number):
        return str(self._out / f"soak-{self._seed}-{number}{suffix}.toml")
