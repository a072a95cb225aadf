"""A trial over resets (U-05, P-04): its end stays where it was, however often the power goes."""

import pytest

from pump import record
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG
from tests.pumps import HOUR_MS, MINUTE_MS, START_UTC_MS, ask, events, program, push, ready_pump


def started(ends):
    pump = ready_pump(document=program(plans=[[0, 36_000]], ends=ends, resume="basal"))
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "start")
    return pump


@pytest.mark.requirement("U-05")
def test_a_trial_ends_at_its_time_after_two_resets_on_one_day():
    pump = started({"after_s": 86_400, "volume_nl": 0})
    for cause in (CAUSE_POWER, CAUSE_WATCHDOG):
        pump.run_for(5 * HOUR_MS)
        pump.boot(cause)
    pump.run_for(14 * HOUR_MS - MINUTE_MS)              # 5 + 5 + 14 h: the end is a minute away
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(2 * MINUTE_MS)
    assert ask(pump, "status")["reason"] == "program ended"


@pytest.mark.requirement("U-05")
def test_a_trial_ends_at_its_volume_after_two_resets_on_one_day():
    # 36 uL an hour; 720 uL: 20 h, and longer by what a reset leaves uncertain, ten minutes of it at most each
    pump = started({"after_s": 0, "volume_nl": 720_000})
    for cause in (CAUSE_POWER, CAUSE_WATCHDOG):
        pump.run_for(5 * HOUR_MS)
        pump.boot(cause)
    pump.run_for(9 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(HOUR_MS + 21 * MINUTE_MS)
    status = ask(pump, "status")
    assert (status["reason"], status["steps"]) == ("program ended", 7200)


@pytest.mark.requirement("U-05")
def test_a_boot_without_a_clock_keeps_the_start_in_its_snapshot():
    pump = ready_pump(document=program(plans=[[0, 36_000]], ends={"after_s": 86_400, "volume_nl": 0}))
    ask(pump, "start")
    pump.run_for(5 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    name, _, levels = events(pump)[-1]
    assert (name, levels[3]) == (record.EVENT_NAMES[record.EVENT_LEVELS], START_UTC_MS // 1000)


@pytest.mark.requirement("U-05")
@pytest.mark.parametrize("state", ["running", "suspended", "priming"])
@pytest.mark.parametrize("ends", [{"after_s": 36_000, "volume_nl": 0}, {"after_s": 0, "volume_nl": 360_000}])
def test_a_program_pushed_into_a_trial_has_a_trial_of_its_own(state, ends):
    pump = started({"after_s": 12 * 3600, "volume_nl": 0})
    pump.run_for(5 * HOUR_MS)
    if state == "suspended":
        ask(pump, "suspend")
    elif state == "priming":
        ask(pump, "prime", volume_nl=1_000)
    assert "ok" in push(pump, "program", program(plans=[[0, 36_000]], ends=ends, resume="basal"))
    if state == "suspended":
        ask(pump, "resume")
    pump.run_for(10 * HOUR_MS - MINUTE_MS)              # 10 h from then on, or 360 uL at 36 an hour
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(2 * MINUTE_MS)
    assert ask(pump, "status")["reason"] == "program ended"
