"""The desk: answers requests. Owns the table from message names to what the pump does, and the memory of replies.

One boundary turns refusals into replies: whatever a line holds, it gets one reply line, and a line that is refused
changes nothing. A request that is sent again with the same id gets the reply it had, and is not done twice (B-06).
"""

import binascii

from pump import protocol, record
from pump.errors import CODES, PumpError
from pump.lines import TOO_LONG

REPLIES_KEPT = 8
_MALFORMED = ("bad_request", "bad_value", "staging")       # never understood, so not a request that was denied


class Desk:
    def __init__(self, app):
        self._app = app
        self._replies = []              # (id, crc of the request, reply line), newest last

    def answer(self, line, now_ms):
        """One reply line for one request line, newline included."""
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
                return self._outcome(request_id, name, message, now_ms)
            if not checked or request_id is None:
                raise PumpError("bad_request", "%s needs an id and a CRC" % name)
            return self._once(request_id, name, message, line, now_ms)
        except PumpError as error:
            return self._refusal(request_id, error)

    def _once(self, request_id, name, message, line, now_ms):
        crc = binascii.crc32(line.strip())
        for known_id, known_crc, reply in self._replies:
            if known_id == request_id:
                if known_crc != crc:
                    raise PumpError("id_reused", "this id belonged to another request")
                return reply
        reply = self._outcome(request_id, name, message, now_ms)
        self._replies.append((request_id, crc, reply))
        if len(self._replies) > REPLIES_KEPT:
            del self._replies[0]
        return reply

    def _outcome(self, request_id, name, message, now_ms):
        """Does what is asked, now; the reply to it, whatever happens."""
        changes = protocol.MESSAGES[name][0] != protocol.READ
        try:
            arguments = protocol.arguments(name, message)
            if changes:
                self._app.controller.operator_seen(now_ms)
            value = getattr(self._app.service, name)(now_ms, request_id, *arguments)
            return self._reply(request_id, "ok", value)
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
