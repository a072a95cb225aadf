"""Access: who may change something (C-02). Owns the keys of the two roles, the session on the link, and what failed.

A pump without keys is open. With keys, whatever changes something but STOP belongs to a session: a host asks for a
nonce, proves with a role's key that it knows it, and seals every line from then on with a key made of both. So a line
can neither be made nor changed nor sent again by whoever has only seen others: ids go up within a session, nonces
never come twice. One session at a time; it ends SESSION_MS after its last sealed line, with the next login, or with the
boot. Where the stored keys cannot be read, nothing opens: a pump must not become open by a failure.
"""

import binascii
import struct

from pump import protocol, record, seal
from pump.errors import PumpError
from pump.settings import Slots

SESSION_MS = 900000
LOCK_MS = 60000
FAILURES_MAX = 5              # failed logins before a lock; until one succeeds, each further one locks again
ROLES = ("", protocol.OPERATE, protocol.CHANGE)         # numbered as in records; the last may do all
KEYS_SIZE = 2 * seal.KEY_SIZE

OPENED = 0                    # codes of the journal's event
FAILED = 1
LOCKED = 2                    # failed, and nobody may log in for a while
KEYS_SET = 3
KEYS_REMOVED = 4
NAMES = ("session opened", "login failed", "login failed, locked", "keys set", "keys removed")


class Access:
    def __init__(self, board, chronicle):
        self._board = board
        self._chronicle = chronicle
        self._slots = Slots(board.storage, "keys")
        self._keys = None       # of operate and program, back to back; b"": open; None: they could not be read
        self._nonce = ""        # given out and not used yet
        self._nonces = 0        # given out in this boot
        self._role = 0
        self._key = b""         # of the session
        self._last_id = 0
        self._end_ms = 0
        self._failures = 0
        self._locked_until_ms = 0
        self._noted_until_ms = 0
        self._body = self._seal = b""           # of the line at hand

    def load(self):
        """Reads the stored keys: none at all is an open pump, damaged ones are keys that nobody has."""
        keys = self._slots.load()
        if keys is None and self._slots.was_sound:
            keys = b""
        if keys is not None and len(keys) in (0, KEYS_SIZE):
            self._keys = keys

    def restore(self, failures):
        """Failed logins since the last good one, as the journal has them; a lock begins anew (now is 0 ms)."""
        self._failures = failures
        if failures >= FAILURES_MAX:
            self._locked_until_ms = LOCK_MS

    def was_sound(self):
        """As Staging's, for the self-test."""
        return self._slots.was_sound

    def is_sound(self):
        return self._slots.is_sound()

    @property
    def is_open(self):
        """Everybody may change everything: the pump has no keys."""
        return self._keys == b""

    @property
    def kind(self):
        """For status: "open", "keys", or "unreadable" where nobody can have a session."""
        if self._keys is None:
            return "unreadable"
        return "keys" if self._keys else "open"

    def role(self, now_ms):
        """Of the session, "" for none."""
        return ROLES[self._role] if now_ms < self._end_ms else ""

    def challenge(self):
        """A nonce of 32 hex digits for the next login: boot, count, and 8 bytes of the chip's noise."""
        self._nonces += 1
        head = struct.pack("<II", self._chronicle.boot, self._nonces)
        self._nonce = binascii.hexlify(head + self._board.entropy()).decode()
        return self._nonce

    def locked_ms(self, now_ms):
        """How long nobody may log in, 0 for not locked."""
        return max(0, self._locked_until_ms - now_ms)

    def admit(self, now_ms, needs, request_id, body, sealed):
        """Lets a line that changes something through, or raises PumpError no_session, id_reused.

        needs: what protocol.MESSAGES says of it; `body` its JSON and `sealed` its seal, as they came.
        """
        self._body, self._seal = body, sealed
        if needs == protocol.OPEN or self.is_open:
            return
        if self._keys is None:
            raise PumpError("no_session", "the stored keys cannot be read: only stop is left, and the jumper at boot")
        if not self.role(now_ms) or not seal.is_same(seal.of(self._key, body), sealed):
            raise PumpError("no_session", "this needs a session: log in with a key of this pump")
        if request_id <= self._last_id:
            raise PumpError("id_reused", "within a session ids go up")
        if needs == protocol.CHANGE and ROLES[self._role] != protocol.CHANGE:
            raise PumpError("no_session", "this needs a session with the key of the role program")
        self._last_id = request_id
        self._end_ms = now_ms + SESSION_MS

    def is_worth_noting(self, now_ms):
        """Whether a line without a session is to go into the journal: one in LOCK_MS, or a stranger could fill it."""
        if now_ms < self._noted_until_ms:
            return False
        self._noted_until_ms = now_ms + LOCK_MS
        return True

    def login(self, now_ms, request_id, role, nonce):
        """Opens a session where the line at hand is sealed with the key of role and nonce; PumpError otherwise."""
        if self.is_open:
            raise PumpError("bad_state", "this pump has no keys: it is open to everybody")
        if self.locked_ms(now_ms):
            raise PumpError("locked", "too many failed logins: wait %d s" % -(-self.locked_ms(now_ms) // 1000))
        if role not in ROLES or not role:
            raise PumpError("bad_value", "role must be operate or program")
        if not nonce or nonce != self._nonce:
            raise PumpError("no_session", "this is not the newest nonce: ask for another challenge")
        self._nonce = ""                # whatever comes, it is good for once
        number = ROLES.index(role)
        keys = self._keys or b""
        key = seal.session_key(keys[(number - 1) * seal.KEY_SIZE:number * seal.KEY_SIZE], nonce)
        if not keys or not seal.is_same(seal.of(key, self._body), self._seal):
            self._fail(now_ms, number, request_id)
        self._note(now_ms, OPENED, number, 0, request_id)         # first: no session that the journal does not know of
        self._failures = 0
        self._role, self._key, self._last_id, self._end_ms = number, key, request_id, now_ms + SESSION_MS

    def set_keys(self, now_ms, request_id, keys):
        """Replaces the keys, b"" to open the pump; the session ends. In a session they come veiled.

        Durable when it returns. Both slots are written, so that no damage brings the old keys back.
        """
        if len(keys) not in (0, KEYS_SIZE):
            raise PumpError("bad_value", "keys must be of 64 bytes, or none")
        if keys and not self.is_open:
            keys = seal.veiled(self._key, request_id, keys)
        self._slots.save(keys)
        self._keys = keys
        self._slots.save(keys)
        role = self._role if now_ms < self._end_ms else 0
        self._note(now_ms, KEYS_SET if keys else KEYS_REMOVED, role, self._failures, request_id)
        self._end_ms = 0

    def _fail(self, now_ms, number, request_id):
        self._failures = min(self._failures + 1, 65535)
        code = FAILED
        if self._failures >= FAILURES_MAX:
            code = LOCKED
            self._locked_until_ms = now_ms + LOCK_MS
        self._note(now_ms, code, number, self._failures, request_id)
        raise PumpError("bad_key", "this is not the key of the role %s" % ROLES[number])

    def _note(self, now_ms, code, number, failures, request_id):
        self._chronicle.note(now_ms, record.EVENT_ACCESS, record.ACTOR_HOST, code, record.ACCESS, number, failures,
                             request_id)
