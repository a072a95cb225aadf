"""A real bench's files give the figures that the simulator's own analysis gives (F-01): the readings of a simulated
balance as CSV, the log that pumpctl exports from the pump over it, and the marks of whoever shut the line."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowtest.doses import by_size
from pumpctl.__main__ import main as pumpctl
from pumpctl.pump import Pump
from pumpsim.__main__ import main
from pumpsim.flow import runs
from pumpsim.flow.bench import START_UTC_MS, FlowBench
from tests.pumps import RIG

BEGAN = datetime.fromtimestamp(START_UTC_MS / 1000, UTC)
LINE = {"compliance_ul_per_kpa": 2, "resistance_kpa_s_per_ul": 0.5, "slack_ul": 5, "stiction_ul": 0.5}


class WatchedBench(FlowBench):
    """One whose balance writes a reading every 10 s. `released_s`: when its line was opened."""

    latest = None

    def __init__(self, *words):
        super().__init__(*words)
        self.readings = {}
        WatchedBench.latest = self

    def weigh(self):
        time_s, mass_mg = super().weigh()
        self.readings[time_s] = mass_mg
        return time_s, mass_mg

    def wait(self, seconds):
        while seconds > 0:
            super().wait(min(seconds, 10))
            self.weigh()
            seconds -= 10

    def until_fault(self, most_s):
        found = super().until_fault(most_s)
        self.released_s = self.weigh()[0]
        return found

    def write(self, folder, run_pumpctl):
        """balance.csv, and journal.csv as pumpctl exports it."""
        rows = [f"{(BEGAN + timedelta(seconds=s)).isoformat()},{mg:.6f}" for s, mg in sorted(self.readings.items())]
        (folder / "balance.csv").write_text("\n".join(["time,mass_mg", *rows]) + "\n")
        with Pump.simulated(self.pump) as pump:
            (folder / "journal.bin").write_bytes(pump.results().run.raw)
        run_pumpctl("log", "export", "--csv", "journal.csv", "--archive", "journal.bin")


@pytest.fixture
def watched(monkeypatch, tmp_path):
    """Runs one of the simulator's tests; gives (what it found, its bench), whose files lie in this folder."""
    def watched(test, *words):
        found = test(*words)
        WatchedBench.latest.write(tmp_path, lambda *given: run_in_process(monkeypatch, pumpctl, "pumpctl", given))
        return found, WatchedBench.latest
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(runs, "FlowBench", WatchedBench)
    return watched


@pytest.fixture
def flow(monkeypatch, capsys):
    """Runs pumpsim flow on files; gives its JSON."""
    def flow(*words):
        capsys.readouterr()
        code = run_in_process(monkeypatch, main, "pumpsim", ("flow", "--json", *words))
        said = capsys.readouterr()
        assert code == 0, said.err
        return json.loads(said.out)
    return flow


def run_in_process(monkeypatch, command, name, words):
    monkeypatch.setattr(sys, "argv", [name, *words])
    return command()


@pytest.mark.requirement("F-01")
def test_the_log_says_when_it_was_started_and_with_what_rate(watched, flow):
    direct, _ = watched(runs.run_curves, RIG, LINE, 3600, 2)
    found = flow("--readings", "balance.csv", "--log", "journal.csv")
    [curve] = found["curves"]
    assert (curve["rate_ul_per_h"], curve["started_s"]) == (3600, direct.start_up.started_s)
    assert curve["missing_ul"] == pytest.approx(direct.start_up.missing_ul, abs=1e-4)
    assert curve["mean_percent"] == pytest.approx(direct.trumpet.mean_percent, abs=1e-5)
    for read, window in zip(curve["windows"], direct.trumpet.windows, strict=True):
        assert read == pytest.approx(vars(window), abs=1e-4)
    assert found["notes"] == [] and direct.start_up.missing_ul > 5


@pytest.mark.requirement("F-01")
def test_the_log_says_when_each_bolus_began_and_ended(watched, flow):
    direct, _ = watched(runs.run_boluses, RIG, LINE, 20, 10)
    [expected], found = by_size(direct), flow("--readings", "balance.csv", "--log", "journal.csv")
    assert found["boluses"] == [pytest.approx(vars(expected), abs=1e-4)]
    assert expected.count == 10 and expected.sd_percent > 0.1 and found["notes"] == []


@pytest.mark.requirement("F-01")
def test_the_log_has_the_alarm_and_a_person_the_occlusion_and_its_release(watched, flow, tmp_path):
    direct, bench = watched(runs.run_occlusion, RIG, LINE | {"stall_kpa": 100}, 600)
    shut, opened = (BEGAN + timedelta(seconds=s) for s in (runs.WARM_S, bench.released_s))
    (tmp_path / "marks.csv").write_text(f"time,mark,pressure_kPa\n{shut.isoformat()},occluded,\n"
                                        f"{opened.isoformat()},released,{direct.kpa!r}\n")
    found = flow("--readings", "balance.csv", "--log", "journal.csv", "--marks", "marks.csv")
    assert found["occlusions"] == [pytest.approx(vars(direct), abs=1e-4)]
    assert direct.alarm_after_s > 1000 and direct.post_bolus_ul > 150 and found["notes"] == []
    # the half hour before the line was shut is a start-up of its own
    assert [curve["rate_ul_per_h"] for curve in found["curves"]] == [600]


ROWS = [f"2026-03-27T06:{minute:02d}:00,{min(minute, 40)}" for minute in range(60)]             # 60 mg/h for 40 min
HAND = ("2026-03-27T06:00:00,start,60,", "2026-03-27T06:40:00,occluded,,", "2026-03-27T06:45:30,alarm,,")


def write(name, *lines):
    Path(name).write_text("\n".join(lines) + "\n")
    return name


@pytest.fixture
def balance(monkeypatch, tmp_path):
    """balance.csv with a reading a minute, and marks.csv with marks by hand alone."""
    monkeypatch.chdir(tmp_path)
    write("balance.csv", "time,mass_mg", *ROWS)
    write("marks.csv", "time,mark,rate_uL_per_h,requested_uL", *HAND)


@pytest.mark.requirement("F-01")
def test_marks_by_hand_do_without_a_log_and_what_nobody_marked_is_a_note(balance, flow, tmp_path):
    found = flow("--readings", "balance.csv", "--marks", "marks.csv", "--out", "out")
    [one] = found["occlusions"]
    assert one == {"rate_ul_per_h": 60, "alarm_after_s": 330, "post_bolus_ul": None, "kpa": None}
    assert found["notes"] == ["occluded at 2026-03-27T06:40:00: no mark says when the line was released"]
    assert "occlusion,60,,,post_bolus_ul,\n" in (tmp_path / "out" / "figures.csv").read_text()
    assert (tmp_path / "out" / "flow.png").stat().st_size > 10_000


@pytest.mark.requirement("F-01")
def test_two_starts_at_one_rate_are_two_curves_and_two_files(balance, flow, tmp_path):
    write("marks.csv", "time,mark,rate_uL_per_h", *(f"2026-03-27T06:{minute}:00,start,60" for minute in ("00", "20")))
    found = flow("--readings", "balance.csv", "--marks", "marks.csv", "--out", "out")
    # the second one lasts 39 min, of which 19 have no flow
    assert [curve["missing_ul"] for curve in found["curves"]] == pytest.approx([0, 19], abs=0.1)
    names = ("readings-60-uL-h.csv", "readings-60-uL-h-2.csv")
    files = [(tmp_path / "out" / name).read_text().splitlines() for name in names]
    assert [(len(lines), lines[1], lines[-1]) for lines in files] == [
        (22, "0,0.0000", "1200,20.0000"), (41, "0,20.0000", "2340,40.0000")]


@pytest.mark.requirement("F-01")
@pytest.mark.parametrize("words, percent", [((), 100), (("--settle", "2min"), -60)])
def test_what_a_bolus_is_given_to_settle_can_be_said(balance, flow, words, percent):
    """1 uL a minute after a bolus of 5 uL that is over at once: 10 uL in 10 min, 2 in 2."""
    write("marks.csv", "time,mark,requested_uL", "2026-03-27T06:05:00,bolus,5", "2026-03-27T06:05:00,done,")
    [size] = flow("--readings", "balance.csv", "--marks", "marks.csv", *words)["boluses"]
    assert size["mean_percent"] == pytest.approx(percent, abs=1)            # 1 mg is 1.003 uL


@pytest.mark.parametrize("words, said", [
    ((), "--readings needs the --rate that was set from the first reading on, or --log or --marks"),
    (("--marks", "none.csv"), "cannot read none.csv: No such file or directory; give another file with --marks"),
    (("--marks", "marks.csv", "--rate", "60 uL/h"), "--rate: the log or the marks say the rates; leave it out"),
    (("--marks", "balance.csv"), "balance.csv:1:1: found the columns time, mass_mg, expected a column mark too"),
    (("--log", "marks.csv"), "expected utc too, as pumpctl log export --csv writes it"),
    (("--log", "marks.csv", "--began", "2026-03-27T06:00"), "the readings have times of their own"),
    (("--readings", "seconds.csv", "--log", "marks.csv"), "the time of the first reading, as the readings"),
    (("--readings", "seconds.csv", "--log", "marks.csv", "--began", "early"), "--began 'early': expected when"),
    (("--marks", "late.csv"), "nothing of late.csv can be judged by balance.csv, from 2026-03-27T06:00:00 to "
                              "2026-03-27T06:59:00; are the clocks the same, and the days?"),
])
def test_what_is_wrong_is_one_line(balance, monkeypatch, capsys, words, said):
    write("seconds.csv", "time_s,mass_mg", "0,0", "60,1", "120,2")
    write("late.csv", "time,mark,rate_uL_per_h", "2026-04-27T06:00:00,start,60")
    words = words if "--readings" in words else ("--readings", "balance.csv", *words)
    assert run_in_process(monkeypatch, main, "pumpsim", ("flow", *words)) == 2
    told = capsys.readouterr()
    assert told.out == "" and said in told.err and told.err.strip().count("\n") == 0
