"""The self-test before any motion, and every day of a run (P-01, P-07)."""

import pytest

from pump import record, selftest
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG, INPUT_BUTTON, TICKS_PERIOD
from pump.journal import TAIL
from pumpsim import faults
from tests.pumps import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    START_UTC_MS,
    ask,
    events,
    program,
    push,
    ready_pump,
    records,
    refused,
    running_pump,
)

STEADY = program(plans=[[0, 36_000]])                  # 36 uL/h: 360 steps/h
RESUMING = STEADY | {"resume": "basal"}


def flip(storage, name, byte):
    raw = bytearray(storage.read(name))
    raw[byte] ^= 4
    storage.write(name, bytes(raw))


def last_failure(pump):
    """(failed bits, free bytes) of the newest self-test record."""
    found = [raw for raw in records(pump) if record.header(raw)[7] == record.EVENT_SELF_TEST]
    return record.data_of(found[-1], record.SELF_TEST)


def assert_blocked(pump, bits):
    """At fault by the self-test, logged with these bits; nothing moves and nothing starts."""
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "self-test failed")
    assert "self-test failed" in status["alarms"]
    assert last_failure(pump) == (bits, pump.board.memory_free())
    assert status["self_test"] == [name for at, name in enumerate(selftest.NAMES) if bits >> at & 1]
    assert refused(pump, "start") == "bad_state"
    edges = pump.board.stepper.edges()
    pump.run_for(DAY_MS)
    assert pump.board.stepper.edges() == edges


def test_a_sound_pump_passes_and_says_so():
    pump = running_pump(document=STEADY)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["self_test"] == []
    assert "self-test" not in [event[0] for event in events(pump)]


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("slot", ["rig.a", "program.a"])
def test_a_damaged_slot_stops_the_pump_until_a_new_document_is_in_it(slot):
    pump = running_pump(document=STEADY)
    assert "ok" in push(pump, "program", RESUMING)      # generation 2: program.a holds the old one
    flip(pump.board.storage, slot, 20)
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.SLOTS)
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "fault"      # still damaged
    kind = slot[:-2]
    if kind == "rig":                                   # the only rig: push it again
        from tests.pumps import RIG
        assert "ok" in push(pump, "rig", RIG)
    assert "ok" in push(pump, "program", STEADY)
    if kind == "rig":
        assert "ok" in push(pump, "rig", RIG)           # the damaged slot is the other one by now
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("record_number", [0, 2])
def test_a_damaged_tail_of_the_journal_stops_the_pump(record_number):
    pump = running_pump(document=STEADY)
    while pump.app.journal.next_seq % 8 != 5:
        pump.run_for(60_000)
    flip(pump.board.storage, TAIL, record_number * 64 + 30)
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.JOURNAL)
    ask(pump, "ack")                                    # the tail has been written anew by then
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("P-01")
def test_a_damaged_last_record_of_a_segment_stops_the_pump():
    pump = running_pump(document=STEADY)
    pump.run_for(3 * HOUR_MS)
    while pump.app.journal.next_seq % 8:
        pump.run_for(60_000)
    flip(pump.board.storage, "j.00000", (pump.app.journal.next_seq - 1) * 64 + 40)
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.JOURNAL)


@pytest.mark.requirement("P-01")
def test_a_battery_clock_that_went_back_stops_the_pump():
    pump = running_pump(document=RESUMING, battery_clock=True)
    pump.run_for(HOUR_MS)
    newest_s = ask(pump, "status")["utc_ms"] // 1000    # a checkpoint was written at this instant
    pump.rtc.set_utc_s(newest_s - 60)
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.CLOCK)


def test_a_battery_clock_behind_by_its_whole_seconds_is_right():
    pump = running_pump(document=RESUMING, battery_clock=True)
    pump.run_for(HOUR_MS)
    pump.rtc.set_utc_s(ask(pump, "status")["utc_ms"] // 1000 - 1)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("P-01")
def test_steps_counted_while_booting_stop_the_pump():
    pump = running_pump(document=STEADY, battery_clock=True)

    class Restless:
        def __init__(self, counter):
            self.count, self.kept, self.keep, self.is_counting = 0, counter.kept, counter.keep, True

        def steps(self):
            self.count += 1
            return self.count

    def with_restless_counter(board):
        board.counter = Restless(board.counter)
        return board

    pump._wrap_board = with_restless_counter
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert status["state"] == "fault"
    assert "self-test failed" in status["alarms"]
    assert last_failure(pump)[0] == selftest.COUNTER
    pump.bench.driver.answers = False                   # beside all else that fails
    pump.rtc.set_utc_s(START_UTC_MS // 1000 - 60)
    pump.boot(CAUSE_POWER)
    assert last_failure(pump)[0] == selftest.DRIVER | selftest.COUNTER | selftest.CLOCK


@pytest.mark.requirement("P-01")
def test_a_step_counter_that_counts_nothing_stops_the_pump_until_a_boot_finds_it_whole():
    pump = running_pump(document=STEADY)
    pump.inject(faults.CounterDead())
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.COUNTER)
    pump.clear("counter_dead")
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "fault"      # what its boot saw is all it knows
    pump.boot(CAUSE_POWER)
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("P-01")
def test_a_button_held_at_boot_stops_the_pump_until_it_is_let_go():
    pump = running_pump(document=RESUMING, battery_clock=True)
    pump.bench.inputs.level = INPUT_BUTTON
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.BUTTON)
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "fault"      # still held
    pump.bench.inputs.level = 0
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("P-01")
def test_too_little_memory_stops_the_pump():
    pump = running_pump(document=STEADY)
    pump.bench.memory_free = 20_000
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["self_test"] == []
    pump.bench.memory_free = 19_999
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.MEMORY)


@pytest.mark.requirement("P-01")
def test_a_failed_self_test_leaves_a_schedule_that_would_go_on_stopped():
    pump = running_pump(document=RESUMING, battery_clock=True)
    pump.run_for(HOUR_MS)
    flip(pump.board.storage, "rig.a", 17)
    pump.boot(CAUSE_WATCHDOG)
    status = ask(pump, "status")
    assert (status["state"], status["rate_nl_per_h"]) == ("fault", 0)


@pytest.mark.requirement("P-07")
def test_it_repeats_every_24_hours_of_a_run_and_disturbs_nothing():
    pump = running_pump(document=STEADY)
    for day in range(1, 4):
        pump.run_for(DAY_MS)
        # 360 steps/h; a step that is due at the instant itself is made within its millisecond
        assert pump.board.stepper.edges() in (360 * 24 * day - 1, 360 * 24 * day)
    assert "self-test" not in [event[0] for event in events(pump)]
    flip(pump.board.storage, "program.a", 40)
    pump.run_for(DAY_MS - 1)
    assert ask(pump, "status")["state"] == "running"
    pump.run_for(1000)
    assert_blocked(pump, selftest.SLOTS)


@pytest.mark.requirement("P-07")
def test_starting_anew_does_not_put_it_off():
    pump = running_pump(document=STEADY)
    flip(pump.board.storage, "program.a", 40)
    for _ in range(23):
        pump.run_for(HOUR_MS)
        ask(pump, "stop")
        ask(pump, "start")
        assert ask(pump, "status")["state"] == "running"
    pump.run_for(HOUR_MS + 1000)
    assert ask(pump, "status")["reason"] == "self-test failed"


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("ticks, bits", [(-1, selftest.CLOCK), (0, 0), (TICKS_PERIOD - 1, 0),
                                         (TICKS_PERIOD, selftest.CLOCK)])
def test_a_clock_that_counts_what_it_cannot_stops_the_pump(ticks, bits):
    pump = running_pump(document=STEADY)
    pump.board.clock.ticks_ms = lambda: ticks
    assert pump.app.parts.self_test.again(pump.app.clock.mono_ms, False) is (bits == 0)
    assert pump.app.parts.self_test.failed == bits
    flip(pump.board.storage, "program.a", 40)           # beside what fails before it
    assert pump.app.parts.self_test.again(pump.app.clock.mono_ms, False) is False
    assert pump.app.parts.self_test.failed == bits | selftest.SLOTS


@pytest.mark.requirement("P-01")
def test_a_driver_that_does_not_answer_stops_the_pump_until_it_does():
    pump = running_pump(document=RESUMING)
    pump.bench.driver.answers = False
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.DRIVER)
    ask(pump, "ack")
    assert ask(pump, "status")["state"] == "fault"
    pump.bench.driver.answers = True
    ask(pump, "ack")
    assert (ask(pump, "status")["state"], ask(pump, "status")["self_test"]) == ("stopped", [])


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("request_, fields", [("start", {}), ("prime", {"volume_nl": 1000}),
                                              ("withdraw", {"volume_nl": 1000})])
def test_nothing_moves_with_a_driver_that_does_not_answer(request_, fields):
    pump = ready_pump(document=STEADY)
    pump.bench.driver.answers = False
    assert refused(pump, request_, **fields) == "bad_state"
    pump.run_for(HOUR_MS)
    assert pump.board.stepper.edges() == 0


@pytest.mark.requirement("P-07")
def test_a_driver_that_lost_its_settings_in_a_run_is_found_within_a_day():
    pump = running_pump(document=STEADY)
    pump.bench.driver.answers = False
    pump.run_for(DAY_MS + HOUR_MS)
    assert ask(pump, "status")["self_test"] == ["driver"]
    assert ask(pump, "status")["state"] == "fault"


@pytest.mark.requirement("P-01")
def test_all_that_failed_is_told():
    pump = running_pump(document=STEADY)
    while pump.app.journal.next_seq % 8 != 5:
        pump.run_for(60_000)
    flip(pump.board.storage, "program.a", 40)
    flip(pump.board.storage, TAIL, 30)
    pump.bench.memory_free = 19_999
    pump.bench.inputs.level = INPUT_BUTTON
    pump.boot(CAUSE_POWER)
    assert_blocked(pump, selftest.SLOTS | selftest.JOURNAL | selftest.BUTTON | selftest.MEMORY)


@pytest.mark.requirement("P-01")
def test_all_that_fails_at_once_is_told_and_again_at_an_ack():
    pump = running_pump(document=STEADY)
    flip(pump.board.storage, "rig.a", 17)
    pump.inject(faults.CounterDead())
    pump.inject(faults.MemoryLow())
    pump.bench.driver.answers = False
    pump.bench.inputs.level = INPUT_BUTTON
    pump.boot(CAUSE_POWER)
    all_bits = selftest.SLOTS | selftest.COUNTER | selftest.MEMORY | selftest.DRIVER | selftest.BUTTON
    assert last_failure(pump)[0] == all_bits
    ask(pump, "ack")
    assert last_failure(pump)[0] == all_bits
    assert [record.header(raw)[10] for raw in records(pump)
            if record.header(raw)[7] == record.EVENT_SELF_TEST] == [0, 0]           # no code


@pytest.mark.requirement("P-01")
def test_a_driver_is_set_up_only_while_nothing_moves():
    pump = running_pump(document=STEADY)
    asked = []
    pump.bench.driver.is_ready = lambda is_at_rest: asked.append(is_at_rest) or True
    pump.run_for(DAY_MS + 1000)                         # the daily test, in a run
    ask(pump, "prime", volume_nl=1_000)                 # begins in a run, too
    pump.run_for(MINUTE_MS)
    ask(pump, "suspend")
    ask(pump, "resume")
    ask(pump, "stop")
    ask(pump, "prime", volume_nl=1_000)
    pump.run_for(MINUTE_MS)
    ask(pump, "start")
    pump.boot(CAUSE_POWER)
    assert asked == [False, False, True, True, True, True]
