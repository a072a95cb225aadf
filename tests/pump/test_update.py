"""A new firmware proves itself or gives way to the old one; maintenance hands the board over (J-08, C-04)."""

import pytest

from pump import protocol, record, slots
from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG, INPUT_BUTTON
from pump.journal import TAIL
from pump.protocol import FIRMWARE_VERSION
from pump.update import ALONE_MS, HANDED_OVER, KEPT, ON_TRIAL, RETURNED, SETTLE_MS
from tests.pumps import ask, program, ready_pump, records, refused, request, running_pump, send

IO_ERROR = -5                           # LFS_ERR_IO


@pytest.fixture
def updated():
    """A pump whose new firmware, b, has just booted for the first time; a is the one before."""
    pump = ready_pump()
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    return pump


def said(pump):
    """(code, version, build) of the firmware events in the journal."""
    found = []
    for raw in records(pump):
        if record.header(raw)[7] == record.EVENT_FIRMWARE:
            version, build, _ = record.data_of(raw, record.FIRMWARE)
            found.append((record.header(raw)[10], version.rstrip(b"\0").decode(), build.rstrip(b"\0").decode()))
    return found


def codes(pump):
    return [code for code, _, _ in said(pump)]


def running_slot(pump):
    hello = ask(pump, "hello")
    return hello["slot"], hello["trial"]


@pytest.mark.requirement("J-08")
def test_an_update_keeps_the_journal_and_goes_on_in_it():
    pump = running_pump()
    pump.run_for(3_600_000)
    ask(pump, "stop")
    before, status = records(pump), ask(pump, "status")
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    after, later = records(pump), ask(pump, "status")

    assert after[:len(before)] == before
    assert record.follows(after[len(before)], record.chain_of(before[-1]))
    for field in ("steps", "delivered_nl", "program_digest", "rig_digest", "reservoir_nl"):
        assert later[field] == status[field], field


@pytest.mark.requirement("J-08")
def test_an_update_shortens_no_lockout_and_empties_no_window():
    pump = running_pump(document=program(on_demand=[10_000, 60, 3600, 4]))   # 10 uL; lockout 1 h; 4 in 24 h
    ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    pump.run_for(600_000)
    ask(pump, "stop")
    before = ask(pump, "status")
    assert (before["lockout_s"], before["boluses_left"]) == (3000, 3) and before["last_1h_nl"] >= 10_000
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    after = ask(pump, "status")
    assert after["lockout_s"] >= before["lockout_s"] and after["boluses_left"] <= before["boluses_left"]
    assert after["last_1h_nl"] >= before["last_1h_nl"] and after["last_24h_nl"] >= before["last_24h_nl"]


def test_a_host_that_asks_gets_a_healthy_firmware_kept_after_two_seconds(updated):
    assert running_slot(updated) == ("b", True)
    updated.run_for(SETTLE_MS - 1)
    assert running_slot(updated) == ("b", True)
    updated.run_for(1)
    assert running_slot(updated) == ("b", False)
    assert updated.firmware.choice == "b--"
    assert said(updated) == [(ON_TRIAL, FIRMWARE_VERSION, "sim"), (KEPT, FIRMWARE_VERSION, "sim")]


def test_without_a_host_it_takes_two_minutes(updated):
    updated.run_for(ALONE_MS - 1)
    assert updated.firmware.choice == "ab0"
    updated.run_for(1)
    assert updated.firmware.choice == "b--"
    kept = next(raw for raw in records(updated) if record.header(raw)[10] == KEPT
                and record.header(raw)[7] == record.EVENT_FIRMWARE)
    assert record.header(kept)[2] * 1000 + record.header(kept)[4] == ALONE_MS       # monotonic, from the boot


@pytest.mark.parametrize("cause", [CAUSE_POWER, CAUSE_WATCHDOG, CAUSE_SOFT])
def test_any_reset_before_that_leads_back_to_the_old_one_for_good(updated, cause):
    updated.run_for(ALONE_MS // 2)
    updated.boot(cause)
    assert running_slot(updated) == ("a", False)
    assert updated.firmware.choice == "a--"
    updated.boot(CAUSE_POWER)
    assert running_slot(updated) == ("a", False)
    assert codes(updated) == [ON_TRIAL, RETURNED]


def test_a_firmware_whose_storage_fails_gives_up_at_once():
    pump = ready_pump()
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.flash.prog = lambda cfg, block, off, data: IO_ERROR
    pump.boot(CAUSE_SOFT)
    pump.poll()
    del pump.flash.prog
    assert pump.firmware.slot == "a"                    # booted again within that poll
    pump.boot(CAUSE_POWER)                              # on a chip that is well again
    assert running_slot(pump) == ("a", False)


def test_a_firmware_that_fails_gives_up_at_once(updated, monkeypatch):
    def broken(*arguments):
        raise TypeError("a new bug")
    monkeypatch.setattr(updated.app.service, "status", broken)
    assert send(updated, request("status"))["error"]["code"] == "internal"      # the reply leaves before the reset
    assert running_slot(updated) == ("a", False)


def tried_on(pump, changed):
    """The slot that runs after a trial of b on a board that `changed` has been at."""
    pump._wrap_board = lambda board: changed(board) or board
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    pump.run_for(ALONE_MS)
    return running_slot(pump)


def little_memory(board):
    board.memory_free = lambda: 19_999


def counting_by_itself(board):
    readings = iter(range(10**6))
    board.counter.steps = lambda: next(readings)


def silent_driver(board):
    board.driver.is_ready = lambda at_rest: False


def held_button(board):
    board.inputs.read = lambda: INPUT_BUTTON


@pytest.mark.requirement("P-01")
@pytest.mark.requirement("J-08")
@pytest.mark.parametrize("changed", [little_memory, counting_by_itself])
def test_a_firmware_whose_self_test_fails_gives_up_at_once(changed):
    assert tried_on(ready_pump(), changed) == ("a", False)


@pytest.mark.requirement("J-08")
@pytest.mark.parametrize("name", ["rig.a", TAIL])
def test_a_firmware_that_finds_what_is_stored_damaged_gives_up_at_once(name):
    pump = running_pump()
    while pump.app.journal.next_seq % 8 != 5:           # records in the journal's tail
        pump.run_for(60_000)
    raw = bytearray(pump.board.storage.read(name))
    raw[30] ^= 1
    pump.board.storage.write(name, bytes(raw))
    assert tried_on(pump, lambda board: None) == ("a", False)


@pytest.mark.parametrize("changed", [silent_driver, held_button])
def test_what_is_wired_to_the_pump_does_not_count_against_a_new_firmware(changed):
    pump = ready_pump()
    assert tried_on(pump, changed) == ("b", False)
    assert ask(pump, "status")["state"] == "fault"      # and still it does not start


def test_where_the_flash_refuses_it_goes_on_and_the_next_boot_is_the_old_ones(updated):
    updated.firmware.refuses = True
    updated.run_for(ALONE_MS)
    assert running_slot(updated) == ("b", False)
    updated.firmware.refuses = False
    updated.boot(CAUSE_POWER)
    assert running_slot(updated) == ("a", False)
    assert codes(updated) == [ON_TRIAL, RETURNED]


def test_an_old_alarm_does_not_count_against_a_new_firmware():
    pump = running_pump()
    pump.board.counter.extra += 100                     # over-delivery, latched
    pump.poll()
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    ask(pump, "hello")
    pump.run_for(SETTLE_MS)
    assert pump.firmware.choice == "b--"


@pytest.mark.requirement("C-04")
def test_maintenance_needs_a_pump_that_stands():
    pump = running_pump()
    boots = ask(pump, "hello")["boot"]
    assert refused(pump, "maintenance") == "bad_state"
    ask(pump, "suspend")
    assert refused(pump, "maintenance") == "bad_state"
    assert ask(pump, "hello")["boot"] == boots
    ask(pump, "stop")
    assert ask(pump, "maintenance")["state"] == "stopped"
    assert ask(pump, "hello")["boot"] == boots + 1      # the simulator has no prompt: it has started again
    assert codes(pump) == [HANDED_OVER]


@pytest.mark.requirement("C-04")
def test_who_asked_for_maintenance_stands_in_the_journal():
    pump = ready_pump()
    line = request("maintenance")
    send(pump, line)
    written = [raw for raw in records(pump) if record.header(raw)[7] == record.EVENT_FIRMWARE]
    assert [record.header(raw)[8] for raw in written] == [record.ACTOR_HOST]
    assert [record.data_of(raw, record.FIRMWARE)[2] for raw in written] == [protocol.unframe(line)[0]["id"]]


def test_a_pump_at_fault_hands_over_even_without_a_journal():
    pump = ready_pump()
    boots = ask(pump, "hello")["boot"]
    pump.flash.prog = lambda cfg, block, off, data: IO_ERROR
    assert send(pump, request("start"))["error"]["code"] == "storage"
    assert ask(pump, "maintenance")["state"] == "fault"
    del pump.flash.prog
    pump.boot(CAUSE_POWER)
    assert ask(pump, "hello")["boot"] == boots + 1


@pytest.mark.parametrize("text, read", [
    ("a--", ("a", "", 0)), ("ab1", ("a", "b", 1)), ("ba0", ("b", "a", 0)), ("-a1", ("", "a", 1)),
    ("", ("", "", 0)), ("a-", ("", "", 0)), ("c--", ("", "", 0)), ("ab2", ("", "", 0)), ("a--\n", ("", "", 0)),
])
def test_the_text_of_the_choice(text, read):
    assert slots.of_text(text) == read


def test_the_choice_is_written_as_it_is_read():
    assert slots.of_text(slots.confirmed("b")) == ("b", "", 0)
    assert slots.of_text(slots.to_be_tried("a", "b")) == ("b", "a", 1)
    assert slots.of_text(slots.to_be_tried("a", slots.NONE)) == ("", "a", 1)


def test_a_slot_is_a_file_of_its_own():
    assert [slots.file_of(slot) for slot in slots.SLOTS] == ["/a.fw", "/b.fw"]
