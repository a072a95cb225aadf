"""Programs and rigs for stories: drawn small and awkward, so that doses, limits and clock changes meet."""

from hypothesis import strategies as st

from tests.model.calendar import DAY_MS, HOUR_MS
from tests.pumps import RIG, program

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
# UTC ms: some days before changes of the clock in March, April, October and November, and a leap day
STARTS = tuple(day * DAY_MS for day in (20_523, 20_540, 20_726, 20_757, 21_240))
SUPPLY_LOW_MV = 4000

rates = st.integers(0, 200_000) | st.sampled_from([0, 1, 600, 36_000])
minutes = st.integers(0, 1439) | st.sampled_from([0, 119, 120, 121, 150, 179, 180, 480, 490])
spans_ms = st.sampled_from([1, 50, 999, 60_000, 601_000, HOUR_MS, 3 * HOUR_MS, 10 * HOUR_MS, DAY_MS, 3 * DAY_MS]) \
    | st.integers(1, 12 * HOUR_MS)


@st.composite
def plans(draw):
    starts = [0, *sorted(draw(st.sets(st.integers(1, 1439), max_size=5)))]
    plan = []
    for start in starts:
        rate = draw(rates)
        plan += [start, rate, draw(rates) if draw(st.booleans()) else rate]
    return plan


@st.composite
def scheduled(draw):
    """Boluses, some of them back to back."""
    found = []
    for at in sorted(draw(st.sets(minutes, max_size=4))):
        over = draw(st.sampled_from([60, 420, 600, 1800]))
        found.append([at, draw(st.integers(1, 127)), draw(st.integers(100, 60_000)), over,
                      draw(st.sampled_from([0, 1, 30, 600]))])
        if draw(st.booleans()) and at + over // 60 < 1440:
            found.append([at + over // 60, *found[-1][1:]])
    return found


@st.composite
def programs(draw, zone):
    chosen = draw(st.lists(plans(), min_size=1, max_size=2))
    document = program(zone=zone, days=[draw(st.integers(0, len(chosen) - 1)) for _ in range(7)])
    document |= {"plans": chosen, "resume": draw(st.sampled_from(["stopped", "basal"])),
                 "minimum_nl_per_h": draw(st.sampled_from([0, 0, 600, 5_003]))}
    if draw(st.booleans()):
        document["boluses"] = draw(scheduled())
    if draw(st.booleans()):
        over = draw(st.integers(1, 600))
        document["periodic"] = [draw(st.integers(100, 20_000)), over, over + draw(st.integers(3600, 6 * 3600))]
    if draw(st.booleans()):
        over = draw(st.integers(1, 600))
        document["on_demand"] = [draw(st.integers(100, 20_000)), over, over + draw(st.integers(0, 7200)),
                                 draw(st.integers(1, 12))]
    if draw(st.booleans()):
        highest = max(max(plan[k + 1], plan[k + 2]) for plan in chosen for k in range(0, len(plan), 3))
        highest = max(highest, document["minimum_nl_per_h"], 1_000) + draw(st.integers(0, 100_000))
        document["limits"] = {
            "max_rate_nl_per_h": highest, "max_bolus_nl": draw(st.sampled_from([0, 60_000])),
            "max_1h_nl": draw(st.sampled_from([0, highest + 60_000, 2 * highest + 400_000])),
            "max_24h_nl": draw(st.sampled_from([0, 12 * highest + 500_000, 20 * highest + 2_000_000]))}
    document["low_nl"] = draw(st.sampled_from([0, 1_000_000]))
    if draw(st.integers(0, 3)) == 0:
        document["ends"] = {"after_s": draw(st.sampled_from([0, 86_400, 10 * 86_400])),
                            "volume_nl": draw(st.sampled_from([0, 1_000_000, 20_000_000]))}
    return document


@st.composite
def rigs(draw):
    """Hourly and daily limits that programs meet; reservoirs that last for hours, weeks, or for ever."""
    return RIG | {
        "pl_per_rev": draw(st.sampled_from([320_000_000, 123_456_789])), "quantum_min": draw(st.sampled_from([10, 60])),
        "supply_low_mv": SUPPLY_LOW_MV, "max_1h_nl": 1_000_000, "max_24h_nl": 8_000_000,
        "reservoir_nl": draw(st.sampled_from([1_000_000_000, 20_000_000, 5_000_000])),
        "auto_off_h": draw(st.sampled_from([0, 0, 50])), "pressure_limit": draw(st.sampled_from([0, 1000]))}
