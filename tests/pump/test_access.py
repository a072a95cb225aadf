"""Keys and sessions: who may change something, and what a stranger on the same link can do (C-02)."""

import binascii

import pytest

from pump import protocol, record
from pump.access import FAILURES_MAX, LOCK_MS, SESSION_MS
from pump.board import CAUSE_POWER, CAUSE_SOFT
from pump.desk import REPLIES_KEPT
from pumpsim import SimPump
from tests.pumps import START_UTC_MS, ask, events, ready_pump, records, refused, request, running_pump, send
from tests.sessions import KEY_OF, NEW_KEYS, Session, lock_up, told

NEEDS = {name: access for name, (access, _) in protocol.MESSAGES.items()}
FIELDS = {"clock": {"utc_ms": START_UTC_MS}, "keys": {"keys": b""}, "prime": {"volume_nl": 1000},
          "stage": {"kind": "rig", "at": 0, "data": b"{}"}, "withdraw": {"volume_nl": 1000},
          "commit": {"kind": "rig", "digest": "0" * 64, "confirm": 0}, "bridge": {"volume_nl": 100, "over_s": 60},
          "bolus": {"volume_nl": 500, "over_s": 60, "confirm": 0}, "refill": {"added_nl": 0, "withdrawn_nl": -1},
          "temp": {"percent": 100, "rate_nl_per_h": 0, "for_s": 60},
          "login": {"role": "program", "nonce": "0" * 32}}


@pytest.fixture
def pump():
    """With keys, running."""
    made = running_pump()
    lock_up(made)
    return made


def state_of(pump):
    status = ask(pump, "status")
    status.pop("next_seq")
    return status, pump.board.stepper.is_enabled, [event for event in events(pump) if event[0] != "denied"]


def fail(pump, role="program"):
    """The code of a login with a wrong key."""
    return Session(pump, role, bytes(32)).reply["error"]["code"]


@pytest.mark.requirement("C-02")
def test_a_pump_without_keys_is_open_and_says_so_in_every_status():
    pump = ready_pump()
    assert ask(pump, "status")["access"] == ask(pump, "challenge")["access"] == "open"
    assert ask(pump, "start")["state"] == "running"
    lock_up(pump)
    assert ask(pump, "status")["access"] == ask(pump, "challenge")["access"] == "keys"
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["access"] == "keys"


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("name", [name for name, needs in NEEDS.items() if needs in ("operate", "program")])
def test_without_a_session_nothing_is_changed_but_by_stop(pump, name):
    before = state_of(pump)
    assert refused(pump, name, **FIELDS.get(name, {})) == "no_session"
    assert state_of(pump) == before
    assert ask(pump, "stop")["state"] == "stopped"


@pytest.mark.requirement("C-02")
def test_reading_stays_open(pump):
    for name, fields in (("hello", {}), ("status", {}), ("document", {"kind": "rig", "at": 0}),
                         ("log", {"from": 0, "max": 16}), ("challenge", {})):
        assert send(pump, request(name, **fields))["ok"]
        assert NEEDS[name] == "read"


@pytest.mark.requirement("C-02")
def test_each_role_may_do_its_part_and_program_may_do_all(pump):
    operator = Session(pump, "operate")
    assert operator.reply["ok"] == {"session": "operate", "timeout_s": 900}
    assert ask(pump, "status")["session"] == "operate"
    assert operator.ask("suspend")["state"] == "suspended"
    assert operator.ask("resume")["state"] == "running"
    for name in (name for name, needs in NEEDS.items() if needs == "program"):
        assert operator.refused(name, **FIELDS.get(name, {})) == "no_session"
    programmer = Session(pump, "program")
    assert programmer.ask("clock", utc_ms=START_UTC_MS + 5)
    assert programmer.ask("suspend")["state"] == "suspended"
    assert programmer.ask("stop")["state"] == "stopped"


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("role, other", [("operate", "program"), ("program", "operate")])
def test_a_role_is_opened_by_its_own_key_only(pump, role, other):
    assert Session(pump, role, KEY_OF[other]).reply["error"]["code"] == "bad_key"
    assert "ok" in Session(pump, role).reply


@pytest.mark.requirement("C-02")
@pytest.mark.requirement("B-06")
def test_the_same_line_again_gets_its_reply_and_no_older_one_does_anything(pump):
    session = Session(pump)
    suspend = session.line("suspend")
    first = send(pump, suspend)
    assert session.ask("resume")["state"] == "running"
    assert send(pump, suspend) == first                          # remembered: answered, and not done again
    for _ in range(8):
        session.ask("stop")
        session.ask("start")
    assert send(pump, suspend)["error"]["code"] == "id_reused"   # forgotten: and too old
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("C-02")
@pytest.mark.requirement("B-06")
def test_the_last_line_of_a_session_is_not_good_twice_where_a_strangers_stops_have_pushed_its_reply_out(pump):
    session = Session(pump)
    session.ask("stop")
    start = session.line("start")
    assert send(pump, start)["ok"]["state"] == "running"
    for _ in range(REPLIES_KEPT):
        ask(pump, "stop")
    assert send(pump, start)["error"]["code"] == "id_reused"
    assert ask(pump, "status")["state"] == "stopped"


@pytest.mark.requirement("C-02")
def test_no_line_of_a_session_is_worth_anything_in_another_or_after_a_boot(pump):
    first = Session(pump)
    suspend = first.line("suspend")
    second = Session(pump)
    assert send(pump, suspend)["error"]["code"] == "no_session"
    later = second.line("suspend")
    pump.boot(CAUSE_SOFT)
    lock_line = send(pump, later)
    assert lock_line["error"]["code"] == "no_session"
    assert ask(pump, "status")["session"] == ""


@pytest.mark.requirement("C-02")
def test_a_line_changed_in_any_bit_does_nothing(pump):
    session = Session(pump)
    body = session.line("suspend")[:-protocol.CRC_SIZE - 1]
    for bit in range(8 * len(body)):
        changed = bytearray(body)
        changed[bit // 8] ^= 1 << bit % 8
        if 10 not in changed:                                    # that would be two lines
            reply = send(pump, b"%s *%08x\n" % (bytes(changed), binascii.crc32(bytes(changed))))
            assert reply is None or "error" in reply
    assert ask(pump, "status")["state"] == "running"
    assert session.ask("suspend")["state"] == "suspended"        # and the session is as it was


@pytest.mark.requirement("C-02")
def test_a_session_ends_a_quarter_of_an_hour_after_its_last_line(pump):
    session = Session(pump)
    pump.run_for(SESSION_MS - 1)
    assert session.ask("suspend")
    pump.run_for(SESSION_MS - 1)
    assert ask(pump, "status")["session"] == "program"
    pump.run_for(1)
    assert ask(pump, "status")["session"] == ""
    assert session.refused("resume") == "no_session"


@pytest.mark.requirement("C-02")
def test_nonces_never_come_twice_over_boots_and_a_nonce_is_good_once():
    pump = SimPump()
    nonces = []
    for _ in range(5):
        pump.board.entropy = lambda: bytes(8)                    # even where the noise is none
        nonces += [ask(pump, "challenge")["nonce"] for _ in range(50)]
        pump.boot(CAUSE_POWER)
    assert len(set(nonces)) == 250
    lock_up(pump)
    session = Session(pump)
    nonce = protocol.unframe(session.line("login"))[0]
    assert nonce and session.refused("login", role="program", nonce=nonces[-1]) == "no_session"
    assert told(pump)[-1] == (0, 2, 0), "an old nonce is no failure: another host may have asked in between"


@pytest.mark.requirement("C-02")
def test_five_failures_lock_for_a_minute_and_each_further_one_again(pump):
    for number in range(1, FAILURES_MAX):
        assert fail(pump) == "bad_key"
        assert told(pump)[-1] == (1, 2, number)
    assert ask(pump, "challenge")["locked_s"] == 0
    assert fail(pump, "operate") == "bad_key"
    assert told(pump)[-1] == (2, 1, FAILURES_MAX)
    assert ask(pump, "challenge")["locked_s"] == 60
    pump.run_for(LOCK_MS - 1)
    assert Session(pump).reply["error"]["code"] == "locked"      # even with the right key
    assert ask(pump, "stop")["state"] == "stopped"
    pump.run_for(1)
    assert fail(pump) == "bad_key"
    assert told(pump)[-1] == (2, 2, FAILURES_MAX + 1)
    pump.run_for(LOCK_MS)
    assert "ok" in Session(pump).reply
    assert fail(pump) == "bad_key" and told(pump)[-1] == (1, 2, 1)


@pytest.mark.requirement("C-02")
def test_failures_beyond_what_a_record_can_count_stay_at_the_most(pump):
    pump.app.access.restore(65_534)                              # two bytes of a record
    for _ in range(2):
        pump.run_for(LOCK_MS)
        assert fail(pump) == "bad_key"
        assert told(pump)[-1] == (2, 2, 65_535)


@pytest.mark.requirement("C-02")
def test_a_lock_outlives_a_reset_and_begins_anew(pump):
    for _ in range(FAILURES_MAX - 1):
        fail(pump)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "challenge")["locked_s"] == 0
    assert fail(pump) == "bad_key"                               # the fifth, after the reset
    pump.run_for(LOCK_MS - 5)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "challenge")["locked_s"] == 60
    pump.run_for(LOCK_MS)
    assert "ok" in Session(pump).reply
    pump.boot(CAUSE_POWER)
    assert ask(pump, "challenge")["locked_s"] == 0


def test_a_session_that_is_open_goes_on_during_a_lock(pump):
    session = Session(pump)
    for _ in range(FAILURES_MAX):
        fail(pump)
    assert session.ask("suspend")["state"] == "suspended"


@pytest.mark.requirement("J-01")
def test_the_journal_tells_keys_sessions_and_failures_with_their_role_and_request(pump):
    session = Session(pump, "operate")
    fail(pump, "program")
    programmer = Session(pump)
    programmer.set_keys(NEW_KEYS)
    found = [raw for raw in records(pump) if record.header(raw)[7] == record.EVENT_ACCESS]
    steps = [(3, 0, 0), (0, 1, 0), (1, 2, 1), (0, 2, 0), (3, 2, 0)]
    assert [(record.header(raw)[10], *record.data_of(raw, record.ACCESS)[:2]) for raw in found] == steps
    assert all(record.header(raw)[8] == record.ACTOR_HOST for raw in found)
    assert record.data_of(found[1], record.ACCESS)[2] == session.reply["id"]


@pytest.mark.requirement("J-01")
def test_strangers_leave_one_record_a_minute_and_no_more(pump):
    before = len(records(pump))
    for _ in range(50):
        refused(pump, "start")
        pump.run_for(2000)
    found = [event for event in events(pump, before) if event[0] == "denied"]
    assert len(found) == 2 and len(records(pump)) - before <= 4  # 100 s, and what the run writes


@pytest.mark.requirement("J-01")
def test_a_strangers_next_record_comes_a_minute_after_the_last(pump):
    ask(pump, "stop")
    denials = []
    for wait_ms in (0, LOCK_MS - 1, 1):
        pump.run_for(wait_ms)
        refused(pump, "start")
        denials.append(sum(event[0] == "denied" for event in events(pump)))
    assert denials == [1, 1, 2]


@pytest.mark.requirement("C-02")
def test_a_session_is_not_opened_where_the_journal_cannot_take_it(pump, monkeypatch):
    def broken(*_):
        raise OSError("flash")

    monkeypatch.setattr(pump.board.storage, "write", broken)
    monkeypatch.setattr(pump.board.storage, "append", broken)
    session = Session(pump)
    assert session.reply["error"]["code"] == "storage"
    assert session.refused("suspend") == "no_session"


@pytest.mark.requirement("C-04")
def test_maintenance_needs_a_program_session(pump):
    ask(pump, "stop")
    assert refused(pump, "maintenance") == Session(pump, "operate").refused("maintenance") == "no_session"
    boot = ask(pump, "hello")["boot"]
    assert Session(pump).ask("maintenance")["state"] == "stopped"
    assert ask(pump, "hello")["boot"] == boot + 1


def test_a_login_to_an_open_pump_says_that_it_is_open():
    assert Session(SimPump()).reply["error"]["code"] == "bad_state"


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("role", ["nobody", "", "Program"])
def test_a_role_that_there_is_not_opens_no_session(pump, role):
    nonce = ask(pump, "challenge")["nonce"]
    assert refused(pump, "login", role=role, nonce=nonce) in ("bad_value", "bad_key")
    assert ask(pump, "status")["session"] == ""
