"""What the pump does when its flash fails: alarm, motor off, the host answered, and nothing earlier lost (J-02, P-05).

The alarm table's action for a storage fault is to stop. A sector that fails alone is no fault: littlefs reads back what
it programs, and goes elsewhere.
"""

import pytest

from pump import record
from pump.board import CAUSE_POWER
from pumpsim.flash import SECTOR_SIZE, SECTORS, SUPERBLOCKS, NorFlash, SimStorage
from tests.pumps import HOUR_MS, ask, program, ready_pump, records, refused, request, send

ALL = range(SECTORS)
CONTINUOUS = program(plans=[[0, 36_000]], resume="basal")


@pytest.fixture
def pump():
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    return pump


def state_of(pump):
    status = ask(pump, "status")
    return status["state"], status["reason"]


def assert_at_fault(pump, code="bad_state"):
    """Latched, shown, the motor off and staying so, and the host answered; `code`: what a start is refused with."""
    assert state_of(pump) == ("fault", "storage fault")
    status = ask(pump, "status")
    assert "storage fault" in status["alarms"] and status["rate_nl_per_h"] == 0
    assert not pump.board.stepper.is_enabled
    before = pump.board.stepper.edges()
    pump.run_for(HOUR_MS)
    assert pump.board.stepper.edges() == before
    assert refused(pump, "start") == code
    send(pump, request("ack"))
    assert state_of(pump) == ("fault", "storage fault")


def assert_nothing_lost(pump, before):
    """After a power-up on the healthy chip: all the old records, and it can be started again."""
    pump.flash.heal()
    pump.boot(CAUSE_POWER)
    pump.poll()
    assert records(pump)[:len(before)] == before
    ask(pump, "clock", utc_ms=1_774_600_000_000)
    ask(pump, "ack")
    if state_of(pump)[0] == "stopped":
        ask(pump, "start")
    assert state_of(pump)[0] == "running"


@pytest.mark.requirement("P-05")
@pytest.mark.parametrize("fault", ["fail_erase", "fail_program", "corrupt_reads"])
def test_a_chip_that_fails_everywhere_stops_the_motor_and_loses_nothing(pump, fault):
    before = records(pump)
    getattr(pump.flash, fault)(*ALL)
    pump.run_for(4 * HOUR_MS)
    assert_at_fault(pump)
    assert_nothing_lost(pump, before)


@pytest.mark.requirement("P-05")
def test_a_full_chip_stops_the_motor_and_loses_nothing(pump):
    before = records(pump)
    for name, size in (("filler", 4096), ("crumbs", 600)):
        with pytest.raises(OSError):
            while True:
                pump.board.storage.append(name, b"x" * size)
    pump.run_for(48 * HOUR_MS)
    assert_at_fault(pump)
    pump.board.storage.remove("filler")
    assert_nothing_lost(pump, before)


@pytest.mark.parametrize("fault", ["fail_erase", "fail_program"])
def test_a_sector_that_fails_alone_is_gone_round(pump, fault):
    """Each sector in turn that is used next; the journal goes on elsewhere."""
    for _ in range(3):
        before = set(pump.flash.used_sectors())
        unused = [number for number in ALL if number not in before]
        getattr(pump.flash, fault)(*unused[:len(unused) // 2])
        pump.run_for(6 * HOUR_MS)
        assert state_of(pump)[0] == "running"
        pump.flash.heal()


@pytest.mark.requirement("P-05")
def test_a_record_that_is_read_wrongly_does_not_pass_for_whole(pump):
    before = records(pump)
    pump.flash.corrupt_reads(*range(2, SECTORS))
    damaged = [raw for raw, old in zip(records(pump), before) if raw != old]
    assert damaged and not any(map(record.is_whole, damaged))
    pump.flash.heal()
    assert records(pump)[:len(before)] == before


@pytest.mark.requirement("P-05")
@pytest.mark.requirement("D-08")
def test_a_chip_that_cannot_be_mounted_is_not_formatted_and_the_pump_still_answers(pump):
    before = records(pump)
    whole = bytes(pump.flash.image)
    for number in SUPERBLOCKS:
        pump.flash.image[number * SECTOR_SIZE:(number + 1) * SECTOR_SIZE] = bytes(SECTOR_SIZE)
    damaged = bytes(pump.flash.image)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "hello")["journal"]
    assert_at_fault(pump, "no_session")                 # whether there are keys cannot be read: closed
    assert refused(pump, "log", **{"from": 0, "max": 1}) == "storage"
    assert pump.flash.image == damaged
    assert pump.board.stepper.edges() == 0
    pump.flash.image[:] = whole
    assert_nothing_lost(pump, before)


@pytest.mark.requirement("P-05")
def test_a_chip_that_reads_wrongly_at_boot_is_a_fault_until_it_is_well(pump):
    before = records(pump)
    pump.flash.corrupt_reads(*SUPERBLOCKS)
    pump.boot(CAUSE_POWER)
    assert_at_fault(pump, "no_session")
    assert_nothing_lost(pump, before)


def test_every_call_of_a_storage_that_is_not_mounted_raises():
    flash = NorFlash()
    flash.image[:2 * SECTOR_SIZE] = bytes(2 * SECTOR_SIZE)
    storage = SimStorage(flash)
    for call in (lambda: storage.read("a"), lambda: storage.read_part("a", 0, 1), lambda: storage.size("a"),
                 storage.names, lambda: storage.write("a", b""), lambda: storage.append("a", b""),
                 lambda: storage.remove("a")):
        with pytest.raises(OSError):
            call()
