"""Random faults, as entries of a scenario's timeline: at times and on conditions, each with an end."""

from pumpsim.flash import SECTORS
from pumpsim.flash_trap import WAYS
from pumpsim.soak.amounts import chance, odd, span

# Fault: how often, of all. Left out: what only the plant behind the steps sees, and counter_dead, with which the
# account may be wrong by any number of steps.
FAULTS = {
    "power_cut": 20, "power_cut_at_flash": 20, "brown_out": 6, "watchdog": 6,
    "stall": 4, "stall_input_dead": 1, "limit_switch": 2, "stop_switch": 3, "button_stuck": 2, "button_bouncing": 3,
    "clock_lost": 2, "clock_jump": 4, "clock_drift": 2,
    "unplug": 4, "host_crash": 3, "line_loss": 3, "delay": 3, "garbage": 3,
    "pressure": 3, "supply_low": 4, "memory_low": 1, "firmware_error": 2,
    "extra_steps": 2, "bit_flip": 2, "flash_erase": 1, "flash_program": 1, "flash_read": 1,
    "occlusion": 3, "empty_reservoir": 1, "weak_motor": 1, "supply_sag": 1, "crystal": 2,
}
MOMENTARY = ("watchdog", "clock_jump", "garbage", "firmware_error", "extra_steps", "bit_flip")
ENDS_BY_ITSELF = ("brown_out",)
NEEDS_CLOCK = ("clock_lost", "clock_jump", "clock_drift")


def faults(dice, has_clock):
    """Endless entries without their times."""
    names = [name for name in FAULTS if has_clock or name not in NEEDS_CLOCK]
    weights = [FAULTS[name] for name in names]
    while True:
        name, = dice.choices(names, weights)
        entry = {"fault": name} | _parameters(dice, name)
        if name not in MOMENTARY and name not in ENDS_BY_ITSELF:
            entry["for"] = span(odd(dice, 1, 6 * 3600 if name.startswith("power") else 12 * 3600))
        yield entry


def condition(dice):
    """Of a fault: in the middle of something."""
    return dice.choice([
        {"state": dice.choice(["priming", "suspended", "running", "fault", "withdrawing"])},
        {"flash_operation": odd(dice, 1, 2000)},
        {"steps": odd(dice, 1, 5000)},
        {"command": odd(dice, 1, 100)},
    ])


def _parameters(dice, name):
    if name == "power_cut_at_flash":
        return {"operation": odd(dice, 1, 300), "way": dice.choice(sorted(WAYS)), "off_s": odd(dice, 1, 7200)}
    if name == "brown_out":
        return {"mv": dice.choice([0, 1500, 3000]), "ms": odd(dice, 1, 60_000)}
    if name == "clock_jump":
        return {"seconds": odd(dice, 1, 7200) * (-1 if chance(dice, 0.5) else 1)}
    if name == "clock_drift":
        return {"ppm": dice.choice([-1000, -100, 100, 1000])}
    if name == "crystal":
        return {"crystal_ppm": dice.choice([-100.0, 100.0])}
    if name == "extra_steps":
        return {"steps": dice.choice([-10, -3, -2, -1, 1, 2, 3, 10])}
    if name == "bit_flip":
        return _bit_flip(dice)
    if name.startswith("flash"):
        return {"sectors": "all"} if chance(dice, 0.5) else {"sectors": _sectors(dice)}
    if name == "line_loss":
        return {"percent": dice.choice([5, 20, 60])}
    if name == "delay":
        return {"ms": odd(dice, 1, 20_000)}
    return {}


def _bit_flip(dice):
    """Of a document's slot more often than of the journal, after which little is left to judge."""
    if chance(dice, 0.2):
        return {"file": "j.tail", "bit": dice.randrange(8 * 64)}
    return {"file": dice.choice(["rig.a", "rig.b", "program.a", "program.b"]), "bit": dice.randrange(8 * 300)}


def _sectors(dice):
    """A stretch of the chip's first quarter, where the files of a few days are."""
    first = dice.randrange(SECTORS // 4)
    return f"{first}-{min(SECTORS - 1, first + odd(dice, 1, SECTORS // 4))}"
