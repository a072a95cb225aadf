"""The pytest plugin: fixtures `pump`, `rig` and `plant`, and what a failed test shows. Loads the simulator when a test
asks for it.
"""

import re
from pathlib import Path

import pytest

PICTURES = "pump-pictures"
PUMP = pytest.StashKey()      # of a test: its pump, as soon as there is one


def pytest_addoption(parser):
    parser.getgroup("pumpsim").addoption(
        "--pump-pictures", default=PICTURES, metavar="DIR",
        help="Where the pictures of failed tests with a pump go; '' for none. Default: %(default)s")


def pytest_configure(config):
    config.addinivalue_line("markers", "pump(battery_clock=False): what the simulated pump of the fixture `pump` has "
                                       "fitted")


@pytest.fixture
def rig():
    """The rig file of the fixture `pump`: override it with the path of your own."""
    from pumpsim.testing.bench_pump import DEFAULT_RIG

    return DEFAULT_RIG


@pytest.fixture
def plant():
    """The plant behind the pump, as parameters of pumpsim.Plant: a line that gives way a little, with a pressure
    sensor. Override it with others, {} for a plant without effects, or None for none: that is the quickest."""
    return {"compliance_ul_per_kpa": 0.2, "counts_per_kpa": 100}


@pytest.fixture
def pump(request, rig, plant):
    """A simulated pump on the bench, powered up, with the rig in it, stopped: a pumpsim.testing BenchPump."""
    from pumpsim.testing.bench_pump import BenchPump

    marker = request.node.get_closest_marker("pump")
    made = request.node.stash[PUMP] = BenchPump(rig, plant, **(marker.kwargs if marker else {}))
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What failed, in the test or in a fixture of it, tells where its pump stood, and leaves a picture."""
    report = yield
    pump = item.stash.get(PUMP, None) or (getattr(item, "funcargs", None) or {}).get("pump")
    if report.failed and type(pump).__name__ == "BenchPump":
        report.sections.append(("pump", "\n".join(_told(item, pump))))
    return report


def _told(item, pump):
    """Lines about the pump of a failed test. What goes wrong in telling is told too: it must not end the session."""
    try:
        yield pump.describe()
    except Exception as error:
        yield f"it cannot be described: {error!r}"
    try:
        path = _picture(item, pump)
    except Exception as error:
        yield f"no picture: {error!r}"
    else:
        if path:
            yield f"picture: {path}"
            item.user_properties.append(("pump_picture", str(path)))


def _picture(item, pump):
    """The path of the failed test's picture, None where there is none."""
    folder = item.config.getoption("--pump-pictures")
    if not folder:
        return None
    from pumpsim.testing.picture import draw

    return draw(pump, Path(folder) / (re.sub(r"[^A-Za-z0-9_.-]+", "_", item.nodeid) + ".png"), item.nodeid)


def pytest_assertrepr_compare(op, left, right):
    """Volumes and rates with their difference."""
    from pumpsim.testing.quantity import Near, Quantity

    if op not in ("==", "<", ">", "<=", ">=", "!=") or not isinstance(left, Quantity):
        return None
    wanted = right.expected if isinstance(right, Near) else right
    return [f"{left!r} {op} {right!r}", f"difference: {left - wanted!r}"]
