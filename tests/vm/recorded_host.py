"""A host and its simulated pump with a recorder in between: what a scenario is played with. Knows the protocol."""

import binascii
import hashlib
import json

from pump import protocol, record
from pumpsim.device import SimPump
from tests.pumps import START_UTC_MS, body_of
from tests.vm.board_recorder import Recorder


class Host:
    """The host's end of the link; `recorder` sees the board's."""

    def __init__(self):
        self.recorder = Recorder()
        self.pump = SimPump(wrap_board=self.recorder.board)
        self.pump.app = self.recorder.app(self.pump.app)
        self.records = []               # pulled from the journal, 64 bytes each
        self.codes = set()              # of errors that were answered
        self._id = 0

    def reboot(self, cause):
        self.pump.boot(cause)
        self.pump.app = self.recorder.app(self.pump.app)

    def send(self, line):
        """Sends a line as it is, and returns the reply lines of one poll."""
        self.pump.send(line)
        self.pump.poll()
        return self.pump.receive()

    def next_id(self):
        self._id += 1
        return self._id

    def ask(self, name, **fields):
        """Sends a request with a new id; returns the reply as a dict."""
        reply = self.send(protocol.frame((("id", self.next_id()), ("do", name), *fields.items())))
        message = protocol.unframe(reply)[0]
        if "error" in message:
            self.codes.add(message["error"]["code"])
        return message

    def do(self, name, **fields):
        """A request that must succeed; returns the reply's fields."""
        return expect_ok(self.ask(name, **fields))

    def refused(self, code, name, **fields):
        """A request that must be refused with this code."""
        reply = self.ask(name, **fields)
        if "error" not in reply or reply["error"]["code"] != code:
            raise AssertionError(f"the scenario expects {name} to be refused as {code}: {json.dumps(reply)}")

    def ready(self, rig, program, utc_ms=START_UTC_MS):
        """Pushes both documents (dicts) and sets the clock."""
        expect_ok(self.push("rig", body_of(rig)))
        expect_ok(self.push("program", body_of(program)))
        self.do("clock", utc_ms=utc_ms)
        self.do("ack")

    def push(self, kind, body, confirm=0):
        """Stages and commits a document."""
        for at in range(0, len(body), protocol.CHUNK_MAX):
            self.ask("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
        return self.ask("commit", kind=kind, digest=hashlib.sha256(body).hexdigest(), confirm=confirm)

    def pull(self):
        """Reads the journal on from where the last pull ended, and tells the pump so."""
        while True:
            reply = self.do("log", **{"from": len(self.records), "max": protocol.RECORDS_MAX})
            raw = binascii.a2b_base64(reply["records"])
            if not raw:
                self.do("pulled", next=len(self.records), chain=record.chain_of(self.records[-1]).hex())
                self.refused("bad_value", "pulled", next=len(self.records), chain="00" * record.CHAIN_SIZE)
                return
            self.records += [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]


def expect_ok(reply):
    """The fields of a reply that must not be a refusal."""
    if "ok" not in reply:
        raise AssertionError(f"the scenario expects this to succeed: {json.dumps(reply)}")
    return reply["ok"]
