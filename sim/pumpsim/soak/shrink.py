"""Shrinking: a story that fails becomes the smallest that fails in the same way. Owns the order of what is left out."""

from copy import deepcopy
from datetime import datetime, timedelta

from pumpsim.scenarios.words import duration_ms

TRIALS_MOST = 300
PLAIN_RIG = {
    "name": "plain", "head": {"kind": "peristaltic", "volume_per_revolution": "0.32 mL"},
    "motor": {"full_steps": 200, "microsteps": 16, "max_step_rate": 4000},
    "reservoir": {"capacity": "10 mL"}, "line": {"volume": "0.5 mL"},
    "limits": {"max_rate": "36 mL/h", "max_1h": "2 mL", "max_24h": "20 mL"},
}
PLAIN_SCHEDULE = [{"segments": [{"at": "00:00", "rate": "60 uL/h"}]}]
PLAIN_ZONE = {"utc_offset": "+00:00"}
AFTER_S = 60                  # that a shortened story goes on behind its failure
LEAD_S = 60                   # and what it keeps before its first entry


class Shrinker:
    """`still_fails(table)`: the Failure of the same kind, or None. It is asked `most` times at most, each of which
    on_trial(number) is told of."""

    def __init__(self, table, failure, still_fails, most=TRIALS_MOST, on_trial=lambda trial: None):
        self.table = table
        self.failure = failure
        self._still_fails = still_fails
        self._most = most
        self._on_trial = on_trial
        self.trials = 0

    def shrink(self):
        """The smallest table found."""
        size = None
        while size != (size := _size(self.table)) and self.trials < self._most:
            self._shorten()
            self._drop_entries()
            self._begin_later()
            self._simplify()
        return self.table

    def _try(self, table):
        """Takes a smaller table if it fails too."""
        if table == self.table or self.trials >= self._most:
            return False
        self.trials += 1
        self._on_trial(self.trials)
        found = self._still_fails(table)
        if found is None:
            return False
        self.table, self.failure = table, found
        return True

    def _shorten(self):
        for end_s in (self.failure.at_s + 1, self.failure.at_s + AFTER_S):
            if self._try(self.table | {"duration": f"{end_s} s"}):
                return

    def _begin_later(self):
        """The time before the first entry left out, so that the local time of what is left stays."""
        times = [int(entry["after"].split()[0]) for entry in self.table["timeline"] if "after" in entry]
        gap_min = (min(times, default=0) - LEAD_S) // 60
        if gap_min <= 0:
            return
        entries = [entry | ({"after": f"{int(entry['after'].split()[0]) - 60 * gap_min} s"} if "after" in entry else {})
                   for entry in self.table["timeline"]]
        start = datetime.fromisoformat(self.table["start"]) + timedelta(minutes=gap_min)
        length_s = duration_ms(self.table["duration"]) // 1000 - 60 * gap_min
        self._try(self.table | {"start": start.isoformat(timespec="minutes"), "duration": f"{length_s} s",
                                "timeline": entries})

    def _drop_entries(self):
        """In pieces: a half, a quarter, and so on down to single ones; from the end, for causes come first."""
        size = max(1, len(self.table["timeline"]) // 2)
        while size:
            end = len(self.table["timeline"])
            while end > 0:
                entries = self.table["timeline"]
                left = entries[:max(0, end - size)] + entries[end:]
                if self._try(self.table | {"timeline": left}):
                    end = min(end - size, len(left))
                else:
                    end -= size
            size //= 2

    def _simplify(self):
        for key in ("programs", "plant"):
            self._without(key)
        for key in list(self.table.get("programs", ())):
            self._without("programs", key)
        for name in ("program", *(("programs", key) for key in self.table.get("programs", ()))):
            self._simplify_program(*([name] if isinstance(name, str) else name))
        self._put(PLAIN_RIG, "rig")
        for key in list(self.table["rig"]):
            self._without("rig", key)
            if isinstance(self.table["rig"].get(key), dict):
                for inner in list(self.table["rig"][key]):
                    self._without("rig", key, inner)

    def _simplify_program(self, *path):
        for key in list(_at(self.table, path)):
            self._without(*path, key)
        for zone in ("time_zone", "utc_offset"):
            if zone in _at(self.table, path):
                changed = deepcopy(self.table)
                del _at(changed, path)[zone]
                _at(changed, path).update(PLAIN_ZONE)
                self._try(changed)
        self._put(PLAIN_SCHEDULE, *path, "schedule")
        for name in ("bolus", "schedule"):
            for number in reversed(range(len(_at(self.table, path).get(name, ())))):
                self._without(*path, name, number)
        for number, table in enumerate(_at(self.table, path)["schedule"]):
            for at in reversed(range(len(table["segments"]))):
                self._without(*path, "schedule", number, "segments", at)

    def _without(self, *path):
        """Without one key or entry, where it is there."""
        changed = deepcopy(self.table)
        inside = _at(changed, path[:-1])
        if isinstance(inside, dict) and path[-1] not in inside:
            return
        del inside[path[-1]]
        if not inside and isinstance(inside, list):
            return
        self._try(changed)

    def _put(self, value, *path):
        changed = deepcopy(self.table)
        _at(changed, path[:-1])[path[-1]] = deepcopy(value)
        self._try(changed)


def _at(table, path):
    for key in path:
        table = table[key]
    return table


def _size(value):
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else len(str(value)) / 1000


def same_kind(failure_of, first):
    """still_fails for a Shrinker: the same invariant is broken."""
    def still_fails(table):
        found = failure_of(table)
        return found if found is not None and found.what == first.what else None
    return still_fails
