"""What a program asks for, worked out apart from the firmware: exact, slow and short. Local time is UTC + 1 h."""

from fractions import Fraction

from pumpsim.prover.documents import NL_PER_STEP, OFFSET_MIN

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000


def basal_steps(program, start_utc_ms, end_utc_ms):
    """Steps of the day plan between two instants, as a Fraction."""
    plan = program["plans"][0]
    segments = [plan[at:at + 3] for at in range(0, len(plan), 3)]
    total = Fraction(0)
    day_ms = (start_utc_ms + OFFSET_MIN * MINUTE_MS) // DAY_MS * DAY_MS - OFFSET_MIN * MINUTE_MS
    while day_ms < end_utc_ms:
        ends = [minute for minute, _, _ in segments[1:]] + [1440]
        for (minute, rate, end_rate), end in zip(segments, ends):
            begin_ms, until_ms = day_ms + minute * MINUTE_MS, day_ms + end * MINUTE_MS
            low, high = max(begin_ms, start_utc_ms), min(until_ms, end_utc_ms)
            if low < high:
                slope = Fraction(end_rate - rate, until_ms - begin_ms)
                mean = rate + slope * (Fraction(low + high, 2) - begin_ms)
                total += mean * (high - low) / HOUR_MS
        day_ms += DAY_MS
    return total / NL_PER_STEP


def appointments_due(program, until_utc_ms):
    """{(entry, nominal UTC minute): steps} of the scheduled boluses of the two days until an instant."""
    found = {}
    last_day = (until_utc_ms + OFFSET_MIN * MINUTE_MS) // DAY_MS
    for day in (last_day - 1, last_day):
        for entry, (minute, _, volume_nl, _, late_min) in enumerate(program["boluses"]):
            due = day * 1440 + minute - OFFSET_MIN
            if due * MINUTE_MS <= until_utc_ms:
                found[entry, due] = (volume_nl // NL_PER_STEP, late_min)
    return found
