"""A story: the unit of soak's work, a scenario as a table, drawn from a seed and a number. Owns what makes up one."""

from datetime import datetime, timedelta
from random import Random

from pumpfiles.rig_file import rig_of
from pumpfiles.toml_places import Places
from pumpfiles.toml_source import Value
from pumpsim.soak.amounts import chance
from pumpsim.soak.programs import program
from pumpsim.soak.rigs import rig
from pumpsim.soak.troubles import condition, faults
from pumpsim.soak.users import deeds, look_after

DAYS = 5                      # each; 73 are a pump-year
STORIES_A_YEAR = 73
DAY_S = 86_400
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "UTC")
# Days before which clocks change in some of these zones, and a leap day
CHANGES = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2028-02-29")
EVERYTHING_AT_ONCE = 0.3      # of the deeds come within a minute of the one before


def story(seed, number):
    """The table of the scenario with this number: the same for the same seed on every machine."""
    dice = Random(f"{seed}/{number}")
    start = _start(dice)
    table = {
        "title": f"soak {seed}/{number}",
        "purpose": "Whatever is done to a pump, what must hold does.",
        "start": start.isoformat(timespec="minutes"),
        "duration": f"{DAYS} d",
        "seed": dice.randrange(1 << 16),
        "loose": True,
        "clock": chance(dice, 0.6),
        "running": chance(dice, 0.9),
    }
    table["rig"] = rig(dice)
    rig_in_force = rig_of(Value("a drawn rig", Places([]), (), table["rig"])).rig
    zone = {"time_zone": dice.choice(ZONES)} if chance(dice, 0.8) else {"utc_offset": "+05:45"}
    table["program"] = program(dice, rig_in_force, zone, start)
    others = {f"p{at}": program(dice, rig_in_force, zone, start) for at in range(dice.randint(0, 2))}
    if others:
        table["programs"] = others
    if "pressure_limit" in table["rig"].get("alarms", {}):
        table["plant"] = {"compliance_ul_per_kpa": 2.0, "resistance_kpa_s_per_ul": 0.001, "counts_per_kpa": 10.0}
    table["timeline"] = _timeline(dice, rig_in_force, ["program", *others], table["clock"])
    return table


def _start(dice):
    if chance(dice, 0.6):
        day = datetime.fromisoformat(dice.choice(CHANGES)) - timedelta(days=dice.randint(0, DAYS - 1))
    else:
        day = datetime(2026, 1, 1) + timedelta(days=dice.randrange(365))
    return day + timedelta(minutes=dice.randrange(1440))


def _timeline(dice, rig_in_force, programs, has_clock):
    """In bursts: what people do, and what goes wrong meanwhile."""
    does, fails = deeds(dice, rig_in_force, programs), faults(dice, has_clock)
    trouble = dice.choice([0.0, 0.05, 0.15, 0.4])
    every_s = dice.choice([2, 6, 12, 48]) * 3600        # between the rounds of whoever looks after the pump
    made, now_s, round_s = [], 0, every_s
    while True:
        burst = chance(dice, EVERYTHING_AT_ONCE)
        now_s += dice.randint(0, 60) if burst else round(dice.expovariate(1 / dice.choice([600, 7200, 20_000])))
        if now_s >= DAYS * DAY_S:
            return made
        if now_s >= round_s:
            round_s = now_s + every_s
            made += [{"after": f"{now_s} s"} | entry for entry in look_after(dice, rig_in_force)]
        entry = next(fails if chance(dice, trouble) else does)
        if "fault" in entry and chance(dice, 0.3):
            made.append({"when": condition(dice)} | entry)
        else:
            made.append({"after": f"{now_s} s"} | entry)
