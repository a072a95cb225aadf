"""Random programs, as program files have them, that a rig accepts: the pump's own check says which (U-03)."""

from pump.check import Check
from pump.errors import PumpError
from pumpfiles.errors import HostError
from pumpfiles.program_file import program_of
from pumpfiles.toml_places import Places
from pumpfiles.toml_source import Value
from pumpsim.soak.amounts import chance, clock, odd, rate, span, volume

TRIES = 40                    # before the next one is taken as it is, with a schedule alone
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def program(dice, rig, zone, start):
    """A table that the rig takes; rig: the pump's own Rig; start: local time, naive."""
    for attempt in range(TRIES):
        share = 0.9 ** attempt                          # each a little more modest than the one before
        table = _drawn(dice, rig, zone, share)
        if fits(table, rig, start):
            return table
    return {"name": "nothing", **zone, "schedule": [{"segments": [{"at": "00:00", "rate": "0 nL/h"}]}]}


def fits(table, rig, start):
    try:
        for _ in Check(program_of(_value(table), start).program, rig).steps():
            pass
    except (HostError, PumpError):
        return False
    return True


def _value(table):
    return Value("a drawn program", Places([]), (), table)


def _drawn(dice, rig, zone, share):
    limits = rig.limits
    most_rate = max(1, int(min(limits.max_1h_nl, limits.max_24h_nl / 24, limits.max_rate_nl_per_h) * share))
    most_bolus = max(1, int(min(limits.max_bolus_nl or limits.max_1h_nl, limits.max_24h_nl / 8) * share))
    table = {"name": "drawn", **zone}
    if chance(dice, 0.2):
        table["minimum_rate"] = rate(odd(dice, 1, most_rate))
    if chance(dice, 0.3):
        table["resume"] = "stopped"
    table["schedule"] = _schedules(dice, most_rate)
    if chance(dice, 0.6):
        table["bolus"] = _scheduled(dice, most_bolus)
    if chance(dice, 0.4):
        over_s = odd(dice, 1, 1800)
        table["periodic_bolus"] = {"volume": volume(odd(dice, 100, most_bolus)), "over": span(over_s),
                                   "every": span(over_s + odd(dice, 600, 6 * 3600))}
    if chance(dice, 0.7):
        over_s = odd(dice, 1, 1800)
        table["on_demand"] = {"volume": volume(odd(dice, 100, most_bolus)), "over": span(over_s),
                              "lockout": span(over_s + odd(dice, 1, 7200)), "max_per_24h": dice.randint(1, 12)}
    if chance(dice, 0.3):
        table["limits"] = _limits(dice, limits)
    if chance(dice, 0.2):
        table["soft_limits"] = _limits(dice, limits)
    if chance(dice, 0.2):
        table["ends"] = ({"after": span(odd(dice, 3600, 4 * 86_400))} if chance(dice, 0.5)
                         else {"volume": volume(odd(dice, 1000, limits.max_24h_nl))})
    if chance(dice, 0.4):
        table["reservoir"] = {"low": volume(odd(dice, 1000, rig.reservoir_nl))}
    return table


def _schedules(dice, most_rate):
    if chance(dice, 0.7):
        return [{"segments": _segments(dice, most_rate)}]
    cut = dice.randint(1, 6)
    return [{"days": ",".join(days), "segments": _segments(dice, most_rate)} for days in (DAYS[:cut], DAYS[cut:])]


def _segments(dice, most_rate):
    minutes = [0, *sorted(dice.sample(range(1, 1440), dice.randint(0, 5)))]
    made = []
    for minute in minutes:
        segment = {"at": clock(minute), "rate": _rate(dice, most_rate)}
        if chance(dice, 0.3):
            segment["ramp_to"] = _rate(dice, most_rate)
        made.append(segment)
    return made


def _rate(dice, most_rate):
    if chance(dice, 0.1):
        return "0 nL/h"
    return rate(odd(dice, max(1, most_rate // dice.choice([3, 30, 10_000])), most_rate))


def _scheduled(dice, most_bolus):
    """Some in the hours in which clocks change."""
    minutes = set(dice.sample(range(1440), dice.randint(1, 4)))
    if chance(dice, 0.4):
        minutes.add(dice.choice([60, 119, 120, 121, 150, 179, 180]))
    made = []
    for minute in sorted(minutes):
        table = {"at": clock(minute), "volume": volume(odd(dice, 100, most_bolus)), "over": span(odd(dice, 1, 3600)),
                 "if_missed": dice.choice(["skip", "within 30 min", "within 10 h"])}
        if chance(dice, 0.3):
            table["days"] = ",".join(sorted(dice.sample(DAYS, dice.randint(1, 6)), key=DAYS.index))
        made.append(table)
    return made


def _limits(dice, limits):
    """Tighter than the rig's, or as tight."""
    made = {"max_1h": volume(odd(dice, max(1, limits.max_1h_nl // 4), limits.max_1h_nl))}
    if chance(dice, 0.5):
        made["max_24h"] = volume(odd(dice, max(1, limits.max_24h_nl // 4), limits.max_24h_nl))
    if chance(dice, 0.5):
        made["max_rate"] = rate(odd(dice, max(1, limits.max_rate_nl_per_h // 10), limits.max_rate_nl_per_h))
    return made
