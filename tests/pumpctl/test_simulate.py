"""A simulated run over the real protocol path, with its totals by hand."""

import pytest

from pump.program import Program
from pumpctl.localtime import after_days, read_local
from pumpctl.simulate import simulate
from pumpctl.summary import Results, csv_text
from tests.pumps import RIG, body_of, program


def run(start, days, document=None):
    body = body_of(document or program())
    zone = Program(body).schedule.zone
    start_ms = read_local(start, zone, "")
    return Results(simulate(body_of(RIG), body, start_ms, after_days(zone, start_ms, days)))


@pytest.mark.requirement("T-03")
@pytest.mark.parametrize("start, hours, night", [
    ("2026-03-27T00:00", 167, 7 * 8.5 - 1), ("2026-10-23T00:00", 169, 7 * 8.5 + 1)])
def test_seven_days_over_a_clock_change(start, hours, night):
    summary = run(start, 7).summary()
    assert summary["simulated_s"] == hours * 3600
    # nights at 20 uL/h, days of 15.5 h at 55 uL/h; a step is 100 nL
    assert summary["programmed_nl"] == night * 20_000 + 7 * 15.5 * 55_000
    assert summary["delivered_nl"] == summary["programmed_nl"] == summary["steps"] * 100
    assert [day["date"] for day in summary["days"]] == [f"{start[:8]}{int(start[8:10]) + n:02d}" if n < 5 or
            start[5:7] == "10" else f"2026-04-0{n - 4}" for n in range(7)]
    assert summary["speedup"] == pytest.approx(summary["simulated_s"] / summary["wall_s"], rel=0.05)


def test_the_summary_says_what_ran_where():
    summary = run("2026-06-01T06:00", 1).summary()
    assert (summary["name"], summary["rig"], summary["board"]) == ("test program", "test rig", "simulator")
    assert (summary["start"], summary["zone"]) == ("2026-06-01T06:00:00+02:00", "Europe/Berlin")
    assert (summary["uncertain_nl"], summary["notes"]) == (0, [])
    assert [day["date"] for day in summary["days"]] == ["2026-06-01", "2026-06-02"]


def test_rows_of_the_csv_add_up_to_the_summary():
    # 333 nL/h is no whole number of steps an hour
    results = run("2026-06-01T00:00", 3, program(plans=[[0, 333, 400, 77_777, 1000, 0, 1100, 1]]))
    head, *rows = [line.split(",") for line in csv_text(results).splitlines()]
    assert head == ["seq", "start_utc", "end_utc", "start_local", "end_local", "actor", "rate_nl_per_h",
                    "programmed_nl", "delivered_nl", "steps"]
    summary = results.summary()
    for name in ("programmed_nl", "delivered_nl", "steps"):
        assert sum(int(row[head.index(name)]) for row in rows) == summary[name]
        assert sum(day[name] for day in summary["days"]) == summary[name]
    assert rows[0][1:7] == ["2026-05-31T22:00:00Z", "2026-06-01T04:40:00Z", "2026-06-01T00:00:00+02:00",
                            "2026-06-01T06:40:00+02:00", "host", "333"]
    assert all(0 <= day["difference_steps"] < 1 for day in summary["days"])


def test_a_run_that_outgrows_the_pumps_journal_is_pulled_on_the_way():
    results = run("2026-01-01T00:00", 90)
    assert results.record_count > 11 * 1024                      # more than the pump can hold
    assert results.first_seq == 0
    assert results.steps * 100 == results.programmed_nl
