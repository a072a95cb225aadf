"""Flow tests of a simulated rig (F-01), against what its plant was told to be. A step is 100 nL."""

import csv
import json
import math
import sys

import pytest

from flowtest.doses import by_size
from pumpsim.__main__ import main
from pumpsim.flow.runs import run_boluses, run_curves, run_occlusion
from tests.pumpfiles.files import EXAMPLES
from tests.pumps import RIG

WINDOWS = [2, 5, 11, 19, 31]
RATE = 36_000                 # uL/h: 100 steps in each second, so that every window holds whole steps


@pytest.mark.requirement("F-01")
def test_an_ideal_rig_starts_at_once_and_has_a_trumpet_without_a_mouth():
    found = run_curves(RIG, {}, RATE, 2)
    # mean over 5 min, so after 5 min at the earliest
    assert found.start_up.started_s == 300
    assert found.start_up.missing_ul == pytest.approx(0, abs=0.2)                # a step or two
    assert [window.minutes for window in found.trumpet.windows] == WINDOWS
    for window in found.trumpet.windows:
        assert (window.low_percent, window.high_percent) == pytest.approx((0, 0), abs=0.02)


@pytest.mark.requirement("F-01")
def test_slack_is_missing_after_the_start_and_a_wide_barrel_shows_in_the_mean():
    found = run_curves(RIG, {"slack_ul": 500, "scale_percent": 2}, RATE / 10, 2)
    # the barrel gives 2 % more; of 2 h * 3600 uL/h * 1.02, 500 uL are slack
    assert found.start_up.missing_ul == pytest.approx(7200 - (7200 * 1.02 - 500), abs=2)
    assert found.trumpet.mean_percent == pytest.approx(2, abs=0.01)


@pytest.mark.requirement("F-01")
def test_rollers_open_the_trumpet_by_the_integral_of_their_swing():
    """4 rollers on 320 uL: 80 uL a swing, at 1200 uL/h 240 s. Over 2 min 30 % * sin(pi/2) / (pi/2) = 19.1 %, over 5 min
    30 % * sin(5 pi/4) / (5 pi/4) = 5.4 %."""
    found = run_curves(RIG, {"rollers": 4, "pulsation_percent": 30}, 1200, 3)
    two, five, *_ = found.trumpet.windows
    for window, expected in ((two, 30 / (math.pi / 2)), (five, 30 * math.sin(math.pi / 4) / (5 * math.pi / 4))):
        assert window.high_percent == pytest.approx(expected, rel=0.05)
        assert window.low_percent == pytest.approx(-expected, rel=0.05)


@pytest.mark.requirement("F-01")
def test_evaporation_that_is_known_is_no_error():
    found = run_curves(RIG, {"evaporation_ul_per_h": 20}, 360, 2)
    assert found.trumpet.mean_percent == pytest.approx(0, abs=0.1)


@pytest.mark.requirement("F-01")
def test_boluses_are_weighed_by_size():
    effects = {"scale_percent": -1, "slack_ul": 50, "balance_noise_mg": 0.05}
    small, large = by_size([*run_boluses(RIG, effects, 20, 10), *run_boluses(RIG, effects, 1000, 10)])
    assert (small.count, large.count) == (10, 10)
    # 0.05 mg of noise twice: 0.07 uL of 20, 0.35 %; the mean of ten 0.11 %. The slack went with the prime.
    assert small.mean_percent == pytest.approx(-1, abs=0.4) and 0.1 < small.sd_percent < 0.8
    assert large.mean_percent == pytest.approx(-1, abs=0.02)


@pytest.mark.requirement("F-01")
@pytest.mark.parametrize("rate", [600, 6000])
def test_an_occlusion_is_found_at_the_stall_and_gives_back_what_the_line_stored(rate):
    """2 uL/kPa up to 100 kPa: 200 uL, 1200 s at 600 uL/h."""
    found = run_occlusion(RIG, {"compliance_ul_per_kpa": 2, "resistance_kpa_s_per_ul": 0.05, "stall_kpa": 100}, rate)
    assert found.alarm_after_s == pytest.approx(1200 * 600 / rate, rel=0.01, abs=2)
    assert found.kpa == pytest.approx(100, rel=0.01)
    assert found.post_bolus_ul == pytest.approx(200, rel=0.01)


@pytest.mark.requirement("F-01", "A-05")
def test_a_pressure_sensor_finds_it_sooner():
    """500 counts at 10 a kPa: 50 kPa, 100 uL, 600 s at 600 uL/h."""
    found = run_occlusion(RIG | {"pressure_limit": 500}, {"compliance_ul_per_kpa": 2, "counts_per_kpa": 10,
                                                          "resistance_kpa_s_per_ul": 0.05}, 600)
    assert (found.alarm_after_s, found.post_bolus_ul) == (pytest.approx(600, rel=0.02), pytest.approx(100, rel=0.02))


def test_a_rig_that_sees_no_occlusion_is_said_to_have_no_alarm():
    found = run_occlusion(RIG, {"compliance_ul_per_kpa": 2, "resistance_kpa_s_per_ul": 0.05}, 6)
    # 6 uL/h for 48 h
    assert found.alarm_after_s is None and found.post_bolus_ul == pytest.approx(288, rel=0.01)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Runs pumpsim in this process and in a folder of its own; gives (exit code, stdout, stderr)."""
    def run(*words):
        monkeypatch.setattr(sys, "argv", ["pumpsim", "flow", *map(str, words)])
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err
    monkeypatch.chdir(tmp_path)
    return run


@pytest.mark.requirement("F-01")
@pytest.mark.parametrize("rig, rates", [("bench-1", [16, 160, 830]), ("peristaltic", [330, 3300, 16000])])
def test_one_command_gives_figures_and_plots_of_a_rig(run, tmp_path, rig, rates):
    code, out, err = run(EXAMPLES / f"{rig}.toml", "--hours", "1.6", "--out", "flow", "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert [each["rate_ul_per_h"] for each in answer["curves"]] == rates
    assert [each["rate_ul_per_h"] for each in answer["occlusions"]] == rates
    assert all(each["alarm_after_s"] > 0 and each["post_bolus_ul"] > 100 for each in answer["occlusions"])
    assert len(answer["boluses"]) == 4 and all(each["count"] == 10 for each in answer["boluses"])
    assert sorted(path.name for path in (tmp_path / "flow").iterdir()) == sorted(
        ["figures.csv", "flow.svg", "flow.png", *(f"readings-{rate}-uL-h.csv" for rate in rates)])
    with (tmp_path / "flow" / "figures.csv").open() as file:
        rows = list(csv.DictReader(file))
    wanted = answer["curves"][1]["windows"][0]
    [high] = [row["value"] for row in rows if (row["test"], row["rate_ul_per_h"], row["window_min"], row["quantity"]) ==
              ("trumpet", str(rates[1]), "2", "high_percent")]
    assert float(high) == pytest.approx(wanted["high_percent"], rel=1e-5)


@pytest.mark.requirement("F-01")
def test_a_balances_csv_goes_through_the_same_analysis(run):
    """The readings of a simulated balance, read back as those of a real one."""
    words = ("--rate", "100 uL/h", "--hours", "2", "--bolus", "50 uL", "--out", "flow", "--json")
    told = json.loads(run(EXAMPLES / "bench-1.toml", *words)[1])["curves"][0]
    read = json.loads(run("--readings", "flow/readings-100-uL-h.csv", "--rate", "100 uL/h", "--json")[1])["curves"][0]
    assert [window["minutes"] for window in read["windows"]] == WINDOWS
    for one, other in zip(told["windows"], read["windows"], strict=True):
        assert one == pytest.approx(other, abs=1e-3)
    assert read["missing_ul"] == pytest.approx(told["missing_ul"], abs=1e-3)
    code, out, _ = run("--readings", "flow/readings-100-uL-h.csv", "--rate", "100 uL/h", "--out", "real")
    assert code == 0 and "100 uL/h: 90 % after" in out and "written to real: figures.csv, flow.svg" in out


@pytest.mark.parametrize("words, said", [
    ((), "give a rig's file, or --readings FILE"),
    (("none.toml",), "none.toml: cannot be read"),
    ((EXAMPLES / "circadian.toml",), "circadian.toml:"),
    ((EXAMPLES / "bench-1.toml", "--rate", "100"), "--rate '100': expected a unit"),
    ((EXAMPLES / "bench-1.toml", "--rate", "0 uL/h"), "expected more than 0"),
    ((EXAMPLES / "bench-1.toml", "--rate", "3 mL/h"), "3000 uL/h: the pump refuses it"),
    ((EXAMPLES / "bench-1.toml", "--rate", "1 uL/h", "--bolus", "9 mL", "--hours", "0.1"), "more than the rig"),
    ((EXAMPLES / "bench-1.toml", "--plant", "slack=1"), "slack"),
    (("--readings", "none.csv", "--rate", "1 uL/h"), "none.csv"),
    (("--readings", "none.csv", "--rate", "1 uL/h", "--rate", "2 uL/h"), "takes one --rate, or --log or --marks"),
    (("--readings", "none.csv", "--plant", "slack_ul=1"), "--plant is for a simulated rig"),
    (("--readings", "none.csv", "--bolus", "1 uL"), "--bolus is for a simulated rig"),
    ((EXAMPLES / "bench-1.toml", "--marks", "marks.csv"), "--marks is for --readings"),
    ((EXAMPLES / "bench-1.toml", "--temperature", "21"), "--temperature is for --readings"),
])
def test_what_is_wrong_is_one_line(run, words, said):
    code, out, err = run(*words)
    assert code == 2 and out == "" and said in err and err.strip().count("\n") == 0
