"""The simulated pump: the firmware's own logic on a simulated board in virtual time.

`from pumpsim import SimPump, Plant, faults`.
"""

from pumpsim import faults
from pumpsim.device import SimPump
from pumpsim.plant import Plant

__all__ = ["Plant", "SimPump", "faults"]
