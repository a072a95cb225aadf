"""The simulated pump: the firmware's own logic on a simulated board in virtual time. `from pumpsim import SimPump`."""

from pumpsim.device import SimPump

__all__ = ["SimPump"]
