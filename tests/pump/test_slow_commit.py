"""A commit is checked in slices, one a poll: delivery, reading and STOP go on, and it is done once (B-06, C-03)."""

import hashlib

import pytest

from pump import protocol, record
from pumpsim import SimPump
from tests.pumps import BERLIN, RIG, ask, body_of, events, program, push, ready_pump, request, running_pump, send

FAST = program(plans=[[0, 36_000_000]])                # 36 mL/h: 100 steps/s
OTHER = program(plans=[[0, 1000, 720, 2000]], zone=BERLIN, name="other")
LIMITED = program(plans=[[0, 10_000]], limits={"max_rate_nl_per_h": 10_000, "max_bolus_nl": 0, "max_1h_nl": 9_999,
                                               "max_24h_nl": 0})
POLLS_MAX = 1000


def staged(pump, kind, document):
    """Stages a document; returns the line that commits it, not sent yet."""
    body = body_of(document)
    for at in range(0, len(body), protocol.CHUNK_MAX):
        ask(pump, "stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
    return request("commit", kind=kind, digest=hashlib.sha256(body).hexdigest(), confirm=0)


def begin(pump, kind="program", document=OTHER):
    """Sends a commit and polls once; returns its line."""
    line = staged(pump, kind, document)
    pump.send(line)
    assert pump.app.poll() == 0                        # at once again
    assert pump.receive() == b""
    return line


def said(pump, line=b""):
    """The replies to a line after a single poll."""
    pump.send(line)
    pump.app.poll()
    return [protocol.unframe(reply)[0] for reply in pump.receive().split(b"\n") if reply]


def ended(pump):
    """All replies until the commit has been answered."""
    replies = []
    for _ in range(POLLS_MAX):
        replies += said(pump)
        if not pump.app.is_busy:
            return replies
    raise AssertionError("the commit does not end")


@pytest.mark.requirement("B-06")
def test_a_repeated_commit_is_done_once_and_answered_when_it_is_done():
    pump = ready_pump()
    line = begin(pump)
    assert said(pump, line) == []
    assert said(pump, line) == []

    replies = ended(pump)

    assert [reply["ok"] for reply in replies] == [{"generation": 2}]
    assert said(pump, line) == replies                 # and from now on the same
    assert [name for name, _, _ in events(pump)].count("program") == 2
    assert ask(pump, "status")["program"] == "other"


@pytest.mark.requirement("B-06")
def test_another_request_with_the_id_of_a_commit_under_way_is_refused():
    pump = ready_pump()
    used = protocol.unframe(begin(pump).strip())[0]["id"]
    replies = said(pump, protocol.frame((("id", used), ("do", "stop"))))
    assert [reply["error"]["code"] for reply in replies] == ["id_reused"]


@pytest.mark.requirement("J-01")
@pytest.mark.parametrize("do, fields", [
    ("start", {}), ("ack", {}), ("prime", {"volume_nl": 1000}), ("clock", {"utc_ms": 0}),
    ("stage", {"kind": "rig", "at": 0, "data": b"{"}), ("commit", {"kind": "rig", "digest": "0" * 64, "confirm": 0})])
def test_meanwhile_whatever_changes_something_is_refused_and_logged(do, fields):
    pump = ready_pump()
    begin(pump)
    before = len(events(pump))

    replies = said(pump, request(do, **fields))

    assert [reply["error"]["code"] for reply in replies] == ["busy"]
    assert [name for name, _, _ in events(pump, before)] == ["denied"]
    assert [reply["ok"] for reply in ended(pump)] == [{"generation": 2}]


@pytest.mark.requirement("C-02")
def test_meanwhile_stop_stops_at_once_and_the_state_can_be_read():
    pump = running_pump(document=FAST)
    pump.run_for(1000)
    begin(pump)

    assert [reply["ok"]["state"] for reply in said(pump, request("stop"))] == ["stopped"]
    assert [reply["ok"]["state"] for reply in said(pump, request("status"))] == ["stopped"]
    assert pump.app.is_busy

    assert [reply["ok"] for reply in ended(pump)] == [{"generation": 2}]
    assert ask(pump, "status")["program"] == "other"


@pytest.mark.requirement("D-01")
def test_meanwhile_the_old_program_goes_on_without_a_step_missing():
    pump = running_pump(document=FAST)
    begin(pump)
    started, steps = pump.now_ms, pump.board.counter.steps()
    while pump.app.is_busy:                            # as on the device, where a slice takes its time: 20 ms
        pump.world.move_to(pump.now_ms + 20)
        pump.app.poll()
    spent_ms = pump.now_ms - started
    assert spent_ms >= 200
    assert b'"generation":2' in pump.receive()
    assert abs(pump.board.counter.steps() - steps - spent_ms // 10) <= 1       # 100 steps/s
    assert ask(pump, "status")["state"] == "running"


def test_a_refusal_of_the_check_is_the_reply():
    pump = ready_pump()
    begin(pump, document=LIMITED)
    errors = [reply["error"] for reply in ended(pump)]
    assert [error["code"] for error in errors] == ["limit"]
    assert errors[0]["message"] == "Monday 01:00: the 1 h before hold more than max_1h allows"
    assert ask(pump, "status")["program"] == "test program"
    assert events(pump)[-1][0] == "denied"


@pytest.mark.requirement("C-03")
def test_a_reset_meanwhile_leaves_the_old_program():
    pump = ready_pump()
    begin(pump)
    pump.boot(0)
    assert ask(pump, "status")["program"] == "test program"
    assert not pump.app.is_busy


@pytest.mark.requirement("C-03")
def test_a_rig_waits_for_the_check_of_the_program_in_force():
    pump = ready_pump()
    begin(pump, "rig", dict(RIG, name="another", max_1h_nl=54_999))     # the program holds 55 uL in an hour
    assert [reply["ok"]["rig"] for reply in said(pump, request("status"))] == ["test rig"]
    assert [reply["ok"] for reply in ended(pump)] == [{"generation": 2}]
    status = ask(pump, "status")
    assert (status["rig"], status["program"]) == ("another", None)


def test_the_simulator_answers_a_commit_in_the_instant_in_which_it_was_asked():
    pump = SimPump(poll_ms=100)
    assert "ok" in push(pump, "rig", RIG)
    before = pump.now_ms
    assert "ok" in push(pump, "program", OTHER)
    assert pump.now_ms == before
    assert record.header(pump.app.journal.read(pump.app.journal.next_seq - 1, 1))[7] == record.EVENT_PROGRAM
    assert "error" in send(pump, request("start"))     # no clock
