"""One scenario played and judged: the outcome as plain data, so that it may cross processes and become JSON."""

import shlex
import time
from dataclasses import asdict, dataclass, field

from pumpsim.scenarios.expect import Outcome, ledger_outcome, read_expectations
from pumpsim.scenarios.patience import Patience, StandsStill
from pumpsim.scenarios.player import Player, digest
from pumpsim.scenarios.scenario import load
from pumpsim.scenarios.words import ScenarioError


@dataclass
class Result:
    """`outcomes` in the order of the file; `error` where it could not be played to its end, and what for: `refused` (by
    the pump or the simulator), `raised` or `stuck`."""

    path: str
    title: str = ""
    seed: int = 0
    outcomes: list = field(default_factory=list)
    error: str = ""
    why: str = ""
    journal: str = ""             # a digest: the same on every run
    simulated_s: float = 0        # until its end, or the error
    wall_s: float = 0

    @property
    def failures(self):
        return [outcome for outcome in self.outcomes if outcome.happened]

    @property
    def passed(self):
        return not self.error and not self.failures

    @property
    def again(self):
        """The command that plays it again."""
        return f"pumpsim run {shlex.quote(self.path)} --seed {self.seed}"

    def lines(self):
        """For a person: what failed, and how to see it again."""
        if self.passed:
            return []
        lines = [f"FAILED {self.title or self.path}"]
        if self.error:
            lines.append(f"  {self.error}")
        for outcome in self.failures:
            lines += [f"  expected: {outcome.text}", f"  happened: {outcome.happened}  (looked at {outcome.clock})"]
        return [*lines, f"  again: {self.again}"]

    def as_dict(self):
        return asdict(self) | {"passed": self.passed, "again": self.again}


@dataclass
class Told(Outcome):
    """An outcome with its instant as local time."""

    clock: str = ""


def run(path, picture=None, seed=None):
    """Plays the scenario at `path`; the result. `picture`: where one goes, also of what ends with an error. Raises
    nothing for a bad scenario."""
    began = time.perf_counter()
    result = Result(str(path), seed=seed or 0)
    player = None
    try:
        scenario = load(path, seed)
        result.title, result.seed = scenario.title, scenario.seed
        expectations = read_expectations(scenario)
        looks = {}
        player = Player(scenario, _checks(expectations, looks), with_samples=picture is not None)
        _play(player, result)
        _judge(scenario, player.played, result, expectations, looks)
    except ScenarioError as error:
        result.error, result.why = str(error), "refused"
    except Exception as error:                          # of the firmware, or of the simulator
        result.error, result.why = f"it ends with {error!r}", "raised"
    except StandsStill:
        clock = scenario.time.clock(round(1000 * result.simulated_s))
        result.error, result.why = f"time stands still at {clock}", "stuck"
    if picture is not None and player is not None and player.played.samples:
        from pumpsim.scenarios.picture import draw

        draw(scenario, player.played, result, picture)
    result.wall_s = time.perf_counter() - began
    return result


def _checks(expectations, looks):
    """(ms, check) for the player, which put into `looks` what there was at the instants of these expectations."""
    return [(each.ms, lambda played, each=each: looks.__setitem__(id(each), each.look(played)))
            for each in expectations if each.is_of_an_instant]


def _play(player, result):
    pump = player.played.pump
    try:
        with Patience(lambda: pump.now_ms):
            player.play()
    finally:
        result.simulated_s = pump.now_ms / 1000


def _judge(scenario, played, result, expectations, looks):
    outcomes = [looks[id(each)] if each.is_of_an_instant else each.look_back(played) for each in expectations]
    outcomes += [Outcome(text, ms, happened) for ms, text, happened in played.wrong]
    outcomes.append(Outcome("no step while the pump may not step", _first_ms(played.watch.broken),
                            "; ".join(text for _, text in played.watch.broken)))
    outcomes += [Outcome(text, ms, happened) for text, (ms, happened) in played.broken.items()]
    if scenario.ledger:
        outcomes.append(Outcome("the pump's account covers what was stepped", scenario.length_ms,
                                ledger_outcome(played)))
    result.outcomes = [Told(one.text, one.ms, one.happened, scenario.time.clock(one.ms)) for one in outcomes]
    result.journal = digest(played.records)


def _first_ms(found):
    return found[0][0] if found else 0
