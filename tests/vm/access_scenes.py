"""Scenes of keys, sessions and failed logins. Every scene is a function of a fresh Host."""

from pump import protocol, seal
from pump.access import FAILURES_MAX, LOCK_MS
from pump.board import CAUSE_SOFT
from tests.pumps import RIG, program
from tests.sessions import KEY_OF, KEYS
from tests.vm.recorded_host import expect_ok


class Session:
    """A login over a Host, and its sealed requests."""

    def __init__(self, host, role, key=None):
        self._host = host
        nonce = host.do("challenge")["nonce"]
        self._key = seal.session_key(key or KEY_OF[role], nonce)
        self.reply = self.ask("login", role=role, nonce=nonce)

    def seal(self, body):
        return seal.of(self._key, body)

    def ask(self, do, **fields):
        line = protocol.frame((("id", self._host.next_id()), ("do", do), *fields.items()), self.seal)
        return protocol.unframe(self._host.send(line))[0]


def sessions(host):
    host.ready(RIG, program())
    host.do("keys", keys=KEYS)
    host.refused("no_session", "start")
    operator = Session(host, "operate")
    expect_ok(operator.ask("start"))
    operator.ask("clock", utc_ms=5)                     # not this role's
    expect_ok(Session(host, "program").ask("suspend"))
    host.do("stop")
    host.do("status")


def failures(host):
    host.do("keys", keys=KEYS)
    for _ in range(FAILURES_MAX):
        Session(host, "program", bytes(32))
    Session(host, "program")                            # locked
    host.reboot(CAUSE_SOFT)
    host.pump.run_for(LOCK_MS)
    session = Session(host, "program")
    expect_ok(session.ask("keys", keys=b""))
    host.do("ack")


SCENES = (sessions, failures)
