"""Faults of the link and of the host at its other end. Lines are lost or late, never reordered."""

from random import Random

from pumpsim.faults.fault import Fault, fault, parameter

HALF_A_LINE = b'{"id":1,"do":"sta'


def _require_a_listener(fault, pump):
    if not pump.is_on:
        raise ValueError(f"{fault.name} needs a pump that has power; restore the power first")
    if pump.has_cable and not pump.cable.is_plugged:
        raise ValueError(f"{fault.name} needs a cable that is plugged in; clear unplug or host_crash first")


@fault("unplug")
class Unplug(Fault):
    """The USB cable is pulled: nothing passes either way until it is cleared. The pump keeps its power."""

    parts = ("cable",)

    def apply(self, pump):
        pump.cable.is_plugged = False

    def clear(self, pump, kept):
        pump.cable.is_plugged = True


@fault("host_crash")
class HostCrash(Unplug):
    """The host dies in the middle of a line and reads nothing any more; cleared, another one takes its place."""

    def require(self, pump):
        _require_a_listener(self, pump)

    def apply(self, pump):
        pump.send(HALF_A_LINE)
        pump.cable.is_plugged = False


@fault("line_loss")
class LineLoss(Fault):
    """Some lines are lost, of either direction."""

    parts = ("line loss",)
    percent: int = parameter(20, "%", "of the lines", 1, 100)
    seed: int = parameter(0, "", "of the dice that choose them", 0, 1 << 31)

    def apply(self, pump):
        pump.cable.dice = Random(self.seed)
        pump.cable.loss_percent = self.percent

    def clear(self, pump, kept):
        pump.cable.loss_percent = 0


@fault("delay")
class Delay(Fault):
    """Every line is late, of either direction; their order stays."""

    parts = ("delay",)
    ms: int = parameter(500, "ms", "how late", 1, 600_000)

    def apply(self, pump):
        pump.cable.delay_ms = self.ms

    def clear(self, pump, kept):
        pump.cable.delay_ms = 0


@fault("garbage")
class Garbage(Fault):
    """Bytes that mean nothing reach the pump, as from another program that uses the port."""

    is_momentary = True
    size: int = parameter(400, "bytes", "how many", 1, 1_000_000)
    seed: int = parameter(0, "", "of the dice that make them", 0, 1 << 31)

    def require(self, pump):
        _require_a_listener(self, pump)

    def apply(self, pump):
        pump.send(Random(self.seed).randbytes(self.size))
