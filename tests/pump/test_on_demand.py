"""On-demand boluses: by host and button, their lockout and their number in 24 h (B-01, T-05)."""

import pytest

from pump import reasons, record
from pump.board import CAUSE_POWER, INPUT_BUTTON
from tests.boluses import ON_DEMAND, SETTLED_MS, boluses, click, on_demand
from tests.pumps import HOUR_MS, MINUTE_MS, START_UTC_MS, ask, program, ready_pump, records, refused, running_pump


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


@pytest.mark.requirement("B-01")
def test_the_button_asks_for_the_on_demand_bolus_and_bounce_asks_once():
    pump = running_pump(document=ON_DEMAND)
    pump.run_for(MINUTE_MS)
    click(pump)
    assert [b[:2] for b in boluses(pump)] == [("on demand", "granted")]
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["bolus_nl"] == 10_000
    [granted] = [raw for raw in records(pump)
                 if record.header(raw)[7] == record.EVENT_BOLUS and record.header(raw)[10] & 15 == 0]
    assert record.header(granted)[8] == record.ACTOR_BUTTON
    # 10 uL in 100 steps over 120 s, none made yet, no instant and no entry of a program, no denial, and no request's
    assert record.data_of(granted, record.BOLUS) == (10_000, 100, 0, 120, 0, 0, 0, 0)


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
    [head] = [record.header(raw) for raw in records(pump) if record.header(raw)[7] == record.EVENT_SUSPEND]
    assert (head[8], head[10]) == (record.ACTOR_BUTTON, reasons.BUTTON)
    # down at 60 s, seen 30 ms later, held for 3 s
    assert START_UTC_MS + 63_000 <= head[1] * 1000 + head[3] <= START_UTC_MS + 63_050


def test_a_button_pressed_while_stopped_is_denied_and_logged():
    pump = ready_pump(document=ON_DEMAND)
    pump.run_for(1000)                                  # the button has been seen released
    click(pump, bounce=False)
    assert [b[:3] for b in boluses(pump)] == [("on demand", "denied", "bad_state")]


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


@pytest.mark.requirement("T-05")
def test_a_clock_set_before_a_reset_shortens_no_lockout():
    pump = running_pump(document=ON_DEMAND)
    pump.rtc.fit()
    on_demand(pump)
    pump.run_for(5 * MINUTE_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 12 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert 3299 <= ask(pump, "status")["lockout_s"] <= 3301        # 55 minutes; the clock chip keeps whole seconds


@pytest.mark.requirement("B-01")
def test_an_on_demand_bolus_that_the_program_does_not_have_is_denied():
    pump = running_pump(document=program(plans=[[0, 36_000]]))
    pump.run_for(1000)                                  # the button has been seen released
    assert refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0) == "denied"
    click(pump)
    assert [b[:3] for b in boluses(pump)] == [("on demand", "denied", "not_configured")] * 2
