"""The largest program that a pump has to take: every kind of dose and bound at once."""

import calendar

from tests.pumps import BERLIN, RIG, program

SEGMENTS = 48                           # a day, for seven different days
BOLUSES = 16
YEARS = range(2026, 2046)

RIG_WITH_ALL = dict(RIG, auto_off_h=72, supply_low_mv=3000, service_steps=1_000_000_000, service_motor_h=10_000)


def largest_program(rise_nl_per_h=1_234_567, segments=SEGMENTS):
    """48 segments a day, each day other ones, 18 mL/h at most; ramps that rise so far, or 0 for constant rates."""
    plans = []
    for day in range(7):
        plan = []
        for segment in range(segments):
            rate = 9_000_001 + day * 300_007 + segment * 77_773
            plan += [segment * (1440 // segments), rate, rate + rise_nl_per_h]
        plans.append(plan)
    # minute, days, 10 uL, over 5 min, or within 30 min: every 90 minutes
    boluses = [[10 + entry * 90, 127, 10_000 + entry, 300, 30] for entry in range(BOLUSES)]
    limits = {"max_rate_nl_per_h": 100_000_000, "max_bolus_nl": 500_000, "max_1h_nl": 100_000_000,
              "max_24h_nl": 900_000_000}
    soft = {key: limit * 9 // 10 for key, limit in limits.items()}
    return program(days=range(7), zone=zone_of_many_changes(), name="the largest program", boluses=boluses,
                   periodic=[5_000, 60, 10_800], on_demand=[10_000, 120, 3_600, 4], limits=limits, soft_limits=soft,
                   ends={"after_s": 604_800, "volume_nl": 990_000_000}, low_nl=2_000_000, minimum_nl_per_h=1_000,
                   resume="basal") | {"plans": plans}


def zone_of_many_changes():
    """Twenty years of Berlin's daylight saving: the last Sundays of March and October at 01:00 UTC."""
    changes = []
    for year in YEARS:
        for month, offset_min in ((3, 120), (10, 60)):
            day = max(date for date in range(25, 32) if calendar.weekday(year, month, date) == calendar.SUNDAY)
            changes += [calendar.timegm((year, month, day, 1, 0, 0)) // 60, offset_min]
    assert changes[:4] == BERLIN["changes"]
    return dict(BERLIN, changes=changes)
