"""Faults of the power and of the interpreter's life: cut, torn, brown-out, watchdog."""

from random import Random

from pumpsim.faults.fault import Fault, fault, parameter
from pumpsim.flash_trap import TORN, WAYS, FlashTrap

WATCHDOG_MS = 2000            # the board's; it is fed by every poll (P-02)
OFF_BELOW_MV = 1800           # the Pico's converter works from 1.8 V on (Raspberry Pi Pico datasheet, VSYS)
OFF_MAX_S = 31_536_000


class _NeedsPower(Fault):
    parts = ("power",)

    def require(self, pump):
        if not pump.is_on:
            raise ValueError(f"{self.name} needs a pump that has power; restore the power first")


class _Cut(_NeedsPower):
    def clear(self, pump, kept):
        pump.power_on()


@fault("power_cut")
class PowerCut(_Cut):
    """The power goes now, and comes back when the fault is cleared."""

    def apply(self, pump):
        pump.power_off()


@fault("power_cut_at_flash")
class PowerCutAtFlash(_Cut):
    """The power goes in the middle of a flash operation: a page of 256 bytes programmed or a sector erased."""

    operation: int = parameter(1, "", "which operation from now on", 1, 1_000_000_000)
    way: str = parameter(TORN, "", "what becomes of the operation", choices=WAYS)
    off_s: int = parameter(0, "s", "how long the power is off; 0: until cleared", 0, OFF_MAX_S)
    seed: int = parameter(0, "", "of the dice that tear it", 0, 1 << 31)

    def apply(self, pump):
        pump.flash.trap = FlashTrap(self.operation, self.way, Random(self.seed))
        pump.on_power_cut = lambda: self.off_s and pump.after_ms(1000 * self.off_s, lambda: pump.faults.end(self))

    def clear(self, pump, kept):
        pump.flash.trap = pump.on_power_cut = None
        pump.power_on()


@fault("brown_out")
class BrownOut(_Cut):
    """The supply dips; below 1.8 V the chip has no power for as long, above it only measures the dip."""

    parts = ("power", "supply")
    mv: int = parameter(1500, "mV", "the supply in the dip", 0, 6000)
    ms: int = parameter(50, "ms", "how long the dip lasts", 1, 3_600_000)

    @property
    def own_ms(self):
        return self.ms

    def apply(self, pump):
        pump.bench.supply.forced = (self.mv,)
        if self.mv < OFF_BELOW_MV:
            pump.power_off()

    def clear(self, pump, kept):
        pump.bench.supply.forced = ()
        pump.power_on()


@fault("watchdog")
class Watchdog(_NeedsPower):
    """The interpreter hangs while the pulses go on; when the watchdog's time is over it resets the chip."""

    is_momentary = True
    ms: int = parameter(WATCHDOG_MS, "ms", "until the reset", 1, 60_000)

    def require(self, pump):
        super().require(pump)
        if pump.is_starved:
            raise ValueError("watchdog: the interpreter hangs already; wait for the reset")

    def apply(self, pump):
        pump.starve(self.ms)


NAMES = (PowerCut.name, PowerCutAtFlash.name, BrownOut.name)          # what takes the power away
