"""The static check of a program against a rig (L-01): the same code on the host before sending and on the device.

It walks the programmed rates, one week plus one window long, and again around every change of the UTC offset, with
a rolling window; the walk is exact to the minute. It knows nothing of what was delivered: that is the ledger's.
"""

from pump.errors import PumpError
from pump.schedule import LocalSchedule
from pump.zone import MINUTES_PER_DAY, MINUTES_PER_WEEK, Zone, minute_of_week

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY_MIN = 4 * MINUTES_PER_DAY       # 1970-01-05 00:00
HOUR = 60


def check_program(program, rig):
    """Raises PumpError("limit") naming the first offending local time; returns None where all is within."""
    weekly = LocalSchedule(program.schedule.schedule, Zone(0, []))
    _check_rates(weekly, rig)
    windows = ((HOUR, rig.max_1h_nl, "max_1h"), (MINUTES_PER_DAY, rig.max_24h_nl, "max_24h"))
    for window_min, limit_nl, name in windows:
        _check_window(weekly, MONDAY_MIN, MINUTES_PER_WEEK + window_min, window_min, limit_nl, name)
    changes = program.schedule.zone.changes
    for at in range(0, len(changes), 2):
        if at > 1 and _same_local_time(program.schedule.zone, changes, at, at - 4):
            continue                                # as last year: nothing new to see
        for window_min, limit_nl, name in windows:
            start = changes[at] - window_min - HOUR
            if start > 0:
                _check_window(program.schedule, start, 2 * window_min + 3 * HOUR, window_min, limit_nl, name)


def _same_local_time(zone, changes, at, earlier):
    """True where two changes of the offset fall on the same minute of the local week and between the same offsets."""
    if earlier < 0:
        return False
    before = [zone.lookup(changes[i] - 1)[0] for i in (at, earlier)]
    minutes = [minute_of_week(changes[i] + before[k]) for k, i in enumerate((at, earlier))]
    return minutes[0] == minutes[1] and before[0] == before[1] and changes[at + 1] == changes[earlier + 1]


def _check_rates(weekly, rig):
    now = MONDAY_MIN
    while now < MONDAY_MIN + MINUTES_PER_WEEK:
        rate, end_ms = weekly.rate_at(now * 60000)
        if rate > rig.max_rate_nl_per_h:
            raise PumpError("limit", "%s: %d nL/h is above the rig's max_rate of %d nL/h"
                            % (local_name(now), rate, rig.max_rate_nl_per_h))
        now = end_ms // 60000


def _check_window(schedule, start_min, length_min, window_min, limit_nl, name):
    found = first_excess(schedule, start_min, start_min + length_min, window_min, limit_nl)
    if found is not None:
        local = found + schedule.offset_min(found * 60000)
        raise PumpError("limit", "%s: the %d minutes before hold more than the rig's %s of %d nL"
                        % (local_name(local), window_min, name, limit_nl))


def first_excess(schedule, start_min, end_min, window_min, limit_nl):
    """First UTC minute in (start, end] at which the window that ends there holds more than limit_nl, or None.

    The window counts nothing before start_min. Volumes in nL/h * min, so limits are multiplied by 60; exact.
    """
    limit = limit_nl * 60
    volume = 0
    now = start_min
    rate_in, in_end = _rate_min(schedule, now)
    rate_out, out_end = 0, start_min + window_min          # `out_end` in the head's time: window_min later
    while now < end_min:
        until = min(in_end, out_end, end_min)
        slope = rate_in - rate_out
        after = volume + slope * (until - now)
        if after > limit:
            return now + max(0, limit - volume) // slope + 1
        volume = after
        now = until
        if now == in_end:
            rate_in, in_end = _rate_min(schedule, now)
        if now == out_end:
            rate_out, out_end = _rate_min(schedule, now - window_min)
            out_end += window_min
    return None


def _rate_min(schedule, utc_min):
    rate, end_ms = schedule.rate_at(utc_min * 60000)
    return rate, end_ms // 60000


def local_name(local_min):
    """"Monday 06:30" of local minutes since 1970-01-01."""
    minute = minute_of_week(local_min)
    day, minute = minute // MINUTES_PER_DAY, minute % MINUTES_PER_DAY
    return "%s %02d:%02d" % (DAY_NAMES[day], minute // 60, minute % 60)
