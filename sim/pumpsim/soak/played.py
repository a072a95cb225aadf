"""A story played as the scenario file that it would be: by the reader, the player and the judge of `pumpsim run`."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pumpsim.scenarios.result import run

# What does not hold of a story that ends before its end, by Result.why
BROKEN_OFF = {"refused": "the scenario plays to its end", "raised": "nothing is raised inside",
              "stuck": "virtual time goes on"}


@dataclass(frozen=True)
class Failure:
    """What did not hold, the first of all; `at_s`: simulated seconds from the start."""

    what: str
    happened: str
    at_s: int


def written(table):
    """The text of the scenario file."""
    import tomlkit

    return tomlkit.dumps(table)


def failure_of(table):
    """Plays a story; the failure, or None."""
    return play(table)[0]


def play(table):
    """Plays a story; (the failure or None, a digest of its journal)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "story.toml"
        path.write_text(written(table), encoding="utf-8")
        result = run(path)
    return first_failure(result), result.journal


def first_failure(result):
    if result.error:
        where = result.path + ": "
        return Failure(BROKEN_OFF[result.why], result.error.removeprefix(where), int(result.simulated_s))
    found = sorted(result.failures, key=lambda outcome: outcome.ms)
    if not found:
        return None
    return Failure(found[0].text, found[0].happened, found[0].ms // 1000)
