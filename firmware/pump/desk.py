"""The desk: answers requests. Owns the table from message names to what the pump does, and the memory of replies.

One boundary turns refusals into replies: whatever a line holds, it gets one reply line, and a line that is refused
changes nothing. A request that is sent again with the same id gets the reply it had, and is not done twice (B-06).

A commit takes seconds on the device, so it is done in slices, one a poll, and answered at its end. Meanwhile reading
and STOP go on, and whatever else would change something is refused.
"""

import binascii

from pump import protocol, record
from pump.errors import CODES, PumpError
from pump.lines import TOO_LONG

REPLIES_KEPT = 8
SLOW = ("commit",)              # Service gives a generator: None as long as it is at work, then the reply's fields
NEVER_BUSY = ("stop",)
_MALFORMED = ("bad_request", "bad_value", "staging")       # never understood, so not a request that was denied


class Desk:
    def __init__(self, app):
        self._app = app
        self._replies = []              # (id, crc of the request, reply line), newest last
        self._job = None                # (id, crc of the request, name, generator) of the slow request under way

    @property
    def is_busy(self):
        """True while a slow request is under way: `work` is to be called."""
        return self._job is not None

    def answer(self, line, now_ms):
        """One reply line for one request line, newline included; b"" where it will come from `work`."""
        request_id = None
        try:
            if line == TOO_LONG:
                raise PumpError("bad_line", "a line may hold %d bytes" % protocol.LINE_MAX)
            message, checked = protocol.unframe(line)
            request_id = self._request_id(message)
            name = message.get("do")
            if not isinstance(name, str) or name not in protocol.MESSAGES:
                raise PumpError("unknown_request", "no such request; try hello")
            if protocol.MESSAGES[name][0] == protocol.READ:
                return self._outcome(request_id, name, now_ms, lambda: self._do(request_id, name, message, now_ms))
            if not checked or request_id is None:
                raise PumpError("bad_request", "%s needs an id and a CRC" % name)
            return self._once(request_id, name, message, line.strip(), now_ms)
        except PumpError as error:
            return self._refusal(request_id, error)

    def work(self, now_ms):
        """Does a slice of the slow request under way; its reply line when that was the last one, b"" otherwise."""
        return b"" if self._job is None else self._slice(now_ms, *self._job)

    def _slice(self, now_ms, request_id, crc, name, slices):
        """Apart from `work`: room for what a lambda uses is allocated at every call of its function."""
        reply = self._outcome(request_id, name, now_ms, lambda: next(slices))
        if reply:
            self._job = None
            self._keep(request_id, crc, reply)
        return reply

    def _once(self, request_id, name, message, line, now_ms):
        crc = binascii.crc32(line)
        known = self._replies + [(self._job[0], self._job[1], b"")] if self._job else self._replies
        for known_id, known_crc, reply in known:
            if known_id == request_id:
                if known_crc != crc:
                    raise PumpError("id_reused", "this id belonged to another request")
                return reply
        self._admit(request_id, name, line, now_ms)
        if name in SLOW and not self._job:
            self._job = (request_id, crc, name, self._slices(request_id, name, message, now_ms))
            return b""
        reply = self._outcome(request_id, name, now_ms, lambda: self._do_unless_busy(request_id, name, message, now_ms))
        self._keep(request_id, crc, reply)
        return reply

    def _admit(self, request_id, name, line, now_ms):
        """Raises PumpError where the line's session does not allow it. Such a line takes no place among the replies."""
        access = self._app.access
        body, sealed = protocol.unsealed(line[:-protocol.CRC_SIZE])
        try:
            access.admit(now_ms, protocol.MESSAGES[name][0], request_id, body, sealed)
        except PumpError as error:
            if access.is_worth_noting(now_ms):
                self._log_denied(now_ms, name, request_id, error)
            raise

    def _do_unless_busy(self, request_id, name, message, now_ms):
        if self._job and name not in NEVER_BUSY:
            raise PumpError("busy", "a commit is being checked: wait for its reply; stop is allowed")
        return self._do(request_id, name, message, now_ms)

    def _keep(self, request_id, crc, reply):
        self._replies.append((request_id, crc, reply))
        if len(self._replies) > REPLIES_KEPT:
            del self._replies[0]

    def _do(self, request_id, name, message, now_ms):
        """What the service answers to a request, or begins to."""
        arguments = protocol.arguments(name, message)
        if protocol.MESSAGES[name][0] != protocol.READ:
            self._app.controller.operator_seen(now_ms)
        return getattr(self._app.service, name)(now_ms, request_id, *arguments)

    def _slices(self, request_id, name, message, now_ms):
        """A slow request as a generator from its very beginning, so that every refusal of it comes out of `work`."""
        yield from self._do(request_id, name, message, now_ms)

    def _outcome(self, request_id, name, now_ms, do):
        """The reply to what `do()` answers, whatever happens; b"" where that is None: not yet."""
        changes = protocol.MESSAGES[name][0] != protocol.READ
        try:
            value = do()
            return b"" if value is None else self._reply(request_id, "ok", value)
        except PumpError as error:
            if changes and error.code not in _MALFORMED:
                self._log_denied(now_ms, name, request_id, error)
            return self._refusal(request_id, error)
        except OSError:
            self._app.storage_fault(now_ms)
            return self._refusal(request_id, PumpError("storage", "the pump's storage failed; the motor is off"))
        except Exception as error:      # the host is answered even then (C-01, P-05)
            self._app.firmware_error(now_ms, error)
            return self._refusal(request_id, PumpError("internal", "the firmware failed; the motor is off"))

    def _log_denied(self, now_ms, name, request_id, error):
        """A refused request is an event too (J-01); where the journal cannot take it, the refusal stands."""
        try:
            self._app.parts.chronicle.note(now_ms, record.EVENT_DENIED, record.ACTOR_HOST, CODES.index(error.code),
                                           record.REQUEST, name.encode(), request_id)
        except OSError:
            self._app.storage_fault(now_ms)

    def _request_id(self, message):
        if "id" not in message:
            message["id"] = None        # typed by a person
        request_id = message["id"]
        if request_id is not None and (type(request_id) is not int or not 0 <= request_id <= protocol.ID_MAX):
            raise PumpError("bad_request", "id must be an integer from 0 to %d" % protocol.ID_MAX)
        return request_id

    def _reply(self, request_id, key, value):
        return protocol.frame((("id", request_id), (key, value), ("board", self._app.board.name),
                               ("protocol", protocol.PROTOCOL_VERSION)))

    def _refusal(self, request_id, error):
        return self._reply(request_id, "error", (("code", error.code), ("message", error.message)))
