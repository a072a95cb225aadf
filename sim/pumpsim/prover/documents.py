"""The rigs and programs of the scenario. A step is 100 nL; local time is UTC + 1 h all year."""

import hashlib
import json

NL_PER_STEP = 100
OFFSET_MIN = 60
NO_LIMITS = {"max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 0, "max_24h_nl": 0}

RIG = {
    "v": 2, "name": "rig", "pl_per_rev": 320_000_000, "steps_per_rev": 3200, "max_step_rate": 4000,
    "reservoir_nl": 20_000_000, "line_nl": 500_000, "max_rate_nl_per_h": 144_000_000, "max_bolus_nl": 1_000_000,
    "max_1h_nl": 3_000_000, "max_24h_nl": 40_000_000, "prime_nl_per_h": 36_000_000, "max_prime_nl": 2_000_000,
    "quantum_min": 10, "tolerance_steps": 2, "auto_off_h": 0, "supply_low_mv": 3000, "pressure_limit": 0,
    "pressure_least": 0, "service_steps": 0, "service_motor_h": 0, "motor": {"driver": "DRV8825"}, "driver": [],
    "parts": ["buzzer", "ds3231", "limit", "diag"],
    "pins": {"step": 2, "dir": 3, "enable": 4, "button": 14, "led": 25},
}
# The programs fit the second rig; the third allows less than any of them asks for
SLOWER_RIG = RIG | {"name": "slower rig", "max_rate_nl_per_h": 36_000_000, "quantum_min": 15}
SMALL_RIG = RIG | {"name": "small rig", "max_rate_nl_per_h": 10_000}

_PROGRAM = {
    "v": 1, "fluid": {"name": "dyed water", "ng_per_ml": 500_000},
    "zone": {"name": "UTC+1", "first_offset_min": OFFSET_MIN, "changes": []}, "days": [0] * 7, "periodic": [],
    "limits": NO_LIMITS, "soft_limits": NO_LIMITS, "ends": {"after_s": 0, "volume_nl": 0}, "low_nl": 2_000_000,
    "minimum_nl_per_h": 0, "resume": "basal",
}
# A day plan is minute, rate, end rate; a bolus minute, weekdays, nL, s, how many minutes late at most
MORNING = _PROGRAM | {
    "name": "morning", "plans": [[0, 20_000, 20_000, 360, 55_000, 55_000, 600, 55_000, 30_000, 720, 30_000, 30_000]],
    "boluses": [[480, 127, 100_000, 600, 30], [750, 127, 60_000, 300, 0]], "on_demand": [20_000, 60, 3600, 4],
}
EVENING = _PROGRAM | {
    "name": "evening", "plans": [[0, 18_000, 18_000, 420, 60_000, 60_000, 1020, 45_000, 45_000, 1320, 18_000, 18_000]],
    "boluses": [[755, 127, 60_000, 300, 10], [1230, 127, 80_000, 900, 60]], "on_demand": [30_000, 120, 5400, 6],
}
NIGHT = EVENING | {"name": "night", "plans": [[0, 25_000, 25_000, 360, 50_000, 50_000, 1260, 25_000, 25_000]]}


def body_of(document):
    return json.dumps(document, separators=(",", ":")).encode()


def digest_of(document):
    """SHA-256 in hex of what is sent; "" for None."""
    return "" if document is None else hashlib.sha256(body_of(document)).hexdigest()


def out_nl(steps):
    """What these steps (doses, primes, withdrawals) have taken out of the reservoir."""
    return (steps[0] + steps[1] - steps[2]) * NL_PER_STEP


PROGRAMS = {digest_of(document): document for document in (MORNING, EVENING, NIGHT)}
