"""Booting, power cuts, what the button and the host ask for, the indicator (J-02, P-04)."""

import pytest

from pump import reasons, record
from pump.board import (
    CAUSE_POWER,
    CAUSE_WATCHDOG,
    INPUT_BUTTON,
    INPUT_LIMIT,
    PATTERN_HIGH,
    PATTERN_LOW,
    PATTERN_OFF,
    PATTERN_RUNNING,
    PATTERN_STOPPED,
)
from tests.pumps import (
    CONTINUOUS,
    DAY_MS,
    HOUR_MS,
    START_UTC_MS,
    ask,
    boot_without_storage,
    events,
    push,
    ready_pump,
    records,
    refused,
    running_pump,
    send,
)


@pytest.mark.requirement("J-02")
@pytest.mark.parametrize("minutes", [0, 1, 9, 10, 25, 599])
def test_after_a_power_cut_the_truth_lies_between_confirmed_and_authorised(minutes):
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(minutes * 60_000 + 5_000)
    made = pump.board.stepper.edges()
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert status["delivered_nl"] <= made * 100 <= status["delivered_nl"] + status["uncertain_nl"]
    assert status["uncertain_nl"] <= 6300              # 10.5 min at 36 uL/h
    assert status["state"] == "stopped"
    assert status["reason"] == "power-up"


@pytest.mark.requirement("D-08")
def test_nothing_moves_after_a_boot_until_started():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_WATCHDOG)
    pump.run_for(DAY_MS)
    assert pump.board.stepper.edges() == 0
    assert not pump.board.stepper.is_enabled
    assert ask(pump, "status")["reason"] == "watchdog reset"


def test_rig_program_and_ledger_survive_a_boot():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    before = ask(pump, "status")
    pump.boot(CAUSE_POWER)
    after = ask(pump, "status")
    for key in ("steps", "delivered_nl", "programmed_nl", "program_digest", "rig_digest"):
        assert after[key] == before[key]
    assert after["uncertain_nl"] == 0                  # it was stopped: nothing was authorised
    assert [event[0] for event in events(pump, before["next_seq"])] == ["boot", "accounts", "levels", "alarm"]


def test_uncertain_volume_adds_up_over_boots():
    pump = running_pump(document=CONTINUOUS)
    uncertain = []
    for _ in range(3):
        pump.run_for(60_000)
        pump.boot(CAUSE_POWER)
        uncertain.append(ask(pump, "status")["uncertain_nl"])
        ask(pump, "clock", utc_ms=1_774_566_000_000)
        ask(pump, "start")
    assert uncertain == [6300, 12_600, 18_900]         # 63 steps are due in 10.5 min, none was confirmed


def test_a_board_without_a_file_system_answers_and_never_steps(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    boot_without_storage(pump)
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "storage fault")
    assert refused(pump, "start") == "no_session"       # whether it has keys cannot be read
    assert refused(pump, "log", **{"from": 0, "max": 1}) == "storage"
    assert refused(pump, "pulled", next=1, chain="0" * 16) == "storage"
    assert refused(pump, "stop") == "storage"           # the motor is off, and that cannot be written
    assert ask(pump, "status")["alarms"] == ["storage fault", "clock not set"]


@pytest.mark.requirement("P-05")
def test_a_second_fault_leaves_the_reason_of_the_first(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    pump.board.inputs.level = INPUT_LIMIT
    pump.poll()
    faults = [event[0] for event in events(pump)].count("fault")

    def fails(*_):
        raise OSError("flash")

    with monkeypatch.context() as patch:
        patch.setattr(pump.board.storage, "write", fails)
        assert refused(pump, "ack") == "storage"
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "end of travel")
    assert set(status["alarms"]) == {"end of travel", "storage fault"}
    pump.app.firmware_error(pump.app.clock.mono_ms, ValueError("a bug"))
    status = ask(pump, "status")
    assert status["reason"] == "end of travel"
    assert set(status["alarms"]) == {"end of travel", "storage fault", "firmware error"}
    assert [event[0] for event in events(pump)].count("fault") == faults == 1


def test_one_line_of_rubbish_changes_nothing():
    pump = running_pump(document=CONTINUOUS)
    before = ask(pump, "status")
    for line in (b"\x00\xff\n", b"{}\n", b"stop\n", b'{"do":"stop"}\n', b'{"id":1,"do":"stop"} *00000000\n'):
        assert "error" in send(pump, line)
    assert ask(pump, "status") == before


@pytest.mark.requirement("P-02")
def test_every_poll_feeds_the_watchdog_once():
    pump = running_pump(document=CONTINUOUS)
    feeds, polls = pump.board.watchdog.feeds, pump.polls
    pump.run_for(HOUR_MS)
    assert pump.board.watchdog.feeds - feeds == pump.polls - polls > 0


@pytest.mark.requirement("P-02")
def test_a_poll_that_does_not_come_to_its_end_does_not_feed_the_watchdog(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    feeds = pump.board.watchdog.feeds

    class Stuck(BaseException):
        """Stands for an endless loop: nothing catches it."""

    def hangs(*_):
        raise Stuck

    for part in ("controller.run.advance", "_lines.take", "board.indicator.show"):
        target = pump.app
        *path, name = part.split(".")
        for step in path:
            target = getattr(target, step)
        with monkeypatch.context() as patch:
            patch.setattr(target, name, hangs)
            pump.app.controller.wake()                  # so that every part has something to do
            pump.app._shown = pump.app._pattern = None
            with pytest.raises(Stuck):
                pump.app.poll()
    assert pump.board.watchdog.feeds == feeds


def test_a_program_of_another_version_counts_as_none(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    monkeypatch.setattr("pump.program.VERSION", 2)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["program"] is None
    assert push(pump, "program", CONTINUOUS)["error"]["code"] == "bad_program"


@pytest.mark.requirement("A-02")
def test_a_test_of_the_lamp_shows_a_pattern_for_a_while_and_then_what_is():
    pump = ready_pump()
    ask(pump, "ack")
    assert pump.board.indicator.pattern == PATTERN_STOPPED
    ask(pump, "show", pattern=PATTERN_HIGH, for_s=3)
    pump.run_for(2999)
    assert pump.board.indicator.pattern == PATTERN_HIGH
    pump.run_for(1)
    assert pump.board.indicator.pattern == PATTERN_STOPPED


@pytest.mark.requirement("A-02")
def test_an_alarm_or_another_state_ends_a_test_of_the_lamp():
    pump = ready_pump()
    ask(pump, "ack")
    ask(pump, "show", pattern=PATTERN_OFF, for_s=10)
    pump.board.inputs.level = INPUT_LIMIT
    pump.run_for(20)
    assert pump.board.indicator.pattern == PATTERN_HIGH         # end of travel
    ask(pump, "show", pattern=PATTERN_LOW, for_s=10)            # at fault it may be tested too
    assert pump.board.indicator.pattern == PATTERN_LOW
    pump.board.inputs.level = 0
    pump.run_for(20)
    ask(pump, "ack")
    assert pump.board.indicator.pattern == PATTERN_STOPPED
    ask(pump, "show", pattern=PATTERN_OFF, for_s=10)
    ask(pump, "start")
    assert pump.board.indicator.pattern == PATTERN_RUNNING
    assert refused(pump, "show", pattern=PATTERN_OFF, for_s=1) == "bad_state"


def test_inputs_says_what_is_active_and_what_the_sensors_read():
    pump = ready_pump()
    assert ask(pump, "inputs") == {"active": [], "pressure": None, "supply_mv": 5000, "chip_c": 27, "rtc_utc_s": None}
    pump.board.inputs.level = INPUT_BUTTON | INPUT_LIMIT
    pump.board.pressure.level = 1234
    pump.rtc.fit()
    ask(pump, "clock", utc_ms=START_UTC_MS + 999)
    assert ask(pump, "inputs") == {"active": ["button", "limit"], "pressure": 1234, "supply_mv": 5000, "chip_c": 27,
                                   "rtc_utc_s": START_UTC_MS // 1000}


def test_the_device_sleeps_as_long_as_nothing_is_due_and_never_more_than_20_ms():
    pump = running_pump(document=CONTINUOUS)            # a step in 10 s
    slept = []

    class EnoughError(Exception):
        pass

    def sleep_ms(ms):
        slept.append(ms)
        pump.world.move_to(pump.now_ms + ms)
        if len(slept) == 520:
            raise EnoughError

    pump.board.clock.sleep_ms = sleep_ms
    with pytest.raises(EnoughError):
        pump.app.run()
    assert max(slept) == 20
    assert pump.board.stepper.edges() == sum(slept) // 10_000 == 1      # 520 * 20 ms are 10.4 s

    class Soon:
        is_trial = False

        def advance(self, now_ms):
            return now_ms + 7

    pump.app.update = Soon()
    del slept[1:]
    with pytest.raises(EnoughError):
        pump.app.run()
    assert set(slept[1:]) == {7}


def test_a_button_held_while_the_pump_is_stopped_changes_nothing():
    pump = ready_pump(document=CONTINUOUS)
    pump.run_for(1000)                                  # the button has been seen released
    before = len(events(pump))
    pump.board.inputs.level = INPUT_BUTTON
    pump.poll()
    pump.run_for(4000)
    assert ask(pump, "status")["state"] == "stopped"
    assert len(events(pump)) == before


def test_an_acknowledgement_is_told_apart_from_an_alarm_in_the_journal():
    pump = ready_pump()
    ask(pump, "ack")
    head = [record.header(raw) for raw in records(pump) if record.header(raw)[7] == record.EVENT_ALARM][-1]
    assert (head[8], head[10]) == (record.ACTOR_HOST, 0)


def suspended_by(pump, first):
    """(actor, code, monotonic s) of the suspend record from `first` on."""
    heads = [record.header(raw) for raw in records(pump, first)]
    return [(head[8], head[10], head[2]) for head in heads if head[7] == record.EVENT_SUSPEND]


@pytest.mark.requirement("B-04")
@pytest.mark.requirement("J-01")
def test_what_the_button_did_stands_in_the_journal_as_its_own():
    pump = running_pump(document=CONTINUOUS | {"on_demand": [10_000, 60, 3600, 4]})
    pump.run_for(60_000)
    first = ask(pump, "status")["next_seq"]
    pump.press()
    pump.run_for(1000)
    boluses = [(event[2], record.header(raw)[8]) for event, raw in zip(events(pump, first), records(pump, first),
                                                                    strict=True) if event[0] == "bolus"]
    # volume, steps asked, given, over 60 s, no appointment, no entry, cause 0, request 0
    assert boluses[0] == ((10_000, 100, 0, 60, 0, 0, 0, 0), record.ACTOR_BUTTON)
    pump.run_for(120_000)
    first, now_s = ask(pump, "status")["next_seq"], pump.app.clock.mono_ms // 1000
    pump.press(4000)
    pump.run_for(5000)
    assert suspended_by(pump, first) == [(record.ACTOR_BUTTON, reasons.BUTTON, now_s + 3)]


@pytest.mark.requirement("P-05")
@pytest.mark.parametrize("error, reason", [(OSError, "storage fault"), (ValueError, "firmware error")])
def test_what_fails_in_a_poll_or_in_a_boot_stands_in_the_journal_with_its_instant(error, reason):
    def fails(*_):
        raise error("injected")

    pump = running_pump(document=CONTINUOUS)
    pump.run_for(60_000)
    kept, pump.bench.driver.is_ready = pump.bench.driver.is_ready, fails           # asked by the self-test at boot
    first = ask(pump, "status")["next_seq"]
    pump.boot(CAUSE_POWER)
    pump.bench.driver.is_ready = kept
    assert ask(pump, "status")["reason"] == reason
    assert "fault" in [event[0] for event in events(pump, first)]

    for part, name in (("inputs", "read"), ("link", "readinto")):
        pump = running_pump(document=CONTINUOUS)
        pump.run_for(60_000)
        first = ask(pump, "status")["next_seq"]
        part = getattr(pump.board, part)
        reads = getattr(part, name)
        setattr(part, name, fails)
        pump.poll()
        setattr(part, name, reads)
        assert ask(pump, "status")["reason"] == reason
        assert ("fault", START_UTC_MS + 60_000) in [event[:2] for event in events(pump, first)]


def test_a_test_of_the_lamp_is_over_at_its_end_though_nothing_else_is_due():
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "ack")
    pump.run_for(1000)
    pump.app.show(PATTERN_HIGH, pump.app.clock.mono_ms + 700)
    assert pump.app.poll() == 700
