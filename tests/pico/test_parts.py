"""Every part that a rig may name has its adapter, and what stands in for it can be asked the same."""

import inspect
from pathlib import Path

import pytest

from pump.rig import PARTS
from tests.pico import assembler

PINS_ONLY = ("limit", "diag")           # levels that pico/inputs.py reads
ADAPTERS = ["lamp", *(name for name in PARTS if name not in PINS_ONLY)]
PICO = Path(__file__).parents[2] / "firmware/pico"


def public(kind):
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_part_is_the_class_of_its_name_in_the_module_of_its_name(name):
    made = getattr(assembler.module(name), name.capitalize())
    assert public(made) <= public(assembler.module("parts").Absent)


def test_a_part_that_is_not_fitted_reads_as_none():
    absent = assembler.module("parts").fitted(["buzzer"], "adc")
    assert (absent.read(), absent.read_utc_s()) == (None, None)
    assert absent.set_utc_s(0) is None and absent.show(3) is None


@pytest.mark.parametrize("name", ADAPTERS)
def test_no_adapter_of_a_part_is_imported_before_it_is_fitted(name):
    others = [path for path in PICO.glob("*.py") if path.stem != name]
    importing = [path.stem for path in others if f"from pico.{name} import" in path.read_text()]
    assert importing == (["leds"] if name == "rgb" else [])         # which is one itself
