"""The pump against an independent model of it: the reference, and the machine that tells both the same stories.

The reference (calendar, basal, dose, appointments, alarms, reservoir, windows, due, orders, resets, reference) is
written from REQUIREMENTS.md with exact fractions and shares no code with `pump`. The machine (machine, journal, checks,
and the rules in commands, fluids, faults, power) drives a real App on a simulated board. A story is one run of it.
"""
