"""A boot after weeks on the emulated Pico: however many records there are to read back, the watchdog does not bite."""

import pytest

from pump.board import CAUSE_POWER
from pump.journal import MAX_SEGMENTS, SEGMENT_RECORDS
from tests.emulator.test_emulated_pump import UTC
from tests.long_journal import write_journal
from tests.pumps import DAY_MS, HOUR_MS, RIG, ask, program, ready_pump

STEADY = program(plans=[[0, 36_000]], zone=UTC, resume="basal")
PULSED = STEADY | {"periodic": [1_000, 30, 60]}         # 1 uL in half a minute, every minute
FULL = (MAX_SEGMENTS - 1) * SEGMENT_RECORDS


def simulated(document, quantum_min, run_ms):
    """A simulated pump that has run so long since an acknowledgement."""
    pump = ready_pump(rig=RIG | {"quantum_min": quantum_min}, document=document, unique_id=bytes(8))
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(run_ms)
    return pump


def booted(boot, pump):
    """(status, seconds to the first reply) of an emulated Pico with the simulated pump's files."""
    pico = boot(storage=pump.board.storage)
    pico.until_usb()
    status = pico.request("status", seconds=60)["ok"]
    taken_s = pico.seconds
    pico.run(5)
    assert pico.do("state")["resets"] == 0
    return status, taken_s


@pytest.mark.figure
@pytest.mark.requirement("P-02")
@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("name, document, quantum_min, run_ms", [
    ("30 days", STEADY, 10, 30 * DAY_MS), ("2 days of a record a minute", STEADY, 1, 2 * DAY_MS),
    ("25 hours of a bolus a minute", PULSED, 10, 25 * HOUR_MS)])
def test_a_pump_that_ran_for_long_boots_and_knows_its_day(boot, say, figure, name, document, quantum_min, run_ms):
    pump = simulated(document, quantum_min, run_ms)
    status, taken_s = booted(boot, pump)
    pump.boot(CAUSE_POWER)
    expected = ask(pump, "status")
    say(f"{name}, {expected['next_seq']} records: boot {taken_s:.2f} s, heap free {status['memory_free']}")
    for field in ("state", "delivered_nl", "uncertain_nl", "alarms"):
        assert status[field] == expected[field], field
    for field in ("last_1h_nl", "last_24h_nl"):         # it is asked some seconds later: two steps have left an hour
        assert expected[field] - 200 <= status[field] <= expected[field], field
    if name == "30 days":
        figure("boot_weeks", taken_s)


@pytest.mark.figure
@pytest.mark.requirement("P-02")
def test_a_boot_that_has_to_read_the_whole_journal_ends_too(boot, say, figure):
    pump = ready_pump(unique_id=bytes(8))
    write_journal(pump.board.storage, bytes(8), MAX_SEGMENTS - 1)      # of no day, and without an alarm
    status, taken_s = booted(boot, pump)
    say(f"{status['next_seq']} records: boot {taken_s:.2f} s")
    assert status["next_seq"] > FULL
    figure("boot_all", taken_s)
