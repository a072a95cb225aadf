"""A simulated pump in a process of its own, for a page that has none: a host reaches it like any other pump.

Owns the process, its control channel and what a class may do to it. Knows no page. All methods block for a moment and
may be called from any thread.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pumpctl.errors import HostError

READY = re.compile(r"ready: link (\S+), control tcp:(\d+), speed \S+\n")
SPEEDS = (0, 1, 60, 1000, 10_000, 100_000)
END_S = 10
LOOK_S = 0.5

# The line behind the pump, a typical one (sim/README.md): an occlusion takes its time, and a leak nobody sees
LINE = {"compliance_ul_per_kpa": 1.5, "resistance_kpa_s_per_ul": 0.06, "stall_kpa": 150, "counts_per_kpa": 10}


@dataclass(frozen=True)
class Deed:
    """What a button does: faults of the simulator by name, each with its parameters."""

    label: str
    key: str
    fault: str
    parameters: tuple[tuple[str, Any], ...] = ()


DEEDS = (
    Deed("Occlusion", "o", "occlusion"),
    Deed("Leak", "d", "leak", (("leak_kpa_s_per_ul", 0.02),)),
    Deed("End of travel", "e", "limit_switch"),
    Deed("Supply low", "l", "supply_low", (("mv", 2800),)),
    Deed("Clock lost", "c", "clock_lost"),
    Deed("Unplug USB", "u", "unplug"),
    Deed("Power cut", "x", "power_cut"),
)


@dataclass(frozen=True)
class Known:
    """What the simulator said last: its speed, the faults that are active, its state ("off" without power), and what
    a bench would measure: pressure behind the pump, and what came out of the line.
    """

    speed: float | str = 1
    active: frozenset[str] = frozenset()
    state: str = ""
    pressure_kpa: float = 0.0
    outlet_nl: int = 0
    reason: str = ""              # why it does not answer


class Simulation:
    """`start` makes one. Its process ends with this one, however that ends."""

    def __init__(self, process: subprocess.Popen, port: str, control_port: int):
        from pumpsim.control import ControlClient

        self.port = port
        self.known = Known()
        self._process = process
        self._client = ControlClient(control_port)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="simulation", daemon=True)
        self._watcher.start()

    @classmethod
    def start(cls, rig: bytes) -> Simulation:
        """A new pump on a line, in real time, with the head of a rig document; HostError where it cannot be."""
        document = json.loads(rig)
        plant = {"ul_per_rev": document["pl_per_rev"] / 1e6, "steps_per_rev": document["steps_per_rev"], **LINE}
        words = [sys.executable, "-m", "pumpsim", "serve", "--link", "tcp:0", "--control", "tcp:0", "--speed", "1",
                 "--attached", "--battery-clock", *(f"--plant={name}={value}" for name, value in plant.items())]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        assert process.stdout and process.stderr
        found = READY.fullmatch(process.stdout.readline())
        if found is None:
            process.terminate()
            said = (process.stderr.read().strip().splitlines() or ["it ended at once"])[-1]
            raise HostError(f"the simulated pump does not start: {said}",
                            "pumpsim serve needs Linux or macOS; a real pump works everywhere")
        return cls(process, found[1], int(found[2]))

    def close(self) -> None:
        """Ends the process."""
        self._ending.set()
        self._watcher.join(END_S)
        self._client.__exit__()
        self._process.terminate()
        self._process.wait(END_S)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def set_speed(self, speed: float) -> None:
        """Times real time, 0 for time that stands still."""
        self._ask(lambda client: client.set_speed(speed))

    def turn(self, deed: Deed) -> None:
        """Applies the fault, or ends it where it is active; HostError where the simulator cannot."""
        if deed.fault in self.known.active:
            self._ask(lambda client: client.clear(deed.fault))
        else:
            self._ask(lambda client: client.fault(deed.fault, **dict(deed.parameters)))

    def clear(self) -> None:
        """Ends all faults; the power comes back."""
        self._ask(lambda client: client.clear())

    def press(self) -> None:
        """Presses the pump's button."""
        self._ask(lambda client: client.press(200))

    def _ask(self, job: Callable[[Any], object]) -> None:
        try:
            with self._lock:
                job(self._client)
                self._look()
        except (ValueError, OSError) as error:
            raise HostError(f"the simulator: {error}")

    def _look(self) -> None:
        status = self._client.levels()
        plant = status["plant"]
        active = frozenset(each["name"] for each in self._client.faults() if each["active"] is not None)
        self.known = Known(status["speed"], active, status["state"], plant["pressure_kpa"],
                           int(plant["delivered_ul"] * 1000))

    def _watch(self) -> None:
        while not self._ending.wait(LOOK_S):
            try:
                with self._lock:
                    self._look()
            except (ValueError, OSError) as error:
                self.known = replace(self.known, state="", reason=f"the simulator: {error}")
