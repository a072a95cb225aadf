"""The static check of a program against a rig (L-01, L-02, B-05, U-03): the same code on the host before sending and
on the device.

Every week without a clock change is like the next, and every change comes alike for years; so walking one week, and
the days around each different change of the UTC offset, says what walking all years would. One walk goes with all
rolling windows and with the hard and the soft limits over basal rate and scheduled boluses, exactly; periodic and
on-demand boluses count at the worst moment, as many as their interval and lockout let into the window. It knows
nothing of what was delivered: that is the guard's.
"""

from pump.errors import PumpError
from pump.programmed import Programmed
from pump.schedule import FIELDS, LocalSchedule
from pump.volume import GRAINS_PER_NL
from pump.window import Window, walk
from pump.zone import MINUTES_PER_DAY, Zone, minute_of_week

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY_MIN = 4 * MINUTES_PER_DAY       # 1970-01-05 00:00
WEEK_MIN = 7 * MINUTES_PER_DAY
MINUTE_MS = 60000
SLICE_PIECES = 5                       # gone over between two yields: 10 to 20 ms on the Pico

HARD = 0
SOFT = 1


def check_program(program, rig):
    """Raises PumpError("limit") naming the first offending local time; returns None where all is within."""
    for _ in Check(program, rig).steps():
        pass


def beyond_soft(program, rig):
    """What of its own soft limits a program exceeds that passes the check, in words, or "" (L-05)."""
    check = Check(program, rig)
    for _ in check.steps():
        pass
    return check.beyond


class Check:
    """One check of a program against a rig."""

    def __init__(self, program, rig):
        self.beyond = ""                # after the steps: what of the soft limits is exceeded, in words
        self._program = program
        self._ratio = rig.ratio
        self._quantum_ms = rig.quantum_min * MINUTE_MS
        self._rig_limits = rig.limits
        self._reservoir_nl = rig.reservoir_nl

    def steps(self):
        """Carries it out, as a generator that yields every few ms, for a device that has to poll in between.

        Raises PumpError("limit") as check_program does.
        """
        program = self._program
        looser = program.limits.first_looser(self._rig_limits)
        if looser:
            raise PumpError("limit", "the program's %s is looser than the rig's" % looser)
        hard = program.limits.tightest(self._rig_limits)
        _check_rates(program, hard)
        _check_boluses(program, hard, self._ratio)
        if program.low_nl >= self._reservoir_nl:
            raise PumpError("limit", "reservoir low must be less than the reservoir holds, %d nL" % self._reservoir_nl)
        yield
        _check_overlaps(program)
        yield
        limits = [hard]
        if any(program.soft_limits.values()):
            soft = program.soft_limits.tightest(hard)
            try:
                _check_rates(program, soft)
                _check_boluses(program, soft, self._ratio)
                limits.append(soft)
            except PumpError as error:
                self.beyond = error.message
        yield
        found = {}                      # (HARD or SOFT, place of the window) -> what is wrong there
        yield from self._walk_windows(limits, found)
        for kind in (HARD, SOFT):
            for at in range(len(hard.windows())):
                message = found.get((kind, at))
                if message and kind == HARD:
                    raise PumpError("limit", message)
                if message and not self.beyond:
                    self.beyond = message

    def _walk_windows(self, limits, found):
        program, ratio = self._program, self._ratio
        names, spans_ms, bounds = [], [], []
        reserve = _ramp_reserve_grains(program, self._quantum_ms)
        for at, (window_ms, _, name) in enumerate(limits[HARD].windows()):
            names.append(name)
            spans_ms.append(window_ms)
            bounds.append([])
            for kind in range(len(limits)):
                left_nl = limits[kind].windows()[at][1] - _others_nl(program, window_ms)
                bounds[at].append(max(0, left_nl * GRAINS_PER_NL - reserve) * ratio.num)
                if left_nl < 0:
                    found[kind, at] = "on-demand and periodic boluses alone can exceed %s" % name
        for schedule, start_min, end_min in _walks(program):
            start_ms, length_ms = start_min * MINUTE_MS, (end_min - start_min) * MINUTE_MS
            windows = [Window(spans_ms[at], bounds[at], 0, length_ms) for at in range(len(names))]
            source = Programmed(program, schedule, ratio, limits[HARD].max_rate_nl_per_h, start_ms)
            yield from walk(source, 0, length_ms, windows, SLICE_PIECES)
            for at in range(len(names)):
                for kind in range(len(limits)):
                    ms = windows[at].found[kind]
                    if ms is not None and (kind, at) not in found:
                        local = -(-(start_ms + ms) // MINUTE_MS) + schedule.offset_min(start_ms + ms)
                        found[kind, at] = "%s: the %d h before hold more than %s allows" % (
                            local_name(local), spans_ms[at] // 3600000, names[at])
            if (HARD, 0) in found:
                return                              # nothing comes before it
            yield


def _ramp_reserve_grains(program, quantum_ms):
    """How far the guard's straight line between two records lies below what a falling ramp has delivered, at most.

    It takes so much less for gone when a window's tail passes there, and must not find a checked program at fault.
    A fall f over a length l strays from a chord of length d by f d^2 / (8 l).
    """
    most = 0
    for plan in program.plans:
        for at in range(0, len(plan), FIELDS):
            fall = plan[at + 1] - plan[at + 2]
            if fall > 0:
                end = plan[at + FIELDS] if at + FIELDS < len(plan) else MINUTES_PER_DAY
                length_ms = (end - plan[at]) * MINUTE_MS
                line_ms = min(quantum_ms, length_ms)
                most = max(most, fall * line_ms * line_ms // (8 * length_ms) + 1)
    return most


def _walks(program):
    """(schedule, start minute, end minute) of a plain week, and of the days around each kind of offset change."""
    longest_min = max([0] + [-(-bolus[3] // 60) for bolus in program.boluses])
    weekly = LocalSchedule(program.schedule.schedule, Zone(0, []))
    # Until all that Sunday's last minute may begin has left the longest window
    yield weekly, MONDAY_MIN, MONDAY_MIN + WEEK_MIN + longest_min + MINUTES_PER_DAY
    zone = program.schedule.zone
    seen = []
    for at in range(0, len(zone.changes), 2):
        change = zone.changes[at]
        before = zone.changes[at - 1] if at else zone.first_offset_min
        kind = (minute_of_week(change), before, zone.changes[at + 1])
        start = change - 2 * MINUTES_PER_DAY
        if kind not in seen and start > 0:
            seen.append(kind)
            yield program.schedule, start, change + 2 * MINUTES_PER_DAY


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
        if times[at][1] > following:
            raise PumpError("limit", "%s: a bolus begins before the one before has ended"
                            % local_name(MONDAY_MIN + following // 60))


def _others_nl(program, window_ms):
    """Most that periodic and on-demand boluses can put into a window of a day at most."""
    volume = 0
    if program.periodic:
        volume_nl, _, every_s = program.periodic
        volume = volume_nl * (window_ms // (every_s * 1000) + 1)
    if program.on_demand:
        volume_nl, _, lockout_s, most_24h = program.on_demand
        volume += volume_nl * min(window_ms // (lockout_s * 1000) + 1, most_24h)
    return volume


def local_name(local_min):
    """"Monday 06:30" of local minutes since 1970-01-01."""
    minute = minute_of_week(local_min)
    day, minute = minute // MINUTES_PER_DAY, minute % MINUTES_PER_DAY
    return "%s %02d:%02d" % (DAY_NAMES[day], minute // 60, minute % 60)
