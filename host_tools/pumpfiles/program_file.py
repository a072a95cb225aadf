"""The program file: TOML to the program document (firmware/pump/program.py). Owns the file's keys; knows no rig."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pump.program import ENDS_MAX_S, VERSION, Program
from pumpfiles.bolus_tables import Boluses, read_boluses
from pumpfiles.documents import accepted, canonical_json
from pumpfiles.limits_table import read_limits
from pumpfiles.quantities import CONCENTRATION
from pumpfiles.quantity_value import Echo, exact_of, rate_of, seconds_of, volume_of
from pumpfiles.schedule_tables import Segment, Week, plans_of, read_week, segment_at
from pumpfiles.toml_source import Value, read_toml
from pumpfiles.zones import ZoneError, fixed_offset, zone_table

CONCENTRATION_MAX = 1_000_000_000_000         # ng/mL
LOOSE_KEYS = ("name", "time_zone", "utc_offset", "minimum_rate", "resume")           # what stands in no table
TABLES = ("fluid", "schedule", "bolus", "periodic_bolus", "on_demand", "limits", "soft_limits", "ends", "reservoir")
RESUME_EXPECTED = '"stopped" or "basal"'
ZONE_EXPECTED = 'such as time_zone = "Europe/Berlin", or utc_offset = "+01:00"'


@dataclass(frozen=True)
class ProgramFile:
    """A program that the pump's own code has accepted. `body` is what is sent; `canonical` echoes every quantity.

    `root`, `week` and `boluses` say where in the file things stand.
    """

    path: object
    name: str
    body: bytes
    program: Program
    canonical: list[tuple[str, str]]
    week: Week
    boluses: Boluses
    root: Value

    def segment_at(self, week_min: int) -> Segment:
        """The segment in force at a minute of the week, 0..10079 from Monday 00:00."""
        return segment_at(self.week, week_min)


def load_program(path: object, start: datetime | None = None) -> ProgramFile:
    """Reads and checks a program file. `start` (now by default; UTC unless it has a zone) places the table of offsets.

    HostError where the file cannot be read, InputError for the first thing in it that is wrong.
    """
    return program_of(read_toml(path), start)


def program_of(root: Value, start: datetime | None = None) -> ProgramFile:
    """The same of a table that has been read."""
    _check_loose_keys(root)
    root.only(*LOOSE_KEYS, *TABLES)
    echo = Echo()
    name = root.take("name", 'such as name = "circadian"').name()
    fluid_name, ng_per_ml, concentration = _fluid(root.maybe("fluid"), echo)
    zone = _zone(root, start or datetime.now(UTC))
    week = read_week(root.take("schedule", "one [[schedule]] table or more"), concentration, echo)
    days, plans = plans_of(week)
    boluses = read_boluses(root, concentration, echo)
    body = canonical_json({
        "v": VERSION, "name": name, "fluid": {"name": fluid_name, "ng_per_ml": ng_per_ml}, "zone": zone,
        "days": days, "plans": plans, **boluses.document(),
        "limits": read_limits(root, "limits", concentration, echo),
        "soft_limits": read_limits(root, "soft_limits", concentration, echo),
        "ends": _ends(root.maybe("ends"), concentration, echo),
        "low_nl": _low(root.maybe("reservoir"), concentration, echo),
        "minimum_nl_per_h": _minimum_rate(root.maybe("minimum_rate"), concentration, echo),
        "resume": _resume(root.maybe("resume"), echo)})
    return ProgramFile(root.file, name, body, accepted(Program, body, root), echo.lines, week, boluses, root)


def _check_loose_keys(root: Value) -> None:
    """A key below a [table] belongs to that table in TOML, which is easily overlooked."""
    for name in TABLES:
        tables = root.maybe(name)
        if tables is None or not isinstance(tables.raw, dict | list) or not tables.raw:
            continue
        for table in tables.entries("") if isinstance(tables.raw, list) else [tables]:
            for key in LOOSE_KEYS[1:]:              # the fluid has a name of its own
                if isinstance(table.raw, dict) and table.has(key):
                    raise table.refusal_of_key(key, f"{key} above the first [table] of the file: here it is part of "
                                                    f"{name}")


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


def _ends(table: Value | None, concentration: Value | None, echo: Echo) -> dict[str, int]:
    """The end of a trial (U-05), 0 for none."""
    ends = {"after_s": 0, "volume_nl": 0}
    if table is None:
        return ends
    table.only("after", "volume")
    if not table.raw:
        raise table.refusal('after = "7 d", volume = "10 mL", or both', "[ends] without either")
    after, volume = table.maybe("after"), table.maybe("volume")
    if after is not None:
        ends["after_s"] = seconds_of(after, 1, ENDS_MAX_S, echo, "ends after")
    if volume is not None:
        ends["volume_nl"] = volume_of(volume, concentration, echo, "ends volume")
    return ends


def _low(table: Value | None, concentration: Value | None, echo: Echo) -> int:
    """nL in the reservoir at which the pump warns, 0 for never."""
    if table is None:
        return 0
    return volume_of(table.only("low").take("low", 'such as "2 mL"'), concentration, echo, "reservoir low")


def _minimum_rate(value: Value | None, concentration: Value | None, echo: Echo) -> int:
    return 0 if value is None else rate_of(value, concentration, echo, "minimum_rate")


def _resume(value: Value | None, echo: Echo) -> str:
    """What a reset leaves running (P-04): by default the basal rate."""
    if value is not None and value.raw not in ("stopped", "basal"):
        raise value.refusal(RESUME_EXPECTED)
    resume = "basal" if value is None else value.raw
    echo.lines.append(("resume", resume))
    return resume
