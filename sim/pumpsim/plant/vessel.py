"""The vessel on the balance: what it weighs, and what the balance says. Owns evaporation, noise and drift."""

from random import Random


class Vessel:
    def __init__(self, parameters):
        self.evaporated_ul = 0.0
        self._dice = Random(parameters.seed)
        self._drifted_mg = 0.0
        self._kept_ul = self._kept_mg = 0.0    # what was there when the temperature last became another

    def advance(self, parameters, there_ul, s):
        """`there_ul` are in the vessel, evaporated ones included, at the end of `s` seconds."""
        goes_ul = parameters.evaporation_ul_per_h / 3600 * s
        self.evaporated_ul += min(goes_ul, max(0.0, there_ul - self.evaporated_ul))
        self._drifted_mg += parameters.balance_drift_mg_per_h / 3600 * s

    def keep(self, parameters, there_ul):
        """What is there keeps the mass that it came with, whatever its temperature becomes."""
        self._kept_mg = self._mg(parameters, there_ul)
        self._kept_ul = there_ul - self.evaporated_ul

    def reading_mg(self, parameters, there_ul):
        """One reading; each throws the dice anew."""
        mg = self._mg(parameters, there_ul) + self._drifted_mg
        if parameters.balance_noise_mg:
            mg += self._dice.gauss(0, parameters.balance_noise_mg)
        step = parameters.balance_step_mg
        return round(mg / step) * step if step else mg

    def _mg(self, parameters, there_ul):
        """What came since has the density of water at this temperature, in air."""
        from flowtest.water import Liquid

        return self._kept_mg + (there_ul - self.evaporated_ul - self._kept_ul) / Liquid(
            parameters.temperature_c).ul_per_mg
