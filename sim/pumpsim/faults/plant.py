"""Faults of the plant: what happens to head, line and fluid. They need one that is attached."""

import math
from dataclasses import MISSING

from pumpsim.faults.fault import Fault, fault, parameter
from pumpsim.plant import Parameters


class _OfPlant(Fault):
    def require(self, pump):
        if pump.plant is None:
            raise ValueError(f"{self.name} needs a plant; attach one: SimPump(plant=Plant(...)), pumpsim serve --plant")


class _Changed(_OfPlant):
    """Parameters of the plant that have another value while it lasts. Several may hold the same one: see Layers."""

    def changes(self):
        return self.values()

    def apply(self, pump):
        pump.plant.hold(self.key, **self.changes())

    def clear(self, pump, kept):
        pump.plant.let_go(self.key)


@fault("occlusion")
class Occlusion(_OfPlant):
    """The line is shut, or so many times as narrow: pressure builds up, and its release gives a bolus."""

    parts = ("outlet",)
    factor: float = parameter(0.0, "", "on the line's resistance; 0: shut", 0.0, 1e9)

    def require(self, pump):
        super().require(pump)
        if self.factor and not pump.plant.parameters.resistance_kpa_s_per_ul:
            raise ValueError("occlusion by a factor needs a line that resists; set the plant's resistance_kpa_s_per_ul")

    def apply(self, pump):
        pump.plant.occlude(self.factor or math.inf)

    def clear(self, pump, kept):
        pump.plant.release()


@fault("air_bubble")
class AirBubble(_OfPlant):
    """Air gets into the line at the pump; it makes it soft, and comes out behind what is in the line."""

    is_momentary = True
    ul: float = parameter(50.0, "uL", "of air", 0.001, 1e6)

    def apply(self, pump):
        pump.plant.bubble(self.ul)


@fault("leak")
class Leak(_Changed):
    """A connection between pump and outlet leaks."""

    parts = ("leak",)
    leak_kpa_s_per_ul: float = parameter(1.0, "kPa s/uL", "resistance of the leak", 1e-6, 1e9)


@fault("siphon")
class Siphon(_Changed):
    """The pump is above its outlet, and its head is worn or its plunger loose: fluid runs by itself."""

    parts = ("siphon",)
    head_mm: float = parameter(500.0, "mm", "by which the pump is above the outlet", -20_000.0, 20_000.0)
    slip_kpa_s_per_ul: float = parameter(50.0, "kPa s/uL", "resistance of the way past the head; 0: tight", 0.0, 1e9)


@fault("weak_motor")
class WeakMotor(_Changed):
    """The motor has little torque: above a pressure it stalls, and misses the steps it is given."""

    parts = ("motor",)
    stall_kpa: float = parameter(20.0, "kPa", "at which it stalls", 0.001, 1e9)
    pull_out_steps_per_s: float = parameter(0.0, "steps/s", "at which its torque is gone; 0: never", 0.0, 1e9)


@fault("worn_screw")
class WornScrew(_Changed):
    """The lead screw has play: a volume is lost after each reversal."""

    parts = ("screw",)
    backlash_ul: float = parameter(20.0, "uL", "that is lost", 0.0, 1e9)


@fault("sticking_plunger")
class StickingPlunger(_Changed):
    """The plunger sticks and jumps."""

    parts = ("plunger",)
    stiction_ul: float = parameter(2.0, "uL", "of a jump", 0.0, 1e9)


@fault("empty_reservoir")
class EmptyReservoir(_OfPlant):
    """The reservoir is empty, whatever the pump thinks; cleared, it has what was in it."""

    parts = ("reservoir",)

    def require(self, pump):
        super().require(pump)
        if pump.plant.left_ul == math.inf:
            raise ValueError("empty_reservoir needs a plant whose reservoir has an end: Plant(reservoir_ul=...)")

    def apply(self, pump):
        left_ul = pump.plant.left_ul
        pump.plant.refill(-left_ul)
        return left_ul

    def clear(self, pump, kept):
        pump.plant.refill(kept)


@fault("supply_sag")
class SupplySag(_Changed):
    """The supply sags while the driver is enabled."""

    parts = ("sag",)
    sag_mv: float = parameter(1000.0, "mV", "by which it sags", 0.0, 5000.0)


@fault("crystal")
class Crystal(_Changed):
    """The pump's crystal is fast or slow, and its rates with it; the battery's clock has its own."""

    parts = ("crystal",)
    crystal_ppm: float = parameter(100.0, "ppm", "by which it is fast; below 0: slow", -1000.0, 1000.0)


@fault("plant")
class OtherPlant(_Changed):
    """A parameter of the plant has another value while it lasts; of several, one each. See the table of the plant."""

    what: str = parameter(MISSING, "", "which parameter, such as temperature_c")
    value: float = parameter(MISSING, "", "its value, in the parameter's unit", -1e9, 1e9)

    @property
    def key(self):
        return f"{self.name} {self.what}"

    def changes(self):
        is_whole = isinstance(getattr(Parameters(), self.what, 0.0), int) and self.value == int(self.value)
        return {self.what: int(self.value) if is_whole else self.value}
