"""The days ahead: what the preview says is what the simulated pump then does, clock changes included (T-03, U-04)."""

import io
import json
import re
import sys
from datetime import timedelta

import pytest
from rich.console import Console

from pump.program import Program
from pump.rig import Rig
from pumpctl.localtime import EPOCH, read_local
from pumpctl.preview import BAND, Preview
from pumpctl.simulate import simulate
from pumpctl.summary import Results
from pumpctl.week_plot import draw_week
from pumpctl.week_view import week_view
from tests.pumpfiles.files import EXAMPLES, PROGRAM, write
from tests.pumps import HOUR_MS, RIG, body_of, program
from tests.serving import served

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
RAMPS = {"ramps": [[0, 20_000, 20_000, 360, 20_000, 60_000, 480, 60_000, 60_000, 1320, 60_000, 0]]}
BOLUSES = {"boluses": [[480, 127, 50_000, 600, 0], [150, 127, 30_000, 600, 30]], "on_demand": [10_000, 120, 3600, 4]}
SPRING, AUTUMN = "2026-03-27T00:30", "2026-10-23T00:30"           # a Friday, two days before the clocks change


def document(ramps=None, **more):
    """A program; `ramps`: day plans of three numbers a segment."""
    return Program(body_of(program(**more) | ({"plans": ramps} if ramps else {})))


def preview(text=SPRING, days=5, level_nl=None, rig=RIG, **more):
    made = document(**more)
    start_ms = read_local(text, made.schedule.zone, "")
    return Preview(made, Rig(body_of(rig)) if rig else None, start_ms, days, level_nl)


def ran(ahead):
    """The results of a simulated pump that runs the same program over the same time."""
    body = body_of(program(**BOLUSES) | {"plans": RAMPS["ramps"]})
    return Results(simulate(body_of(RIG), body, ahead.start_ms, ahead.end_ms))


@pytest.mark.requirement("U-04")
@pytest.mark.parametrize("text", [SPRING, AUTUMN])
def test_the_volume_of_each_day_is_what_the_pump_then_programs(text):
    ahead = preview(text, **RAMPS, **BOLUSES)
    days = ran(ahead).days
    assert len(days) == len(ahead.days) == 6                      # the first and the last are parts of days
    for day, said in zip(days, ahead.days, strict=True):
        assert abs(day.programmed_nl - said.programmed_nl) <= 1


@pytest.mark.requirement("T-03")
@pytest.mark.parametrize("text, skipped", [(SPRING, ["2026-03-29 03:00"]), (AUTUMN, [])])
def test_every_bolus_comes_when_the_preview_says_and_one_in_the_gap_is_skipped(text, skipped):
    ahead = preview(text, **RAMPS, **BOLUSES)
    done = ran(ahead).events.boluses
    given = [row.start.utc_ms for row in done if row.start]
    assert [bolus.utc_ms for bolus in ahead.boluses if not bolus.is_gap] == given
    gaps = [f"{EPOCH + timedelta(minutes=ahead.local_min(bolus.utc_ms)):%Y-%m-%d %H:%M}" for bolus in ahead.boluses
            if bolus.is_gap]
    assert gaps == skipped
    assert [row.reason for row in done if not row.start] == ["gap"] * len(skipped)


@pytest.mark.requirement("T-03")
@pytest.mark.parametrize("text, is_gap, hours", [(SPRING, True, 23), (AUTUMN, False, 25)])
def test_the_day_of_a_clock_change_is_an_hour_shorter_or_longer(text, is_gap, hours):
    ahead = preview(text)
    [change] = ahead.changes
    assert change.is_gap is is_gap
    sunday = ahead.days[2]
    assert (sunday.end_ms - sunday.start_ms) == hours * HOUR_MS
    # 390 min at 20 uL/h, 930 at 55, 120 at 20: 170 + 852.5 uL; an hour at 20 uL/h less or more
    assert sunday.programmed_nl == 1_022_500 + (hours - 24) * 20_000


@pytest.mark.requirement("A-04")
def test_the_band_ends_where_the_pumps_forecast_is_empty():
    ahead = preview(level_nl=3_000_000, **RAMPS, **BOLUSES)
    assert sorted(ahead.empty_ms) == list(ahead.empty_ms)         # all, typical, none
    for place, empty_ms in enumerate(ahead.empty_ms):
        before, at = ahead.gone_nl([empty_ms - 1, empty_ms])
        assert before[place] < 3_000_000 <= at[place]
    assert list(preview(rig=None).empty_ms) == [None] * len(BAND)


def test_minimum_and_limits_bound_the_rates_shown():
    low = preview(**RAMPS, minimum_nl_per_h=30_000)
    assert min(min(each.rate_nl_per_h, each.end_rate_nl_per_h) for each in low.stretches) == 30_000
    assert low.highest_nl_per_h == 60_000 and low.rate_at(low.start_ms) == 30_000
    trial = preview(ends={"after_s": 7200, "volume_nl": 0})
    assert trial.end_ms - trial.start_ms == 2 * HOUR_MS


def drawn(ahead, width=120, encoding="utf-8", monkeypatch=None):
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    console = Console(file=io.StringIO(), width=width)
    console.print(week_view(ahead, width))
    return console.file.getvalue()


def row(text, label):
    return next(line for line in text.splitlines() if line.startswith(label))[11:]


@pytest.mark.parametrize("encoding, full, gap", [("utf-8", "█", "·"), ("cp1252", "#", "~"), ("ascii", "#", "~")])
def test_a_day_is_drawn_over_its_local_hours_in_letters_that_the_console_has(encoding, full, gap, monkeypatch):
    text = drawn(preview("2026-03-27T00:00"), encoding=encoding, monkeypatch=monkeypatch)
    text.replace("µ", "u").encode(encoding)
    sunday = row(text, "Sun 29 Mar")                              # 96 columns of 15 min
    assert sunday[8:12] == gap * 4 and gap not in sunday[:8] + sunday[12:96]         # 02:00 to 03:00
    assert sunday[26:88] == full * 62                             # 06:30 to 22:00 at the highest rate
    assert "02:00 to 03:00 is skipped" in text and sunday.endswith("1002.5 µL")


def test_the_repeated_hour_is_marked_and_told(monkeypatch):
    text = drawn(preview("2026-10-23T00:00"), monkeypatch=monkeypatch)
    assert "02:00 to 03:00 comes twice; the rate repeats" in text
    lines = text.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("Sun 25 Oct"))
    assert lines[at - 2][11 + 8:11 + 12] == "····"


@pytest.mark.parametrize("width, columns", [(200, 96), (119, 96), (100, 72), (80, 48), (40, 24)])
def test_a_segment_of_a_minute_is_seen_at_any_width(width, columns, monkeypatch):
    ahead = preview("2026-03-27T00:00", plans=[[0, 0, 607, 1000, 608, 0]])
    line = row(drawn(ahead, width, monkeypatch=monkeypatch), "Fri 27 Mar")[:columns]
    assert [at for at, sign in enumerate(line) if sign != " "] == [607 * columns // 1440]


def test_the_picture_is_the_same_bytes_and_holds_limits_and_changes(tmp_path):
    ahead = preview(**RAMPS, **BOLUSES, soft_limits=program()["soft_limits"] | {"max_rate_nl_per_h": 70_000})
    for name in ("one.svg", "two.svg", "one.png"):
        draw_week(ahead, tmp_path / name)
    svg = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert svg == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    for text in ("soft limit 70", "clocks +1 h", "no such local time", "from none to all on-demand boluses"):
        assert text in svg


def test_show_draws_a_file_with_and_without_a_rig_and_writes_a_picture(run, tmp_path):
    code, out, _ = run("show", CIRCADIAN, "--rig", BENCH, "--from", "2026-03-27T00:00")
    assert code == 0 and "Sun 29 Mar" in out and "reservoir" in out and "clocks forward" in out
    code, out, _ = run("show", CIRCADIAN, "--from", "2026-03-27T00:00", "--days", "2")
    assert code == 0 and "Sun 29 Mar" not in out and "no rig is known" in out
    assert run("show", CIRCADIAN, "--svg", str(tmp_path / "week.svg"))[:2] == (0, f"written: {tmp_path / 'week.svg'}\n")
    found = json.loads(run("show", CIRCADIAN, "--rig", BENCH, "--from", "2026-03-27T00:00", "--json")[1])
    assert [day["programmed_nl"] for day in found["days"]][:3] == [1_022_500, 855_000, 835_000]
    assert found["clock_changes"][0]["is_gap"] and found["limits"]["max_24h_nl"] == 20_000_000


def test_show_reads_program_clock_and_reservoir_of_a_pump_or_puts_a_file_there(run, monkeypatch, tmp_path):
    with served("--control", "tcp:0") as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        assert "the pump has no program" in run("show")[2]
        run("push", CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27")
        run("clock", "set", "--to", "2026-03-27T00:00")
        run("refill", "--withdrawn", "10 mL", "--added", "2 mL")
        found = json.loads(run("show", "--json")[1])
        assert (found["program"], found["board"], found["reservoir_nl"]) == ("circadian", "simulator", 2_000_000)
        assert found["start_utc_ms"] == 1_774_566_000_000
        # 1022.5 uL a weekday, 855 and 835 at the weekend: 2 mL are gone on Sunday
        assert [day["left_nl"]["none"] for day in found["days"]][:3] == [977_500, 122_500, 0]
        other = write(tmp_path, re.sub("55 uL/h", "30 uL/h", PROGRAM))
        there = json.loads(run("show", str(other), "--port", serving.port, "--json")[1])
        assert there["reservoir_nl"] == 2_000_000 and there["days"][0]["programmed_nl"] == 8.5 * 20_000 + 15.5 * 30_000
        assert json.loads(run("show", str(other), "--json")[1])["rig"] is None       # the file alone


@pytest.mark.parametrize("words, said", [
    (("show", CIRCADIAN, "--from", "noon"), "no local time"), (("show", CIRCADIAN, "--days", "0"), "--days"),
    (("show", CIRCADIAN, "--from", "2026-03-29T02:30"), "does not exist"), (("show", "missing.toml"), "missing.toml"),
    (("show", CIRCADIAN, "--rig", "missing.toml"), "missing.toml"),
    (("show", CIRCADIAN, "--svg", "no/such/folder/a.svg"), "cannot write"),
])
def test_show_says_what_is_wrong_in_a_line(run, words, said):
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err
