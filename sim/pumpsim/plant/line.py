"""The line: pressure and flow between head and outlet. Owns the one equation; knows no motor and no fluid's name.

A compliance C at pressure p is filled by the head (q) and emptied through three resistances: to the outlet at p_o, to
the leak at 0, and back past the head at 0:

    C dp/dt = q - (p - p_o) / R - p / R_leak - p / R_slip

With q constant p goes exponentially to its end value, and each volume is the integral of its term: exact for any time.
"""

import math
from typing import NamedTuple

RIGID_UL_PER_KPA = 1e-4       # the least compliance: the fluid's own, 0.46 nL/kPa for each mL of water
LEAST_RESISTANCE = 1e-6       # kPa s/uL: of a line without any
AIR_KPA = 101.3
KPA_PER_MM = 9.80665e-3       # of water
OPEN = 1.0
SHUT = math.inf


class Flow(NamedTuple):
    """uL that went, in a stretch of time: out of the outlet, out of the leak, back past the head (all signed)."""

    out: float
    leaked: float
    slipped: float


class Line:
    def __init__(self, parameters):
        self.obstruction = OPEN        # factor on the resistance to the outlet; SHUT: occluded
        self.is_dry = False            # nothing left that could be siphoned past the head
        self.compliance = RIGID_UL_PER_KPA
        self.kpa = 0.0
        self._air_ul = 0.0
        self.use(parameters)
        self.kpa = self.outlet_kpa     # it has come to rest

    def use(self, parameters):
        """Takes other parameters; what is stored stays, so that nothing comes from nowhere."""
        self._p = parameters
        self.outlet_kpa = -parameters.head_mm * KPA_PER_MM
        self.let_air(self._air_ul)

    def let_air(self, air_ul):
        """So much air is in it now; it gives way by its volume over its pressure (Boyle). What is stored stays."""
        stored = self.stored_ul
        self._air_ul = air_ul
        soft = air_ul / max(1.0, AIR_KPA + self.kpa)
        self.compliance = self._p.compliance_ul_per_kpa + RIGID_UL_PER_KPA + soft      # uL/kPa
        self.kpa = stored / self.compliance

    @property
    def has_air(self):
        return self._air_ul > 0

    @property
    def stored_ul(self):
        return self.kpa * self.compliance

    def seconds_to_move(self, kpa, ul_per_s):
        """How long the pressure takes to move by `kpa` with this flow from the head; infinite where it never does."""
        end_kpa, tau_s = self._end(ul_per_s)
        if tau_s == math.inf:
            return kpa * self.compliance / ul_per_s if ul_per_s else math.inf
        way_kpa = abs(end_kpa - self.kpa)
        return -tau_s * math.log1p(-kpa / way_kpa) if way_kpa > kpa else math.inf

    def kpa_after(self, ul_per_s, s):
        """What the pressure will be."""
        end_kpa, tau_s = self._end(ul_per_s)
        if tau_s == math.inf:
            return self.kpa + ul_per_s / self.compliance * s
        return end_kpa + (self.kpa - end_kpa) * math.exp(-s / tau_s)

    def advance(self, ul_per_s, s):
        """Lets `s` seconds pass with a constant flow from the head; returns what went where."""
        (outlet, leak, slip), _ = self._conductances(ul_per_s)
        compliance = self.compliance
        end_kpa, tau_s = self._end(ul_per_s)
        if tau_s == math.inf:
            self.kpa += ul_per_s / compliance * s
            return Flow(0.0, 0.0, 0.0)
        faded = -math.expm1(-s / tau_s)
        kpa_s = end_kpa * s + (self.kpa - end_kpa) * tau_s * faded
        before = self.kpa
        self.kpa += (end_kpa - before) * faded
        leaked, slipped = leak * kpa_s, slip * kpa_s
        out = ul_per_s * s - leaked - slipped - compliance * (self.kpa - before)     # the balance, not outlet * kpa_s:
        return Flow(out if outlet else 0.0, leaked, slipped)                         # exact also where R is next to 0

    def _conductances(self, ul_per_s):
        """((outlet, leak, slip) in uL/s/kPa, uL/s that flow in from where there is pressure outside)."""
        p = self._p
        outlet = 0.0
        if self.obstruction != SHUT:
            outlet = 1 / (max(p.resistance_kpa_s_per_ul, LEAST_RESISTANCE) * self.obstruction)
        leaks = p.leak_kpa_s_per_ul and (self.kpa > 0 or (self.kpa == 0 and ul_per_s > 0))
        leak = 1 / p.leak_kpa_s_per_ul if leaks else 0.0
        slips = p.slip_kpa_s_per_ul and not (self.is_dry and self.kpa <= 0)
        slip = 1 / p.slip_kpa_s_per_ul if slips else 0.0
        return (outlet, leak, slip), outlet * self.outlet_kpa

    def _end(self, ul_per_s):
        """(the pressure that it goes to, time constant in s; infinite where nothing can flow out)."""
        conductances, drive = self._conductances(ul_per_s)
        total = sum(conductances)
        if not total:
            return math.inf, math.inf
        return (ul_per_s + drive) / total, self.compliance / total
