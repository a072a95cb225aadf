"""What went wrong with infusion pumps elsewhere, replayed: each a named test that it does not happen here.

The kinds are those of published recalls and safety notices of ambulatory and implanted infusion pumps; the scenes
are our own.
"""

import hashlib
import json
from itertools import pairwise

import pytest

from pump import record
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG
from tests.pumps import (
    BERLIN,
    CONTINUOUS,
    DAY_MS,
    HOST_BOLUS,
    HOUR_MS,
    MINUTE_MS,
    RIG,
    START_UTC_MS,
    ask,
    body_of,
    events,
    program,
    push,
    ready_pump,
    records,
    refused,
    request,
    running_pump,
    send,
)


@pytest.mark.requirement("D-06")
def test_a_dose_after_priming_is_not_shortened_by_the_prime():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "prime", volume_nl=500_000)
    pump.run_for(2 * MINUTE_MS)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(20 * MINUTE_MS)
    assert ask(pump, "status")["bolus_nl"] == 50_000


@pytest.mark.requirement("D-06")
def test_an_interrupted_bolus_does_not_resume_after_a_prime():
    pump = running_pump(document=CONTINUOUS)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(MINUTE_MS)
    ask(pump, "prime", volume_nl=500_000)
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["bolus_nl"] == 5_000


@pytest.mark.requirement("D-03")
def test_a_fault_does_not_clear_the_delivered_volume():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    pump.board.counter.extra = 3
    pump.poll()
    assert ask(pump, "status")["steps"] == 363
    ask(pump, "ack")
    pump.boot(CAUSE_WATCHDOG)
    assert ask(pump, "status")["steps"] == 363


@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("cause", [CAUSE_POWER, CAUSE_WATCHDOG])
def test_a_bolus_does_not_continue_after_a_failure(cause):
    pump = ready_pump(document=program(plans=[[0, 36_000]], resume="basal"))
    pump.rtc.fit()
    ask(pump, "start")
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(MINUTE_MS)
    pump.boot(cause)
    before = ask(pump, "status")["steps"]
    pump.run_for(HOUR_MS + 1)
    status = ask(pump, "status")
    assert (status["state"], status["steps"] - before, status["bolus"]) == ("running", 360, False)


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("rate", [".5", "0.5", "5e2", "1,5", "NaN", "-5"])
def test_a_dropped_decimal_never_reaches_the_pump(rate):
    """The device takes whole nL/h and nothing else; the host refuses the same texts where a person writes them."""
    pump = ready_pump()
    body = json.dumps(CONTINUOUS).replace("36000, 36000", f"{rate}, {rate}").encode()
    assert body != body_of(CONTINUOUS)
    assert push_body(pump, body)["error"]["code"] == "bad_program"


def push_body(pump, body):
    """Pushes raw bytes as a program."""
    for at in range(0, len(body), 512):
        ask(pump, "stage", kind="program", at=at, data=body[at:at + 512])
    return send(pump, request("commit", kind="program", digest=hashlib.sha256(body).hexdigest(), confirm=0))


@pytest.mark.requirement("T-03")
def test_daylight_saving_gives_no_double_dose():
    document = program(plans=[[0, 0]], boluses=[[150, 127, 50_000, 600, 120]], zone=BERLIN)
    pump = running_pump(document=document, utc_ms=29_881_500 * 60_000 - 3 * HOUR_MS)       # 2026-10-25 00:00
    pump.run_for(25 * HOUR_MS)
    assert ask(pump, "status")["bolus_nl"] == 50_000


@pytest.mark.requirement("T-01")
def test_a_leap_day_is_a_day_like_any_other():
    document = program(plans=[[0, 36_000]], boluses=[[480, 127, 50_000, 600, 0]])
    pump = running_pump(document=document, utc_ms=1_835_218_800_000)       # 2028-02-27T00:00+01:00, before a leap day
    pump.run_for(4 * DAY_MS + 1)
    status = ask(pump, "status")
    assert status["steps"] == 4 * 8640 + 4 * 500
    days = [utc_ms for name, utc_ms, _ in events(pump) if name == "day"]
    assert [b - a for a, b in pairwise(days)] == [DAY_MS] * 3


@pytest.mark.requirement("T-01")
def test_midnight_changes_the_day_once_and_loses_nothing():
    document = program(plans=[[0, 36_000], [0, 72_000]], days=[0, 1, 0, 1, 0, 1, 0])
    pump = running_pump(document=document)                             # Friday
    pump.run_for(DAY_MS - 1)
    assert ask(pump, "status")["rate_nl_per_h"] == 36_000
    pump.run_for(2)
    assert ask(pump, "status")["rate_nl_per_h"] == 72_000
    assert ask(pump, "status")["steps"] == 8640


@pytest.mark.requirement("T-05")
def test_a_clock_moved_by_12_hours_shortens_no_lockout_and_no_window():
    document = program(plans=[[0, 36_000]], on_demand=[10_000, 120, 43_200, 2])
    pump = running_pump(document=document)
    ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    pump.run_for(HOUR_MS)
    used = ask(pump, "status")["last_24h_nl"]
    ask(pump, "clock", utc_ms=START_UTC_MS + 13 * HOUR_MS)
    status = ask(pump, "status")
    assert status["lockout_s"] == 11 * 3600
    assert status["last_24h_nl"] == used
    assert refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0) == "denied"


@pytest.mark.requirement("J-01")
def test_a_zone_change_duplicates_no_record():
    pump = running_pump(document=program())
    pump.run_for(DAY_MS + 5 * MINUTE_MS)
    tokyo = {"name": "Asia/Tokyo", "first_offset_min": 540, "changes": []}
    assert "ok" in push(pump, "program", program(zone=tokyo))
    pump.run_for(DAY_MS)
    raw = records(pump)
    assert [record.seq_of(one) for one in raw] == list(range(len(raw)))
    instants = [(record.header(one)[1], record.header(one)[3]) for one in raw
                if record.header(one)[7] in (record.EVENT_RATE, record.EVENT_DAY, record.EVENT_CHECKPOINT)]
    assert len(set(instants)) == len(instants)
    assert instants == sorted(instants)


@pytest.mark.requirement("A-04")
def test_the_reservoir_follows_what_was_delivered_not_the_programmed_rate():
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(10 * HOUR_MS)
    ask(pump, "bolus", **HOST_BOLUS)
    pump.run_for(10 * HOUR_MS + 1)
    ask(pump, "suspend")
    pump.run_for(10 * DAY_MS)
    level = ask(pump, "status")["reservoir_nl"]
    assert level == 10_000_000 - 20 * 36_000 - 50_000
    ask(pump, "resume")
    pump.run_for(MINUTE_MS)
    pump.boot(CAUSE_POWER)                                             # what is uncertain counts as gone
    after = ask(pump, "status")
    assert after["reservoir_nl"] == level - after["uncertain_nl"]
    assert after["uncertain_nl"] == 6_300
