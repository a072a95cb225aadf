"""Scheduled and periodic boluses: local time, gaps and overlaps, clocks set, power lost (B-02, T-03, T-05, D-05)."""

import pytest

from pump.board import CAUSE_POWER
from tests.boluses import boluses
from tests.pumps import (
    BERLIN,
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    RIG,
    START_UTC_MS,
    ask,
    program,
    push,
    running_pump,
)


@pytest.mark.requirement("B-02")
def test_a_scheduled_bolus_is_given_at_its_local_time():
    # 08:00 on weekdays, 50 uL over 10 min; the start is a Friday
    document = program(plans=[[0, 36_000]], boluses=[[480, 0b0011111, 50_000, 600, 0]])
    pump = running_pump(document=document)
    pump.run_for(4 * DAY_MS)                            # Friday to Monday; Sunday has 23 h
    given = [b for b in boluses(pump) if b[1] == "complete"]
    assert given == [("scheduled", "complete", "", 500, 490),
                     ("scheduled", "complete", "", 500, 3 * 1440 - 60 + 490)]


@pytest.mark.requirement("T-03")
@pytest.mark.requirement("B-02")
def test_a_scheduled_bolus_in_the_gap_is_skipped_and_logged():
    document = program(plans=[[0, 36_000]], boluses=[[150, 127, 50_000, 600, 600]], zone=BERLIN)
    pump = running_pump(document=document, utc_ms=START_UTC_MS + 2 * DAY_MS)       # Sunday, 02:30 never comes
    pump.run_for(23 * HOUR_MS)
    assert [b[:3] for b in boluses(pump)] == [("scheduled", "skipped", "gap")]


@pytest.mark.requirement("T-03")
def test_a_scheduled_bolus_in_the_overlap_is_given_once():
    document = program(plans=[[0, 36_000]], boluses=[[150, 127, 50_000, 600, 0]], zone=BERLIN)
    sunday_ms = 29_881_500 * 60_000 - 3 * HOUR_MS       # 2026-10-25 00:00 summer time: 25 h
    pump = running_pump(document=document, utc_ms=sunday_ms)
    pump.run_for(25 * HOUR_MS)
    given = [b for b in boluses(pump) if b[1] == "granted"]
    assert len(given) == 1
    assert given[0][4] == (sunday_ms + 150 * MINUTE_MS - START_UTC_MS) / MINUTE_MS


@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("late_min, expected", [(0, ("skipped", "missed")), (30, ("granted", ""))])
def test_a_missed_bolus_follows_its_policy(late_min, expected):
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, late_min]])
    pump = running_pump(document=document)
    pump.run_for(7 * HOUR_MS + 50 * MINUTE_MS)
    ask(pump, "suspend")
    pump.run_for(30 * MINUTE_MS)                        # 08:00 passes while suspended
    ask(pump, "resume")                                 # 08:20
    pump.run_for(MINUTE_MS)
    assert [b[1:3] for b in boluses(pump)] == [expected]


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
def test_a_clock_set_back_repeats_no_bolus():
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30]])
    pump = running_pump(document=document)
    pump.run_for(9 * HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 7 * HOUR_MS)
    pump.run_for(5 * HOUR_MS)
    assert len([b for b in boluses(pump) if b[1] == "granted"]) == 1


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
def test_another_rig_and_a_clock_set_back_repeat_no_bolus():
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30]])
    pump = running_pump(document=document)
    pump.run_for(9 * HOUR_MS)
    ask(pump, "stop")
    push(pump, "rig", RIG | {"name": "the same with another name"})
    ask(pump, "clock", utc_ms=START_UTC_MS + 7 * HOUR_MS)
    ask(pump, "start")
    pump.run_for(5 * HOUR_MS)
    assert len([b for b in boluses(pump) if b[1] == "granted"]) == 1


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("state", ["running", "suspended", "stopped"])
@pytest.mark.parametrize("is_reset", [False, True])
def test_a_program_pushed_after_a_bolus_and_a_clock_set_back_behind_both_repeat_no_bolus(state, is_reset):
    # 08:00 is given; at 09:00 come a program without it and one that has it again, as its second, behind one at 09:30
    eight, half_past_nine = [480, 127, 50_000, 600, 0], [570, 127, 20_000, 600, 0]
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[eight], resume="basal"), battery_clock=True)
    pump.run_for(9 * HOUR_MS)
    if state != "running":
        ask(pump, {"suspended": "suspend", "stopped": "stop"}[state])
    for entries in ([], [half_past_nine, eight]):
        assert "ok" in push(pump, "program", program(plans=[[0, 36_000]], boluses=entries, resume="basal"))
    if is_reset:
        pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS + 7 * HOUR_MS)
    if ask(pump, "status")["state"] != "running":
        ask(pump, "resume" if ask(pump, "status")["state"] == "suspended" else "start")
    pump.run_for(4 * HOUR_MS)
    assert [b[3] for b in boluses(pump) if b[1] == "complete"] == [500, 200]


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
def test_a_program_pushed_with_a_bolus_at_another_time_gives_it_when_a_clock_set_back_comes_to_that():
    # nobody has had the one of 08:30
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 0]]))
    pump.run_for(9 * HOUR_MS)
    assert "ok" in push(pump, "program", program(plans=[[0, 36_000]], boluses=[[510, 127, 30_000, 600, 0]]))
    ask(pump, "clock", utc_ms=START_UTC_MS + 7 * HOUR_MS)
    pump.run_for(2 * HOUR_MS)
    assert [b[3] for b in boluses(pump) if b[1] == "complete"] == [500, 300]


@pytest.mark.requirement("T-05")
def test_a_clock_set_forward_over_a_bolus_follows_the_policy():
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30], [540, 127, 50_000, 600, 0]])
    pump = running_pump(document=document)
    pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 9 * HOUR_MS + 20 * MINUTE_MS)         # 08:00 is 80 min ago, 09:00 20
    pump.run_for(HOUR_MS)
    assert [b[1:3] for b in boluses(pump)] == [("skipped", "missed"), ("skipped", "missed")]


@pytest.mark.requirement("D-05")
def test_a_periodic_bolus_comes_at_its_interval():
    pump = running_pump(document=program(plans=[[0, 0]], periodic=[5_000, 60, 10_800]))
    pump.run_for(DAY_MS)                                # every 3 h, the first 3 h after the start: 8 times
    assert [b[4] for b in boluses(pump) if b[1] == "granted"] == [180 * k for k in range(1, 9)]
    pump.run_for(MINUTE_MS)
    assert ask(pump, "status")["bolus_nl"] == 40_000


@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("off_min, expected", [
    (20, ["granted"]),                                  # back at 08:20, 30 minutes are allowed
    (40, ["skipped"]),
])
def test_a_bolus_due_while_the_power_was_off_follows_its_policy_once(off_min, expected):
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30]], resume="basal")
    pump = running_pump(document=document, battery_clock=True)
    pump.run_for(8 * HOUR_MS - 1000)                    # the power goes a second before 08:00
    pump.world.move_to(8 * HOUR_MS + off_min * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    pump.run_for(HOUR_MS)
    assert [b[1] for b in boluses(pump) if b[1] in ("granted", "skipped")] == expected
    pump.boot(CAUSE_POWER)
    pump.run_for(HOUR_MS)
    assert [b[1] for b in boluses(pump) if b[1] in ("granted", "skipped")] == expected


@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("late_s, outcome", [(30 * 60, "granted"), (30 * 60 + 1, "skipped")])
def test_within_thirty_minutes_means_not_a_second_more(late_s, outcome):
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30]])
    pump = running_pump(document=document)
    pump.run_for(7 * HOUR_MS)
    ask(pump, "suspend")
    pump.run_for(HOUR_MS + late_s * 1000)
    ask(pump, "resume")
    pump.run_for(MINUTE_MS)
    assert boluses(pump)[0][1] == outcome


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
def test_a_clock_set_back_after_a_reset_repeats_no_bolus():
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30], [490, 127, 20_000, 60, 0]],
                       resume="basal")
    pump = running_pump(document=document, battery_clock=True)
    pump.run_for(8 * HOUR_MS + 5 * MINUTE_MS)           # the first one has begun
    pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS + 7 * HOUR_MS)
    pump.run_for(2 * HOUR_MS)
    given = [b[4] for b in boluses(pump) if b[1] == "granted"]
    assert given == [480, 490]                          # the second one at its time by the new clock, once


@pytest.mark.requirement("L-01")
def test_what_the_static_check_passed_exactly_is_granted_every_day():
    # 36,001 nL/h and 50 uL at 08:00: no hour holds more than 36,001 + 50,000 nL
    limits = {"max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 86_001, "max_24h_nl": 0}
    pump = running_pump(document=program(plans=[[0, 36_001]], boluses=[[480, 127, 50_000, 600, 0]], limits=limits))
    pump.run_for(12 * DAY_MS)
    assert [b[1] for b in boluses(pump)] == ["granted", "complete"] * 12
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("T-05")
@pytest.mark.requirement("B-02")
def test_a_bolus_just_after_midnight_is_one_of_its_local_day_over_a_reset():
    # 00:30 in Berlin is 23:30 of the day before in UTC
    document = program(plans=[[0, 36_000]], boluses=[[30, 127, 50_000, 60, 30]], resume="basal")
    pump = running_pump(document=document, battery_clock=True)
    pump.run_for(35 * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS)
    pump.run_for(2 * HOUR_MS)
    assert [b[4] for b in boluses(pump) if b[1] == "granted"] == [30]


@pytest.mark.requirement("B-02")
@pytest.mark.requirement("P-04")
def test_a_bolus_of_before_the_start_is_not_given_after_a_reset():
    # 10:00 may come four hours late; the start is at 12:00, the power goes at 13:00
    document = program(plans=[[0, 36_000]], boluses=[[600, 127, 50_000, 600, 240]], resume="basal")
    pump = running_pump(document=document, battery_clock=True, utc_ms=START_UTC_MS + 12 * HOUR_MS)
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)
    pump.run_for(HOUR_MS)
    assert (pump.state, boluses(pump)) == ("running", [])


@pytest.mark.requirement("B-02")
@pytest.mark.requirement("P-04")
def test_a_bolus_due_between_a_stop_and_the_next_start_is_not_given_though_a_reset_lies_between():
    document = program(plans=[[0, 36_000]], boluses=[[600, 127, 50_000, 600, 60]], resume="basal")
    pump = running_pump(document=document, battery_clock=True)
    pump.run_for(9 * HOUR_MS)
    ask(pump, "stop")
    pump.boot(CAUSE_POWER)
    pump.run_for(HOUR_MS + 30 * MINUTE_MS)
    ask(pump, "start")                                  # 10:30
    pump.run_for(HOUR_MS)
    assert boluses(pump) == []
