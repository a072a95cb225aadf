"""The program file: TOML to the program document (firmware/pump/program.py). Owns the file's keys; knows no rig."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pump.program import VERSION, Program
from pumpctl.documents import accepted, canonical_json
from pumpctl.quantities import CONCENTRATION
from pumpctl.quantity_value import Echo, exact_of
from pumpctl.schedule_tables import Week, plans_of, read_week
from pumpctl.toml_source import Value, read_toml
from pumpctl.zones import ZoneError, fixed_offset, zone_table

CONCENTRATION_MAX = 1_000_000_000_000         # ng/mL
ZONE_EXPECTED = 'such as time_zone = "Europe/Berlin", or utc_offset = "+01:00"'


@dataclass(frozen=True)
class ProgramFile:
    """A program that the pump's own code has accepted. `body` is what is sent; `canonical` echoes every quantity."""

    path: object
    name: str
    body: bytes
    program: Program
    canonical: list[tuple[str, str]]
    week: Week


def load_program(path: object, start: datetime | None = None) -> ProgramFile:
    """Reads and checks a program file. `start` (now by default; UTC unless it has a zone) places the table of offsets.

    HostError where the file cannot be read, InputError for the first thing in it that is wrong.
    """
    root = read_toml(path).only("name", "fluid", "time_zone", "utc_offset", "schedule")
    echo = Echo()
    name = root.take("name", 'such as name = "circadian"').name()
    fluid_name, ng_per_ml, concentration = _fluid(root.maybe("fluid"), echo)
    zone = _zone(root, start or datetime.now(UTC))
    week = read_week(root.take("schedule", "one [[schedule]] table or more"), concentration, echo)
    days, plans = plans_of(week)
    body = canonical_json({
        "v": VERSION, "name": name, "fluid": {"name": fluid_name, "ng_per_ml": ng_per_ml}, "zone": zone,
        "days": days, "plans": plans})
    return ProgramFile(path, name, body, accepted(Program, body, root), echo.lines, week)


def _fluid(table: Value | None, echo: Echo) -> tuple[str, int, Value | None]:
    """(name, ng/mL or 0, the concentration as written)."""
    if table is None:
        return "", 0, None
    table.only("name", "concentration")
    name = table.take("name", 'such as "dyed water"').name()
    written = table.maybe("concentration")
    if written is None:
        return name, 0, None
    exact = exact_of(written, CONCENTRATION)
    if exact.denominator != 1 or not 1 <= exact <= CONCENTRATION_MAX:
        raise written.refusal(f"{CONCENTRATION}, in whole ng/mL from 1 to {CONCENTRATION_MAX}")
    echo.add("concentration", written.raw, exact, int(exact), CONCENTRATION.canonical)
    return name, int(exact), written


def _zone(root: Value, start: datetime) -> dict:
    """The zone part of the document."""
    name, offset = root.maybe("time_zone"), root.maybe("utc_offset")
    if name and offset:
        raise root.refusal_of_key("utc_offset", "either time_zone or utc_offset, not both")
    written = offset or root.take("time_zone", ZONE_EXPECTED)
    text = written.text(ZONE_EXPECTED)
    try:
        if offset:
            fixed_name, minutes = fixed_offset(text)
            return {"name": fixed_name, "first_offset_min": minutes, "changes": []}
        first, changes = zone_table(text, start)
    except ZoneError as error:
        raise written.refusal(error.expected)
    return {"name": text, "first_offset_min": first, "changes": changes}
