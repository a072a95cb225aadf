"""Faults of what the pump measures and computes with: pressure, supply, memory, step counter, an exception."""

from pump.board import PRESSURE_BROKEN
from pumpsim.faults.fault import Fault, fault, parameter

COUNTS_MAX = 16_777_216


@fault("pressure")
class Pressure(Fault):
    """The pressure or force sensor reads so many counts."""

    parts = ("pressure",)
    counts: int = parameter(1000, "counts", "what is read; the rig's limit is pressure_limit", 0, COUNTS_MAX)

    def require(self, pump):
        rig = pump.app.controller.rig
        if pump.bench.pressure.sensed is None and rig and not rig.has_pressure:
            raise ValueError("pressure needs a sensor, and the pump's rig has none; push one that has")

    def apply(self, pump):
        pump.bench.pressure.forced = (self.counts,)

    def clear(self, pump, kept):
        pump.bench.pressure.forced = ()


@fault("pressure_sensor_broken")
class PressureSensorBroken(Fault):
    """The sensor that is fitted reads nothing, or the same for ever."""

    parts = ("pressure",)
    reads: str = parameter("nothing", "", "what is read: nothing, zero, or the value of this moment",
                           choices=("nothing", "zero", "frozen"))

    def require(self, pump):
        if pump.bench.pressure.sensed is None:
            raise ValueError("no pressure sensor is fitted that could break; fit one: bench.pressure.level = 0")

    def apply(self, pump):
        pressure = pump.bench.pressure
        pressure.forced = ({"nothing": PRESSURE_BROKEN, "zero": 0, "frozen": pressure.sensed}[self.reads],)

    def clear(self, pump, kept):
        pump.bench.pressure.forced = ()


@fault("supply_low")
class SupplyLow(Fault):
    """The supply voltage reads low; the rig's limit is supply_low_mv."""

    parts = ("supply",)
    mv: int = parameter(2800, "mV", "what the pump measures", 1800, 6000)

    def apply(self, pump):
        pump.bench.supply.forced = (self.mv,)

    def clear(self, pump, kept):
        pump.bench.supply.forced = ()


@fault("memory_low")
class MemoryLow(Fault):
    """Little heap is left: the self-test at boot, and once a day, finds it."""

    parts = ("memory",)
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

    def require(self, pump):
        if not pump.is_on:
            raise ValueError("extra_steps needs a pump that has power; restore the power first")

    def apply(self, pump):
        if self.steps < 0:
            pump.board.counter.miss(-self.steps)
        else:
            pump.board.counter.extra += self.steps


@fault("counter_dead")
class CounterDead(Fault):
    """The counter on the step pin sees no edge any more: a run finds too few, a boot that it does not count."""

    def apply(self, pump):
        self._set(pump, True)

    def clear(self, pump, kept):
        self._set(pump, False)

    @staticmethod
    def _set(pump, is_dead):
        pump.bench.is_counter_dead = is_dead
        if pump.is_on:                                  # or at its next boot
            pump.board.counter.die(is_dead)


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
