"""The timeline of a scenario file: what is done and what goes wrong, when. Owns the words of [[timeline]]."""

from dataclasses import dataclass, field

from pump.errors import CODES
from pumpsim import faults
from pumpsim.plant import Parameters
from pumpsim.scenarios.words import (
    ScenarioError,
    duration_ms,
    duration_s,
    of_kind,
    one_of,
    only,
    placed,
    rate_nl_per_h,
    volume_nl,
    whole,
)

# What an operator may do: {word: {key of the file: (field of the request, reader, value where it is left out)}}
VOLUME = {"volume": ("volume_nl", volume_nl, None)}
DOES = {
    "start": {}, "stop": {}, "suspend": {}, "resume": {}, "ack": {}, "cancel": {}, "status": {}, "pull": {},
    "clock": {"error": ("error_ms", duration_ms, 0), "back": ("back_ms", duration_ms, 0)},
    "program": {"name": ("name", lambda name: of_kind(name, str, "the name of a program"), None)},
    "bolus": {"volume": ("volume_nl", volume_nl, 0), "over": ("over_s", duration_s, 0),
              "confirm": ("confirm", whole, 0)},
    "temp": {"percent": ("percent", whole, -1), "rate": ("rate_nl_per_h", rate_nl_per_h, 0),
             "lasts": ("for_s", duration_s, 0)},
    "bridge": VOLUME | {"over": ("over_s", duration_s, None)},
    "prime": VOLUME, "withdraw": VOLUME,
    "refill": {"added": ("added_nl", volume_nl, None), "withdrawn": ("withdrawn_nl", volume_nl, -1)},
}
TIMES = ("at", "after", "when")
ANSWERS = ("ok", "none", *CODES)
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


def read_timeline(tables, time, seed):
    """Its entries, in the order of the file; ScenarioError, with the entry's number, for the first that is wrong."""
    return [placed(f"[[timeline]] number {at + 1}", _entry, table, time, seed + at) for at, table in enumerate(tables)]


def check_timeline(scenario):
    """What an entry alone does not know: when the scenario ends, and which programs there are."""
    for at, entry in enumerate(scenario.timeline):
        placed(f"[[timeline]] number {at + 1}", _check, entry, scenario)


def _check(entry, scenario):
    if entry.ms is not None and entry.ms > scenario.length_ms and not scenario.loose:
        end = scenario.time.clock(scenario.length_ms)
        raise ScenarioError(f"{entry.text}: this is after the end, at {end}; let the scenario last longer")
    if entry.value == "program" and entry.kind == "do" and entry.fields["name"] not in scenario.programs:
        raise ScenarioError(f"there is no [programs.{entry.fields['name']}]")


def _entry(entry, time, seed):
    of_kind(entry, dict, "a table")
    kinds = [key for key in DEEDS if key in entry]
    if len(kinds) != 1:
        raise ScenarioError(f"one of {', '.join(DEEDS)} is needed; found {', '.join(kinds) or 'none'}")
    kind, = kinds
    deed = entry[kind] if kind in ("do", "fault") else _told({kind: entry[kind]})
    made = Entry(kind, entry[kind], text=_told(entry), deed=str(deed))
    rest = {key: value for key, value in entry.items() if key not in (*TIMES, kind)}
    if kind == "do":
        made.answer = placed("answer", one_of, rest.pop("answer", "ok"), ANSWERS)
        made.fields = _request_fields(entry["do"], rest)
    elif kind == "fault":
        made.fields = {"for_ms": duration_ms(rest.pop("for")) if "for" in rest else None}
        made.value = _fault(entry["fault"], rest, seed)
    elif kind == "press":
        made.value = duration_ms(entry["press"])
    elif kind in ("bubble", "fill"):
        made.value = volume_nl(entry[kind]) / 1000
    elif kind == "set":
        _changes_of_plant(entry["set"])
    else:
        of_kind(entry[kind], str, "a name")
    if kind not in ("do", "fault"):
        only(rest, (), kind)
    made.ms, made.condition = _moment(entry, time)
    return made


def _changes_of_plant(given):
    try:
        Parameters().changed(**of_kind(given, dict, "parameters of the plant such as { head_mm = 500.0 }"))
    except ValueError as error:
        raise ScenarioError(str(error)) from None


def _request_fields(word, given):
    if not isinstance(word, str) or word not in DOES:
        raise ScenarioError(f"{word!r} is nothing an operator does; it must be one of {', '.join(DOES)}")
    known = DOES[word]
    only(given, known, word)
    made = {}
    for key, (name, read, default) in known.items():
        if key not in given and default is None:
            raise ScenarioError(f"{word} needs {key}")
        made[name] = placed(key, read, given[key]) if key in given else default
    return made


def _fault(name, given, seed):
    """The fault with its parameters beside it; dice that have no seed of their own get the scenario's."""
    of_kind(name, str, "the name of a fault")
    try:
        made = faults.make(name, given)
        if "seed" in made.values() and "seed" not in given:
            made = faults.make(name, given | {"seed": seed})
    except ValueError as error:
        raise ScenarioError(str(error))
    return made


def _moment(entry, time):
    """(ms, condition) of an entry's at, after or when."""
    given = [key for key in TIMES if key in entry]
    if len(given) != 1:
        raise ScenarioError(f"one of at, after and when is needed; found {', '.join(given) or 'none'}")
    if "at" in entry:
        return time.ms_of(entry["at"]), None
    if "after" in entry:
        return duration_ms(entry["after"]), None
    wanted = dict(of_kind(entry["when"], dict, 'a condition such as { state = "running" }'))
    if "delivered" in wanted:
        wanted["delivered_nl"] = volume_nl(wanted.pop("delivered"))
    try:
        faults.condition(**wanted)
    except ValueError as error:
        raise ScenarioError(str(error))
    return None, wanted


def _told(entry):
    return ", ".join(f"{key} {value}" for key, value in entry.items())
