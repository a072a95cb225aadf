"""A running pump with keys that is sent lines, and its twin that is sent none. Owns what must stay the same."""

import tracemalloc

from pump import protocol, record
from pump.board import STOP_MARK
from pump.desk import REPLIES_KEPT
from pump.errors import CODES, PumpError
from pump.lines import TOO_LONG
from tests.pumps import ask, program, records, running_pump
from tests.sessions import Session, lock_up

REPLY_MAX = 2048              # bytes, as PROTOCOL.md has it
STEP_LINES = 200              # lines between two steps of time
STEP_MS = 1000
LOOK_LINES = 5000             # lines between two looks at everything
FAILED = ("internal", "storage")
FREE = ("next_seq", "memory_free", "session")         # of status: what lines without a session may move
MARK = b"@NONCE@"             # in a line: the newest nonce
DOCUMENT = program(plans=[[0, 36_000_000]])            # 36 mL/h: 100 steps/s of 100 nL


class FoundError(AssertionError):
    """A line did what it must not."""


class Disturbed:
    def __init__(self):
        self.lines = 0                  # that were sent
        self.granted = 0                # of them answered with ok
        self.pump, self._twin = _keyed(), _keyed()
        self._session = Session(self.pump)
        self._refresh()
        self.sealed = self._session.line("resume")     # refused while it runs; sent, so that it is remembered
        self.pump.send(self.sealed)
        self.pump.poll()
        self.pump.receive()
        self._nonce = b"0" * 32
        self._time_stands = False

    def feed(self, line):
        """Sends one line, or several with newlines between; FoundError where it is not answered as it must be.

        A right STOP is allowed to everybody and left out; its mark is one at a packet's head only.
        """
        line = line.replace(MARK, self._nonce)
        if line.startswith(STOP_MARK):
            line = b"\n" + line
        pieces = [piece for piece in line.split(b"\n") if piece.strip()]
        if any(_is_stop(piece) for piece in pieces):
            return
        pump = self.pump
        pump.send(line + b"\n")
        pump.poll()
        while pump.link.is_waiting():
            pump.poll()
        replies = pump.receive()
        if replies.count(b"\n") != len(pieces):
            raise FoundError(f"{replies.count(10)} replies to {len(pieces)} lines: {line!r}")
        for reply in replies.splitlines():
            self._judge(line, reply)
        self.lines += max(1, len(pieces))
        if not self._time_stands and self.lines % STEP_LINES < max(1, len(pieces)):
            self._step()

    def look(self):
        """Everything that must be as if nobody had sent anything; FoundError where it is not."""
        for name, there, here in (("status", _status(self.pump), _status(self._twin)),
                                  ("journal", _journal(self.pump), _journal(self._twin)),
                                  ("edges", _edges(self.pump), _edges(self._twin))):
            if there != here:
                raise FoundError(f"{name}: {there!r} where the twin has {here!r}")
        if self.pump.app.last_error:
            raise FoundError(self.pump.app.last_error)
        desk, lines = self.pump.app._desk, self.pump.app._lines
        if len(desk._replies) > REPLIES_KEPT or len(lines._line) > protocol.LINE_MAX + 256:
            raise FoundError("replies or a line beyond their bounds are kept")
        if self.pump.app.rig._pieces or self.pump.app.program._pieces:
            raise FoundError("a piece of a document was taken without a session")
        self._refresh()

    def grown_bytes(self, lines):
        """How many bytes more the firmware's objects hold after feeding `lines` than before; time stands still, for
        what is delivered is remembered too."""
        self._time_stands = True
        tracemalloc.start()
        before = _held()
        for line in lines:
            self.feed(line)
        grown = _held() - before
        tracemalloc.stop()
        self._time_stands = False
        self._refresh()
        return grown

    def _refresh(self):
        """Keeps the session open, by a line that is refused; one is opened anew where there is none any more."""
        if not ask(self.pump, "status")["session"]:
            self._session = Session(self.pump)
        self._session.send("resume")

    def _step(self):
        for pump in (self.pump, self._twin):
            pump.run_for(STEP_MS)
        if self.lines % LOOK_LINES < STEP_LINES:
            self.look()

    def _judge(self, line, reply):
        try:
            message, checked = protocol.unframe(reply)
        except PumpError as error:
            raise FoundError(f"{error}: {reply!r} to {line!r}")
        error = message.get("error", {}).get("code")
        if not checked or len(reply) >= REPLY_MAX or ("ok" in message) == ("error" in message):
            raise FoundError(f"{reply!r} to {line!r}")
        if error is not None and (error not in CODES or error in FAILED):
            raise FoundError(f"{error} to {line!r}: {self.pump.app.last_error}")
        if error is None:
            self.granted += 1
            if isinstance(message["ok"].get("nonce"), str):
                self._nonce = message["ok"]["nonce"].encode()


def _keyed():
    pump = running_pump(document=DOCUMENT)
    lock_up(pump)
    return pump


def _is_stop(piece):
    if len(piece) > protocol.LINE_MAX or piece == TOO_LONG:
        return False
    try:
        message, checked = protocol.unframe(piece)
    except PumpError:
        return False
    return checked and message.get("do") == "stop"


def _status(pump):
    found = ask(pump, "status")
    return {name: value for name, value in found.items() if name not in FREE}


def _journal(pump):
    """All records but those of refusals and logins, without their numbers and chains."""
    left_out = (record.EVENT_DENIED, record.EVENT_ACCESS)
    return [raw[4:52] for raw in records(pump) if record.header(raw)[7] not in left_out]


def _edges(pump):
    return pump.board.stepper.edges()


def _held():
    only = tracemalloc.Filter(True, "*/firmware/pump/*")
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([only]).traces)
