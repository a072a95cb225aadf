"""Keys and sessions for pumps under test: lines sealed as a host seals them, with the firmware's own HMAC."""

from pump import protocol, record, seal
from tests.pumps import REQUEST_IDS, records, send

OPERATE_KEY = bytes(range(32))
PROGRAM_KEY = bytes(range(32, 64))
KEYS = OPERATE_KEY + PROGRAM_KEY
NEW_KEYS = bytes(range(100, 164))
KEY_OF = {"operate": OPERATE_KEY, "program": PROGRAM_KEY}


class Session:
    """One session with `pump`, opened at once; `key` seals its lines."""

    def __init__(self, pump, role="program", role_key=None):
        self.pump = pump
        nonce = send(pump, b'{"do":"challenge"}\n')["ok"]["nonce"]
        self.key = seal.session_key(KEY_OF[role] if role_key is None else role_key, nonce)
        self.reply = self.send("login", role=role, nonce=nonce)

    def line(self, do, request_id=None, **fields):
        """A sealed line, with a new id where none is given."""
        head = (("id", next(REQUEST_IDS) if request_id is None else request_id), ("do", do))
        return protocol.frame((*head, *fields.items()), lambda body: seal.of(self.key, body))

    def send(self, do, **fields):
        """The reply to a sealed request."""
        return send(self.pump, self.line(do, **fields))

    def ask(self, do, **fields):
        """The fields of its ok reply; fails on a refusal."""
        reply = self.send(do, **fields)
        assert "ok" in reply, reply
        return reply["ok"]

    def refused(self, do, **fields):
        """The code of its refusal."""
        reply = self.send(do, **fields)
        assert "error" in reply, reply
        return reply["error"]["code"]

    def set_keys(self, keys):
        """Other keys for the pump, veiled; returns the reply."""
        request_id = next(REQUEST_IDS)
        return send(self.pump, self.line("keys", request_id, keys=seal.veiled(self.key, request_id, keys)))


def lock_up(pump):
    """Gives an open pump its keys."""
    line = protocol.frame((("id", next(REQUEST_IDS)), ("do", "keys"), ("keys", KEYS)))
    assert send(pump, line)["ok"] == {"access": "keys"}


def told(pump):
    """(step, role, failures) of each access record."""
    return [(record.header(raw)[10], *record.data_of(raw, record.ACCESS)[:2]) for raw in records(pump)
            if record.header(raw)[7] == record.EVENT_ACCESS]
