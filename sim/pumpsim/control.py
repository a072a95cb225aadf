"""The control channel of a served simulation: moves virtual time from outside. Both ends; no part of the pump.

Loopback TCP, one JSON object a line each way:
  {"do": "advance", "ms": 3600000}      lets exactly that much time pass, then replies
  {"do": "speed", "speed": 60}          times real time; "max" jumps, 0 stands still
  {"do": "status"}                      changes nothing
Replies: {"ok": {"now_ms": ..., "speed": ..., "state": ...}} or {"error": "..."}.
"""

import json
import socket

from pumpsim.ports import LOOPBACK

LINE_MAX = 4096
ADVANCE_MAX_MS = 400 * 86_400_000
SPEED_MAX = 1_000_000
PATIENCE_S = 600


class Control:
    """The server's end: takes bytes, answers each line. `server` has advance, set_speed, speed and pump."""

    def __init__(self, server):
        self._server = server
        self._buffer = b""

    def begin(self):
        """A new peer: what the last one left unfinished is forgotten."""
        self._buffer = b""

    def take(self, data, reply):
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._buffer = self._buffer[:LINE_MAX]
        for line in lines:
            reply(json.dumps(self._answer(line)).encode() + b"\n")

    def _answer(self, line):
        try:
            message = json.loads(line)
            do = message["do"]
            if do == "advance":
                self._server.advance(whole_ms(message["ms"]))
            elif do == "speed":
                self._server.set_speed(read_speed(message["speed"]))
            elif do != "status":
                raise ValueError("do must be advance, speed or status")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return {"error": f"no such request: {error}"}
        server = self._server
        return {"ok": {"now_ms": server.pump.now_ms, "speed": server.speed, "state": server.state}}


def whole_ms(value):
    if type(value) is not int or not 0 <= value <= ADVANCE_MAX_MS:
        raise ValueError(f"ms must be a whole number from 0 to {ADVANCE_MAX_MS}")
    return value


def read_speed(value):
    """A factor from 0 to SPEED_MAX or "max"; ValueError for anything else."""
    if value == "max":
        return value
    factor = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1
    if not 0 <= factor <= SPEED_MAX:
        raise ValueError(f"speed must be max, or a factor from 0 to {SPEED_MAX}")
    return int(factor) if factor == int(factor) else factor


class ControlClient:
    """The other end, for tests and demos; a context manager."""

    def __init__(self, port):
        """Connects to the control channel on the loopback `port`; OSError where nobody listens."""
        self._socket = socket.create_connection((LOOPBACK, port), timeout=PATIENCE_S)
        self._file = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._file.close()
        self._socket.close()

    def ask(self, do, **values):
        """The reply's fields; ValueError with its text where the server refuses, OSError where it is gone."""
        self._socket.sendall(json.dumps({"do": do, **values}).encode() + b"\n")
        line = self._file.readline()
        if not line:
            raise ConnectionError("the simulation has ended")
        reply = json.loads(line)
        if "error" in reply:
            raise ValueError(reply["error"])
        return reply["ok"]

    def advance(self, ms):
        """Lets `ms` of virtual time pass; returns the time since the simulation began, in ms."""
        return self.ask("advance", ms=ms)["now_ms"]

    def set_speed(self, speed):
        self.ask("speed", speed=speed)

    def status(self):
        return self.ask("status")
