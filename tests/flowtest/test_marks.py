"""What marks and the pump's log say happened, and the tests that they find in a flow. The flows are known without them:
60 uL/h is 1 uL a minute."""

import math
from datetime import datetime

import numpy as np
import pytest

from flowtest.flow import Flow
from flowtest.marked import Stretch, found_by
from flowtest.marks import Clock, Mark, read_marks
from flowtest.pump_log import read_log
from flowtest.readings import ReadingsError

LOG = "seq,utc,local,event,ramp,alarm,outcome,volume_nl,rate_nl_per_h"
SUMMER = "2026-03-29T01:00:00Z,2026-03-29T03:00:00+02:00"


def volume(*parts, until_min=120):
    """A reading a minute; parts: (from minute, to minute, uL a minute)."""
    minutes = np.arange(until_min + 1.0)
    return Flow(60 * minutes, sum(rate * np.clip(minutes - begin, 0, end - begin) for begin, end, rate in parts))


def at(minute, kind, **more):
    return Mark(60.0 * minute, kind, **more)


def found_in(flow, *marks, settle_s=600):
    return found_by(flow, marks, settle_s, lambda time_s: f"minute {time_s / 60:g}")


@pytest.mark.requirement("F-01")
def test_a_stretch_lasts_from_a_start_to_whatever_changes_the_flow():
    flow = volume((0, 120, 1))
    marks = [at(0, "start", rate_ul_per_h=60), at(10, "rate", rate_ul_per_h=60), at(30, "bolus", requested_ul=5),
             at(40, "stop"), at(50, "start", rate_ul_per_h=30), at(60, "rate", rate_ul_per_h=20),
             at(70, "start", rate_ul_per_h=math.nan), at(80, "start", rate_ul_per_h=0),
             at(90, "start", rate_ul_per_h=9)]
    assert found_in(flow, *marks).stretches == [Stretch(0, 1800, 60), Stretch(3000, 3600, 30), Stretch(5400, 7200, 9)]


@pytest.mark.requirement("F-01")
@pytest.mark.parametrize("done", [True, False])
def test_a_bolus_is_weighed_until_it_has_settled_or_something_else_happens(done):
    """5 uL from minute 20 to 22, and 2 uL late, in minute 30; 1 uL a minute by the rate."""
    flow = volume((0, 120, 1), (20, 22, 2.5), (30, 31, 2))
    marks = [at(0, "start", rate_ul_per_h=60), at(20, "bolus", requested_ul=7), *([at(22, "done")] if done else [])]
    rates = [at(22, "rate", rate_ul_per_h=60)]
    [dose] = found_in(flow, *marks, *rates).doses
    # settled after 10 min, at minute 32; without an end nobody knows when, so all that follows is the bolus
    assert (dose.requested_ul, dose.delivered_ul) == (7, pytest.approx(7))
    [dose] = found_in(flow, *marks, *rates, at(26, "stop")).doses
    assert dose.delivered_ul == pytest.approx(5)
    [dose] = found_in(flow, *marks, *rates, settle_s=300).doses
    assert dose.delivered_ul == pytest.approx(5 if done else 7)


@pytest.mark.requirement("F-01")
def test_few_readings_do_as_well_one_before_each_bolus_and_one_after():
    """The pump's clock is not the balance's: 5 uL at minute 10.1 and again at 20.1, between two readings each."""
    flow = Flow(60 * np.array([0, 10, 15, 20, 25.0]), np.array([0, 0, 5, 5, 10.0]))
    marks = [mark for minute in (10.1, 20.1) for mark in (at(minute, "bolus", requested_ul=5), at(minute + 1, "done"))]
    assert [dose.delivered_ul for dose in found_in(flow, *marks).doses] == pytest.approx([5, 5])


@pytest.mark.requirement("F-01")
def test_an_occlusion_is_timed_from_its_mark_and_what_the_line_gives_back_weighed():
    """Shut from minute 30 to 70, the alarm at 60; 9 uL come within 3 min of the release."""
    flow = volume((0, 30, 1), (70, 73, 3))
    marks = [at(0, "start", rate_ul_per_h=60), at(30, "occluded"), at(60, "alarm"), at(70, "released", kpa=40)]
    [one] = found_in(flow, *marks).occlusions
    assert (one.rate_ul_per_h, one.alarm_after_s, one.kpa) == (60, 1800, 40) and one.post_bolus_ul == pytest.approx(9)
    running = [marks[0], marks[1], marks[3]]
    [one] = found_in(volume((0, 30, 1), (70, 73, 3), (70, 120, 1)), *running).occlusions
    # no alarm: 10 min of the rate are no bolus
    assert one.alarm_after_s is None and one.post_bolus_ul == pytest.approx(9)
    [one] = found_in(volume((0, 30, 1), (70, 73, 3), (90, 95, 1)), *marks).occlusions
    # what drips 20 min after the release is none either
    assert one.post_bolus_ul == pytest.approx(9)


def test_an_alarm_after_the_line_was_opened_or_the_pump_stopped_is_none_of_that_occlusion():
    flow, begin = volume((0, 30, 1)), [at(0, "start", rate_ul_per_h=60), at(30, "occluded")]
    for end in (at(40, "released"), at(40, "stop")):
        marks = [*begin, end, at(50, "released"), at(60, "start", rate_ul_per_h=60), at(70, "alarm")]
        [one] = found_in(flow, *marks).occlusions
        assert one.alarm_after_s is None


@pytest.mark.parametrize("marks, said", [
    ([at(-5, "start", rate_ul_per_h=60)], "start at minute -5: left out: it was before the first reading"),
    ([at(119.7, "start", rate_ul_per_h=60)], "start at minute 119.7: left out: less than 30 s until"),
    ([at(20, "bolus", requested_ul=5), at(21, "done", text="cancelled")],
     "bolus of 5 uL at minute 20: left out: it was cancelled"),
    ([at(20, "bolus", requested_ul=5), at(21, "stop"), at(22, "done")], "left out: the rate changed before its end"),
    ([at(0, "rate"), at(20, "bolus", requested_ul=5), at(21, "done")], "left out: the rate of that time is not known"),
    ([at(20.1, "stop"), at(20.2, "bolus", requested_ul=5), at(20.5, "done")],
     "left out: no reading between it and what was before"),
    ([at(20, "bolus", requested_ul=5), at(20.5, "done"), at(20.6, "stop")],
     "left out: no reading between its end and what came next"),
    ([at(20, "bolus", requested_ul=5), at(21.5, "done"), at(21.6, "stop")],
     "left out: no reading between its end and what came next"),
    ([at(-1, "bolus", requested_ul=5), at(1, "done")], "left out: no reading between it and what was before"),
    ([at(20, "occluded"), at(30, "released")], "occluded at minute 20: left out: nothing was running"),
    ([at(20, "occluded")], "occluded at minute 20: left out: neither an alarm nor a release follows"),
    ([at(0, "start", rate_ul_per_h=6), at(20, "occluded"), at(30, "alarm")],
     "occluded at minute 20: no mark says when the line was released"),
    ([at(30, "alarm", text="occlusion")], "alarm (occlusion) at minute 30: no mark says when the line was occluded"),
])
def test_what_is_left_out_says_why(marks, said):
    found = found_in(volume((0, 120, 1)), *marks)
    assert said in found.notes[0] and len(found.notes) == 1 and not found.doses


def marks_of(folder, text, clock=None):
    (folder / "marks.csv").write_text(text, encoding="utf-8")
    return read_marks(folder / "marks.csv", clock or Clock(datetime(2026, 3, 29, 12)))


def test_a_persons_marks_have_the_balances_times_and_any_unit(tmp_path):
    text = "# shut by hand\ntime;mark;rate_mL_per_h;requested_nL\n2026-03-29T12:00:30;Start;0.06;\n" \
           "2026-03-29T12:01:00;bolus;;5000\n2026-03-29T12:02:00;occluded;;\n"
    start, bolus, occluded = marks_of(tmp_path, text)
    assert (start.time_s, start.kind, start.rate_ul_per_h) == (30, "start", pytest.approx(60))
    assert (bolus.time_s, bolus.requested_ul, math.isnan(bolus.rate_ul_per_h)) == (60, pytest.approx(5), True)
    assert (occluded.time_s, occluded.kind) == (120, "occluded")
    [mark] = marks_of(tmp_path, "time_min,mark\n3,stop\n", Clock(None, first_s=60))
    assert mark.time_s == 120                             # the first reading's time_s was 60


@pytest.mark.parametrize("text, place, said", [
    ("", (1, 1), "column names such as time,mark,rate_ul_per_h"),
    ("mark\nstop\n", (1, 1), "one of time, time_s"),
    ("time_s,marks\n1,stop\n", (1, 1), "a column mark too"),
    ("time_s,mark\n", (2, 1), "at least one below"),
    ("time_s,mark\n1,opened\n", (2, 3), "found 'opened', expected one of start, rate, stop, bolus, done, occluded"),
    ("time_s,mark\n1,stop\n2,bolus\n", (3, 3), "requested_nl, requested_ul, requested_ml"),
    ("time_s,mark,rate_ul_per_h\n1,start,\n", (2, 9), "found nothing, expected a number, which the mark start needs"),
    ("time_s,mark,rate_ul_per_h\n1,start,5 uL/h\n", (2, 9), "no unit"),
    ("time_s,mark,requested_ul\n1,bolus,0\n", (2, 9), "found '0', expected more than 0"),
    ("time_s,mark\n1\n", (2, 1), "1 columns, expected 2"),
    ("time,mark\nnoon,stop\n", (2, 1), "found 'noon', expected a time such as"),
    ("time,mark\n2026-03-29T12:00:00Z,stop\n", (2, 1), "a time like the balance's own, such as 2026-03-29T12:00:00"),
])
def test_wrong_marks_are_refused_with_line_and_column(tmp_path, text, place, said):
    with pytest.raises(ReadingsError) as refused:
        marks_of(tmp_path, text)
    assert refused.value.place == place
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_times_of_marks_need_the_time_of_the_first_reading(tmp_path):
    with pytest.raises(ReadingsError, match=r":2:1: .* with --began"):
        marks_of(tmp_path, "time,mark\n2026-03-29T12:00:00,stop\n", Clock(None))


def log_of(folder, *rows, zero="2026-03-29T03:00:00"):
    """Rows without their number and their times, all in the first minute of summer time."""
    lines = [f"{number},{SUMMER if isinstance(row, str) else ','},{row if isinstance(row, str) else row[0]}"
             for number, row in enumerate(rows)]
    (folder / "journal.csv").write_text("\n".join([LOG, *lines]) + "\n", encoding="utf-8")
    return read_log(folder / "journal.csv", Clock(datetime.fromisoformat(zero)))[1:]


@pytest.mark.requirement("F-01")
@pytest.mark.parametrize("zero", ["2026-03-29T02:59:00", "2026-03-29T00:59:00Z", "2026-03-29T01:59:00+01:00"])
def test_a_balance_with_an_offset_is_compared_with_utc_and_one_without_with_local_time(tmp_path, zero):
    [mark] = log_of(tmp_path, "start,false,,,,5000", zero=zero)
    assert (mark.time_s, mark.kind, mark.rate_ul_per_h) == (60, "start", 5)


@pytest.mark.requirement("F-01")
def test_the_logs_events_become_marks_and_rates_within_a_bolus_are_not_the_schedules(tmp_path):
    marks = log_of(tmp_path, "start,false,,,,5000", "program,,,,,", "bolus,,,denied,9000,", "bolus,,,granted,7000,",
                   "rate,false,,,,905000", "checkpoint,false,,,,905000", "bolus,,,complete,7000,", "rate,false,,,,5000",
                   "rate,true,,,,7000", "bolus,,,granted,7000,", "bolus,,,cancelled,7000,", "fault,,occlusion,,,0",
                   "ack,,,,,0", "transfer,,,begun,,")
    assert [mark.kind for mark in marks] == ["start", "bolus", "done", "rate", "rate", "bolus", "done", "alarm", "rate",
                                             "other"]
    rates = [mark.rate_ul_per_h for mark in marks if mark.kind in ("start", "rate")]
    assert rates == pytest.approx([5, 5, math.nan, 0], nan_ok=True)
    assert [mark.text for mark in marks if mark.kind in ("done", "alarm")] == ["", "cancelled", "occlusion"]
    assert marks[1].requested_ul == 7


def test_a_boot_whose_clock_is_not_set_stops_the_rate_at_the_next_record_with_a_time(tmp_path):
    marks = log_of(tmp_path, "bolus,,,granted,7000,", ("boot,,,,,0",), ("program,,,,,",), "rate,false,,,,5000")
    assert [mark.kind for mark in marks] == ["bolus", "stop", "rate"]


@pytest.mark.parametrize("text, place, said", [
    (LOG.replace(",event", "") + "\n1,,,,,,,\n", (1, 1), "expected event too, as pumpctl log export --csv writes it"),
    (f"{LOG}\n1,then,{SUMMER.split(',')[1]},start,false,,,,5\n", (2, 3), "found 'then', expected a time such as"),
    (f"{LOG}\n1,2026-03-29T01:00:00,{SUMMER.split(',')[1]},stop,,,,,\n", (2, 3), "a time with its offset"),
    (f"{LOG}\n1,{SUMMER},start,false,,,,fast\n", (2, 65), "found 'fast', expected a number"),
    (f"{LOG}\n1,{SUMMER},start\n", (2, 1), "4 columns, expected 9"),
])
def test_a_wrong_log_is_refused_with_line_and_column(tmp_path, text, place, said):
    (tmp_path / "journal.csv").write_text(text)
    with pytest.raises(ReadingsError) as refused:
        read_log(tmp_path / "journal.csv", Clock(datetime.fromisoformat("2026-03-29T00:59:00Z")))
    assert refused.value.place == place and said in str(refused.value)
