"""The stop mark: four bytes in front of a stop, at which the motor stops before the line is read."""

import pytest

from pump.app import MARK_PATIENCE_MS
from pump.board import STOP_MARK
from tests.pumps import CONTINUOUS, DAY_MS, HOUR_MS, ask, events, ready_pump, request, running_pump, send

FAST = CONTINUOUS | {"plans": [[0, 36_000_000, 36_000_000]]}        # 100 steps a second


def names(pump):
    return [event[0] for event in events(pump) if event[0] not in ("accounts", "levels")]


@pytest.mark.requirement("C-02")
def test_the_motor_stops_at_the_mark_and_not_when_the_line_is_read():
    pump = running_pump(document=FAST)
    pump.run_for(10_000)
    pump.send(STOP_MARK + request("stop"))
    assert not pump.board.stepper.is_enabled
    pump.world.move_to(pump.now_ms + 400)               # nobody polls: a flash erase
    pump.poll()
    pump.receive()
    assert ask(pump, "status")["state"] == "stopped"
    assert ask(pump, "status")["steps"] == 1000         # 10 s * 100 steps/s, none in the 400 ms
    assert names(pump).count("stop") == 1
    assert ask(pump, "status")["alarms"] == ["clock not set"]           # since before it was set; nothing new


@pytest.mark.requirement("D-02")
@pytest.mark.parametrize("late_ms", [10, 95, 400])
def test_what_was_due_between_the_mark_and_the_stop_is_not_made_up_for(late_ms):
    pump = running_pump(document=FAST)
    pump.run_for(10_000)
    pump.send(STOP_MARK + request("stop"))
    pump.world.move_to(pump.now_ms + late_ms)
    pump.poll()
    pump.receive()
    ask(pump, "start")
    pump.run_for(100)
    assert ask(pump, "status")["steps"] == 1010         # 10.1 s * 100 steps/s


@pytest.mark.requirement("C-02")
def test_a_day_that_ends_between_the_mark_and_the_stop_finds_no_steps_missing():
    """The longest erase is longer than what a due step may take to be seen, after which it is missed."""
    pump = running_pump(document=FAST)
    pump.run_for(DAY_MS - 100)
    pump.send(STOP_MARK + request("stop"))
    pump.world.move_to(pump.now_ms + 400)
    pump.poll()
    pump.receive()
    assert pump.state == "stopped"
    assert "fault" not in names(pump)


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("behind", [b"", b"\n", request("stop").replace(b"stop", b"stob"), request("status")[:-1],
                                    b"\x00\xff oops\n", request("status")])
def test_a_mark_whose_stop_cannot_be_read_is_a_stop_all_the_same(behind):
    pump = running_pump(document=FAST)
    pump.run_for(10_000)
    pump.send(STOP_MARK + behind)
    pump.poll()
    pump.run_for(MARK_PATIENCE_MS - 1)
    assert pump.state == "running"                      # its line may be on its way
    pump.run_for(1)
    assert pump.state == "stopped"
    assert not pump.board.stepper.is_enabled
    assert names(pump)[-1] == "stop"
    pump.receive()
    assert pump.app.parts.delivery.ledger.dose_steps == 1000


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("kind", ["prime", "withdraw"])
def test_a_mark_alone_ends_a_prime_or_a_withdrawal(kind):
    pump = running_pump(document=FAST)
    pump.run_for(10_000)
    ask(pump, "stop")
    ask(pump, kind, volume_nl=100_000)                  # 1000 steps at 100 steps/s
    pump.run_for(2000)
    pump.send(STOP_MARK)
    pump.poll()
    pump.run_for(MARK_PATIENCE_MS)
    assert pump.state == "stopped"
    pump.receive()
    account = "prime_steps" if kind == "prime" else "withdrawn_steps"
    assert getattr(pump.app.parts.delivery.ledger, account) == 200      # 2 s * 100 steps/s


def test_a_mark_changes_nothing_while_the_motor_rests():
    pump = ready_pump(document=FAST)
    before = names(pump)
    pump.send(STOP_MARK)
    pump.poll()
    pump.run_for(HOUR_MS)
    assert (pump.state, names(pump)) == ("stopped", before)
    ask(pump, "start")
    pump.run_for(10_000)
    assert ask(pump, "status")["steps"] == 1000


def test_the_line_behind_a_mark_is_answered_as_any_other():
    pump = running_pump(document=FAST)
    assert send(pump, STOP_MARK + request("stop"))["ok"]["state"] == "stopped"


def test_a_line_that_comes_in_two_pieces_stops_once():
    pump = running_pump(document=FAST)
    for late_ms in (MARK_PATIENCE_MS // 2, MARK_PATIENCE_MS + 50):      # 50 ms more: a flash erase in between
        line = STOP_MARK + request("stop")
        pump.send(line[:20])
        pump.poll()
        assert pump.state == "running"
        pump.world.move_to(pump.now_ms + late_ms)
        assert send(pump, line[20:])["ok"]["state"] == "stopped"
        ask(pump, "start")
    assert names(pump).count("stop") == 2


def test_a_mark_in_the_middle_of_a_packet_is_white_space():
    pump = running_pump(document=FAST)
    assert "ok" in send(pump, b"\n" + STOP_MARK + request("status"))
    pump.run_for(10_000)
    assert pump.state == "running"


def test_nothing_starts_out_of_the_packet_of_a_stop():
    """The mark may belong to a stop that waits to be read, so it comes before the start."""
    pump = running_pump(document=FAST)
    pump.run_for(10_000)
    pump.send(STOP_MARK + request("stop") + request("start"))
    pump.poll()
    pump.run_for(MARK_PATIENCE_MS)
    assert pump.state == "stopped"
    pump.receive()
    assert ask(pump, "status")["steps"] == 1000
    ask(pump, "start")
    pump.run_for(10_000)
    assert ask(pump, "status")["steps"] == 2000


def test_the_link_is_among_the_inputs_until_the_pump_has_stopped():
    pump = running_pump(document=FAST)
    assert send(pump, STOP_MARK + request("inputs"))["ok"]["active"] == ["link"]
    pump.run_for(MARK_PATIENCE_MS)
    assert ask(pump, "inputs")["active"] == []


def test_polls_at_any_rate_find_the_same():
    found = []
    for poll_ms in (None, 20):
        pump = running_pump(document=FAST, poll_ms=poll_ms)
        pump.run_for(10_000)
        pump.send(STOP_MARK)
        pump.poll()
        pump.run_for(1000)
        found.append([event[:2] for event in events(pump)])
    assert found[0] == found[1]
