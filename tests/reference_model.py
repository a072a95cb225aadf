"""A reference of the pump's dosing, written from the requirements alone with exact fractions of a nanolitre.

Owns what a pump ought to have delivered, and which boluses it ought to have given or denied. Shares no code with `pump`
and never imports it: local time is Python's own, and a step is nothing but a volume. Times are milliseconds since the
simulation began; what a fault does depends on when it is noticed, so faults are told to the model, not foreseen.
"""

from bisect import bisect_right
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
RAMP_PART_MS = 15 * MINUTE_MS          # a ramp is judged against limits as chords of this length
EPOCH = date(1970, 1, 1)


class Calendar:
    """Local time of a named zone, for a year around a day."""

    def __init__(self, zone_name, around_ms):
        self._zone = ZoneInfo(zone_name)
        self.changes = []              # (UTC ms, offset ms from then on)
        day = around_ms // DAY_MS - 366
        self._first = self._offset(day * DAY_MS)
        for start in range(day * DAY_MS, (day + 2 * 366) * DAY_MS, DAY_MS):
            if self._offset(start) != self._offset(start + DAY_MS):
                low, high = start, start + DAY_MS
                while high - low > MINUTE_MS:
                    middle = (low + high) // 2 // MINUTE_MS * MINUTE_MS
                    low, high = (middle, high) if self._offset(middle) == self._offset(start) else (low, middle)
                self.changes.append((high, self._offset(high)))
        self._times = [change[0] for change in self.changes]

    def _offset(self, utc_ms):
        moment = datetime.fromtimestamp(utc_ms // 1000, UTC).astimezone(self._zone)
        return moment.utcoffset() // timedelta(milliseconds=1)

    def document(self, name):
        """The zone as a program holds it."""
        return {"name": name, "first_offset_min": self._first // MINUTE_MS,
                "changes": [value // MINUTE_MS for change in self.changes for value in change]}

    def offset(self, utc_ms):
        """(offset in ms at an instant, the next change in UTC ms or None)."""
        at = bisect_right(self._times, utc_ms)
        return (self.changes[at - 1][1] if at else self._first,
                self._times[at] if at < len(self._times) else None)

    def instant(self, day, minute):
        """(UTC ms, whether it is in a gap) of a local minute of a day since 1970: the first of two, or its end."""
        local = datetime.combine(EPOCH + timedelta(day), datetime.min.time()) + timedelta(minutes=minute)
        utc = local.replace(tzinfo=self._zone, fold=0).astimezone(UTC)
        utc_ms = int(utc.timestamp()) * 1000
        if utc.astimezone(self._zone).replace(tzinfo=None) == local:
            return utc_ms, False
        return max(change for change in self._times if change <= utc_ms), True


@dataclass
class Dose:
    """A bolus that was granted. nL, ms."""

    kind: str
    volume: Fraction                   # of its whole steps
    rate: Fraction                     # nL/h, unless clipped
    steps: int
    entry: int = 0
    nominal: int = 0
    done: Fraction = Fraction(0)


@dataclass
class Line:
    """Basal delivery from `start` to `end`, its rate going linearly from `first` to `last`, nL/h."""

    start: int
    end: int
    first: Fraction
    last: Fraction

    def rate(self, ms):
        return self.first + (self.last - self.first) * Fraction(ms - self.start, self.end - self.start)


@dataclass
class Event:
    """What the journal must say of a bolus; `steps` where it ended, `entry` and `nominal` (UTC ms) where scheduled."""

    ms: int
    kind: str
    outcome: str
    denial: str = ""
    steps: int = 0
    entry: int = 0
    nominal: int = 0
    slack_ms: int = 0                  # how far the pump may be off where a bolus creeps under the ceiling


class Model:
    """The pump as it ought to be. `pump_denies(kind)` is asked where the rolling limits decide, see `judge`."""

    def __init__(self, rig, calendar):
        self.step = Fraction(rig["pl_per_rev"], rig["steps_per_rev"] * 1000)
        self.rig = rig
        self.calendar = calendar
        self.t = 0
        self.state = "stopped"
        self.offset = None             # UTC less t
        self.doc = None
        self.basal = Fraction(0)       # nL, ever
        self.boluses = 0               # steps of boluses that have ended, ever
        self.bolus = None
        self.temporary = None          # (end, percent, nL/h)
        self.barred = False            # an alarm lets no bolus begin
        self.events = []
        self.ended = None              # the instant at which a trial was over
        self.handled = set()           # (entry, local day) of scheduled boluses
        self.seen_ms = None            # UTC up to which scheduled boluses have been dealt with
        self.periodic_ms = None
        self.lock_ms = None            # the last start that locks
        self.button_ms = []            # starts on demand
        self.trial_ms = None
        self.trial_steps = 0
        self.curve = [(0, 0.0)]        # (ms, nL dosed), for the windows
        self.judge = lambda event, dose: None

    # accounts, nL

    @property
    def bolus_nl(self):
        return self.boluses * self.step + (self.bolus.done if self.bolus else 0)

    @property
    def dose_nl(self):
        return self.basal + self.bolus_nl

    def limit(self, name):
        """The tighter of the rig's and the program's."""
        own = self.doc["limits"][name]
        return min(own, self.rig[name]) if own else self.rig[name]

    # basal

    def line(self, start, temporary="own"):
        """The Line in force from `start` on, as far as it is straight."""
        temporary = self.temporary if temporary == "own" else temporary
        utc = start + self.offset
        offset, change = self.calendar.offset(utc)
        local = utc + offset
        day, within = divmod(local, DAY_MS)
        plan = self.doc["plans"][self.doc["days"][(day + 3) % 7]]
        at = max(k for k in range(0, len(plan), 3) if plan[k] * MINUTE_MS <= within)
        begin = plan[at] * MINUTE_MS
        stop = plan[at + 3] * MINUTE_MS if at + 3 < len(plan) else DAY_MS
        end = start + stop - within
        if change is not None:
            end = min(end, change - self.offset)
        first, last = plan[at + 1], plan[at + 2]
        factor = Fraction(1)
        if temporary and start < temporary[0]:
            end = min(end, temporary[0])
            if temporary[1] is None:
                first = last = temporary[2]
            else:
                factor = Fraction(temporary[1], 100)

        def rate(ms):
            return factor * (first + Fraction((last - first) * (within + ms - start - begin), stop - begin))
        low, high = self.doc["minimum_nl_per_h"], self.limit("max_rate_nl_per_h")
        if first == last:
            return Line(start, end, *[min(max(rate(start), low), high)] * 2)
        end = min(end, start + RAMP_PART_MS)
        for bound in (low, high):              # cut where the ramp meets a bound, to the ms
            if (rate(start) - bound) * (rate(end) - bound) < 0:
                meets = start + (bound - rate(start)) / (rate(end) - rate(start)) * (end - start)
                end = max(start + 1, int(meets))
        return Line(start, end, *(min(max(rate(ms), low), high) for ms in (start, end)))

    def _bolus_in(self, dose, line, end):
        """Volume that a bolus takes from line.start to `end`, clipped to the ceiling at every instant."""
        room_a = self.limit("max_rate_nl_per_h") - line.first
        room_b = self.limit("max_rate_nl_per_h") - line.rate(end)
        span = end - line.start
        if room_a >= dose.rate and room_b >= dose.rate:
            volume = dose.rate * span
        elif room_a <= dose.rate and room_b <= dose.rate:
            volume = (room_a + room_b) / 2 * span
        else:
            low, high = min(room_a, room_b), max(room_a, room_b)
            clipped = (dose.rate - low) / (high - low) * span
            volume = (low + dose.rate) / 2 * clipped + dose.rate * (span - clipped)
        return volume / HOUR_MS

    def _end_of(self, dose, line):
        """The first ms at which the bolus is whole, or None where that is after the line."""
        left = dose.volume - dose.done
        if self._bolus_in(dose, line, line.end) < left:
            return None
        low, high = line.start, line.end
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._bolus_in(dose, line, middle) >= left else (middle, high)
        return high

    # time

    def advance(self, to):
        """Lets time pass to `to`, everything due by then included; nothing where that is not ahead."""
        while self.t < to:
            if self.state != "running":
                self.t = to
                return
            line = self.line(self.t)
            until = min(to, line.end)
            due = self.next_due()
            if due is not None:
                until = min(until, max(due, self.t + 1))
            line = Line(line.start, until, line.first, line.rate(until))
            if self.bolus:
                end = self._end_of(self.bolus, line)
                if end is not None:
                    until = end
            full = self._volume_end(line, until)
            if full is not None:
                until = full
            self._integrate(line, until)
            self._due(self.limit("max_rate_nl_per_h") - line.rate(until))

    def _integrate(self, line, until):
        gained = (line.first + line.rate(until)) / 2 * (until - self.t) / HOUR_MS
        self.basal += gained
        if self.bolus:
            dose = self.bolus
            dose.done = min(dose.volume, dose.done + self._bolus_in(dose, line, until))
        self.t = until
        self.curve.append((until, float(self.dose_nl)))
        if len(self.curve) > 2000:
            self.curve = [point for point in self.curve if point[0] > until - 2 * DAY_MS]

    def _volume_end(self, line, until):
        """The first ms at which a trial's volume is reached, or None."""
        volume = self.doc["ends"]["volume_nl"]
        if not volume or self.trial_steps is None:
            return None
        goal = (self.trial_steps + int(volume / self.step)) * self.step

        def dose(ms):
            more = (line.first + line.rate(ms)) / 2 * (ms - line.start) / HOUR_MS
            if self.bolus:
                more += min(self.bolus.volume - self.bolus.done, self._bolus_in(self.bolus, line, ms))
            return self.dose_nl + more
        if dose(until) < goal:
            return None
        low, high = line.start, until
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if dose(middle) >= goal else (middle, high)
        return high

    def is_quiet(self, to):
        """True where nothing but basal delivery and a bolus that goes on happens until `to`."""
        twin = copy(self)
        twin.events, twin.curve, twin.button_ms = [], self.curve[-1:], list(self.button_ms)
        twin.handled, twin.bolus = set(self.handled), self.bolus and replace(self.bolus)
        twin.judge = lambda event, dose: None
        twin.advance(to)
        if self.events and self.events[-1].ms + self.events[-1].slack_ms >= to:
            return False
        if twin.bolus and twin.bolus.volume - twin.bolus.done < self.step / 2:
            return False
        return not twin.events and twin.ended == self.ended and twin.temporary == self.temporary

    def next_due(self):
        """When something is due by the clock alone, or None."""
        times = [ms for ms in (self.periodic_ms, self.trial_end()) if ms is not None]
        book = self.open_appointments()
        if book:
            times.append(max(self.t, book[0][0] - self.offset))
        return min(times) if times else None

    def trial_end(self):
        after = self.doc["ends"]["after_s"]
        return self.trial_ms + after * 1000 if after and self.trial_ms is not None else None

    def open_appointments(self, days=9):
        """(UTC ms, entry, local day, is_gap) of the scheduled boluses to come after seen_ms, one an entry, in order."""
        found = []
        if self.seen_ms is None:
            return found
        today = (self.seen_ms + self.calendar.offset(self.seen_ms)[0]) // DAY_MS
        for entry, bolus in enumerate(self.doc["boluses"]):
            for day in range(today - 1, today + days):
                if not bolus[1] >> (day + 3) % 7 & 1 or (entry, day) in self.handled:
                    continue
                utc, is_gap = self.calendar.instant(day, bolus[0])
                if utc > self.seen_ms:
                    found.append((utc, entry, day, is_gap))
                    break
        return sorted(found)

    def _due(self, room):
        """What is due at this instant: what ends first, then what begins. `room`: nL/h under the ceiling."""
        if self.state != "running":
            return
        end = self.trial_end()
        volume = self.doc["ends"]["volume_nl"]
        goal = (self.trial_steps + int(volume / self.step)) * self.step if volume else None
        if (end is not None and self.t >= end) or (goal is not None and self.dose_nl >= goal):
            self.ended = self.t
            self.finish("interrupted", "stopped")
            self.forget()
            return
        if self.bolus and self.bolus.done >= self.bolus.volume:
            self._note_end("complete", self.bolus.steps)
            self.events[-1].slack_ms = int(self.step / 4 * HOUR_MS / max(1, min(self.bolus.rate, room)))
            self.boluses += self.bolus.steps
            self.bolus = None
        if self.temporary and self.temporary[0] <= self.t:
            self.temporary = None
        self._appointments()
        if self.periodic_ms is not None and self.periodic_ms <= self.t:
            volume, over, every = self.doc["periodic"]
            self.periodic_ms += every * 1000
            self.request("periodic", volume, over)

    def _appointments(self):
        utc = self.t + self.offset
        while True:
            book = [due for due in self.open_appointments() if due[0] <= utc]
            if not book:
                break
            due, entry, day, is_gap = book[0]
            self.handled.add((entry, day))
            _, _, volume, over, late_min = self.doc["boluses"][entry]
            if is_gap:
                self._note("scheduled", "skipped", "gap", entry=entry, nominal=due)
            elif utc - due > late_min * MINUTE_MS:
                self._note("scheduled", "skipped", "missed", entry=entry, nominal=due)
            else:
                self.request("scheduled", volume, over, entry, due)
        if self.seen_ms is not None:
            self.seen_ms = max(self.seen_ms, utc)

    def _note(self, kind, outcome, denial="", **more):
        self.events.append(Event(self.t, kind, outcome, denial, **more))

    def _note_end(self, outcome, steps):
        dose = self.bolus
        self._note(dose.kind, outcome, steps=steps, entry=dose.entry, nominal=dose.nominal)

    # requests

    def request(self, kind, volume_nl, over_s, entry=0, nominal=0):
        """A bolus: granted or denied by B-01 to B-04; the rolling limits are judged by `judge`."""
        steps = int(volume_nl / self.step)
        dose = Dose(kind, steps * self.step, steps * self.step * 3600 / over_s if over_s else 0, steps, entry, nominal)
        event = Event(self.t, kind, "granted", "", 0, entry, nominal)
        denial = self._denial(kind, volume_nl, steps)
        if not denial:
            denial = self.judge(event, dose) or ""
        if denial:
            event.outcome, event.denial = "denied", denial
        self.events.append(event)
        if denial:
            return denial
        if kind in ("host", "on demand"):
            self.lock_ms = self.t
        if kind == "on demand":
            self.button_ms.append(self.t)
        self.bolus = dose
        return ""

    def _denial(self, kind, volume_nl, steps):
        if self.state != "running":
            return "bad_state"
        if self.bolus:
            return "busy"
        if self.barred:
            return "alarm"
        if kind == "on demand":
            if not self.doc["on_demand"]:
                return "not_configured"
            if self.lock_left() > 0:
                return "lockout"
            if len([ms for ms in self.button_ms if ms > self.t - DAY_MS]) >= self.doc["on_demand"][3]:
                return "daily_max"
        if not steps:
            return "bad_value"
        return "limit" if volume_nl > self.limit("max_bolus_nl") else ""

    def lock_left(self):
        """ms until the lockout is over."""
        if self.lock_ms is None or not self.doc["on_demand"]:
            return 0
        return max(0, self.lock_ms + self.doc["on_demand"][2] * 1000 - self.t)

    def most_ahead(self, dose, temporary, end, window):
        """Most nL that any window ending from now until end + window holds, if this bolus and temporary rate began."""
        curve = list(self.curve)
        now, total = self.t, self.dose_nl
        dose = dose and replace(dose)
        while now < end + window:
            line = self.line(now, temporary)
            until = min(line.end, now + RAMP_PART_MS if line.first != line.last or dose else line.end)
            line = Line(line.start, until, line.first, line.rate(until))
            if dose:
                until = self._end_of(dose, line) or until
                more = min(dose.volume - dose.done, self._bolus_in(dose, line, until))
                dose.done += more
                total += more
                dose = None if dose.done >= dose.volume else dose
            total += (line.first + line.rate(until)) / 2 * (until - now) / HOUR_MS
            now = until
            curve.append((now, float(total)))
        return _most(curve, self.t, window)

    # commands

    def start(self):
        self.forget()
        self.trial_ms, self.trial_steps = self.t, int(self.dose_nl / self.step + Fraction(1, 10**9))
        self.go()

    def go(self):
        """The schedule is followed from now on."""
        self.state = "running"
        if self.seen_ms is None:
            self.seen_ms = self.t + self.offset
        if self.doc["periodic"]:
            every = self.doc["periodic"][2] * 1000
            if self.periodic_ms is None:
                self.periodic_ms = self.t + every
            while self.periodic_ms < self.t:           # what was due meanwhile is not caught up
                self.periodic_ms += every
        self._appointments()

    def go_again(self):
        """The basal rate goes on after a reset (P-04)."""
        self.go()

    def after_reset(self, has_clock, cut_ms, offset):
        """A reset: a bolus ends uncertain, a temporary rate is over, times are kept as far as a clock tells them."""
        if self.bolus:
            dose, self.bolus = self.bolus, None
            self._note(dose.kind, "uncertain", entry=dose.entry, nominal=dose.nominal)
        self.temporary = None
        self.periodic_ms = None
        if self.state != "fault":
            self.state = "stopped"
        if has_clock:
            late = self.offset - offset
            assert -1000 <= late <= 2000, "a battery-backed clock counts whole seconds"
            for name in ("lock_ms", "trial_ms"):
                if getattr(self, name) is not None:
                    setattr(self, name, getattr(self, name) + late)
            self.button_ms = [ms + late for ms in self.button_ms]
        else:
            self.lock_ms = self.t if self.lock_ms is not None and self.lock_ms > cut_ms - DAY_MS else None
            self.button_ms = [self.t for ms in self.button_ms if ms > cut_ms - DAY_MS]
        self.offset = offset

    def finish(self, outcome, state):
        """Motor off; a bolus ends with its whole steps, a temporary rate is over."""
        self.end_bolus(outcome)
        self.temporary = None
        self.state = state

    def end_bolus(self, outcome):
        if self.bolus:
            steps = int(self.bolus.done / self.step)
            self._note_end(outcome, steps)
            self.boluses += steps
            self.bolus = None

    def forget(self):
        """The schedule is over: appointments and periodic boluses begin anew."""
        self.seen_ms = None
        self.periodic_ms = None

    def set_clock(self, utc_ms):
        self.offset = utc_ms - self.t
        if self.seen_ms is not None:
            self.seen_ms = min(self.seen_ms, utc_ms)
            if self.state == "running":
                self._appointments()


def _most(curve, from_ms, window):
    """The most that a window of `window` ms ending at or after from_ms holds, along straight lines."""
    times = [point[0] for point in curve]

    def at(ms):
        k = bisect_right(times, ms)
        if k == 0:
            return curve[0][1]
        if k == len(curve):
            return curve[-1][1]
        (a, low), (b, high) = curve[k - 1], curve[k]
        return low + (high - low) * (ms - a) / (b - a)
    ends = [ms for ms in times if ms >= from_ms] + [ms + window for ms in times if ms + window >= from_ms]
    return max((at(ms) - at(ms - window) for ms in ends if ms <= times[-1]), default=0.0)
