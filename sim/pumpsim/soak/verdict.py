"""What a soak found, as plain data: the same for the same seed, however many processes there were."""

import shlex
from dataclasses import asdict, dataclass, field

from pumpsim.soak.story import STORIES_A_YEAR


@dataclass
class Found:
    """Story `number` of `seed`, which fails: what is wrong in it, and where its scenario file is."""

    seed: int
    number: int
    what: str
    happened: str
    path: str = ""                # of the shrunk one
    entries: int = 0              # left in its timeline
    trials: int = 0               # that shrinking took
    whole: str = ""               # path of the story as it was

    @property
    def again(self):
        """The command that plays it: its file, or where it has none what makes one."""
        if self.path:
            return f"pumpsim run {shlex.quote(self.path)}"
        return f"pumpsim soak --seed {self.seed} --story {self.number}"

    def lines(self):
        how = f"shrunk to {self.entries} entries in {self.trials} trials; again" if self.path else "a file of it"
        return [f"FAILED story {self.number}: {self.what}", f"  {self.happened}", f"  {how}: {self.again}"]


@dataclass
class Verdict:
    seed: int
    stories: int
    failed: list = field(default_factory=list)          # Found, by number
    journals: str = ""            # a digest of all journals
    computing_s: float = 0.0
    wall_s: float = 0.0

    @property
    def years(self):
        return self.stories / STORIES_A_YEAR

    @property
    def years_per_core_hour(self):
        return self.years * 3600 / self.computing_s if self.computing_s else 0.0

    def lines(self):
        lines = [line for found in self.failed for line in found.lines()]
        return [*lines, f"{self.years:,.1f} pump-years in {self.stories} stories, seed {self.seed}: "
                        f"{len(self.failed)} failed; {self.years_per_core_hour:,.0f} pump-years a core-hour, "
                        f"{self.wall_s:,.0f} s"]

    def as_dict(self):
        failed = [asdict(found) | {"again": found.again} for found in self.failed]
        return {"seed": self.seed, "stories": self.stories, "years": self.years, "failed": failed,
                "journals": self.journals,
                "computing_s": self.computing_s, "wall_s": self.wall_s,
                "years_per_core_hour": self.years_per_core_hour}
