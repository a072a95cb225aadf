"""Random rigs, as rig files have them: round and odd steps, wide and narrow limits, small and large reservoirs."""

from pumpsim.soak.amounts import chance, odd, rate, span, volume


def rig(dice):
    """A table [rig]; any program of `programs` may be refused by it."""
    max_rate = odd(dice, 1_000_000, 36_000_000)         # nL/h; 36 mL/h are 3200 steps/s with the smallest head
    max_1h = odd(dice, 100_000, max_rate)
    max_24h = odd(dice, max_1h, 24 * max_1h)
    capacity = odd(dice, 2_000_000, 100_000_000)
    table = {
        "name": "soak",
        "head": {"kind": "peristaltic",
                 "volume_per_revolution": dice.choice(["0.32 mL", "123.456789 uL", "1 mL", "10 uL"])},
        "motor": {"full_steps": 200, "microsteps": dice.choice([1, 8, 16]), "max_step_rate": 4000},
        "reservoir": {"capacity": volume(capacity)},
        "line": {"volume": "0.5 mL"},
        "limits": {"max_rate": rate(max_rate), "max_1h": volume(max_1h), "max_24h": volume(max_24h)},
        "journal": {"quantum": span(60 * dice.choice([1, 5, 10, 10, 60]))},
        "alarms": {},
    }
    if chance(dice, 0.5):
        table["limits"]["max_bolus"] = volume(odd(dice, 10_000, max_1h))
    if chance(dice, 0.5):
        table["prime"] = {"rate": rate(odd(dice, 100_000, max_rate)), "max": volume(odd(dice, 10_000, capacity))}
    if chance(dice, 0.3):
        table["alarms"]["supply_low"] = "4.5 V"
    if chance(dice, 0.3):
        table["alarms"]["auto_off"] = span(3600 * dice.choice([6, 12, 48]))
    if chance(dice, 0.3):
        table["alarms"]["pressure_limit"] = 500
    return {key: value for key, value in table.items() if value}
