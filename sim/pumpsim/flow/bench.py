"""A rig on the bench: a pump with a plant over a balance, programmed over its link. Owns how it is set up and read."""

import json

import numpy as np

from flowtest.flow import flow_of
from flowtest.water import Liquid
from pump import record
from pumpsim.device import SimPump
from pumpsim.host import Host, RefusedError
from pumpsim.plant import Plant

START_UTC_MS = 1_767_225_600_000           # 2026-01-01: any
NO_LIMITS = {"max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 0, "max_24h_nl": 0}
LOW_PART = 3                               # the operator fills the reservoir below a third
LOOK_S = 60


class FlowBench:
    """A fresh pump with this rig document, running at a constant rate. Times in s since `begin`."""

    def __init__(self, rig, effects, rate_nl_per_h):
        """effects: parameters of the plant. ValueError, with what to do, where the pump refuses rig or rate."""
        self.rig = rig
        self.plant = Plant.of_rig(rig, "water", **effects)
        self.pump = SimPump(plant=self.plant)
        self.host = Host(self.pump)
        p = self.plant.parameters
        still = Liquid(p.temperature_c)
        self.liquid = Liquid(p.temperature_c, evaporation_mg_per_h=p.evaporation_ul_per_h / still.ul_per_mg)
        self._program(rate_nl_per_h)

    def _program(self, rate_nl_per_h):
        program = {"v": 1, "name": "flow test", "fluid": {"name": "water", "ng_per_ml": 0},
                   "zone": {"name": "UTC", "first_offset_min": 0, "changes": []}, "days": [0] * 7,
                   "plans": [[0, rate_nl_per_h, rate_nl_per_h]], "boluses": [], "periodic": [], "on_demand": [],
                   "limits": NO_LIMITS, "soft_limits": NO_LIMITS, "ends": {"after_s": 0, "volume_nl": 0}, "low_nl": 0,
                   "minimum_nl_per_h": 0, "resume": "stopped"}
        try:
            for kind, document in (("rig", self.rig), ("program", program)):
                self.host.commit(kind, json.dumps(document).encode())
            self.host.do("clock", utc_ms=START_UTC_MS)
            self.host.do("ack")
            self.begin_ms = self.pump.now_ms
            self.host.do("start")
        except RefusedError as error:
            raise ValueError(f"{rate_nl_per_h / 1000:g} uL/h: the pump refuses it: {error}; choose another --rate") \
                from None

    @property
    def status(self):
        return self.host.do("status")

    def wait(self, seconds):
        """Lets time pass; the reservoir is kept full."""
        end_ms = self.pump.now_ms + round(seconds * 1000)
        while self.pump.now_ms < end_ms:
            self._fill()
            self.pump.run_until(min(end_ms, self.pump.now_ms + self._fill_every_ms()))

    def prime(self, volume_nl):
        """Fills the line, and waits for it."""
        self.host.do("prime", volume_nl=min(volume_nl, self.rig["max_prime_nl"]))
        while self.status["state"] == "priming":
            self.pump.run_for(1000)

    def _fill_every_ms(self):
        """At the hourly limit the reservoir lasts longer."""
        return max(60_000, 3_600_000 * self.rig["reservoir_nl"] // (LOW_PART * self.rig["max_1h_nl"]))

    def _fill(self):
        level_nl = self.status["reservoir_nl"]
        if level_nl * LOW_PART < self.rig["reservoir_nl"]:
            self.host.do("refill", added_nl=self.rig["reservoir_nl"] - level_nl, withdrawn_nl=-1)

    def weigh(self):
        """(seconds since the start by a perfect clock, what the balance reads in mg)."""
        return (self.pump.now_ms - self.begin_ms) / 1000, self.plant.balance_mg()

    def weighed(self, length_s, every_s):
        """(times, masses) of readings from now on."""
        found = [self.weigh()]
        for _ in range(int(length_s / every_s)):
            self.wait(every_s)
            found.append(self.weigh())
        times, masses = zip(*found, strict=True)
        return np.array(times), np.array(masses)

    def flow(self, times, masses):
        return flow_of(times, masses, self.liquid)

    def until_fault(self, most_s):
        """Lets time pass until the pump has stopped itself; ms of this instant as the journal has it, or None."""
        end_ms = self.pump.now_ms + round(most_s * 1000)
        while self.status["state"] == "running" and self.pump.now_ms < end_ms:
            self.wait(min(LOOK_S, (end_ms - self.pump.now_ms) / 1000))
        faults = [raw for raw in self.host.pull() if record.header(raw)[7] == record.EVENT_FAULT]
        return record.header(faults[-1])[2] * 1000 + record.header(faults[-1])[4] if faults else None
