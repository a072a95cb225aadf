"""What goes on after resets, and what does not (P-04, T-04)."""

import pytest

from pump import record
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, ask, events, program, push, ready_pump, records, running_pump

DOCUMENT = program(plans=[[0, 36_000]], resume="basal")


def cut_off(rig=RIG):
    """A pump that ran when the power went; it has no battery-backed clock."""
    pump = ready_pump(rig=rig, document=DOCUMENT)
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)
    return pump


def state_with_the_clock_set(pump):
    ask(pump, "clock", utc_ms=START_UTC_MS + 5 * HOUR_MS)
    return ask(pump, "status")["state"]


@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("causes", [[CAUSE_POWER], [CAUSE_WATCHDOG, CAUSE_POWER], [CAUSE_POWER] * 5])
def test_however_many_resets_come_before_the_clock_is_set_the_basal_rate_goes_on(causes):
    pump = cut_off()
    for cause in causes:
        pump.run_for(1000)
        pump.boot(cause)
    assert ask(pump, "status")["state"] == "stopped"
    assert state_with_the_clock_set(pump) == "running"


@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("resets", [0, 2])
def test_a_stop_while_the_clock_is_awaited_holds_over_resets(resets):
    pump = cut_off()
    ask(pump, "stop")
    for _ in range(resets):
        pump.boot(CAUSE_POWER)
    assert state_with_the_clock_set(pump) == "stopped"


@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("resets", [0, 2])
def test_a_program_pushed_while_the_clock_is_awaited_does_not_start_by_itself(resets):
    pump = cut_off()
    assert "ok" in push(pump, "program", DOCUMENT | {"name": "another"})
    assert events(pump)[-1][0] == "stop"
    for _ in range(resets):
        pump.boot(CAUSE_POWER)
    assert state_with_the_clock_set(pump) == "stopped"


@pytest.mark.requirement("P-04")
@pytest.mark.requirement("D-06")
@pytest.mark.parametrize("resets", [0, 2])
def test_a_program_pushed_during_a_prime_while_the_clock_is_awaited_ends_the_waiting_and_not_the_prime(resets):
    pump = cut_off()
    ask(pump, "prime", volume_nl=100_000)               # 1000 steps at 100 a second
    pump.run_for(5000)
    assert "ok" in push(pump, "program", DOCUMENT | {"name": "another"})
    assert events(pump)[-1][0] == "stop"
    assert ask(pump, "status")["state"] == "priming"
    for _ in range(resets):
        pump.boot(CAUSE_WATCHDOG)
    pump.run_for(6000)
    status = ask(pump, "status")
    assert (status["state"], status["prime_nl"]) == ("stopped", 50_000 if resets else 100_000)
    assert state_with_the_clock_set(pump) == "stopped"


@pytest.mark.requirement("P-04")
def test_an_empty_reservoir_ends_the_waiting_and_a_refill_does_not_start_the_pump():
    # 39 uL: 36 are gone after the hour, and the 6.3 that are uncertain leave nothing
    pump = cut_off(RIG | {"reservoir_nl": 39_000})
    assert state_with_the_clock_set(pump) == "stopped"
    assert events(pump)[-1][0] == "stop"
    ask(pump, "refill", added_nl=39_000, withdrawn_nl=-1)
    pump.boot(CAUSE_POWER)
    assert state_with_the_clock_set(pump) == "stopped"


@pytest.mark.requirement("J-01")
def test_a_schedule_that_goes_on_after_a_reset_does_so_by_the_pump_itself():
    pump = cut_off()
    ask(pump, "clock", utc_ms=START_UTC_MS + 5 * HOUR_MS)
    resumed = [record.header(raw)[8] for raw in records(pump) if record.header(raw)[7] == record.EVENT_RESUME]
    assert resumed == [record.ACTOR_PUMP]


@pytest.mark.requirement("J-01")
def test_the_record_of_a_boot_says_that_it_waits_for_the_clock():
    pump = cut_off()
    codes = [record.header(pump.app.journal.read(seq, 1))[10] for seq in range(pump.app.journal.next_seq)
             if record.header(pump.app.journal.read(seq, 1))[7] == record.EVENT_BOOT]
    assert codes == [1, 1 + record.BOOT_RESUMES]        # power-up both times


@pytest.mark.requirement("D-08")
def test_a_journal_that_is_gone_starts_no_program():
    pump = running_pump(document=DOCUMENT, battery_clock=True)
    pump.run_for(HOUR_MS)
    for name in pump.board.storage.names():
        if name.startswith("j."):
            pump.board.storage.remove(name)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["state"] == "stopped"
