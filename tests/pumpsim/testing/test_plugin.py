"""The pytest plugin as a test suite of somebody else's sees it: in a folder of its own, found by its entry point."""

import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).parents[3] / "sim/example"
FAILS = """
    def test_too_much(pump):
        pump.program('name = "flat"\\nutc_offset = "+00:00"\\n[[schedule]]\\n'
                     'segments = [{ at = "00:00", rate = "20 uL/h" }]\\n')
        pump.advance(hours=2)
        assert pump.delivered == "50 uL"
"""


@pytest.fixture
def run(pytester):
    """Runs pytest there in a process of its own: nothing of this suite's configuration is known to it."""
    return lambda *words: pytester.runpytest_subprocess("-p", "no:cacheprovider", *words)


def test_the_example_repository_passes_as_it_is(pytester, run):
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True)
    run().assert_outcomes(passed=5)


def test_a_failed_test_shows_the_difference_and_where_the_pump_stood(pytester, run):
    pytester.makepyfile(FAILS)
    result = run("--junit-xml=results.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*assert 40 uL == '50 uL'*", "*difference: -10 uL*", "*- pump -*",
                                 "2026-01-05 02:00:00, running", "delivered 40 uL, programmed 40 uL*",
                                 "last events, without checkpoints:", "*start*host*20 uL/h", "picture: *"])
    picture = next((pytester.path / "pump-pictures").glob("*.png"))
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    properties = ElementTree.parse(pytester.path / "results.xml").iter("property")
    assert [entry.get("value") for entry in properties] == [str(Path("pump-pictures") / picture.name)]


def test_pictures_can_be_put_elsewhere_or_left_out(pytester, run):
    pytester.makepyfile(FAILS)
    run("--pump-pictures", "here").assert_outcomes(failed=1)
    assert len(list((pytester.path / "here").iterdir())) == 1
    run("--pump-pictures", "").assert_outcomes(failed=1)
    assert not (pytester.path / "pump-pictures").exists()


def test_a_suite_without_pumps_does_not_load_the_simulator(pytester, run):
    pytester.makepyfile("""
        import sys

        def test_nothing():
            assert "pumpsim.testing.plugin" in sys.modules
            assert "pumpsim.device" not in sys.modules and "pump.app" not in sys.modules
    """)
    run().assert_outcomes(passed=1)


def test_the_marker_fits_a_battery_backed_clock(pytester, run):
    pytester.makepyfile("""
        import pytest

        @pytest.mark.pump(battery_clock=True)
        def test_it_keeps_the_time(pump):
            pump.set_clock("2026-01-05T12:00")
            pump.power_cut("1 h")
            assert pump.now == "2026-01-05 13:00:00"
    """)
    run("--strict-markers").assert_outcomes(passed=1)
