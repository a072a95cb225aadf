"""Boluses: on demand, by the host, scheduled, periodic; lockout, limits and accounts (requirements B, D-04, D-06)."""

import pytest

from pump import record
from pump.board import CAUSE_POWER, INPUT_BUTTON
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from tests.pumps import (
    BERLIN,
    DAY_MS,
    HOUR_MS,
    RIG,
    START_UTC_MS,
    ask,
    program,
    ready_pump,
    records,
    refused,
    running_pump,
)

MINUTE_MS = 60_000
SETTLED_MS = 1                         # a step due at an instant is made some ticks of 8 ns after it
# 36 uL/h: one step of 100 nL in 10 s; on demand 10 uL (100 steps) over 2 min, locked for an hour, four a day
ON_DEMAND = program(plans=[[0, 36_000]], on_demand=[10_000, 120, 3600, 4])
HOST_BOLUS = {"volume_nl": 50_000, "over_s": 600, "confirm": 0}


def boluses(pump):
    """(kind, outcome, denial, steps delivered, minutes since the start) of every bolus event."""
    found = []
    for raw in records(pump):
        head = record.header(raw)
        if head[7] == record.EVENT_BOLUS:
            data = record.data_of(raw, record.BOLUS)
            minutes = (head[1] * 1000 + head[3] - START_UTC_MS) / MINUTE_MS
            found.append((KIND_NAMES[head[10] >> 4], OUTCOME_NAMES[head[10] & 15], DENIALS[data[6]], data[2], minutes))
    return found


def click(pump, bounce=True):
    """Presses and lets go, bouncing for 12 ms each time."""
    for level in (INPUT_BUTTON, 0):
        if bounce:
            for part in (level, INPUT_BUTTON - level, level, INPUT_BUTTON - level):
                pump.board.inputs.level = part
                pump.poll()
                pump.run_for(3)
        pump.board.inputs.level = level
        pump.poll()
        pump.run_for(200)


def on_demand(pump):
    return ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)


@pytest.mark.requirement("B-01")
def test_an_on_demand_bolus_adds_its_volume_to_the_basal_rate():
    pump = running_pump(document=ON_DEMAND)
    pump.run_for(HOUR_MS)
    on_demand(pump)
    pump.run_for(HOUR_MS + SETTLED_MS)
    status = ask(pump, "status")
    assert status["steps"] == 720 + 100
    assert status["bolus_nl"] == 10_000
    assert boluses(pump) == [("on demand", "granted", "", 0, 60), ("on demand", "complete", "", 100, 62)]


@pytest.mark.requirement("B-01")
def test_the_lockout_runs_from_start_to_start():
    pump = running_pump(document=ON_DEMAND)
    on_demand(pump)
    pump.run_for(HOUR_MS - 1)
    assert refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0) == "denied"
    pump.run_for(1)
    on_demand(pump)
    assert [b[1:3] for b in boluses(pump)] == [
        ("granted", ""), ("complete", ""), ("denied", "lockout"), ("granted", "")]


@pytest.mark.requirement("B-01")
def test_no_more_than_the_daily_number_in_any_24_hours():
    pump = running_pump(document=ON_DEMAND)
    for _ in range(4):
        on_demand(pump)
        pump.run_for(2 * HOUR_MS)
    assert refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0) == "denied"
    assert boluses(pump)[-1][2] == "daily_max"
    pump.run_for(16 * HOUR_MS)                          # 24 h after the first
    on_demand(pump)


@pytest.mark.requirement("B-04")
def test_one_bolus_at_a_time():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(5 * MINUTE_MS)
    assert refused(pump, "bolus", **HOST_BOLUS) == "denied"
    assert boluses(pump)[-1][1:3] == ("denied", "busy")
    pump.run_for(5 * MINUTE_MS + SETTLED_MS)
    assert boluses(pump)[-1] == ("host", "complete", "", 500, 10)


@pytest.mark.requirement("B-03")
def test_a_bolus_that_would_cross_a_limit_is_denied_whole():
    # 36 uL/h basal: 60 uL in any hour leaves 24; a bolus of 25 is denied, one of 23 given
    document = program(plans=[[0, 36_000]], limits={
        "max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 60_000, "max_24h_nl": 0})
    pump = running_pump(document=document)
    pump.run_for(2 * HOUR_MS)
    assert refused(pump, "bolus", volume_nl=25_000, over_s=60, confirm=0) == "denied"
    assert ask(pump, "status")["steps"] == 720
    ask(pump, "bolus", volume_nl=23_000, over_s=60, confirm=0)
    pump.run_for(HOUR_MS + SETTLED_MS)
    assert ask(pump, "status")["steps"] == 1080 + 230
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("B-03")
def test_a_bolus_above_max_bolus_is_denied():
    pump = running_pump(document=program(plans=[[0, 36_000]]), rig=RIG | {"max_bolus_nl": 49_999})
    assert refused(pump, "bolus", **HOST_BOLUS) == "denied"
    assert boluses(pump) == [("host", "denied", "limit", 0, 0)]


@pytest.mark.requirement("L-05")
def test_a_bolus_above_the_soft_limit_needs_a_confirmation():
    soft = {"max_rate_nl_per_h": 0, "max_bolus_nl": 40_000, "max_1h_nl": 0, "max_24h_nl": 0}
    pump = running_pump(document=program(plans=[[0, 36_000]], soft_limits=soft))
    assert refused(pump, "bolus", **HOST_BOLUS) == "soft_limit"
    ask(pump, "bolus", **(HOST_BOLUS | {"confirm": 1}))
    assert boluses(pump) == [("host", "granted", "", 0, 0)]


@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("do", ["suspend", "stop"])
def test_an_interrupted_bolus_is_finished_with_what_it_gave_and_never_resumes(do):
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)                    # 500 steps in 10 min
    pump.run_for(3 * MINUTE_MS)
    ask(pump, do)
    assert boluses(pump)[-1] == ("host", "interrupted", "", 150, 3)
    ask(pump, "resume" if do == "suspend" else "start")
    pump.run_for(HOUR_MS + SETTLED_MS)
    status = ask(pump, "status")
    assert status["steps"] == 18 + 150 + 360            # 3 min and 1 h of basal, and the part of the bolus
    assert status["bolus_nl"] == 15_000


def test_a_cancelled_bolus_leaves_the_basal_rate():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(3 * MINUTE_MS)
    ask(pump, "cancel")
    pump.run_for(57 * MINUTE_MS + SETTLED_MS)
    assert boluses(pump)[-1] == ("host", "cancelled", "", 150, 3)
    assert ask(pump, "status")["steps"] == 360 + 150


@pytest.mark.requirement("B-01")
def test_the_button_asks_for_the_on_demand_bolus_and_bounce_asks_once():
    pump = running_pump(document=ON_DEMAND)
    pump.run_for(MINUTE_MS)
    click(pump)
    assert [b[:2] for b in boluses(pump)] == [("on demand", "granted")]
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["bolus_nl"] == 10_000
    assert {record.ACTOR_NAMES[record.header(raw)[8]] for raw in records(pump)
            if record.header(raw)[7] == record.EVENT_BOLUS and record.header(raw)[10] & 15 == 0} == {"button"}


def test_the_button_held_for_three_seconds_suspends_and_gives_no_bolus():
    pump = running_pump(document=ON_DEMAND)
    pump.run_for(MINUTE_MS)
    pump.board.inputs.level = INPUT_BUTTON
    pump.poll()
    pump.run_for(2_990)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(60)
    assert ask(pump, "status")["state"] == "suspended"
    pump.board.inputs.level = 0
    pump.poll()
    pump.run_for(1000)
    assert boluses(pump) == []


def test_a_button_pressed_while_stopped_is_denied_and_logged():
    pump = ready_pump(document=ON_DEMAND)
    pump.run_for(1000)                                  # the button has been seen released
    click(pump, bounce=False)
    assert [b[:3] for b in boluses(pump)] == [("on demand", "denied", "bad_state")]


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
def test_a_clock_set_forward_over_a_bolus_follows_the_policy():
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30], [540, 127, 50_000, 600, 0]])
    pump = running_pump(document=document)
    pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 9 * HOUR_MS + 20 * MINUTE_MS)         # 08:00 is 80 min ago, 09:00 20
    pump.run_for(HOUR_MS)
    assert [b[1:3] for b in boluses(pump)] == [("skipped", "missed"), ("skipped", "missed")]


@pytest.mark.requirement("T-05")
def test_setting_the_clock_leaves_a_bolus_under_way_alone():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(3 * MINUTE_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 12 * HOUR_MS)
    pump.run_for(7 * MINUTE_MS + SETTLED_MS)
    complete = boluses(pump)[-1]
    assert complete[:4] == ("host", "complete", "", 500)
    assert complete[4] == 12 * 60 + 7                   # ten minutes after its start on the pump's own clock


@pytest.mark.requirement("D-05")
def test_a_periodic_bolus_comes_at_its_interval():
    pump = running_pump(document=program(plans=[[0, 0]], periodic=[5_000, 60, 10_800]))
    pump.run_for(DAY_MS)                                # every 3 h, the first 3 h after the start: 8 times
    assert [b[4] for b in boluses(pump) if b[1] == "granted"] == [180 * k for k in range(1, 9)]
    pump.run_for(MINUTE_MS)
    assert ask(pump, "status")["bolus_nl"] == 40_000


@pytest.mark.requirement("B-01")
@pytest.mark.requirement("T-05")
def test_a_lockout_survives_a_reset_and_starts_anew_without_a_clock():
    pump = running_pump(document=ON_DEMAND)
    on_demand(pump)
    pump.run_for(50 * MINUTE_MS)
    pump.boot(CAUSE_POWER)                              # no battery-backed clock
    assert ask(pump, "status")["lockout_s"] == 3600
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=START_UTC_MS + 50 * MINUTE_MS)
    pump.boot(CAUSE_POWER)                              # now with one
    assert ask(pump, "status")["lockout_s"] == 600


@pytest.mark.requirement("P-04")
def test_a_bolus_cut_by_the_power_never_resumes_and_is_written_as_uncertain():
    pump = running_pump(document=ON_DEMAND)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(3 * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    assert boluses(pump)[-1][:2] == ("host", "uncertain")
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["steps"] == 360          # nothing had been confirmed before; all is in uncertain_nl
    assert [b[1] for b in boluses(pump)] == ["granted", "uncertain"]


@pytest.mark.requirement("T-05")
def test_a_clock_set_before_a_reset_shortens_no_lockout():
    pump = running_pump(document=ON_DEMAND)
    pump.rtc.fit()
    on_demand(pump)
    pump.run_for(5 * MINUTE_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 12 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert 3299 <= ask(pump, "status")["lockout_s"] <= 3301        # 55 minutes; the clock chip keeps whole seconds


@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("off_min, expected", [
    (20, ["granted"]),                                  # back at 08:20, 30 minutes are allowed
    (40, ["skipped"]),
])
def test_a_bolus_due_while_the_power_was_off_follows_its_policy_once(off_min, expected):
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 30]], resume="basal")
    pump = ready_pump(document=document)
    pump.rtc.fit()
    ask(pump, "start")
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
