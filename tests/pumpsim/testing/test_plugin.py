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


HAPPENS = """
    import pytest
    from pumpsim.faults import power_cut

    PROGRAM = ('name = "flat"\\nutc_offset = "+00:00"\\n[[schedule]]\\n'
               'segments = [{ at = "00:00", rate = "20 uL/h" }]\\n')

    def test_behind_a_midnight_with_an_alarm(pump):
        pump.set_clock("2026-01-05T22:00")
        pump.program(PROGRAM)                  # acknowledges nothing, as the clock is set already
        pump.at("00:10")
        assert pump.state == "stopped"

    @pytest.fixture
    def day(pump):
        pump.program(PROGRAM)
        pump.advance(hours=2)
        assert pump.delivered == "50 uL"

    def test_in_a_fixture(day):
        pass

    def test_without_power(pump):
        pump.program(PROGRAM)
        pump.inject(power_cut())
        assert pump.delivered == "0 uL"

    def test_that_cannot_be_described(pump, monkeypatch):
        monkeypatch.setattr(type(pump), "journal", None)
        assert False

    def test_the_last_one():
        pass
"""


def test_a_failure_is_told_whatever_became_of_its_pump_and_the_session_goes_on(pytester, run):
    pytester.makepyfile(HAPPENS)
    result = run()
    result.assert_outcomes(failed=3, errors=1, passed=1)
    said = result.stdout
    said.fnmatch_lines(["*difference: -10 uL*", "2026-01-05 02:00:00, running", "picture: *test_in_a_fixture.png"])
    said.fnmatch_lines(["alarms: clock not set", "*00:00:00  alarm * as before", "picture: *"])
    said.fnmatch_lines(["E *ValueError: the pump shows nothing: it has no power; clear it, *power_cut",
                        "1 s after it was switched on, off", "faults: power_cut", "*start*host*20 uL/h", "picture: *"])
    said.fnmatch_lines(["it cannot be described: TypeError*", "no picture: TypeError*"])
    assert len(list((pytester.path / "pump-pictures").iterdir())) == 3
