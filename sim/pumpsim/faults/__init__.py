"""Faults: what can go wrong around a simulated pump, on command. `from pumpsim import faults`.

    pump.inject(faults.Stall())                     # now, until pump.clear("stall")
    pump.inject(faults.PowerCut(), for_ms=30_000)   # comes back after half a minute
    pump.inject(faults.make("pressure", {"counts": 900}), for_ms=5000)
    pump.inject(faults.Occlusion(), when=faults.condition(delivered_nl=50_000))

Each also goes by its name: `faults.stall()`, `from pumpsim.faults import occlusion`.
They can be combined; what the simulator cannot apply is refused with a ValueError that says what to do.
"""

from pumpsim.conditions import condition
from pumpsim.faults.clock import ClockDrift, ClockJump, ClockLost
from pumpsim.faults.fault import Fault, described, make, names
from pumpsim.faults.flash import BitFlip, FlashErase, FlashProgram, FlashRead
from pumpsim.faults.inputs import (
    ButtonBouncing,
    ButtonDead,
    ButtonStuck,
    LimitSwitch,
    LimitSwitchDead,
    Stall,
    StallInputDead,
    StopSwitch,
    StopSwitchDead,
)
from pumpsim.faults.link import Delay, Garbage, HostCrash, LineLoss, Unplug
from pumpsim.faults.plant import (
    AirBubble,
    Crystal,
    EmptyReservoir,
    Leak,
    Occlusion,
    OtherPlant,
    Siphon,
    StickingPlunger,
    SupplySag,
    WeakMotor,
    WornScrew,
)
from pumpsim.faults.power import BrownOut, PowerCut, PowerCutAtFlash, Watchdog
from pumpsim.faults.sensors import (
    CounterDead,
    ExtraSteps,
    FirmwareError,
    MemoryLow,
    Pressure,
    PressureSensorBroken,
    SupplyLow,
)

__all__ = ["AirBubble", "BitFlip", "BrownOut", "ButtonBouncing", "ButtonDead", "ButtonStuck", "ClockDrift",
           "ClockJump", "ClockLost", "CounterDead", "Crystal", "Delay", "EmptyReservoir", "ExtraSteps", "Fault",
           "FirmwareError", "FlashErase", "FlashProgram", "FlashRead", "Garbage", "HostCrash", "Leak", "LimitSwitch",
           "LimitSwitchDead", "LineLoss", "MemoryLow", "Occlusion", "OtherPlant", "PowerCut", "PowerCutAtFlash",
           "Pressure", "PressureSensorBroken", "Siphon", "Stall", "StallInputDead", "StickingPlunger", "StopSwitch",
           "StopSwitchDead", "SupplyLow", "SupplySag", "Unplug", "Watchdog", "WeakMotor", "WornScrew", "condition",
           "described", "make", "names"]


def __getattr__(name):
    """A fault by its name, to be called with its parameters; AttributeError for a name that is none."""
    if name not in names():
        raise AttributeError(f"there is no fault {name!r}; choose one of {', '.join(names())}")
    return lambda **parameters: make(name, parameters)
