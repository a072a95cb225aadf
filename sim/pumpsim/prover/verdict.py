"""The verdict: how many cuts were tried and what was found. Adds up; runs nothing."""

from collections import Counter
from dataclasses import dataclass, field

from pumpsim.prover.case import WAY_NAMES
from pumpsim.prover.judge import BOOT, KINDS, LOST, REPEATED

FAILURES_SHOWN = 20


@dataclass
class Verdict:
    """`failed`: (case id, kind, text) of every finding."""

    scenarios: Counter = field(default_factory=Counter)
    ways: Counter = field(default_factory=Counter)
    kinds: Counter = field(default_factory=Counter)         # cases, by what was found
    failed: list = field(default_factory=list)

    @property
    def cuts(self):
        return self.ways.total()

    def take(self, case, findings):
        self.scenarios[case.scenario] += 1
        self.ways[WAY_NAMES[case.way]] += 1
        self.kinds.update({kind for kind, _ in findings})
        self.failed.extend((str(case), kind, text) for kind, text in findings)

    def add(self, other):
        self.scenarios += other.scenarios
        self.ways += other.ways
        self.kinds += other.kinds
        self.failed += other.failed

    def lines(self):
        """The report for people."""
        kinds = self.kinds
        others = ", ".join(f"{kind} {kinds[kind]}" for kind in KINDS if kind not in (LOST, REPEATED, BOOT))
        lines = [f"cuts / events lost / doses repeated / boots failed: "
                 f"{self.cuts} / {kinds[LOST]} / {kinds[REPEATED]} / {kinds[BOOT]}",
                 f"  {others}",
                 "  " + ", ".join(f"{way} {count}" for way, count in sorted(self.ways.items())),
                 "  " + ", ".join(f"scenario {name} {count}" for name, count in sorted(self.scenarios.items()))]
        for case, kind, text in self.failed[:FAILURES_SHOWN]:
            lines.append(f"{kind}: {text}. Again: pumpsim prove --case {case}")
        if len(self.failed) > FAILURES_SHOWN:
            lines.append(f"and {len(self.failed) - FAILURES_SHOWN} more; --json has them all")
        return lines

    def as_dict(self):
        """The same for programs."""
        failed = [{"case": case, "kind": kind, "found": text} for case, kind, text in self.failed]
        return {"cuts": self.cuts, "kinds": {kind: self.kinds[kind] for kind in KINDS}, "ways": dict(self.ways),
                "scenarios": dict(self.scenarios), "failed": failed}
