"""The plant: motor, screw, plunger, line, fluid and balance behind the step pin. `from pumpsim import Plant`."""

from pumpsim.plant.parameters import Parameters
from pumpsim.plant.plant import Plant

__all__ = ["Parameters", "Plant"]
