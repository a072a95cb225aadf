"""The rig and the programs of a scenario, as they are sent. Owns those keys of the scenario file; their text is that
of the host's rig and program files, and is read by the same code.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from pumpfiles.errors import HostError
from pumpfiles.program_file import ProgramFile, program_of
from pumpfiles.rig_file import rig_of
from pumpfiles.toml_source import Value, read_toml

EXPECTED = 'a path such as "rigs/bench-1.toml", or a table'


def documents_of(path: object) -> dict:
    """{"rig": bytes, "programs": {name: bytes}, "zone": of the program}, from a scenario's `rig`, `program` and
    [programs.NAME]: each the path of a file, from the scenario's folder, or the same as a table. ValueError, in one
    line with its place, for the first thing that is wrong.
    """
    try:
        root = read_toml(path)
        start = _start(root)
        programs = {"program": program_of(_source(root.take("program", EXPECTED), path), start)}
        others = root.maybe("programs")
        for name in others.raw if others else ():
            programs[name] = program_of(_source(others.take(name, EXPECTED), path), start)
        rig = rig_of(_source(root.take("rig", EXPECTED), path))
    except HostError as error:
        raise ValueError(f"{error.message}{error.hint and '. '}{error.hint}") from None
    return {"rig": rig.body, "programs": {name: program.body for name, program in programs.items()},
            "zone": _zone(programs["program"])}


def _source(value: Value, path: object) -> Value:
    """The root of the file that is named, or the table itself."""
    if isinstance(value.raw, dict):
        return value
    return read_toml(Path(str(path)).parent / value.text(EXPECTED))


def _start(root: Value) -> datetime:
    written = root.take("start", 'local time such as "2026-03-28T22:00"')
    try:
        return datetime.fromisoformat(written.text("local time"))
    except ValueError:
        raise written.refusal('local time such as "2026-03-28T22:00"')


def _zone(program: ProgramFile) -> dict:
    return json.loads(program.body)["zone"]
