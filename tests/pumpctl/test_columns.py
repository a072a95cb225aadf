"""The columns of an export are those of host_tools/README.md, and each is filled by the events that it names."""

import re
from pathlib import Path

import pytest

from pump import record
from pumpctl.columns import COLUMNS, as_dict, rows_of
from pumpctl.journal import records_of
from tests.pumpctl.journals import make

PAGE = (Path(__file__).parents[2] / "host_tools/README.md").read_text(encoding="utf-8")
TOLD = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, -]+) \|", PAGE, re.MULTILINE)
DOSE = [record.EVENT_NAMES[event] for event in record.DOSE_EVENTS]
STORED = (Path(make.__file__).parent / "v1.bin").read_bytes()


def test_the_table_names_every_column_with_its_kind():
    assert [(name, kind) for name, kind, _ in TOLD] == list(COLUMNS.items())


@pytest.mark.parametrize("name, events", [(name, events.split(", ")) for name, _, events in TOLD if events != "all"])
def test_a_column_belongs_to_the_events_that_are_named(name, events):
    allowed = {each for event in events for each in (DOSE if event == "dose" else [event])}
    rows = [as_dict(row) for row in rows_of(records_of(STORED))]
    assert {row["event"] for row in rows if name in row} <= allowed
    seen = {row["event"] for row in rows} & allowed
    assert seen and any(name in row for row in rows)


def test_values_are_of_the_kind_of_their_column():
    kinds = {"text": str, "int": int, "time": int, "flag": bool}
    for row in rows_of(records_of(STORED), "53"):
        assert all(type(value) is kinds[COLUMNS[name]] for name, value in as_dict(row).items())


def test_numbers_are_those_of_the_record():
    """Record 8 sets the clock to 2026-03-26T23:00:00Z; 27 ends a bolus of 70 uL after 350 of 700 steps of 100 nL."""
    rows = [as_dict(row) for row in rows_of(records_of(STORED))]
    assert (rows[8]["new_utc"], "old_utc" in rows[8]) == (1_774_566_000_000, False)
    assert (rows[27]["volume_nl"], rows[27]["granted_steps"], rows[27]["delivered_steps"]) == (70_000, 700, 350)
    assert (rows[27]["kind"], rows[27]["outcome"], rows[27]["over_s"]) == ("host", "cancelled", 600)
    assert rows[28]["confirmed_steps"] == 578 and rows[28]["bolus_steps"] == 450     # and 100 of the first bolus
