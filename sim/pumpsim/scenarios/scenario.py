"""A scenario file as it is read: what is played, what is done and goes wrong when, and what has to come of it.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from pumpsim import faults
from pumpsim.plant import Parameters
from pumpsim.scenarios.documents import documents_of
from pumpsim.scenarios.words import LocalTime, ScenarioError, duration_ms, rate_nl_per_h, volume_nl

KEYS = ("title", "purpose", "requirements", "rig", "program", "programs", "start", "duration", "seed", "running",
        "clock", "ledger", "loose", "plant", "timeline", "expect")
NEEDED = ("title", "purpose", "rig", "program", "start", "duration")
# What an operator may do: {word: {key of the file: (field of the request, reader, value where it is left out)}}
VOLUME = {"volume": ("volume_nl", volume_nl, None)}
DOES = {
    "start": {}, "stop": {}, "suspend": {}, "resume": {}, "ack": {}, "cancel": {}, "status": {}, "pull": {},
    "clock": {"error": ("error_ms", duration_ms, 0), "back": ("back_ms", duration_ms, 0)},
    "program": {"name": ("name", str, None)},
    "bolus": {"volume": ("volume_nl", volume_nl, 0), "over": ("over_s", lambda text: duration_ms(text) // 1000, 0),
              "confirm": ("confirm", int, 0)},
    "temp": {"percent": ("percent", int, -1), "rate": ("rate_nl_per_h", rate_nl_per_h, 0),
             "lasts": ("for_s", lambda text: duration_ms(text) // 1000, 0)},
    "bridge": VOLUME | {"over": ("over_s", lambda text: duration_ms(text) // 1000, None)},
    "prime": VOLUME, "withdraw": VOLUME,
    "refill": {"added": ("added_nl", volume_nl, None), "withdrawn": ("withdrawn_nl", volume_nl, -1)},
}
TIMES = ("at", "after", "when")
DEEDS = ("do", "fault", "clear", "press", "set", "bubble", "fluid", "fill")


@dataclass
class Entry:
    """Something in the timeline: at `ms` of world time, or when `condition` holds."""

    kind: str
    value: object
    fields: dict = field(default_factory=dict)
    ms: int | None = None
    condition: dict | None = None
    answer: str = "ok"            # of a request: ok, none, or the code of a refusal
    text: str = ""                # as in the file
    deed: str = ""                # without time and parameters


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
    entries = [_numbered_entry(at, entry, time, seed) for at, entry in enumerate(table.get("timeline", []))]
    return Scenario(str(path), table["title"], table["purpose"], table.get("requirements", []), documents["rig"],
                    documents["programs"], time, length_ms, seed, table.get("running", True), table.get("clock", True),
                    table.get("ledger", True), table.get("loose", False), plant, entries, table.get("expect", []))


def _numbered_entry(at, entry, time, seed):
    try:
        return _entry(entry, time, seed + at)
    except ScenarioError as error:
        raise ScenarioError(f"[[timeline]] number {at + 1}: {error}") from None


def _entry(entry, time, seed):
    kinds = [key for key in DEEDS if key in entry]
    if len(kinds) != 1:
        raise ScenarioError(f"one of {', '.join(DEEDS)} is needed; found {', '.join(kinds) or 'none'}")
    kind, = kinds
    deed = entry[kind] if kind in ("do", "fault") else _told({kind: entry[kind]})
    made = Entry(kind, entry[kind], text=_told(entry), deed=str(deed))
    rest = {key: value for key, value in entry.items() if key not in (*TIMES, kind)}
    if kind == "do":
        made.answer = rest.pop("answer", "ok")
        made.fields = _request_fields(entry["do"], rest)
    elif kind == "fault":
        made.fields = {"for_ms": duration_ms(rest.pop("for")) if "for" in rest else None}
        made.value = _fault(entry["fault"], rest, seed)
    elif kind == "press":
        made.value = duration_ms(entry["press"])
    elif kind in ("bubble", "fill"):
        made.value = volume_nl(entry[kind]) / 1000
    if kind not in ("do", "fault"):
        only(rest, (), kind)
    made.ms, made.condition = moment(entry, time)
    return made


def _request_fields(word, given):
    if word not in DOES:
        raise ScenarioError(f"{word!r} is nothing an operator does; it must be one of {', '.join(DOES)}")
    known = DOES[word]
    only(given, known, word)
    made = {}
    for key, (name, read, default) in known.items():
        if key not in given and default is None:
            raise ScenarioError(f"{word} needs {key}")
        made[name] = read(given[key]) if key in given else default
    return made


def _fault(name, given, seed):
    """The fault with its parameters beside it; dice that have no seed of their own get the scenario's."""
    try:
        made = faults.make(name, given)
        if "seed" in made.values() and "seed" not in given:
            made = faults.make(name, given | {"seed": seed})
    except ValueError as error:
        raise ScenarioError(str(error))
    return made


def moment(entry, time, default_ms=None):
    """(ms, condition) of an entry's at, after or when."""
    given = [key for key in TIMES if key in entry]
    if not given and default_ms is not None:
        return default_ms, None
    if len(given) != 1:
        raise ScenarioError(f"one of at, after and when is needed; found {', '.join(given) or 'none'}")
    if "at" in entry:
        return time.ms_of(entry["at"]), None
    if "after" in entry:
        return duration_ms(entry["after"]), None
    wanted = dict(entry["when"])
    if "delivered" in wanted:
        wanted["delivered_nl"] = volume_nl(wanted.pop("delivered"))
    try:
        faults.condition(**wanted)
    except ValueError as error:
        raise ScenarioError(str(error))
    return None, wanted


def _told(entry):
    return ", ".join(f"{key} {value}" for key, value in entry.items())


def only(given, known, what):
    for key in given:
        if key not in known:
            raise ScenarioError(f"{what} has no {key!r}; it has {', '.join(known) or 'nothing else'}")
