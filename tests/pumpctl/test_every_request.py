"""What holds for every request of the protocol's table: its reply says who answers, and what it changed is in the
journal with all that an event has (C-05, J-01). The table is walked, so that a new one cannot be left out."""

import pytest

from pump import access, protocol, record
from tests.pumps import START_UTC_MS, records, request
from tests.unplug.cable import Cable
from tests.unplug.commands import COMMANDS, chip, host_on, pump_in

BOOTED_UTC_S = START_UTC_MS // 1000 + 60                # of the battery-backed clock at boot
SPENT_S = 2                                             # at most, by what a command needs before its own request
BERLIN_MIN = 60                                         # east of UTC, in winter


class Tapped(Cable):
    """A cable that keeps what goes to the host."""

    heard = b""

    def carry(self, where, data):
        self.heard += data if where == "host" else b""
        return super().carry(where, data)


def done_by(name, has_keys):
    """(cable, the records that the command has left) of a command that was carried out."""
    state, do, *_ = COMMANDS[name]
    sim = pump_in(state, chip(has_keys))
    before = len(records(sim))
    cable = Tapped(sim)
    do(host_on(cable))
    return cable, records(sim)[before:]


def assert_says_who_answers(replies):
    for reply in replies:
        message, is_checked = protocol.unframe(reply)
        assert (message["board"], message["protocol"], is_checked) == ("simulator", protocol.PROTOCOL_VERSION, True)


@pytest.mark.requirement("C-05")
@pytest.mark.parametrize("has_keys", [False, True])
@pytest.mark.parametrize("name", COMMANDS)
def test_every_reply_that_grants_something_says_who_answers(name, has_keys):
    cable, _ = done_by(name, has_keys)
    replies = cable.heard.splitlines()
    assert len(replies) >= (1 if name == "stop" else 2)             # the challenge's, and its own
    assert_says_who_answers(replies)


@pytest.mark.requirement("C-05")
@pytest.mark.parametrize("line", [
    *[request(name) for name in protocol.MESSAGES],     # most are refused: without their fields, or without a session
    request("dance"), b"nonsense\n", request("status")[:-3] + b"zz\n", b"x" * (protocol.LINE_MAX + 1) + b"\n", b"{}\n",
    b'{"do":"stop"}\n', b"\xff\x00\n",
])
def test_every_other_reply_says_so_too(line):
    sim = pump_in("running", chip(True))
    sim.send(line)
    sim.poll()
    replies = sim.receive().splitlines()
    assert len(replies) == 1
    assert_says_who_answers(replies)


@pytest.mark.requirement("J-01")
@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("has_keys", [False, True])
@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_request_changed_is_an_event_with_its_number_times_offset_and_actor(name, has_keys):
    _, _, event, code = COMMANDS[name]
    _, left = done_by(name, has_keys)
    heads = [record.header(raw) for raw in left]
    assert [head[0] for head in heads] == list(range(heads[0][0], heads[0][0] + len(heads)))
    [(_, utc_s, mono_s, _, _, offset_min, boot, _, actor, _, _)] = [
        head for head in heads if record.EVENT_NAMES[head[7]] == event and code in (None, head[10])]
    assert actor == (record.ACTOR_PUMP if name == "cancel" else record.ACTOR_HOST)      # the pump ends a bolus
    assert 0 <= utc_s - BOOTED_UTC_S <= SPENT_S and mono_s <= SPENT_S
    assert (offset_min, boot) == (BERLIN_MIN, 1)


@pytest.mark.requirement("J-01")
@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"stop"}))
def test_before_it_stands_whose_key_it_was(name):
    first = done_by(name, has_keys=True)[1][0]
    head = record.header(first)
    assert (record.EVENT_NAMES[head[7]], head[8], head[10]) == ("access", record.ACTOR_HOST, access.OPENED)
    assert access.ROLES[record.data_of(first, record.ACCESS)[0]] == protocol.MESSAGES[name][0]
