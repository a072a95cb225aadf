"""`pumpctl calibrate` as a person uses it: a served pump, a balance that is made up, and everything that goes wrong."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

from flowtest.water import Liquid
from pump import record
from pump.rig import Rig
from pumpctl import Pump
from pumpctl.calibrating import plan_of
from pumpfiles.rig_file import load_rig
from tests.pumpfiles.files import EXAMPLES, RIG, changed, write
from tests.pumps import RIG as RIG_DOCUMENT
from tests.pumps import body_of
from tests.serving import served

STEP_UL = 330.259927 / 3200


@pytest.fixture
def run(run, monkeypatch, tmp_path):
    """Runs pumpctl calibrate in a folder of its own; `typed` is what a person types."""
    monkeypatch.chdir(tmp_path)
    return lambda *words, typed=(): run("calibrate", *words, typed=typed)


@pytest.fixture
def rig(tmp_path):
    path = tmp_path / "bench.toml"
    shutil.copy(EXAMPLES / "bench-1.toml", path)
    return path


@pytest.fixture
def weighed(tmp_path):
    """A CSV of doses of a rig whose revolution is 1 % more than its geometry: 333.5625 uL."""
    path = tmp_path / "weighed.csv"
    rows = [f"{steps},{steps * STEP_UL * 1.01 / Liquid(20).ul_per_mg:.9f}" for steps in (400, 800, 1600, 3200)]
    path.write_text("steps,mass_mg\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def pump(monkeypatch, rig):
    """A served pump with the rig, stopped; 600 times real time."""
    from pumpctl.pump import Pump

    with served(speed="600") as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        with Pump.open(serving.port) as opened:
            opened.push_rig(load_rig(rig).body)
        yield serving.port


def grams(steps, part=1.02):
    """What a balance shows after doses of so many steps each, on a rig that delivers `part` of its geometry."""
    shown = [12.0]
    for each in steps:
        shown.append(shown[-1] + each * STEP_UL * part / Liquid(20).ul_per_mg / 1000)
    return [f"{each:.7f} g" for each in shown]


def test_a_series_is_dispensed_weighed_fitted_and_written(pump, run, rig):
    # 20 uL are 193.79 steps, of which the pump makes 193
    code, out, err = run(rig, "--doses", "4", "--volume", "20 uL", "--yes", "--json", typed=grams([193] * 4))
    assert code == 0, err
    answer = json.loads(out)
    assert [each["steps"] for each in answer["doses"]] == [193] * 4
    assert answer["ul_per_rev"] == pytest.approx(330.259927 * 1.02, rel=1e-5)
    assert (answer["drift_percent"], answer["exceeds"]) == (pytest.approx(2, abs=0.01), answer["drift_percent"] > 2)
    assert "dose 4 of 4, 20 µL: balance reads" in err
    calibration = load_rig(rig).calibration
    assert float(calibration.finding.nl_per_rev) == pytest.approx(336_865, rel=1e-5)
    assert calibration.finding.method == "gravimetric: 4 doses of 20.32 to 20.32 uL, water at 20 °C, 0.998207 g/mL"
    assert len(list(rig.parent.glob("calibration-bench-1-*.svg"))) == 1


def test_a_wrong_reading_is_asked_for_again(pump, run, rig):
    first, *rest = grams([193] * 3)
    typed = ["12", "-1 g", "12 uL", first, "11.9 g", *rest]
    code, _, err = run(rig, "--doses", "3", "--volume", "20 uL", "--yes", typed=typed)
    assert code == 0
    assert err.count("found '12', expected a unit after the number") == 1
    assert "found '11.9 g', expected more than the 12 g before" in err


def test_readings_of_a_file_are_taken_for_doses_dispensed_now(pump, run, rig, tmp_path):
    (tmp_path / "mass.csv").write_text("mass_mg;temperature_C\n20,1;21\n".replace(",", ".") + "20.2;23\n20.0;22\n")
    code, out, _ = run(rig, "--doses", "3", "--volume", "20 uL", "--readings", "mass.csv", "--yes")
    assert code == 0 and "water at 22 °C" in out and "   1        193         20.10" in out
    code, _, err = run(rig, "--doses", "4", "--volume", "20 uL", "--readings", "mass.csv", "--yes")
    assert (code, err) == (2, "pumpctl: mass.csv has 3 readings for 4 doses. A line is to be a dose, in order\n")


def test_what_was_weighed_before_it_was_broken_off_is_kept(pump, run, rig, tmp_path):
    code, out, err = run(rig, "--volume", "20 uL", "--yes", "--save", "kept.csv", typed=grams([193] * 3))
    assert (code, out) == (130, "")
    assert err.endswith("Use what was weighed, if it is enough: --readings kept.csv --no-dispense\n")
    assert (tmp_path / "kept.csv").read_text().count("\n193,") == 3
    code, out, err = run(rig, "--readings", "kept.csv", "--no-dispense", "--yes")
    assert code == 0 and "336.86" in out


def test_a_pump_that_runs_or_has_another_rig_is_left_alone(pump, run, rig, tmp_path):
    other = write(tmp_path, changed(RIG, '"bench-1"', '"bench-2"'))
    code, _, err = run(other, "--yes")
    assert code == 2 and "the pump has the rig 'bench-1'" in err and "pumpctl push --rig" in err
    code, _, err = run(rig, "--volume", "9 mL", "--doses", "3", "--yes")
    assert code == 2 and "the series needs 36000000 nL and the reservoir holds 10000000 nL" in err
    code, _, err = run(rig)
    assert code == 2 and "10 doses of 250 µL to 1200 µL" in err and "--yes" in err


def test_readings_of_earlier_need_no_pump(run, rig, weighed):
    code, out, err = run(rig, "--readings", weighed, "--no-dispense", "--yes")
    assert (code, err) == (0, "")
    assert "volume per revolution  333.563 µL" in out and "from the head's geometry: +1.00 %" in out
    assert "within the stated accuracy of 2 %" in out
    code, out, err = run(rig, "--readings", weighed, "--no-dispense", "--yes", "--temperature", "30C")
    # Z of ISO 8655-6: 1.0054 to 1.0029
    assert "since 2" in out and "+0.25 %" in out
    assert len(load_rig(rig).calibration.history) == 1


def test_a_drift_beyond_the_stated_accuracy_is_said(run, rig, weighed):
    code, out, _ = run(rig, "--readings", weighed, "--no-dispense", "--accuracy", "0.5 %", "--yes")
    assert code == 0 and "warning: +1.00 % from the head's geometry is more than the stated accuracy of 0.5 %" in out
    assert json.loads(run(rig, "--readings", weighed, "--no-dispense", "--dry-run", "--json")[1])["exceeds"] is False


@pytest.mark.parametrize("column, values", [
    ("revolutions", (0.125, 0.25, 0.5, 1)), ("requested_uL", (41.2825, 82.565, 165.13, 330.26))])
def test_what_was_moved_may_be_said_in_revolutions_or_volumes(run, rig, weighed, column, values):
    masses = [line.split(",")[1] for line in weighed.read_text().splitlines()[1:]]
    rows = "\n".join(f"{value},{mass}" for value, mass in zip(values, masses, strict=True))
    weighed.write_text(f"{column},mass_mg\n{rows}\n")
    assert "333.56" in run(rig, "--readings", weighed, "--no-dispense", "--dry-run")[1]


def test_evaporation_is_added_for_the_time_of_each_dose(run, rig, weighed):
    """36 mg/h for 100 s are 1 mg for each dose; those of 400 steps gain 41 mg."""
    lines = weighed.read_text().splitlines()
    weighed.write_text("\n".join([f"{lines[0]},lasted_s", *(f"{line},100" for line in lines[1:])]) + "\n")
    plain, more = (json.loads(run(rig, "--readings", weighed, "--no-dispense", "--dry-run", "--json", *words)[1])
                   for words in ((), ("--evaporation", "36 mg/h")))
    for before, after in zip(plain["doses"], more["doses"], strict=True):
        assert after["volume_ul"] - before["volume_ul"] == pytest.approx(Liquid(20).ul_per_mg)


@pytest.mark.parametrize("text, said", [
    ("steps,mass_mg\n400,41\n800,82\n", "a calibration needs at least 3. Weigh more doses"),
    ("steps,mass_mg\n400,41\n800,82\n1600,-3\n", "dose 3 of 1600 steps gained -3 mg"),
    ("mass_mg\n41\n82\n83\n", "does not say what was dispensed"),
    ("steps,mass_mg\n400,41\n800,8,2\n1600,3\n", ":3:1: found 3 columns, expected 2"),
    ("steps,mass_mg\n400,410\n800,820\n1600,1640\n", "would be no rig with it"),
])
def test_wrong_readings_are_one_line_and_the_rig_stays(run, rig, weighed, text, said):
    before = rig.read_bytes()
    weighed.write_text(text)
    code, _, err = run(rig, "--readings", weighed, "--no-dispense", "--yes")
    assert code == 2 and said in err and err.count("\n") == 1
    assert rig.read_bytes() == before


@pytest.mark.parametrize("words, said", [
    (("--no-dispense",), "--no-dispense needs --readings"),
    (("--readings", "none.csv", "--no-dispense"), "cannot read none.csv"),
    (("--density", "1"), "a unit after the number"),
    (("--density", "998 g/mL"), 'such as "0.998 g/mL"'),
    (("--temperature", "41C"), "from 0C to 40C"),
    (("--temperature", "70F"), "from 0C to 40C"),
    (("--accuracy", "0 %"), "more than 0"),
    (("--plot", "x.pdf"), ".svg or .png"),
    (("--volume", ".5 mL"), "digits on both sides"),
    (("--balance", "0,1 mg"), "expected"),
    (("--evaporation", "1 mg"), "a mass rate"),
    (("--doses", "2"), "3<=x"),
])
def test_wrong_options_are_refused_before_anything_moves(run, rig, words, said):
    code, out, err = run(rig, *words, "--port", "socket://127.0.0.1:1")
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1


def test_the_plan_keeps_to_time_reservoir_and_largest_prime():
    def plan(**more):
        return plan_of(Rig(body_of(RIG_DOCUMENT | more)))

    # 36 mL/h for 6 min are 3.6 mL, but a prime is 2 mL at most here
    sizes = [400_000, 800_000, 1_200_000, 1_600_000, 2_000_000]
    assert plan() == sizes + sizes[::-1]
    assert max(plan(max_prime_nl=900_000_000)) == 3_600_000
    assert max(plan(reservoir_nl=8_000_000)) == 1_000_000
    assert plan_of(Rig(body_of(RIG_DOCUMENT)), 12)[:2] == plan()[:2] == plan_of(Rig(body_of(RIG_DOCUMENT)), 12)[10:]


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_during_a_dose_stops_the_motor(rig, tmp_path, number):
    # a process of its own on a pseudo-terminal's pump, in real time: 200 uL at 20 mL/h take 36 s
    with served("--control", "tcp:0", link=f"pty:{tmp_path / 'pump'}", speed="1") as serving:
        with Pump.open(serving.port) as pump:
            pump.push_rig(load_rig(rig).body)
        words = [sys.executable, "-m", "pumpctl", "calibrate", rig, "--port", serving.port, "--yes", "--doses", "3",
                 "--volume", "200 uL", "--save", tmp_path / "kept.csv"]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
        while serving.control.status()["state"] != "priming":
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        process.send_signal(number)
        process.communicate(timeout=20)
        assert process.returncode == 128 + number
        with Pump.open(serving.port) as pump:
            assert pump.status().state == "stopped"
            events = [record.header(raw)[7] for raw in pump.records()]
        assert record.EVENT_TRANSFER in events
