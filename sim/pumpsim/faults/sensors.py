"""Faults of what the pump measures and computes with: pressure, supply, memory, step counter, an exception."""

from pump.board import PRESSURE_BROKEN
from pumpsim.faults.fault import Fault, fault, parameter

COUNTS_MAX = 16_777_216


@fault("pressure")
class Pressure(Fault):
    """The pressure or force sensor reads so many counts."""

    part = "pressure"
    counts: int = parameter(1000, "counts", "what is read; the rig's limit is pressure_limit", 0, COUNTS_MAX)

    def apply(self, pump):
        pump.bench.pressure.forced = (self.counts,)

    def clear(self, pump, kept):
        pump.bench.pressure.forced = ()


@fault("pressure_sensor_broken")
class PressureSensorBroken(Fault):
    """The sensor that is fitted reads nothing, or the same for ever."""

    part = "pressure"
    reads: str = parameter("nothing", "", "what is read: nothing, zero, or the value of this moment",
                           choices=("nothing", "zero", "frozen"))

    def apply(self, pump):
        pressure = pump.bench.pressure
        if pressure.level is None:
            raise ValueError("no pressure sensor is fitted that could break; fit one: bench.pressure.level = 0")
        pressure.forced = ({"nothing": PRESSURE_BROKEN, "zero": 0, "frozen": pressure.level}[self.reads],)

    def clear(self, pump, kept):
        pump.bench.pressure.forced = ()


@fault("supply_low")
class SupplyLow(Fault):
    """The supply voltage reads low; the rig's limit is supply_low_mv."""

    part = "supply"
    mv: int = parameter(2800, "mV", "what the pump measures", 1800, 6000)

    def apply(self, pump):
        pump.bench.supply.forced = (self.mv,)

    def clear(self, pump, kept):
        pump.bench.supply.forced = ()


@fault("memory_low")
class MemoryLow(Fault):
    """Little heap is left: the self-test at boot, and once a day, finds it."""

    part = "memory"
    free: int = parameter(10_000, "bytes", "what is left", 0, 260_000)

    def apply(self, pump):
        kept = pump.bench.memory_free
        pump.bench.memory_free = self.free
        return kept

    def clear(self, pump, kept):
        pump.bench.memory_free = kept


@fault("extra_steps")
class ExtraSteps(Fault):
    """The counter on the step pin sees edges that the pump did not make, or misses some that it did."""

    is_momentary = True
    steps: int = parameter(3, "steps", "counted too many; below 0: of those to come, missed", -10_000, 10_000)

    def apply(self, pump):
        if not pump.is_on:
            raise ValueError("extra_steps needs a pump that has power; restore the power first")
        if self.steps < 0:
            pump.board.counter.miss(-self.steps)
        else:
            pump.board.counter.extra += self.steps


@fault("firmware_error")
class FirmwareError(Fault):
    """Something in the firmware raises that must not: here, the reading of the inputs, once."""

    is_momentary = True

    def apply(self, pump):
        inputs = pump.bench.inputs

        def read():
            del inputs.read
            raise RuntimeError("injected")

        inputs.read = read
