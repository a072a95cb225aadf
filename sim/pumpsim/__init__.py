"""The simulated pump: the firmware's own logic on a simulated board in virtual time.

`from pumpsim import SimPump, Plant, faults`. Loads what is asked for, when it is asked for, because
pytest imports this package in every run, for its plugin.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pumpsim import faults
    from pumpsim.device import SimPump
    from pumpsim.plant import Plant

_WHERE = {"SimPump": "pumpsim.device", "Plant": "pumpsim.plant"}

__all__ = ["Plant", "SimPump", "faults"]


def __getattr__(name):
    if name == "faults":
        return importlib.import_module("pumpsim.faults")
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'pumpsim' has no attribute {name!r}")
