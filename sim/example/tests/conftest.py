"""What all tests of this rig share: its rig file, and the line behind it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def rig():
    return ROOT / "rigs/bench.toml"


@pytest.fixture
def plant():
    return {"compliance_ul_per_kpa": 0.2, "counts_per_kpa": 100}


@pytest.fixture
def day(pump):
    """The pump with the day's program, running since Monday 00:00."""
    pump.program(ROOT / "programs/day.toml", start="2026-01-05T00:00")
    return pump
