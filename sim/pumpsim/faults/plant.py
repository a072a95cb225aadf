"""Faults of the plant: what happens to head, line and fluid. They need one that is attached."""

import math

from pumpsim.faults.fault import Fault, fault, parameter
from pumpsim.plant import Parameters


class _OfPlant(Fault):
    def plant_of(self, pump):
        if pump.plant is None:
            raise ValueError(f"{self.name} needs a plant; attach one: SimPump(plant=Plant(...)), pumpsim serve --plant")
        return pump.plant


class _Changed(_OfPlant):
    """Parameters of the plant that have another value while it lasts."""

    def changes(self):
        return self.values()

    def apply(self, pump):
        plant = self.plant_of(pump)
        kept = {name: getattr(plant.parameters, name) for name in self.changes()}
        plant.set(**self.changes())
        return kept

    def clear(self, pump, kept):
        pump.plant.set(**kept)


@fault("occlusion")
class Occlusion(_OfPlant):
    """The line is shut, or so many times as narrow: pressure builds up, and its release gives a bolus."""

    part = "outlet"
    factor: float = parameter(0.0, "", "on the line's resistance; 0: shut", 0.0, 1e9)

    def apply(self, pump):
        plant = self.plant_of(pump)
        if self.factor and not plant.parameters.resistance_kpa_s_per_ul:
            raise ValueError("occlusion by a factor needs a line that resists; set the plant's resistance_kpa_s_per_ul")
        plant.occlude(self.factor or math.inf)

    def clear(self, pump, kept):
        pump.plant.release()


@fault("air_bubble")
class AirBubble(_OfPlant):
    """Air gets into the line at the pump; it makes it soft, and comes out behind what is in the line."""

    is_momentary = True
    ul: float = parameter(50.0, "uL", "of air", 0.001, 1e6)

    def apply(self, pump):
        self.plant_of(pump).bubble(self.ul)


@fault("leak")
class Leak(_Changed):
    """A connection between pump and outlet leaks."""

    part = "leak"
    leak_kpa_s_per_ul: float = parameter(1.0, "kPa s/uL", "resistance of the leak", 1e-6, 1e9)


@fault("siphon")
class Siphon(_Changed):
    """The pump is above its outlet, and its head is worn or its plunger loose: fluid runs by itself."""

    part = "siphon"
    head_mm: float = parameter(500.0, "mm", "by which the pump is above the outlet", -20_000.0, 20_000.0)
    slip_kpa_s_per_ul: float = parameter(50.0, "kPa s/uL", "resistance of the way past the head; 0: tight", 0.0, 1e9)


@fault("weak_motor")
class WeakMotor(_Changed):
    """The motor has little torque: above a pressure it stalls, and misses the steps it is given."""

    part = "motor"
    stall_kpa: float = parameter(20.0, "kPa", "at which it stalls", 0.001, 1e9)
    pull_out_steps_per_s: float = parameter(0.0, "steps/s", "at which its torque is gone; 0: never", 0.0, 1e9)


@fault("worn_screw")
class WornScrew(_Changed):
    """The lead screw has play: a volume is lost after each reversal."""

    part = "screw"
    backlash_ul: float = parameter(20.0, "uL", "that is lost", 0.0, 1e9)


@fault("sticking_plunger")
class StickingPlunger(_Changed):
    """The plunger sticks and jumps."""

    part = "plunger"
    stiction_ul: float = parameter(2.0, "uL", "of a jump", 0.0, 1e9)


@fault("empty_reservoir")
class EmptyReservoir(_OfPlant):
    """The reservoir is empty, whatever the pump thinks; cleared, it has what was in it."""

    part = "reservoir"

    def apply(self, pump):
        plant = self.plant_of(pump)
        if plant.left_ul == math.inf:
            raise ValueError("empty_reservoir needs a plant whose reservoir has an end; set reservoir_ul of the plant")
        left_ul = plant.left_ul
        plant.refill(-left_ul)
        return left_ul

    def clear(self, pump, kept):
        pump.plant.refill(kept)


@fault("supply_sag")
class SupplySag(_Changed):
    """The supply sags while the driver is enabled."""

    part = "sag"
    sag_mv: float = parameter(1000.0, "mV", "by which it sags", 0.0, 5000.0)


@fault("crystal")
class Crystal(_Changed):
    """The pump's crystal is fast or slow, and its rates with it; the battery's clock has its own."""

    part = "crystal"
    crystal_ppm: float = parameter(100.0, "ppm", "by which it is fast; below 0: slow", -1000.0, 1000.0)


@fault("plant")
class OtherPlant(_OfPlant):
    """Any parameter of the plant has another value while it lasts: see the table of the plant."""

    part = "plant"
    what: str = parameter("evaporation_ul_per_h", "", "which parameter")
    value: float = parameter(0.0, "", "its value, in the parameter's unit", -1e9, 1e9)

    def apply(self, pump):
        plant = self.plant_of(pump)
        default = getattr(Parameters(), self.what, 0.0)
        kept = getattr(plant.parameters, self.what, None)
        plant.set(**{self.what: int(self.value) if isinstance(default, int) else self.value})
        return kept

    def clear(self, pump, kept):
        pump.plant.set(**{self.what: kept})
