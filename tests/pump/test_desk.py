"""The desk: one reply for every line, nothing done twice, and refusals that change nothing (B-06, C-01)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pump import protocol
from pump.desk import REPLIES_KEPT
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, ask, events, push, ready_pump, request, running_pump, send

ID = 1 << 29                            # ids of this file; tests.pumps counts from 1


def line_of(number, do, **fields):
    return protocol.frame((("id", number), ("do", do), *fields.items()))


def code_of(reply):
    return reply["error"]["code"]


def state_of(pump):
    """All that a refusal must leave as it is: what status says, what is stored, and what the motor does."""
    status = ask(pump, "status")
    status.pop("next_seq")                              # a denied request is an event (J-01)
    written = [event for event in events(pump) if event[0] != "denied"]
    return status, pump.board.stepper.is_enabled, written


@pytest.fixture(scope="module")
def pump():
    """One running pump: what is refused changes nothing, so these tests can share it."""
    made = running_pump()
    made.run_for(HOUR_MS)
    return made


def test_every_reply_says_who_answers_and_in_which_protocol(pump):
    for line in (request("hello"), request("dance"), b"nonsense\n", line_of(ID, "resume")):
        reply = send(pump, line)
        assert (reply["board"], reply["protocol"]) == ("simulator", protocol.PROTOCOL_VERSION)
        assert ("ok" in reply) != ("error" in reply)


def test_a_reply_carries_the_id_of_its_request(pump):
    assert send(pump, line_of(ID + 1, "hello"))["id"] == ID + 1
    assert send(pump, line_of(ID + 1, "dance"))["id"] == ID + 1
    assert send(pump, b'{"do":"hello"}\n')["id"] is None
    for number in (0, protocol.ID_MAX):                 # the least and the greatest there are
        assert send(pump, line_of(number, "hello"))["id"] == number and "ok" in send(pump, line_of(number, "hello"))


def test_what_only_reads_may_be_typed_without_id_and_crc(pump):
    assert "ok" in send(pump, b'{"do":"status"}\n')
    assert "ok" in send(pump, b'{"do":"log","from":0,"max":1}\n')


@pytest.mark.parametrize("name", [name for name, (access, _) in protocol.MESSAGES.items() if access != protocol.READ])
def test_what_changes_something_needs_both(pump, name):
    assert code_of(send(pump, b'{"do":"%s","id":5}\n' % name.encode())) == "bad_request"
    assert code_of(send(pump, protocol.frame((("do", name),)))) == "bad_request"


WRONG = {
    "too long": (b"x" * 2000 + b"\n", "bad_line"), "no json": (b"stop\n", "bad_line"), "a list": (b"[1]\n", "bad_line"),
    "wrong crc": (b'{"id":1,"do":"stop"} *00000000\n', "bad_crc"),
    "no such request": (request("fly"), "unknown_request"),
    "no name": (protocol.frame((("id", 1),)), "unknown_request"),
    "a name that is no text": (protocol.frame((("id", 1), ("do", 5))), "unknown_request"),
    "a method of the service that is no message": (request("_state"), "unknown_request"),
    "a negative id": (line_of(-1, "stop"), "bad_request"), "a text as id": (line_of("1", "stop"), "bad_request"),
    "too large an id": (line_of(protocol.ID_MAX + 1, "stop"), "bad_request"),
    "true as id": (line_of(True, "stop"), "bad_request"), "null as id": (line_of(None, "stop"), "bad_request"),
    "a field too many": (line_of(ID + 10, "stop", now=1), "bad_request"),
    "a field too few": (line_of(ID + 11, "clock"), "bad_request"),
    "a time before 1970": (line_of(ID + 12, "clock", utc_ms=-1), "bad_value"),
    "a time after 2099": (line_of(ID + 13, "clock", utc_ms=protocol.UTC_MS_MAX + 1), "bad_value"),
    "start while running": (line_of(ID + 14, "start"), "bad_state"),
    "resume while running": (line_of(ID + 15, "resume"), "bad_state"),
    "a piece in the middle": (line_of(ID + 17, "stage", kind="rig", at=700, data=b"x"), "staging"),
    "a digest of something else": (line_of(ID + 18, "commit", kind="rig", digest="0" * 64, confirm=0), "digest"),
    "a third kind": (line_of(ID + 19, "commit", kind="pump", digest="0" * 64, confirm=0), "bad_value"),
}


@pytest.mark.requirement("C-01")
@pytest.mark.parametrize("name", WRONG)
def test_a_refused_line_is_answered_and_changes_nothing(pump, name):
    line, code = WRONG[name]
    before = state_of(pump)
    assert code_of(send(pump, line)) == code
    assert state_of(pump) == before


@pytest.mark.requirement("J-01")
@pytest.mark.parametrize("name", ["start while running", "a digest of something else"])
def test_a_denied_request_is_in_the_journal(pump, name):
    line, code = WRONG[name]
    before = len(events(pump))
    message = protocol.unframe(line)[0] | {"id": ID + 100 + len(name)}
    assert code_of(send(pump, protocol.frame(tuple(message.items())))) == code
    (event, _, (denied, request_id)), = events(pump, before)
    assert (event, denied.rstrip(b"\0").decode(), request_id) == ("denied", message["do"], message["id"])


@pytest.mark.requirement("J-01")
@pytest.mark.parametrize("name", ["a field too many", "a time before 1970", "a piece in the middle"])
def test_what_was_never_understood_is_no_denied_request(pump, name):
    line, code = WRONG[name]
    before = len(events(pump))
    message = protocol.unframe(line)[0] | {"id": ID + 200 + len(name)}
    assert code_of(send(pump, protocol.frame(tuple(message.items())))) == code
    assert len(events(pump)) == before


@pytest.mark.requirement("C-01")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.binary(min_size=1, max_size=1100).filter(lambda line: b"\n" not in line and line.strip()))
def test_any_line_of_any_bytes_gets_one_reply_and_changes_nothing(pump, line):
    before = state_of(pump)
    pump.send(line + b"\n")
    pump.poll()
    reply = pump.receive()
    assert reply.count(b"\n") == 1 and b"error" in reply
    assert state_of(pump) == before


@pytest.mark.requirement("B-06")
def test_a_repeated_request_gets_the_same_reply_and_is_done_once():
    pump = running_pump()
    suspend = line_of(ID, "suspend")
    first = send(pump, suspend)
    ask(pump, "resume")
    seen = len(events(pump))
    assert send(pump, suspend) == first and first["ok"]["state"] == "suspended"
    assert ask(pump, "status")["state"] == "running"
    assert len(events(pump)) == seen


@pytest.mark.requirement("B-06")
def test_a_repeated_refusal_is_the_same_refusal_even_if_it_would_be_granted_now():
    pump = ready_pump()
    resume = line_of(ID, "suspend")
    assert code_of(send(pump, resume)) == "bad_state"
    ask(pump, "start")
    assert code_of(send(pump, resume)) == "bad_state"
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("B-06")
def test_an_id_is_good_for_one_request_only():
    pump = running_pump()
    assert "ok" in send(pump, line_of(ID, "suspend"))
    assert code_of(send(pump, line_of(ID, "resume"))) == "id_reused"
    assert ask(pump, "status")["state"] == "suspended"


def test_the_last_replies_are_remembered_and_no_more():
    pump = ready_pump()
    lines = [line_of(ID + number, "stop") for number in range(REPLIES_KEPT + 1)]
    replies = [send(pump, line) for line in lines]
    ask(pump, "start")                                  # takes the place of the second oldest
    assert [send(pump, line) for line in lines[2:]] == replies[2:]
    assert ask(pump, "status")["state"] == "running", "none of them was carried out again"
    send(pump, lines[0])
    assert ask(pump, "status")["state"] == "stopped", "the oldest was forgotten, and so it is a new request"


def test_reading_takes_no_place_among_the_remembered():
    pump = ready_pump()
    stop = line_of(ID, "stop")
    send(pump, stop)
    ask(pump, "start")
    for number in range(3 * REPLIES_KEPT):
        send(pump, line_of(ID + number, "status"))
    send(pump, stop)
    assert ask(pump, "status")["state"] == "running"


def test_a_damaged_line_leaves_its_id_free():
    pump = ready_pump()
    stop = line_of(ID, "start")
    assert code_of(send(pump, stop[:-9] + b"00000000\n")) == "bad_crc"
    assert send(pump, stop)["ok"]["state"] == "running"


def test_several_lines_at_once_are_answered_in_order():
    pump = ready_pump()
    pump.send(line_of(ID, "start") + b"oops\n" + line_of(ID + 1, "stop"))
    pump.poll()
    replies = [protocol.unframe(line)[0] for line in pump.receive().splitlines()]
    assert [reply["id"] for reply in replies] == [ID, None, ID + 1]
    assert [reply["ok"]["state"] for reply in (replies[0], replies[2])] == ["running", "stopped"]


def test_a_storage_that_fails_under_a_reading_request_is_answered_too(monkeypatch):
    pump = running_pump()
    pump.run_for(2 * HOUR_MS)                           # more records than the tail holds: the first is in a segment

    def broken(*_):
        raise OSError("flash")

    with monkeypatch.context() as patch:
        patch.setattr(pump.board.storage, "read_part", broken)
        reply = send(pump, line_of(ID, "log", **{"from": 0, "max": 1}))
    assert (code_of(reply), reply["id"]) == ("storage", ID)
    assert not pump.board.stepper.is_enabled
    assert events(pump)[-1][:2] == ("fault", START_UTC_MS + 2 * HOUR_MS)


@pytest.mark.requirement("P-05")
def test_a_bug_under_a_request_is_answered_too_and_stops_the_motor(monkeypatch):
    pump = running_pump()

    def broken(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(pump.app.service, "hello", broken)
    reply = send(pump, line_of(ID, "hello"))
    assert (code_of(reply), reply["id"]) == ("internal", ID)
    assert not pump.board.stepper.is_enabled
    assert pump.app.last_error == "ZeroDivisionError('a bug')"
    assert events(pump)[-1][:2] == ("fault", START_UTC_MS)
    status = ask(pump, "status")
    assert (status["state"], status["reason"]) == ("fault", "firmware error")


@pytest.mark.requirement("C-03")
def test_an_old_rig_stays_in_force_when_a_new_one_is_refused():
    pump = ready_pump()
    before = ask(pump, "status")["rig_digest"]
    assert code_of(push(pump, "rig", RIG | {"quantum_min": 0})) == "bad_rig"
    assert ask(pump, "status")["rig_digest"] == before
