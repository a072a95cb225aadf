"""A scenario file as it is read: what is played, what is done and goes wrong when, and what has to come of it.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pumpsim.plant import Parameters
from pumpsim.scenarios.documents import documents_of
from pumpsim.scenarios.timeline import check_timeline, read_timeline
from pumpsim.scenarios.words import LocalTime, ScenarioError, duration_ms, of_kind, only, placed

KEYS = ("title", "purpose", "requirements", "rig", "program", "programs", "start", "duration", "seed", "running",
        "clock", "ledger", "loose", "plant", "timeline", "expect")
NEEDED = ("title", "purpose", "rig", "program", "start", "duration")
# What stands under a key that this file reads itself: {key: (kind, the same in words)}
KINDS = {"title": (str, "a text"), "purpose": (str, "a text"), "seed": (int, "a whole number"),
         "requirements": (list, 'a list such as ["A-05"]'), "plant": (dict, "a table [plant]"),
         "timeline": (list, "tables [[timeline]]"), "expect": (list, "tables [[expect]]")}
KINDS |= dict.fromkeys(("running", "clock", "ledger", "loose"), (bool, "true or false"))


@dataclass
class Scenario:
    path: str
    title: str
    purpose: str
    requirements: list            # numbers of firmware/REQUIREMENTS.md
    rig: bytes
    programs: dict                # by name; "program" is the first one
    time: LocalTime
    length_ms: int
    seed: int
    running: bool                 # the pump is started at once
    has_clock: bool               # a battery-backed clock is fitted
    ledger: bool                  # the pump's account must cover the plant's truth
    loose: bool                   # any answer will do, and what cannot be done at its instant is left out
    plant: dict
    timeline: list
    expectations: list            # as in the file, checked by expect.py

    @property
    def name(self):
        return Path(self.path).stem


def load(path, seed=None):
    """Reads a scenario file; ScenarioError for the first thing in it that is wrong. `seed`: in place of its own."""
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}")
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}")
    try:
        return _read(path, table, table.get("seed", 0) if seed is None else seed)
    except ScenarioError as error:
        raise ScenarioError(f"{path}: {error}") from None


def _read(path, table, seed):
    only(table, KEYS, "a scenario")
    for key in NEEDED:
        if key not in table:
            raise ScenarioError(f"{key} is missing; a scenario needs {', '.join(NEEDED)}")
    for key in table:
        if key in KINDS:
            placed(key, of_kind, table[key], *KINDS[key])
    try:
        documents = documents_of(path)
    except ValueError as error:
        raise ScenarioError(str(error))
    time = LocalTime(table["start"], documents["zone"])
    length_ms = duration_ms(table["duration"])
    plant = table.get("plant", {})
    try:
        Parameters().changed(**plant)
    except ValueError as error:
        raise ScenarioError(f"[plant] {error}")
    entries = read_timeline(table.get("timeline", []), time, seed)
    scenario = Scenario(str(path), table["title"], table["purpose"], table.get("requirements", []),
                        documents["rig"], documents["programs"], time, length_ms, seed, table.get("running", True),
                        table.get("clock", True), table.get("ledger", True), table.get("loose", False), plant, entries,
                        table.get("expect", []))
    check_timeline(scenario)
    return scenario
