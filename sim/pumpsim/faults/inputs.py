"""Faults of what the pump sees at its pins: the driver's stall output, the end and stop switches, the button."""

from pump.board import INPUT_BUTTON, INPUT_LIMIT, INPUT_STALL, INPUT_STOP
from pumpsim.faults.fault import Fault, fault, parameter


class _Forced(Fault):
    """An input that reads one level, whatever it is wired to."""

    bits = 0
    is_on = True

    def require(self, pump):
        if not pump.bench.inputs.has(self.bits):
            raise ValueError(f"{self.name} needs a {self.parts[0]}, and by the rig of this boot none is fitted; name "
                             "it in the rig's [parts], push it, and switch off and on")

    def apply(self, pump):
        pump.bench.inputs.force(self.bits, self.is_on)

    def clear(self, pump, kept):
        pump.bench.inputs.release(self.bits)


@fault("stall")
class Stall(_Forced):
    """The driver's DIAG output says that the motor stalls; a pump without pressure sensor takes it for an occlusion."""

    parts = ("stall input",)
    bits = INPUT_STALL


@fault("stall_input_dead")
class StallInputDead(_Forced):
    """The wire of the driver's DIAG output is broken: no stall is seen any more."""

    parts = ("stall input",)
    bits = INPUT_STALL
    is_on = False


@fault("limit_switch")
class LimitSwitch(_Forced):
    """The switch at the end of travel is closed."""

    parts = ("limit switch",)
    bits = INPUT_LIMIT


@fault("limit_switch_dead")
class LimitSwitchDead(_Forced):
    """The switch at the end of travel never closes."""

    parts = ("limit switch",)
    bits = INPUT_LIMIT
    is_on = False


@fault("stop_switch")
class StopSwitch(_Forced):
    """Somebody has pressed the stop switch, which stays closed."""

    parts = ("stop switch",)
    bits = INPUT_STOP


@fault("stop_switch_dead")
class StopSwitchDead(_Forced):
    """The stop switch never closes."""

    parts = ("stop switch",)
    bits = INPUT_STOP
    is_on = False


@fault("button_stuck")
class ButtonStuck(_Forced):
    """The button is held down."""

    parts = ("button",)
    bits = INPUT_BUTTON


@fault("button_dead")
class ButtonDead(_Forced):
    """The button's contact never closes."""

    parts = ("button",)
    bits = INPUT_BUTTON
    is_on = False


@fault("button_bouncing")
class ButtonBouncing(Fault):
    """The button's contact opens and closes for a while at every press and every letting go."""

    parts = ("button",)
    ms: int = parameter(15, "ms", "how long the contact bounces", 1, 1000)
    seed: int = parameter(0, "", "of the dice that time the bounces", 0, 1 << 31)

    def apply(self, pump):
        pump.bench.inputs.bounce(self.ms, self.seed)

    def clear(self, pump, kept):
        pump.bench.inputs.bounce(0)
