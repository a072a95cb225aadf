"""The control channel of a served simulation: moves virtual time from outside. Both ends; no part of the pump.

Loopback TCP, one JSON object a line each way:
  {"do": "advance", "ms": 3600000}      lets exactly that much time pass, then replies
  {"do": "speed", "speed": 60}          times real time; "max" jumps, 0 stands still
  {"do": "status"}                      changes nothing
  {"do": "levels"}                      what there is around the pump: inputs, pressure, supply, motor, lamp, plant
  {"do": "faults"}                      all faults with their parameters, and which are active
  {"do": "fault", "name": "stall", "parameters": {}, "for_ms": 5000}    applies one; the last two may be left out
  {"do": "clear", "name": "stall"}      ends one, "all": all of them
  {"do": "power", "on": false}          cuts the power, or restores it
  {"do": "press", "button": "bolus", "ms": 200}       presses the button
Replies: {"ok": {"now_ms": ..., "speed": ..., "state": ..., and what was asked for}} or {"error": "..."}. The state is
the pump's own word, or "off".
"""

import json
import socket
from contextlib import contextmanager

from pumpsim.board import PRESS_MS
from pumpsim.faults import PowerCut, make
from pumpsim.faults.power import NAMES as POWER_FAULTS
from pumpsim.ports import LOOPBACK

LINE_MAX = 4096
ADVANCE_MAX_MS = 400 * 86_400_000
PRESS_MAX_MS = 60_000
BUTTONS = ("bolus",)
PLANT_LEVELS = ("delivered_ul", "pressure_kpa", "stored_ul", "leaked_ul", "missed_steps", "is_stalled")
SPEED_MAX = 1_000_000
PATIENCE_S = 600


class _ImpossibleError(Exception):
    """What is asked for is a request, and the simulation says why it cannot be."""


@contextmanager
def _possible():
    try:
        yield
    except ValueError as error:
        raise _ImpossibleError(str(error)) from None


class Control:
    """The server's end: takes bytes, answers each line. `server` has advance, set_speed, speed, state and pump."""

    def __init__(self, server):
        self._server = server
        self._buffer = b""
        self._requests = {"advance": self._advance, "speed": self._speed, "status": lambda message: {},
                          "levels": lambda message: levels(server.pump),
                          "faults": lambda message: {"faults": server.pump.faults.listed()},
                          "fault": self._fault, "clear": self._clear, "power": self._power, "press": self._press}

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
            answer = self._requests.get(message["do"])
            if answer is None:
                raise ValueError(f"do must be one of {', '.join(self._requests)}")
            found = answer(message)
        except _ImpossibleError as error:
            return {"error": str(error)}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            return {"error": f"no such request: {error}"}
        server = self._server
        return {"ok": {"now_ms": server.pump.now_ms, "speed": server.speed, "state": server.state} | found}

    def _advance(self, message):
        self._server.advance(whole_ms(message["ms"]))
        return {}

    def _speed(self, message):
        self._server.set_speed(read_speed(message["speed"]))
        return {}

    def _fault(self, message):
        for_ms = None if message.get("for_ms") is None else whole_ms(message["for_ms"])
        with _possible():
            self._server.pump.inject(make(message["name"], message.get("parameters")), for_ms)
        return {"active": self._server.pump.faults.active()}

    def _clear(self, message):
        faults = self._server.pump.faults
        with _possible():
            if message["name"] == "all":
                faults.clear_all()
            else:
                faults.clear(message["name"])
        return {"active": faults.active()}

    def _power(self, message):
        pump = self._server.pump
        if type(message["on"]) is not bool:
            raise ValueError("on must be true or false")
        if not message["on"]:
            pump.inject(PowerCut())
        elif not pump.is_on:
            for name in [name for name in pump.faults.active() if name in POWER_FAULTS]:
                pump.clear(name)
        return {"active": pump.faults.active()}

    def _press(self, message):
        if message.get("button", BUTTONS[0]) not in BUTTONS:
            raise ValueError(f"button must be one of {', '.join(BUTTONS)}")
        self._server.pump.press(whole_ms(message.get("ms", PRESS_MS), PRESS_MAX_MS))
        return {}


def levels(pump):
    """What there is around a pump at this instant: `inputs` as bits of pump.board.INPUT_*, `lamp` as PATTERN_*,
    `plant` with volumes in uL, or None."""
    board = pump.board
    plant = None
    if pump.plant:
        plant = {name: getattr(pump.plant, name) for name in PLANT_LEVELS}
    return {"plant": plant, "is_on": pump.is_on, "inputs": board.inputs.read(), "pressure": board.pressure.read(),
            "supply_mv": board.supply.read_mv(), "edges": board.stepper.edges(), "enabled": board.stepper.is_enabled,
            "reverse": board.stepper.is_reverse, "lamp": board.indicator.pattern, "clock_utc_s": board.rtc.read_utc_s()}


def whole_ms(value, most=ADVANCE_MAX_MS):
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"ms must be a whole number from 0 to {most}")
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

    def levels(self):
        """What there is around the pump: see `levels`."""
        return self.ask("levels")

    def faults(self):
        """All faults: a list of dictionaries with name, text, momentary, parameters and active (parameters or None)."""
        return self.ask("faults")["faults"]

    def fault(self, name, for_ms=None, **parameters):
        """Applies a fault; returns what is active then, parameters by name. ValueError where it cannot be applied."""
        return self.ask("fault", name=name, parameters=parameters, for_ms=for_ms)["active"]

    def clear(self, name="all"):
        """Ends one fault or all; returns what is still active."""
        return self.ask("clear", name=name)["active"]

    def power(self, on):
        """Cuts the power, or restores it."""
        self.ask("power", on=on)

    def press(self, ms=PRESS_MS, button=BUTTONS[0]):
        """Presses the button for `ms` of virtual time."""
        self.ask("press", ms=ms, button=button)
