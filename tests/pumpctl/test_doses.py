"""Doses from records. A step is 100 nL here; hand arithmetic stands beside the numbers."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump import record
from pump.volume import StepRatio
from pumpctl.doses import Dose, bolus_nl, days, doses_of, intervals
from tests.pumps import DAY_MS, HOUR_MS, START_UTC_MS, ask, program, records, running_pump

RATIO = StepRatio(320_000_000, 3200)       # 100,000 pL a step
HOST, SCHEDULE, PUMP = record.ACTOR_HOST, record.ACTOR_SCHEDULE, record.ACTOR_PUMP
BOOT, START, RATE, DAY, CHECKPOINT, STOP, SUSPEND, RESUME, FAULT = (
    getattr(record, "EVENT_" + name) for name in
    ("BOOT", "START", "RATE", "DAY", "CHECKPOINT", "STOP", "SUSPEND", "RESUME", "FAULT"))


def journal(*entries, start_ms=START_UTC_MS, offset_min=60):
    """Dose records from (hours, event, actor, steps, programmed nL, rate nL/h); hours None: clock not set."""
    return [Dose(seq, start_ms + int(hours * HOUR_MS) if hours is not None else 0, offset_min, event, actor, 0, steps,
                 programmed_nl * 1000, rate, 0)
            for seq, (hours, event, actor, steps, programmed_nl, rate) in enumerate(entries)]


A_DAY = (                                  # 20 uL/h to 06:30, 55 uL/h to 22:00, 20 uL/h to midnight and on
    (0, START, HOST, 0, 0, 20_000),
    (0.5, CHECKPOINT, SCHEDULE, 100, 10_000, 20_000),
    (6.5, RATE, SCHEDULE, 1300, 130_000, 55_000),                # 6.5 h * 20 uL/h = 130 uL = 1300 steps
    (22, RATE, SCHEDULE, 9825, 982_500, 20_000),                 # 15.5 h * 55 uL/h = 852.5 uL more
    (24, DAY, SCHEDULE, 10_225, 1_022_500, 20_000),              # 2 h * 20 uL/h = 40 uL more
    (25, STOP, HOST, 10_425, 1_042_500, 0),                      # 1 h * 20 uL/h = 20 uL more
)


def test_a_rate_makes_a_row_and_checkpoints_and_midnights_split_none():
    rows = [(row.seq, row.actor, row.rate_nl_per_h, row.programmed_nl, row.delivered_nl, row.steps)
            for row in intervals(journal(*A_DAY), RATIO)]
    assert rows == [
        (0, "host", 20_000, 130_000, 130_000, 1300),
        (2, "schedule", 55_000, 852_500, 852_500, 8525),
        (3, "schedule", 20_000, 60_000, 60_000, 600),            # 40 + 20 uL, over midnight
    ]


def test_a_row_ends_where_the_next_begins():
    rows = intervals(journal(*A_DAY), RATIO)
    hours = [((row.start_utc_ms - START_UTC_MS) / HOUR_MS, (row.end_utc_ms - START_UTC_MS) / HOUR_MS) for row in rows]
    assert hours == [(0, 6.5), (6.5, 22), (22, 25)]


def test_volumes_round_down_cumulatively_so_that_rows_add_up():
    # 1000 pL in 3 steps: 5, 10 and 15 steps are 1666, 3333 and 5000 pL, so 1, 3 and 5 nL
    doses = journal((0, START, HOST, 0, 0, 10), (1, RATE, SCHEDULE, 5, 2, 20), (2, RATE, SCHEDULE, 10, 4, 10),
                    (3, STOP, HOST, 15, 5, 0))
    assert [row.delivered_nl for row in intervals(doses, StepRatio(1000, 3))] == [1, 2, 2]


def test_a_stretch_at_rate_zero_gives_no_row():
    rows = intervals(journal((0, START, HOST, 0, 0, 20_000), (1, RATE, SCHEDULE, 200, 20_000, 0),
                             (3, RATE, SCHEDULE, 200, 20_000, 20_000), (4, STOP, HOST, 400, 40_000, 0)), RATIO)
    assert [row.seq for row in rows] == [0, 2]


def test_steps_that_nobody_asked_for_get_a_row_all_the_same():
    rows = intervals(journal((0, BOOT, PUMP, 50, 5000, 0), (2, FAULT, PUMP, 57, 5000, 0)), RATIO)
    assert [(row.rate_nl_per_h, row.programmed_nl, row.delivered_nl, row.steps) for row in rows] == [(0, 0, 700, 7)]


def test_suspend_ends_a_row_and_resume_begins_one():
    rows = intervals(journal((0, START, HOST, 0, 0, 20_000), (1, SUSPEND, HOST, 200, 20_000, 0),
                             (2, RESUME, HOST, 200, 20_000, 20_000), (3, STOP, HOST, 400, 40_000, 0)), RATIO)
    assert [(row.seq, row.steps) for row in rows] == [(0, 200), (2, 200)]


def test_a_power_loss_ends_a_row_at_the_last_record_before_it():
    rows = intervals(journal((0, START, HOST, 0, 0, 20_000), (1, CHECKPOINT, SCHEDULE, 200, 20_000, 20_000),
                             (None, BOOT, PUMP, 200, 20_000, 0), (5, START, HOST, 200, 20_000, 20_000),
                             (6, STOP, HOST, 400, 40_000, 0)), RATIO)
    assert [(row.seq, (row.end_utc_ms - row.start_utc_ms) // HOUR_MS, row.steps) for row in rows] == [
        (0, 1, 200), (3, 1, 200)]


def test_a_log_read_while_the_pump_runs_ends_with_its_newest_record():
    rows = intervals(journal(*A_DAY[:2]), RATIO)
    assert [(row.end_utc_ms - row.start_utc_ms, row.steps) for row in rows] == [(HOUR_MS // 2, 100)]


def test_start_and_stop_in_one_instant_give_nothing():
    doses = journal((0, START, HOST, 0, 0, 20_000), (0, STOP, HOST, 0, 0, 0))
    assert intervals(doses, RATIO) == []
    assert days(doses, RATIO) == []


def test_days_divide_at_local_midnight_and_know_the_difference_in_steps():
    first, second = days(journal(*A_DAY), RATIO)
    assert (second.local_day - first.local_day, first.steps, second.steps) == (1, 10_225, 200)
    assert (first.programmed_nl, second.programmed_nl) == (1_022_500, 20_000)
    [day] = days(journal((0, START, HOST, 0, 0, 20_000), (1, STOP, HOST, 199, 19_950, 0)), RATIO)
    assert day.difference_steps == Fraction(1, 2)                # 199.5 steps due, 199 made


def test_stopping_at_midnight_begins_no_new_day():
    doses = journal((0, START, HOST, 0, 0, 20_000), (24, STOP, HOST, 4800, 480_000, 0))
    assert len(days(doses, RATIO)) == 1


def test_a_day_at_rate_zero_is_a_day_and_one_without_a_run_is_none():
    at_rest = journal((0, START, HOST, 0, 0, 0), (24, DAY, SCHEDULE, 0, 0, 0), (48, STOP, HOST, 0, 0, 0))
    assert [day.steps for day in days(at_rest, RATIO)] == [0, 0]
    stopped = journal((0, START, HOST, 0, 0, 20_000), (1, STOP, HOST, 200, 20_000, 0),
                      (49, START, HOST, 200, 20_000, 20_000), (50, STOP, HOST, 400, 40_000, 0))
    found = days(stopped, RATIO)
    assert [day.local_day - found[0].local_day for day in found] == [0, 2]


@pytest.mark.requirement("T-03")
def test_the_day_of_the_spring_change_has_23_hours():
    pump = running_pump(utc_ms=START_UTC_MS + 2 * DAY_MS)        # Sunday 2026-03-29 00:00, clocks forward at 02:00
    pump.run_for(23 * HOUR_MS)
    ask(pump, "stop")
    [day] = days(doses_of(records(pump)), RATIO)
    # 5.5 h at 20 uL/h, 15.5 h at 55, 2 h at 20: 110 + 852.5 + 40 uL
    assert (day.programmed_nl, day.steps) == (1_002_500, 10_025)


def test_every_stretch_of_a_ramp_is_a_row_with_its_mean_rate():
    # 20 uL/h, then up to 60 in two hours with a record in the middle: 30 uL at a mean of 30, 50 uL at a mean of 50
    doses = journal((0, START, HOST, 0, 0, 20_000), (1, RATE, SCHEDULE, 200, 20_000, 20_333),
                    (2, CHECKPOINT, SCHEDULE, 500, 50_000, 40_333), (3, RATE, SCHEDULE, 1000, 100_000, 60_000),
                    (4, STOP, HOST, 1600, 160_000, 0))
    assert [(row.seq, row.rate_nl_per_h, row.programmed_nl) for row in intervals(doses, RATIO)] == [
        (0, 20_000, 20_000), (1, 30_000, 30_000), (2, 50_000, 50_000), (3, 60_000, 60_000)]


def test_a_ramp_that_begins_at_the_rate_before_it_is_kept_apart_from_it():
    doses = journal((0, START, HOST, 0, 0, 20_000), (1, RATE, SCHEDULE, 200, 20_000, 20_000),
                    (2, STOP, HOST, 500, 50_000, 0))
    assert [(row.seq, row.rate_nl_per_h) for row in intervals(doses, RATIO)] == [(0, 20_000), (1, 30_000)]


def test_a_rate_that_was_rounded_down_is_no_ramp():
    # A bolus of 10 uL in 0.03 h on 20 uL/h: 353,333.3 nL/h, written as 353,333
    doses = journal((0, START, HOST, 0, 0, 353_333), (0.01, CHECKPOINT, SCHEDULE, 35, 3533, 353_333),
                    (0.03, RATE, SCHEDULE, 106, 10_600, 20_000))
    doses = [dose._replace(programmed_pl=pl) for dose, pl in zip(doses, (0, 3_533_333, 10_600_000), strict=True)]
    assert [(row.seq, row.rate_nl_per_h) for row in intervals(doses, RATIO)] == [(0, 353_333)]


def test_a_ramp_on_the_pump_adds_up_and_its_rows_rise():
    ramp = program() | {"plans": [[0, 20_000, 20_000, 360, 20_000, 60_000, 480, 60_000, 60_000]]}
    pump = running_pump(document=ramp)
    pump.run_for(9 * HOUR_MS)
    ask(pump, "stop")
    rows = intervals(doses_of(records(pump)), RATIO)
    # 6 h at 20, 2 h at 40 on average, 1 h at 60: 120 + 80 + 60 uL; the ramp has a record every 10 min
    assert sum(row.programmed_nl for row in rows) == 260_000
    assert (rows[0].rate_nl_per_h, rows[-1].rate_nl_per_h, len(rows)) == (20_000, 60_000, 1 + 12 + 1)
    # 40 uL/h in 120 min: the first 10 min rise from 20 to 23.33 uL/h
    assert [row.rate_nl_per_h for row in rows[1:3]] == [pytest.approx(rate, abs=200) for rate in (21_667, 25_000)]
    assert all(earlier.end_utc_ms == later.start_utc_ms for earlier, later in pairwise(rows))


@pytest.mark.requirement("D-04")
def test_rows_of_a_bolus_have_the_rate_of_both_and_the_account_of_boluses_is_a_share():
    pump = running_pump()
    ask(pump, "bolus", volume_nl=30_000, over_s=600, confirm=0)
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    doses = doses_of(records(pump))
    # 30 uL in a sixth of an hour are 180 uL/h, on top of 20
    assert [(row.actor, row.rate_nl_per_h, row.programmed_nl) for row in intervals(doses, RATIO)] == [
        ("host", 200_000, 33_333), ("schedule", 20_000, 16_667)]
    assert bolus_nl(doses, RATIO) == 30_000


def test_the_account_of_boluses_goes_on_where_it_wraps():
    first, last = journal((0, START, HOST, 0, 0, 20_000), (1, STOP, HOST, 500, 50_000, 0))
    assert bolus_nl([first._replace(bolus_steps=2**32 - 100), last._replace(bolus_steps=200)], RATIO) == 30_000


def test_a_refill_does_not_split_a_row_and_a_clock_that_is_set_does():
    pump = running_pump()
    pump.run_for(HOUR_MS)
    ask(pump, "refill", added_nl=1000, withdrawn_nl=-1)
    pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 3 * HOUR_MS)
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    hours = [((row.start_utc_ms - START_UTC_MS) / HOUR_MS, (row.end_utc_ms - START_UTC_MS) / HOUR_MS)
             for row in intervals(doses_of(records(pump)), RATIO)]
    assert hours == [(0, 2), (3, 4)]


EVENTS = st.tuples(st.sampled_from((BOOT, START, RATE, DAY, CHECKPOINT, STOP, SUSPEND, RESUME, FAULT)),
                   st.integers(0, 100_000), st.integers(0, 10_000), st.integers(0, 10_000_000),
                   st.sampled_from((0, 20_000, 55_000)))


@given(st.lists(EVENTS, min_size=1, max_size=40), st.integers(1, 10**9), st.integers(1, 10**6))
def test_rows_and_days_hold_every_step_and_volume_once(events, pl_per_rev, steps_per_rev):
    ratio = StepRatio(pl_per_rev, steps_per_rev)
    doses, utc_ms, steps, programmed_pl = [], START_UTC_MS, 0, 0
    for seq, (event, wait_s, more, more_pl, rate) in enumerate(events):
        utc_ms, steps, programmed_pl = utc_ms + wait_s * 1000, steps + more, programmed_pl + more_pl
        doses.append(Dose(seq, utc_ms, 60, event, SCHEDULE, 0, steps, programmed_pl, rate, 0))
    first, last = doses[0], doses[-1]
    rows = intervals(doses, ratio)
    for parts in (rows, days(doses, ratio)):
        assert sum(part.steps for part in parts) == last.steps - first.steps
        assert sum(part.programmed_nl for part in parts) == last.programmed_pl // 1000 - first.programmed_pl // 1000
        assert sum(part.delivered_nl for part in parts) == (ratio.nl_of_steps(last.steps)
                                                            - ratio.nl_of_steps(first.steps))
    assert all(row.start_utc_ms <= row.end_utc_ms for row in rows)
    assert all(earlier.end_utc_ms <= later.start_utc_ms for earlier, later in pairwise(rows))
