"""Every test that names a requirement must name one that exists in firmware/REQUIREMENTS.md. No property
is a test of speed. Only the firmware's own tests count for its coverage, and of those no long ones: without it they are
fast. Mutation testing asks of all which lines they run."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.trace import known_requirements, requirements_of

settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

PUMP = Path(__file__).parent / "pump"


def pytest_collection_modifyitems(config, items):
    for_mutants = config.pluginmanager.hasplugin("tests.mutation.durations")
    known = known_requirements()
    for item in items:
        if PUMP not in item.path.parents or (item.get_closest_marker("long") and not for_mutants):
            item.add_marker("no_cover")
        for number in requirements_of(item):
            if number not in known:
                raise pytest.UsageError(f"{item.nodeid} names {number}, which firmware/REQUIREMENTS.md does not know")
