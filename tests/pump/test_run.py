"""A run: boluses beside a temporary rate and over changes of the clock, what is written when, and ends to the ms."""

import pytest

from pump import record
from pump.board import CAUSE_POWER, INPUT_BUTTON
from pump.bolus import SKIPPED
from tests.pumps import (
    CONTINUOUS,
    DAY_MS,
    HOUR_MS,
    NO_LIMITS,
    RIG,
    START_UTC_MS,
    ask,
    events,
    program,
    ready_pump,
    records,
    refused,
    running_pump,
)

MINUTE_MS = 60_000
UTC = {"name": "UTC", "first_offset_min": 0, "changes": []}        # no night in which two boluses come within an hour


def of_kind(pump, event, layout, first=0):
    """(header, data) of the records of an event."""
    return [(record.header(raw), record.data_of(raw, layout)) for raw in records(pump, first)
            if record.header(raw)[7] == event]


def utc_of(head):
    return head[1] * 1000 + head[3]


@pytest.mark.requirement("B-01")
@pytest.mark.requirement("T-05")
def test_a_bolus_gives_what_was_granted_however_often_the_clock_is_set_meanwhile():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "bolus", volume_nl=50_000, over_s=600, confirm=0)
    for minute in (2, 4, 6):
        pump.run_for(2 * MINUTE_MS)
        ask(pump, "clock", utc_ms=START_UTC_MS + minute * MINUTE_MS + 10_000)
    pump.run_for(10 * MINUTE_MS)
    status = ask(pump, "status")
    assert (status["bolus"], status["bolus_nl"]) == (False, 50_000)
    assert 59_500 <= status["delivered_nl"] <= 59_700              # 50 uL, and 16 min at 36 uL/h


@pytest.mark.requirement("D-04")
@pytest.mark.requirement("D-05")
def test_a_temporary_rate_goes_on_under_a_bolus_and_behind_one_that_is_cancelled():
    # 200 % of 36 uL/h: 1.2 uL a minute. 10 min, then 10 min with 1 uL/min of a bolus, which is cut off, then 10 min
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "temp", percent=200, rate_nl_per_h=0, for_s=7200)
    given = []
    for begin in (lambda: None, lambda: ask(pump, "bolus", volume_nl=50_000, over_s=3000, confirm=0),
                  lambda: ask(pump, "cancel")):
        begin()
        before = ask(pump, "status")["delivered_nl"]
        pump.run_for(10 * MINUTE_MS)
        given.append(ask(pump, "status")["delivered_nl"] - before)
    assert given == [pytest.approx(nl, abs=200) for nl in (12_000, 22_000, 12_000)]
    cut = of_kind(pump, record.EVENT_BOLUS, record.BOLUS)[-1][1]
    assert (cut[2], cut[6], cut[7]) == (pytest.approx(100, abs=1), 0, 0)           # steps given, no cause, no request


@pytest.mark.requirement("B-01")
def test_the_volume_of_boluses_counts_on_in_the_second_one():
    pump = running_pump(document=CONTINUOUS)
    for _ in range(2):
        ask(pump, "bolus", volume_nl=10_000, over_s=600, confirm=0)
        pump.run_for(5 * MINUTE_MS)
        half = ask(pump, "status")["bolus_nl"]
        pump.run_for(6 * MINUTE_MS)
    assert half == pytest.approx(10_000 + 5_000, abs=200)
    assert ask(pump, "status")["bolus_nl"] == 20_000


@pytest.mark.requirement("B-03")
def test_a_bolus_of_just_max_bolus_is_granted():
    pump = running_pump(document=CONTINUOUS | {"limits": NO_LIMITS | {"max_bolus_nl": 10_000}})
    ask(pump, "bolus", volume_nl=10_000, over_s=60, confirm=0)
    assert ask(pump, "status")["bolus"] is True


@pytest.mark.requirement("B-02")
@pytest.mark.requirement("J-01")
def test_a_scheduled_bolus_is_written_as_of_its_minute_though_the_poll_comes_late():
    # Berlin is an hour ahead in winter and the pump's day began at START; a poll each 700 ms hits no minute
    pump = ready_pump(document=program(plans=[[0, 36_000]], boluses=[[10, 127, 10_000, 120, 60]]), poll_ms=700)
    ask(pump, "start")
    pump.run_for(15 * MINUTE_MS)
    granted = [(head, data) for head, data in of_kind(pump, record.EVENT_BOLUS, record.BOLUS) if head[10] & 15 == 0]
    assert granted
    for head, data in granted:
        assert utc_of(head) == data[4] * MINUTE_MS                 # the minute at which it was due
        assert (head[8], data[7]) == (record.ACTOR_SCHEDULE, 0)
        at_once = [event for event, utc_ms, _ in events(pump) if utc_ms == utc_of(head)]
        assert at_once == ["bolus", "rate"]


@pytest.mark.requirement("D-05")
@pytest.mark.requirement("J-01")
def test_a_rate_inside_a_ramp_is_marked_and_the_end_of_a_bolus_there_is_written():
    ramp = program() | {"plans": [[0, 20_000, 60_000, 1439, 20_000, 20_000]]}
    pump = running_pump(document=ramp)
    pump.run_for(7 * MINUTE_MS)
    first = ask(pump, "status")["next_seq"]
    ask(pump, "bolus", volume_nl=10_000, over_s=120, confirm=0)
    pump.run_for(3 * MINUTE_MS)
    ended = [head for head, _ in of_kind(pump, record.EVENT_BOLUS, record.BOLUS, first) if head[10] & 15 == 1]
    rates = [head for head, _ in of_kind(pump, record.EVENT_RATE, record.DOSE, first)]
    assert [(utc_of(head), head[10]) for head in rates if utc_of(head) == utc_of(ended[0])] == [
        (utc_of(ended[0]), record.RATE_RAMP)]
    flat = running_pump(document=CONTINUOUS)
    ask(flat, "bolus", volume_nl=10_000, over_s=120, confirm=0)
    flat.run_for(5 * MINUTE_MS)
    assert [head[10] for head, _ in of_kind(flat, record.EVENT_RATE, record.DOSE)] == [0, 0]


@pytest.mark.requirement("U-05")
def test_a_trial_ends_at_its_second_between_two_checkpoints():
    pump = running_pump(document=CONTINUOUS | {"ends": {"after_s": 3661, "volume_nl": 0}})
    pump.run_for(3_660_900)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(200)
    assert ask(pump, "status")["reason"] == "program ended"


@pytest.mark.requirement("P-07")
def test_a_press_at_the_instant_of_the_daily_self_test_is_no_failure():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(24 * HOUR_MS - 500)
    pump.bench.inputs.level = INPUT_BUTTON
    pump.run_for(1000)
    pump.bench.inputs.level = 0
    pump.run_for(1000)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("B-02")
def test_a_bolus_that_begins_as_another_ends_is_written_with_one_rate_behind_both():
    # 00:10 over 10 min, and 00:20
    document = program(plans=[[0, 36_000]], boluses=[[10, 127, 10_000, 600, 0], [20, 127, 10_000, 600, 0]])
    pump = running_pump(document=document)
    pump.run_for(25 * MINUTE_MS)
    at_once = [event for event, utc_ms, _ in events(pump) if utc_ms == START_UTC_MS + 20 * MINUTE_MS]
    assert at_once == ["bolus", "bolus", "rate"]
    entries = [data[5] for head, data in of_kind(pump, record.EVENT_BOLUS, record.BOLUS) if head[10] & 15 == 0]
    assert entries == [0, 1]                                       # which of the program's


@pytest.mark.requirement("B-02")
@pytest.mark.requirement("B-03")
@pytest.mark.parametrize("rate_nl_per_h", [36_037, 36_050, 36_083, 36_099])
def test_scheduled_boluses_that_reach_a_limit_exactly_are_all_given(rate_nl_per_h):
    # No whole steps of 100 nL an hour: counted steps of the hour before are one more or less than was programmed
    minutes = range(7, 1440, 97)
    boluses = [[minute, 127, 10_000, 600, 0] for minute in minutes]
    limits = NO_LIMITS | {"max_1h_nl": rate_nl_per_h + 10_000}
    pump = running_pump(document=program(plans=[[0, rate_nl_per_h]], boluses=boluses, limits=limits, zone=UTC))
    pump.run_for(24 * HOUR_MS)
    outcomes = [head[10] & 15 for head, _ in of_kind(pump, record.EVENT_BOLUS, record.BOLUS)]
    assert outcomes == [0, 1] * len(minutes)                       # granted, complete


@pytest.mark.requirement("B-03")
def test_a_temporary_rate_half_a_step_beyond_a_limit_is_refused():
    pump = running_pump(document=program(plans=[[0, 10_000]], limits=NO_LIMITS | {"max_1h_nl": 36_000}))
    assert refused(pump, "temp", percent=-1, rate_nl_per_h=36_050, for_s=7200) == "limit"
    ask(pump, "temp", percent=-1, rate_nl_per_h=36_000, for_s=7200)


@pytest.mark.requirement("L-03")
@pytest.mark.requirement("B-03")
def test_what_a_power_loss_left_uncertain_counts_against_a_limit():
    # 36 uL/h and a quantum of 10 min: 10 min 30 s are authorised, 6.3 uL, and the power goes at once
    document = program(plans=[[0, 36_000]], limits=NO_LIMITS | {"max_1h_nl": 60_000}, resume="basal")
    pump = running_pump(document=document, battery_clock=True)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["uncertain_nl"] == 6_300
    pump.run_for(MINUTE_MS)
    # In an hour 36 uL, what may have been given, and the bolus: 60 - 36 - 6.3 uL is the most
    assert refused(pump, "bolus", volume_nl=18_500, over_s=60, confirm=0) == "denied"
    ask(pump, "bolus", volume_nl=17_000, over_s=60, confirm=0)


@pytest.mark.requirement("D-05")
def test_a_temporary_rate_is_over_at_its_instant():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "temp", percent=200, rate_nl_per_h=0, for_s=301)
    for run_ms, is_temporary in ((300_999, True), (2, False)):
        pump.run_for(run_ms)
        assert ask(pump, "status")["temporary"] is is_temporary


@pytest.mark.requirement("P-07")
def test_the_daily_self_test_comes_at_its_instant_between_two_checkpoints():
    # 1440 min are no multiple of 7, and the day does not change either: it is 03:00
    pump = running_pump(rig=RIG | {"quantum_min": 7}, document=CONTINUOUS, utc_ms=START_UTC_MS + 3 * HOUR_MS)
    pump.run_for(24 * HOUR_MS - 1000)
    pump.bench.driver.answers = False
    pump.run_for(2000)
    assert ask(pump, "status")["reason"] == "self-test failed"


@pytest.mark.requirement("B-02")
def test_a_bolus_that_is_skipped_was_nobodys_request():
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[[10, 127, 10_000, 120, 0]]))
    ask(pump, "suspend")
    pump.run_for(20 * MINUTE_MS)
    ask(pump, "resume")
    head, data = of_kind(pump, record.EVENT_BOLUS, record.BOLUS)[-1]
    assert (head[8], head[10] & 15, data[7]) == (record.ACTOR_SCHEDULE, SKIPPED, 0)


@pytest.mark.requirement("B-02")
@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("over_s", [60, 3600])
@pytest.mark.parametrize("room_nl", [0, 1000])
def test_a_program_that_reaches_its_daily_limit_runs_on_with_a_record_a_minute(over_s, room_nl):
    # 1440 records a day and more: the history of the day leaves out what lies on a line, and is some steps looser.
    # To the step a bolus may be denied for that; with ten steps of room none is, and a fault there is in neither
    boluses = [[minute, 127, 10_000, over_s, 0] for minute in range(7, 1440, 90)]
    day_nl = 6 * 36_037 + 18 * 72_000 + len(boluses) * 10_000
    document = program(plans=[[0, 36_037, 360, 72_000]], boluses=boluses, zone=UTC,
                       limits=NO_LIMITS | {"max_24h_nl": day_nl + room_nl})
    pump = running_pump(rig=RIG | {"quantum_min": 1}, document=document)
    pump.run_for(4 * DAY_MS)
    outcomes = [head[10] & 15 for head, _ in of_kind(pump, record.EVENT_BOLUS, record.BOLUS)]
    assert pump.state == "running"
    if room_nl:
        assert set(outcomes) == {0, 1}                  # granted, complete
        assert outcomes.count(0) == 4 * len(boluses)
        used_nl = ask(pump, "status")["last_24h_nl"]
        assert day_nl - 100 <= used_nl <= day_nl + 700  # never too little, and at most some steps more
