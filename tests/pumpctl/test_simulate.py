"""A simulated run over the real protocol path, with its totals by hand."""

import pytest

from pump.program import Program
from pumpctl.csv_files import doses_text
from pumpctl.localtime import after_days, read_local
from pumpctl.simulate import simulate
from pumpctl.summary import Results
from tests.pumps import RIG, body_of, program


def run(start, days, document=None, rig=RIG, refills=True):
    body = body_of(document or program())
    zone = Program(body).schedule.zone
    start_ms = read_local(start, zone, "")
    return Results(simulate(body_of(rig), body, start_ms, after_days(zone, start_ms, days), refills=refills))


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
    head, *rows = [line.split(",") for line in doses_text(results).splitlines()]
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


def test_the_operator_refills_below_a_fifth_and_acknowledges():
    small = RIG | {"reservoir_nl": 5_000_000}
    results = run("2026-06-01T00:00", 20, program(low_nl=1_500_000), small)
    # 20 days of 1022.5 uL are 20.45 mL: from 5 mL refilled to 5 mL at just below 1 mL, every 4 mL, five times
    assert (results.summary()["refills"], results.programmed_nl) == (5, 20_450_000)
    assert all(3_900_000 < row.added_nl < 4_300_000 for row in results.events.refills)
    low = [row for row in results.events.alarms if row.name == "reservoir low"]
    assert len(low) == 5 and all(row.ended and row.acknowledged for row in low)
    assert len(results.intervals) == 2 * 20 + 1           # no refill splits a row


def test_a_reservoir_that_nobody_refills_runs_empty():
    results = run("2026-06-01T00:00", 20, rig=RIG | {"reservoir_nl": 5_000_000}, refills=False)
    summary = results.summary()
    assert (summary["refills"], summary["alarms"][-1]["alarm"]) == (0, "reservoir empty")
    assert summary["delivered_nl"] == 5_000_000


def test_boluses_are_a_share_of_what_was_delivered():
    document = program(boluses=[[480, 127, 50_000, 600, 0]], periodic=[5000, 60, 21_600])
    summary = run("2026-06-01T00:00", 3, document).summary()
    # 3 days of 1022.5 uL, 3 * 50 uL, and 5 uL every 6 h: 11 times; the twelfth is interrupted where it begins
    assert (summary["delivered_nl"], summary["bolus_nl"]) == (3 * 1_022_500 + 150_000 + 55_000, 205_000)
    assert (summary["boluses"], summary["prime_nl"], summary["withdrawn_nl"], summary["denied"]) == (15, 0, 0, 0)


def test_a_year_is_refilled_whenever_it_has_to_be():
    summary = run("2026-01-01T00:00", 365, rig=RIG | {"reservoir_nl": 10_000_000}).summary()
    assert summary["refills"] == 46                       # 365 * 1022.5 uL = 373.2 mL, some 8 mL each
