"""A host at the end of a simulated pump's link: requests, and a copy of the journal. Knows the protocol only."""

import binascii
import hashlib

from pump import protocol, record
from pump.board import STOP_MARK
from pump.errors import PumpError


class RefusedError(Exception):
    """The pump answered with an error: its `code`, and the message for people."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class NoAnswerError(ValueError):
    """Nothing whole came back. Whether the pump has done it, its journal knows."""


class Host:
    def __init__(self, pump, next_seq=0, first_id=1):
        """`next_seq`: the records before it are known already."""
        self._pump = pump
        self._id = first_id
        self.next_seq = next_seq

    def do(self, name, **fields):
        """The fields of the reply; RefusedError for an error, NoAnswerError where nothing whole comes back at once."""
        self._id += 1
        line = protocol.frame((("id", self._id), ("do", name), *fields.items()))
        self._pump.send(STOP_MARK + line if name == "stop" else line)
        self._pump.poll()
        message = self._reply()
        if message is None:
            raise NoAnswerError(f"the pump does not answer {name}")
        if "error" in message:
            raise RefusedError(message["error"]["code"], message["error"]["message"])
        return message["ok"]

    def _reply(self):
        """The answer to the last request, or None: a late one to an earlier one is none, nor is half a line."""
        for line in self._pump.receive().splitlines():
            try:
                message = protocol.unframe(line)[0]
            except PumpError:
                continue
            if message.get("id") in (self._id, None):     # None: the pump could not read it
                return message
        return None

    def stage(self, kind, body):
        """Sends a document in pieces."""
        for at in range(0, len(body), protocol.CHUNK_MAX):
            self.do("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])

    def pull(self):
        """The records since the last pull, 64 bytes each."""
        found = []
        while True:
            reply = self.do("log", **{"from": self.next_seq, "max": protocol.RECORDS_MAX})
            raw = binascii.a2b_base64(reply["records"])
            if not raw:
                return found
            self.next_seq = reply["first"] + len(raw) // record.SIZE
            found += [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]

    def commit(self, kind, body, confirm=1):
        """Sends a document and makes it the one in force."""
        self.stage(kind, body)
        self.do("commit", kind=kind, digest=hashlib.sha256(body).hexdigest(), confirm=confirm)
