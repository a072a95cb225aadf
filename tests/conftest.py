"""Every test that names a requirement must name one that exists in firmware/REQUIREMENTS.md. No property
is a test of speed. Only the firmware's own tests count for its coverage, and of those no long ones: without it they are
fast. Mutation testing asks of all which lines they run."""

import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings

from tests.trace import known_requirements, requirements_of

settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

PUMP = Path(__file__).parent / "pump"


def pytest_collection_modifyitems(items):
    known = known_requirements()
    for item in items:
        for number in requirements_of(item):
            if number not in known:
                raise pytest.UsageError(f"{item.nodeid} names {number}, which firmware/REQUIREMENTS.md does not know")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Takes coverage's trace functions off around a test that does not count. pytest-cov's own `no_cover` leaves a
    second collector on in the processes of pytest-xdist, which is as slow."""
    plugins = item.config.pluginmanager
    counts = PUMP in item.path.parents and not item.get_closest_marker("long")
    if counts or plugins.hasplugin("tests.mutation.durations") or not plugins.hasplugin("_cov"):
        return (yield)
    kept, kept_of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(kept)
        threading.settrace(kept_of_threads)
