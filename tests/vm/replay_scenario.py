"""What the replay covers: the demo's seven days with the daylight-saving change, driven through the link.

On top of the demo come the other requests, wrong lines, a power cut and a chip that refuses: everything that makes
the firmware take another path.
"""

import binascii
import hashlib
import json

from pump import protocol, record
from pump.board import CAUSE_WATCHDOG
from pumpsim.device import SimPump
from tests.vm.board_recorder import Recorder

HOUR_MS = 3_600_000
IO_ERROR = -5                           # LFS_ERR_IO


class Host:
    """The host's end of the link; `recorder` sees the board's."""

    def __init__(self):
        self.recorder = Recorder()
        self.pump = SimPump(wrap_board=self.recorder.board)
        self.pump.app = self.recorder.app(self.pump.app)
        self._id = 0
        self._next_seq = 0

    def reboot(self, cause):
        self.pump.boot(cause)
        self.pump.app = self.recorder.app(self.pump.app)

    def send(self, line):
        """Sends a line as it is, and returns the reply lines of one poll."""
        self.pump.send(line)
        self.pump.poll()
        return self.pump.receive()

    def ask(self, name, **fields):
        """Sends a request with a new id; returns the reply as a dict."""
        self._id += 1
        reply = self.send(protocol.frame((("id", self._id), ("do", name), *fields.items())))
        return protocol.unframe(reply)[0]

    def push(self, kind, body):
        """Stages and commits a document."""
        for at in range(0, len(body), protocol.CHUNK_MAX):
            self.ask("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
        return self.ask("commit", kind=kind, digest=hashlib.sha256(body).hexdigest())

    def pull(self):
        """Reads the journal on from where the last pull ended."""
        while True:
            reply = self.ask("log", **{"from": self._next_seq, "max": protocol.RECORDS_MAX})["ok"]
            count = len(binascii.a2b_base64(reply["records"])) // record.SIZE
            if not count:
                return
            self._next_seq = reply["first"] + count


def record_scenario(rig, program, start_utc_ms):
    """The lines of the record; `rig` and `program` are document bytes, `start_utc_ms` is the first local midnight."""
    host = Host()
    _talk_nonsense(host)
    host.ask("hello")
    host.ask("start")                                   # refused: nothing is stored
    _expect_ok(host.push("rig", rig))
    host.ask("commit", kind="program", digest="0" * 64)                 # refused: wrong digest
    _expect_ok(host.push("program", program))
    host.ask("start")                                   # refused: the clock is not set
    _expect_ok(host.ask("clock", utc_ms=start_utc_ms))
    _expect_ok(host.ask("start"))
    for day in range(7):
        _a_day(host, day, start_utc_ms)
    host.ask("stop")
    host.pull()
    _fail_the_chip(host)
    return host.recorder.lines


def _a_day(host, day, start_utc_ms):
    for hour in range(24):
        host.pump.run_for(HOUR_MS)
        if hour % 6 == 2:
            host.ask("status")
            host.pull()
        if hour == 9:
            _expect_ok(host.ask("suspend"))
            host.pump.run_for(90_000)
            host.ask("suspend")                         # refused: it is suspended
            _expect_ok(host.ask("resume"))
    if day == 1:
        _expect_ok(host.ask("clock", utc_ms=start_utc_ms + host.pump.now_ms + 1500))
    if day == 2:
        _talk_nonsense(host)
    if day == 4:
        host.reboot(CAUSE_WATCHDOG)
        host.ask("clock", utc_ms=start_utc_ms + host.pump.now_ms)
        _expect_ok(host.ask("start"))


def _talk_nonsense(host):
    """Lines that are refused, and one that is repeated."""
    good = protocol.frame((("id", 900), ("do", "stage"), ("kind", "rig"), ("at", 0), ("data", b"abc")))
    host.send(good)
    host.send(good)                                     # answered from memory
    host.send(protocol.frame((("id", 900), ("do", "ack"))))             # id_reused
    host.send(good[:-9] + b"00000000\n")                # bad_crc
    host.send(b"x" * (protocol.LINE_MAX + 1) + b"\n")   # bad_line: too long
    host.send(b'{"do":"hello"}\n\n{"do":"dance"}\nnonsense\n\xff\xfe\n')
    host.send(protocol.frame((("id", 901), ("do", "stage"), ("kind", "rig"), ("at", 7), ("data", b"abc"))))
    host.send(protocol.frame((("id", 902), ("do", "clock"), ("utc_ms", -1))))
    host.send(good[:20])                                # a line in two pieces
    host.send(good[20:])


def _fail_the_chip(host):
    """The flash refuses to program: a fault, which is then acknowledged when the chip is well again."""
    flash = host.pump.flash
    _expect_ok(host.ask("start"))
    host.pump.run_for(HOUR_MS)
    flash.prog = lambda cfg, block, off, data: IO_ERROR
    host.pump.run_for(HOUR_MS)
    host.ask("ack")
    host.ask("status")
    del flash.prog
    host.ask("ack")
    host.ask("status")


def _expect_ok(reply):
    if "ok" not in reply:
        raise AssertionError(f"the scenario expects this to succeed: {json.dumps(reply)}")
