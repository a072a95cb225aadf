"""The static check of a program against a rig (L-01, L-02, B-05, U-03): the same code on the host before sending and
on the device.

Every week without a clock change is like the next, and every change comes alike for years; so walking one week, and
the days around each different change of the UTC offset, says what walking all years would. The walk goes with rolling
windows over basal rate and scheduled boluses, exactly; periodic and on-demand boluses count at the worst moment, as
many as their interval and lockout let into the window. It knows nothing of what was delivered: that is the guard's.
"""

from pump.appointments import Appointments
from pump.basal import Basal, coarse_stray_grains
from pump.errors import PumpError
from pump.limits import DAY_MS
from pump.planner import Piece
from pump.schedule import FIELDS, LocalSchedule
from pump.volume import GRAINS_PER_NL
from pump.window import first_excess
from pump.zone import MINUTES_PER_DAY, Zone, minute_of_week

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY_MIN = 4 * MINUTES_PER_DAY       # 1970-01-05 00:00
WEEK_MIN = 7 * MINUTES_PER_DAY
MINUTE_MS = 60000


def check_program(program, rig, limits=None):
    """Raises PumpError("limit") naming the first offending local time; returns None where all is within.

    limits: to judge by others than the tightest of rig and program, the soft ones for example.
    """
    for _ in check_steps(program, rig, limits):
        pass


def beyond_soft(program, rig):
    """What of its own soft limits a program exceeds that has passed the check, in words, or "" (L-05)."""
    if not any(program.soft_limits.values()):
        return ""
    try:
        check_program(program, rig, program.soft_limits.tightest(program.limits.tightest(rig.limits)))
    except PumpError as error:
        return error.message
    return ""


def fits(program, rig):
    """True where the program passes the check with this rig."""
    try:
        check_program(program, rig)
    except PumpError:
        return False
    return True


def check_steps(program, rig, limits=None):
    """The check as a generator that yields between its parts, for a device that has to poll in between."""
    looser = program.limits.first_looser(rig.limits)
    if looser:
        raise PumpError("limit", "the program's %s is looser than the rig's" % looser)
    if limits is None:
        limits = program.limits.tightest(rig.limits)
    _check_rates(program, limits)
    _check_boluses(program, limits, rig.ratio)
    if program.low_nl >= rig.reservoir_nl:
        raise PumpError("limit", "reservoir low must be less than the reservoir holds, %d nL" % rig.reservoir_nl)
    yield
    _check_overlaps(program)
    yield
    weekly = LocalSchedule(program.schedule.schedule, Zone(0, []))
    stray = 2 * _ramp_stray_grains(program)         # at both ends of a window
    for window_ms, limit_nl, name in limits.windows():
        limit_nl -= _others_nl(program, window_ms)
        if limit_nl < 0:
            raise PumpError("limit", "on-demand and periodic boluses alone can exceed %s" % name)
        for schedule, start_min, end_min in _walks(program, weekly, window_ms // MINUTE_MS):
            source = Programmed(program, schedule, rig.ratio, limits.max_rate_nl_per_h)
            found = first_excess([], 0, source, start_min * MINUTE_MS, end_min * MINUTE_MS, window_ms,
                                 (limit_nl * GRAINS_PER_NL - stray) * rig.ratio.num)
            if found is not None:
                local = -(-found // MINUTE_MS) + schedule.offset_min(found)
                raise PumpError("limit", "%s: the %d h before hold more than %s allows"
                                % (local_name(local), window_ms // 3600000, name))
            yield


def _ramp_stray_grains(program):
    """The most that the walk's coarse ramps stray from the program's, 0 without a ramp."""
    stray = 0
    for plan in program.plans:
        for at in range(0, len(plan), FIELDS):
            rise = plan[at + 2] - plan[at + 1]
            if rise:
                end = plan[at + FIELDS] if at + FIELDS < len(plan) else MINUTES_PER_DAY
                stray = max(stray, coarse_stray_grains(rise, (end - plan[at]) * MINUTE_MS))
    return stray


def _walks(program, weekly, window_min):
    """(schedule, start minute, end minute) of a plain week, and of the days around each kind of offset change."""
    yield weekly, MONDAY_MIN, MONDAY_MIN + WEEK_MIN + window_min
    zone = program.schedule.zone
    seen = []
    for at in range(0, len(zone.changes), 2):
        change = zone.changes[at]
        before = zone.lookup(change - 1)[0]
        kind = (minute_of_week(change + before), before, zone.changes[at + 1])
        start = change - window_min - 1440
        if kind not in seen and start > 0:
            seen.append(kind)
            yield program.schedule, start, change + window_min + 1440


def _check_rates(program, limits):
    days, plans = program.days, program.plans
    for day in range(7):
        plan = plans[days[day]]
        for at in range(0, len(plan), FIELDS):
            rate = max(plan[at + 1], plan[at + 2])
            if rate > limits.max_rate_nl_per_h:
                raise PumpError("limit", "%s: %d nL/h is above max_rate, %d nL/h" % (
                    local_name(MONDAY_MIN + day * MINUTES_PER_DAY + plan[at]), rate, limits.max_rate_nl_per_h))
    if program.minimum_nl_per_h > limits.max_rate_nl_per_h:
        raise PumpError("limit", "minimum_rate is above max_rate")


def _check_boluses(program, limits, ratio):
    """None is above max_bolus, and none so small that it would be denied whenever it is due."""
    found = [("the bolus at %02d:%02d" % (bolus[0] // 60, bolus[0] % 60), bolus[2]) for bolus in program.boluses]
    for name, bolus in (("periodic_bolus", program.periodic), ("on_demand", program.on_demand)):
        if bolus:
            found.append((name, bolus[0]))
    most = limits.max_bolus_nl
    for name, volume_nl in found:
        if most and volume_nl > most:
            raise PumpError("limit", "%s is above max_bolus, %d nL" % (name, most))
        if not ratio.steps_of_nl(volume_nl):
            raise PumpError("limit", "%s is less than one step of the motor, %d nL" % (name, -ratio.nl_of_steps(-1)))


def _check_overlaps(program):
    """Scheduled boluses must not run into each other on any day of the week (B-04)."""
    times = []
    for bolus in program.boluses:
        for day in range(7):
            if bolus[1] >> day & 1:
                start = (day * MINUTES_PER_DAY + bolus[0]) * 60
                times.append((start, start + bolus[3]))
    times.sort()
    for at in range(len(times)):
        following = times[(at + 1) % len(times)][0] + (0 if at + 1 < len(times) else WEEK_MIN * 60)
        if len(times) > 1 and times[at][1] > following:
            raise PumpError("limit", "%s: a bolus begins before the one before has ended"
                            % local_name(MONDAY_MIN + following // 60))


def _others_nl(program, window_ms):
    """Most that periodic and on-demand boluses can put into a window."""
    volume = 0
    if program.periodic:
        volume_nl, _, every_s = program.periodic
        volume += volume_nl * (window_ms // (every_s * 1000) + 1)
    if program.on_demand:
        volume_nl, _, lockout_s, most_24h = program.on_demand
        count = window_ms // (lockout_s * 1000) + 1
        volume += volume_nl * (min(count, most_24h) if window_ms <= DAY_MS else count)
    return volume


class _Utc:
    """A clock on which monotonic time is UTC."""

    def utc_ms(self, ms):
        return ms

    def mono_of_utc(self, ms):
        return ms


class Programmed:
    """What a program will deliver by its schedule: basal and scheduled boluses, as pieces in UTC milliseconds."""

    def __init__(self, program, schedule, ratio, ceiling_nl_per_h):
        self._basal = Basal(schedule, _Utc(), ratio, program.minimum_nl_per_h, ceiling_nl_per_h, None, True)
        self._ratio = ratio
        self._boluses = program.boluses
        self._appointments = Appointments(program.appointments(), schedule.zone) if program.boluses else None
        self._running = None                        # (parts, over_ms, end_ms) of the bolus under way

    def piece_from(self, start_ms):
        """The next Piece; asked in order."""
        limit_ms = None
        parts, over_ms = 0, 1
        book = self._appointments
        if book:
            if book.until_utc_min is None:
                book.look_from(start_ms // MINUTE_MS - 1)
            if self._running and start_ms >= self._running[2]:
                self._running = None
            due = book.next()
            if due and due.utc_min * MINUTE_MS <= start_ms:
                book.done(due)
                if not due.is_gap:
                    bolus = self._boluses[due.entry]
                    self._running = (self._ratio.steps_of_nl(bolus[2]) * self._ratio.den, bolus[3] * 1000,
                                     due.utc_min * MINUTE_MS + bolus[3] * 1000)
                due = book.next()
            if due:
                limit_ms = max(start_ms + 1, due.utc_min * MINUTE_MS)
            if self._running:
                parts, over_ms, until_ms = self._running
                limit_ms = until_ms if limit_ms is None else min(limit_ms, until_ms)
        end_ms, grains, is_change = self._basal.stretch_from(start_ms, limit_ms)
        amount = parts * (end_ms - start_ms) // over_ms
        return Piece(end_ms, grains * self._ratio.num + amount, amount, is_change)


def local_name(local_min):
    """"Monday 06:30" of local minutes since 1970-01-01."""
    minute = minute_of_week(local_min)
    day, minute = minute // MINUTES_PER_DAY, minute % MINUTES_PER_DAY
    return "%s %02d:%02d" % (DAY_NAMES[day], minute // 60, minute % 60)
