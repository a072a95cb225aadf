"""The pump as it ought to be: its state, what it delivers as time passes, and what its journal must say of it.

Times are milliseconds since the simulation began. What depends on when the pump looked (an input, a low level) is told
by the machine, and judged when it is told.
"""

from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction

from tests.model.alarms import Alarms
from tests.model.appointments import Appointments
from tests.model.basal import RAMP_PART_MS, line_from
from tests.model.calendar import DAY_MS
from tests.model.dose import TINY
from tests.model.due import Due
from tests.model.orders import Orders
from tests.model.reservoir import Reservoir
from tests.model.resets import Resets
from tests.model.windows import most_held


@dataclass
class Event:
    """What the journal must say: a name and its details, at `ms`, or up to `slack_ms` from it."""

    ms: int
    name: str
    detail: tuple = ()
    steps: int | None = None           # delivered; None where the record says nothing of it
    slack_ms: int = 0


class Reference(Due, Orders, Resets):
    def __init__(self, rig, calendar):
        self.step = Fraction(rig["pl_per_rev"], rig["steps_per_rev"] * 1000)
        self.rig = rig
        self.calendar = calendar
        self.t = 0
        self.motions = []              # [from ms, to ms or None]: when the motor may step
        self.state = "stopped"
        self.offset = None             # UTC less t; None: the clock is not set
        self.document = None
        self.basal = Fraction(0)       # nL, ever
        self.boluses = 0               # steps of boluses that have ended, ever
        self.bolus = None
        self.counted = 0
        self.temporary = None
        self.alarms = Alarms()
        self.reservoir = Reservoir(rig["reservoir_nl"])
        self.moved = Fraction(0)       # primes less withdrawals, nL
        self.uncertain = Fraction(0)   # nL that may have gone out besides
        self.empty_steps = None        # dose steps at which the reservoir is empty
        self.events = []
        # (ms, alarm, whether it comes, whether behind a trial's end): levels are looked at when a record is written
        self.told = []
        self.book = None
        self.periodic_ms = None
        self.lock_ms = None            # the last start that locks
        self.button_ms = []            # starts on demand
        self.button_utc = []
        self.trial_ms = None
        self.trial_steps = 0
        self.contact_ms = None         # the last sign of the operator
        self.curve = [(0, 0.0)]        # (ms, nL dosed), for the windows
        self.judge = lambda dose: ""   # why the rolling limits deny a bolus
        self.faults = []               # (ms, kind): faults and boots by the watchdog
        self.recurs = lambda kind: False                       # whether the last of them is one too many (P-06)

    @property
    def state(self):
        return self._state

    @state.setter
    def state(self, state):
        """The motor may step while running and in a transfer, and never else (D-08)."""
        self._state = state
        is_moving = state in ("running", "priming", "withdrawing")
        if self.motions and self.motions[-1][1] is None:
            self.motions[-1][1] = self.t
        if is_moving:
            self.motions.append([self.t, None])

    # accounts, nL

    @property
    def bolus_nl(self):
        return self.boluses * self.step + (self.bolus.done if self.bolus else 0)

    @property
    def dose_nl(self):
        return self.basal + self.bolus_nl

    @property
    def level(self):
        return self.reservoir.level(self.dose_nl + self.moved + self.uncertain)

    def count(self):
        """Dose steps made. A bolus that ended early may leave one that the basal rate has not come to yet."""
        self.counted = max(self.counted, int(self.dose_nl / self.step + TINY))
        return self.counted

    def limit(self, name):
        """The tighter of the rig's and the program's."""
        own = self.document["limits"][name]
        return min(own, self.rig[name]) if own else self.rig[name]

    @property
    def ceiling(self):
        return self.limit("max_rate_nl_per_h")

    def use(self, document):
        self.document = document
        self.book = Appointments(self.calendar, document["boluses"], self.book.dealt_with() if self.book else ())
        self.periodic_ms = None

    def note(self, name, *detail, steps=None, slack_ms=0):
        self.events.append(Event(self.t, name, detail, steps, slack_ms))

    # time

    def line(self, start):
        return line_from(start, self.offset, self.calendar, self.document, self.ceiling, self.temporary)

    def advance(self, to):
        """Lets time pass to `to`, everything due by then included; nothing where that is not ahead."""
        self._hear()
        while self.t < to:
            if self.state != "running":
                self.t = min([to, *(ms for ms, *_ in self.told)])
                self._hear()
                continue
            line = self.line(self.t)
            until = min(to, line.end)
            due = [ms for ms in (self.next_due(), *(told[0] for told in self.told[:1])) if ms is not None]
            until = min([until, *(max(ms, self.t + 1) for ms in due)])
            line = line.until(until)
            if self.bolus:
                until = self.bolus.end_in(line, self.ceiling) or until
            until = self._volume_end(line, until) or until
            self._integrate(line, until)
            self._due(self.ceiling - line.rate(until))
            self._hear()

    def _integrate(self, line, until):
        self.basal += line.volume(until)
        if self.bolus:
            self.bolus.done += self.bolus.volume_in(line, until, self.ceiling)
        self.t = until
        self.count()
        self.curve.append((until, float(self.dose_nl)))
        if len(self.curve) > 2000:
            self.curve = [point for point in self.curve if point[0] > until - 2 * DAY_MS]

    def _hear(self):
        """What the journal told of levels belongs behind what happened at that instant."""
        while self.told and self.told[0][0] <= self.t:
            _, name, comes, is_behind_end = self.told[0]
            if is_behind_end and self.state == "running":
                break                   # the pump may be early by a quarter of a step, see _due
            del self.told[0]
            if name == "reservoir empty":
                assert self.state == "running" and abs(self.dose_nl / self.step - self.empty_steps) <= 2, "not empty"
                self.fault(name)
                continue
            if name == "reservoir low":
                low = self.document["low_nl"]
                assert low and (self.level <= low + 2 * self.step) if comes else self.level >= low - 2 * self.step
            assert self.alarms.come(name) if comes else self.alarms.go(name)
            slack_ms = self.events[-1].slack_ms if is_behind_end else 0
            self.note("alarm", name, *self.alarms.masks(), slack_ms=slack_ms)

    def _volume_end(self, line, until):
        """The first ms at which a trial's volume is reached, or None. An empty reservoir is told: rounded twice."""
        goal = self._goal()

        def dose(ms):
            return self.dose_nl + line.volume(ms) + (self.bolus.volume_in(line, ms, self.ceiling) if self.bolus else 0)

        reached = dose(until) if goal is None else min(goal, dose(until))
        assert self.empty_steps is None or reached <= (self.empty_steps + 2) * self.step, "went on when empty"
        if reached != goal:
            return None
        low, high = line.start, until
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if dose(middle) >= goal else (middle, high)
        return high

    def is_quiet(self, to):
        """True where nothing but basal delivery and a bolus that goes on happens until `to`."""
        if self.told:
            return False
        twin = copy(self)
        twin.events, twin.curve, twin.button_ms, twin.motions = [], self.curve[-1:], list(self.button_ms), [[0, None]]
        twin.button_utc = list(self.button_utc)
        twin.book, twin.bolus = self.book and self.book.copy(), self.bolus and replace(self.bolus)
        twin.alarms, twin.told, twin.empty_steps = self.alarms.copy(), [], None
        twin.judge, twin.recurs, twin.faults = lambda dose: "", lambda kind: False, []
        twin.advance(to)
        if self.events and self.events[-1].ms + self.events[-1].slack_ms >= to:
            return False
        if twin.bolus and twin.bolus.volume - twin.bolus.done < self.step / 2:
            return False
        return not twin.events and twin.temporary == self.temporary

    def most_ahead(self, dose, temporary, end, window):
        """Most nL that any window ending from now until end + window holds, if this bolus and temporary rate began."""
        twin = copy(self)
        twin.temporary = temporary
        curve = list(self.curve)
        now, total = self.t, self.dose_nl
        dose = dose and replace(dose)
        while now < end + window:
            line = twin.line(now)
            until = min(line.end, now + RAMP_PART_MS if line.first != line.last or dose else line.end)
            line = line.until(until)
            if dose:
                until = dose.end_in(line, self.ceiling) or until
                more = dose.volume_in(line, until, self.ceiling)
                dose.done += more
                total += more
                dose = None if dose.done >= dose.volume else dose
            total += line.volume(until)
            now = until
            curve.append((now, float(total)))
        return most_held(curve, self.t, window)
