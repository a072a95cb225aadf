"""Flow tests: what a balance (or a simulated outlet) saw of a pump, as figures and pictures.

A package of its own, because the host tools need it for a real balance and the simulator for its own outlet, and
neither may import the other for that. Knows no pump, no journal and no link: numbers in, numbers out. Loads numpy;
import it where it is used.

Water is what is weighed: volumes are mass corrected for evaporation and for the buoyancy of air. The curves follow the
idea of IEC 60601-2-24 (start-up curve, largest and smallest error in windows of 2 to 31 minutes). No conformity with
it is claimed.
"""
