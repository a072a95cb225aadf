"""The keys themselves: set, changed unseen, removed, damaged; no reply and no record holds one (C-02)."""

import binascii
import json

import pytest

from pump import slots
from pump.board import CAUSE_POWER, CAUSE_SOFT
from tests.pumps import ask, records, refused, running_pump
from tests.sessions import KEY_OF, KEYS, NEW_KEYS, PROGRAM_KEY, Session, lock_up, told


@pytest.fixture
def pump():
    """With keys, running."""
    made = running_pump()
    lock_up(made)
    return made


@pytest.mark.requirement("C-02")
def test_keys_change_under_a_program_session_without_being_seen(pump, monkeypatch):
    session = Session(pump)
    heard = []
    monkeypatch.setattr(pump.link, "send", lambda data, send=pump.link.send: (heard.append(data), send(data)))
    assert session.set_keys(NEW_KEYS)["ok"] == {"access": "keys"}
    text = json.loads(heard[-1].split(b" ~")[0])["keys"]
    assert not {binascii.a2b_base64(text)[at:at + 4] for at in range(61)} & {NEW_KEYS[at:at + 4] for at in range(61)}
    assert session.refused("suspend") == "no_session"            # a change ends the session
    assert Session(pump).reply["error"]["code"] == "bad_key"
    assert "ok" in Session(pump, "program", NEW_KEYS[32:]).reply
    pump.boot(CAUSE_POWER)
    assert "ok" in Session(pump, "operate", NEW_KEYS[:32]).reply


@pytest.mark.requirement("C-02")
def test_keys_are_not_set_by_an_operator_nor_in_halves(pump):
    assert Session(pump, "operate").refused("keys", keys=b"") == "no_session"
    assert Session(pump).refused("keys", keys=bytes(63)) == "bad_value"
    assert "ok" in Session(pump).reply


def test_a_program_session_can_open_the_pump_again(pump):
    assert Session(pump).ask("keys", keys=b"") == {"access": "open"}
    assert told(pump)[-1] == (4, 2, 0)                           # removed, by the role program
    lock_up(pump)
    assert told(pump)[-1] == (3, 0, 0)                           # set, by nobody's session
    assert Session(pump).ask("keys", keys=b"") == {"access": "open"}
    assert ask(pump, "suspend")["state"] == "suspended"
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["access"] == "open"


@pytest.mark.requirement("C-02")
def test_no_reply_and_no_record_holds_a_key(pump):
    Session(pump).ask("suspend")
    said = b"".join(records(pump))
    for name, fields in (("hello", {}), ("status", {}), ("challenge", {}), ("document", {"kind": "rig", "at": 0}),
                         ("log", {"from": 0, "max": 16})):
        said += str(ask(pump, name, **fields)).encode()
    assert refused(pump, "document", kind="keys", at=0) == "bad_value"
    for key in KEY_OF.values():
        assert key not in said and key.hex().encode() not in said


@pytest.mark.requirement("C-02")
@pytest.mark.requirement("J-06")
def test_damaged_keys_do_not_open_the_pump_nor_bring_old_ones_back(pump):
    Session(pump).set_keys(NEW_KEYS)
    files = pump.board.storage
    for name in ("keys.a", "keys.b"):
        raw = bytearray(files.read(name))
        assert KEYS not in bytes(raw)                            # the old ones are nowhere
        raw[20] ^= 1
        files.write(name, bytes(raw))
        pump.boot(CAUSE_POWER)
        status = ask(pump, "status")
        assert "settings" in status["self_test"]
        if name == "keys.a":
            assert "ok" in Session(pump, "program", NEW_KEYS[32:]).reply
    assert status["access"] == "unreadable"
    assert refused(pump, "ack") == "no_session"
    for key in (NEW_KEYS[32:], b""):
        assert Session(pump, "program", key).reply["error"]["code"] == "bad_key"
    assert ask(pump, "stop")
    files.remove("keys.a")                                       # at the prompt, behind the jumper
    files.remove("keys.b")
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["access"] == "open"


@pytest.mark.requirement("J-08")
def test_keys_stay_over_an_update_of_the_firmware(pump):
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    assert ask(pump, "hello")["slot"] == "b"
    assert "ok" in Session(pump, "program", PROGRAM_KEY).reply
