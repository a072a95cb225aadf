"""The one boundary for the unexpected: whatever fails, the motor is off, and the host is answered (P-05)."""

import pytest

from pump.board import CAUSE_WATCHDOG
from tests.pumps import (
    CONTINUOUS,
    DAY_MS,
    HOUR_MS,
    ask,
    events,
    refused,
    running_pump,
)


@pytest.mark.requirement("P-05")
def test_an_unexpected_exception_ends_with_the_motor_off_and_the_host_answered(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)

    def broken(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(pump.app.controller.run, "_do_events", broken)
    pump.run_for(HOUR_MS)
    assert not pump.board.stepper.is_enabled
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "firmware error")
    assert "a bug" in pump.app.last_error
    assert events(pump)[-1][0] == "fault"


def test_a_storage_that_fails_ends_with_the_motor_off_and_the_host_answered(monkeypatch):
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)

    def fails(*_):
        raise OSError("flash")

    monkeypatch.setattr(pump.board.storage, "write", fails)
    monkeypatch.setattr(pump.board.storage, "append", fails)
    pump.run_for(HOUR_MS)
    steps = pump.board.stepper.edges()
    assert not pump.board.stepper.is_enabled
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "storage fault")
    pump.run_for(DAY_MS)
    assert pump.board.stepper.edges() == steps
    assert refused(pump, "ack") == "storage"           # the acknowledgement cannot be written either


@pytest.mark.requirement("P-05")
def test_a_boot_that_fails_unexpectedly_is_a_firmware_error_and_the_host_is_answered():
    pump = running_pump(document=CONTINUOUS)

    def with_a_broken_counter(board):
        board.counter.kept = lambda: 1 // 0
        return board

    pump._wrap_board = with_a_broken_counter
    pump.boot(CAUSE_WATCHDOG)
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "firmware error")
    assert "ZeroDivisionError" in pump.app.last_error
    pump.run_for(DAY_MS)
    assert pump.board.stepper.edges() == 0


@pytest.mark.requirement("P-05")
def test_what_fails_while_listening_is_a_firmware_error_too():
    pump = running_pump(document=CONTINUOUS)

    def broken(_):
        raise KeyError("a bug in the reader")

    real, pump.app._lines.take = pump.app._lines.take, broken
    pump.poll()
    pump.app._lines.take = real
    assert ask(pump, "status")["reason"] == "firmware error"
    assert "a bug in the reader" in pump.app.last_error
    assert not pump.board.stepper.is_enabled


@pytest.mark.requirement("P-05")
@pytest.mark.parametrize("owner, name", [("clock", "advance"), ("_button", "next_ms"), ("board.indicator", "show"),
                                         ("update", "advance"), ("board.watchdog", "feed")])
def test_whatever_fails_in_a_poll_ends_with_the_motor_off_and_the_host_answered(monkeypatch, owner, name):
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    part = pump.app
    for step in owner.split("."):
        part = getattr(part, step)

    def broken(*_):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(part, name, broken)
        pump.app._pattern = pump.app._shown = None                      # the indicator is to be set in this poll
        assert pump.app.poll() == 0                                     # the next one at once
        assert not pump.board.stepper.is_enabled
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "firmware error")
    assert pump.app.last_error == "MemoryError('no room')"
    assert events(pump)[-1][0] == "fault"


@pytest.mark.requirement("P-05")
def test_an_error_that_cannot_be_put_into_words_is_told_by_its_name():
    class UnspeakableError(Exception):
        def __repr__(self):
            raise MemoryError

    pump = running_pump(document=CONTINUOUS)
    pump.app.firmware_error(pump.app.clock.mono_ms, UnspeakableError())
    assert pump.app.last_error == "UnspeakableError"
    assert not pump.board.stepper.is_enabled
