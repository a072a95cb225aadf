"""What a run of mutants says: a table by module, the score with its interval, and each survivor with its change."""

from collections import Counter
from math import sqrt

Z95 = 1.96                                # standard deviations either side that hold 95 % of a normal distribution


class Results:
    """Results as they come; `known` are the listed survivors."""

    def __init__(self, known):
        self._known = known
        self.counts = {}                  # {module: Counter of results}
        self.new, self.listed = [], []    # survivors: (mutant, result), (mutant, entry)
        self._seen = []                   # listed ones that a test saw: (mutant, entry)

    def add(self, mutant, result):
        count = self.counts.setdefault(mutant.module, Counter())
        entry = self._known.entry(mutant)
        if result in ("survived", "no test"):
            if entry is None:
                self.new.append((mutant, result))
            else:
                self.listed.append((mutant, entry))
                result = "equivalent" if entry.get("equivalent") else "listed"
        elif entry is not None:
            self._seen.append((mutant, entry))
        count[result] += 1

    def outlived(self):
        """Entries of the lists for which no change survived any more, each with one that a test saw."""
        alive = {id(entry) for _, entry in self.listed}
        return list({id(entry): (mutant, entry) for mutant, entry in self._seen if id(entry) not in alive}.values())

    def total(self):
        return sum(self.counts.values(), Counter())


def seen(count):
    """Mutants that a test saw, a test that did not end included."""
    return count["killed"] + count["timeout"]


def score(count):
    """(seen, of how many): what is equivalent to the firmware cannot be seen and does not count."""
    return seen(count), sum(count.values()) - count["equivalent"]


def wilson(hits, of):
    """The 95 % interval of a share of which a sample was seen (Wilson's score interval)."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, Z95 * Z95 / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * sqrt(share * (1 - share) / of + spread / of / 4) / (1 + spread)
    return middle - half, middle + half


def table(results):
    columns = ("killed", "timeout", "survived", "no test", "listed", "equivalent", "broken")
    lines = [f"{'module':14s}" + "".join(f"{name:>11s}" for name in columns) + "      score"]
    for module, count in (*sorted(results.counts.items()), ("all", results.total())):
        hits, of = score(count)
        share = f"{100 * hits / of:9.1f} %" if of else "          -"
        lines.append(f"{module:14s}" + "".join(f"{count[name]:11d}" for name in columns) + share)
    return lines


def verdict(results, population):
    """One line: the score, and how sure it is."""
    count = results.total()
    hits, of = score(count)
    said = f"mutation score {100 * hits / max(of, 1):.1f} % ({hits} of {of} mutants seen by a test"
    said += f", {count['equivalent']} equivalent ones left out" if count["equivalent"] else ""
    if sum(count.values()) < population:
        low, high = wilson(hits, of)
        said += f"; a sample of {sum(count.values())} of {population}, "
        said += f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    return said + ")"
