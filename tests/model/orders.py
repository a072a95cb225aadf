"""What an operator, a button or an input asks of the reference: boluses and their refusals, states, transfers, alarms.

A part of the Reference: it has the state, this has the rules of B, D-06, A-02 and U-05.
"""

from tests.model.alarms import BASAL_ONLY
from tests.model.calendar import DAY_MS, MINUTE_MS
from tests.model.dose import TINY, Dose


class Orders:
    # boluses

    def request(self, kind, volume_nl, over_s, entry=0, nominal=0):
        """A bolus: granted or denied by B-01 to B-04; the rolling limits are judged by `judge`. Why it was denied."""
        steps = int(volume_nl / self.step)
        dose = Dose(kind, steps * self.step, steps * self.step * 3600 / over_s if over_s else 0, steps, entry, nominal)
        denial = self._denial(kind, volume_nl, steps) or self.judge(dose)
        if denial:
            self.note_bolus(dose, "denied", denial)
            return denial
        self.note_bolus(dose, "granted")
        utc = self.t + self.offset
        if kind in ("host", "on demand"):
            self.lock_ms, self.lock_utc = self.t, utc
        if kind == "on demand":
            self.button_ms.append(self.t)
            self.button_utc.append(utc)
        self.bolus = dose
        return ""

    def _denial(self, kind, volume_nl, steps):
        if self.state != "running":
            return "bad_state"
        if self.bolus:
            return "busy"
        if self.alarms.bars_boluses():
            return "alarm"
        if kind == "on demand":
            if not self.document["on_demand"]:
                return "not_configured"
            if self.lock_left() > 0:
                return "lockout"
            if len([ms for ms in self.button_ms if ms > self.t - DAY_MS]) >= self.document["on_demand"][3]:
                return "daily_max"
        if not steps:
            return "bad_value"
        return "limit" if volume_nl > self.limit("max_bolus_nl") else ""

    def lock_left(self):
        """ms until the lockout is over."""
        if self.lock_ms is None or not self.document["on_demand"]:
            return 0
        return max(0, self.lock_ms + self.document["on_demand"][2] * 1000 - self.t)

    def note_bolus(self, dose, outcome, denial="", steps=0, slack_ms=0):
        self.note("bolus", dose.kind, outcome, denial, dose.entry, dose.nominal // MINUTE_MS * MINUTE_MS,
                  steps=steps if outcome != "uncertain" else None, slack_ms=slack_ms)

    def end_bolus(self, outcome):
        if self.bolus:
            dose, self.bolus = self.bolus, None
            steps = int(dose.done / self.step)
            self.note_bolus(dose, outcome, steps=steps)
            self.boluses += steps

    # states

    def start(self):
        self.forget()
        self.begin_trial()
        self.go("start")

    def begin_trial(self):
        self.trial_ms, self.trial_steps = self.t, self.count()
        self.trial_utc = self.t + self.offset

    def go(self, event):
        """The schedule is followed from now on; what was due meanwhile is not caught up, but for late boluses."""
        self.state = "running"
        self.contact_ms = self.t
        self.note_level()
        self.note(event)
        self._hear()
        if self.book.seen_ms is None:
            self.book.seen_ms = self.t + self.offset
        if self.document["periodic"]:
            every = self.document["periodic"][2] * 1000
            if self.periodic_ms is None:
                self.periodic_ms = self.t + every
            while self.periodic_ms < self.t:
                self.periodic_ms += every
        self._due(self.ceiling)

    def note_level(self):
        """The reservoir ends so many dose steps from now."""
        self.empty_steps = self.count() + int(self.level / self.step + TINY)

    def finish(self, outcome, state):
        """Motor off; a bolus ends with its whole steps, a temporary rate is over."""
        self.end_bolus(outcome)
        self.temporary = None
        self.empty_steps = None
        self.state = state

    def suspend(self):
        self.finish("interrupted", "suspended")
        self.note("suspend")

    def stop(self):
        """Always allowed; a fault stays."""
        if self.state != "fault":
            self.finish("interrupted", "stopped")
        self.note("stop", "")
        self.resumes = False
        self.forget()

    def forget(self):
        """The schedule is over: appointments and periodic boluses begin anew."""
        self.book.seen_ms = None
        self.periodic_ms = None

    def push(self, document):
        """Another program: one that is followed is this one's from now on, and its trial begins."""
        self.note("program")
        if self.resumes:
            self.note("stop", "")
            self.resumes = False
        self.end_bolus("cancelled")
        self.temporary = None if self.state == "running" else self.temporary
        self.use(document)
        if self.state in ("running", "suspended"):
            self.begin_trial()
            self.book.seen_ms = self.t + self.offset
        if self.state == "running" and document["periodic"]:
            self.periodic_ms = self.t + document["periodic"][2] * 1000

    def set_clock(self, utc_ms):
        if self.offset is not None:
            self._shift(utc_ms - self.t - self.offset)
        self.offset = utc_ms - self.t
        self.note("clock")
        self.book.clock_set(utc_ms)
        self.gone("clock not set")
        if self.state == "running":
            self._appointments()
        elif self.resumes:
            self.resume_after_reset()

    # alarms

    def alarm(self, name):
        """A condition, and what it does but for those that stop (A-02)."""
        if self.alarms.come(name):
            if name in BASAL_ONLY:
                self.end_bolus("interrupted")
            self.note("alarm", name, *self.alarms.masks())

    def gone(self, name):
        """The cause of a condition is gone."""
        if self.alarms.go(name):
            self.note("alarm", name, *self.alarms.masks())

    def fault(self, name):
        """A condition that stops: motor off, latched until it is gone and acknowledged."""
        was = self.state
        if was != "fault":
            self.finish("interrupted", "fault")
        self.resumes = False
        self.alarm(name)
        if was != "fault":
            self.faults.append((self.t, name))
            if self.recurs(name):
                self.alarm("repeated fault")
            self.note("fault", name)

    def acknowledge(self):
        self.alarms.acknowledge()
        self.note("alarm", "", *self.alarms.masks())
        if self.state == "fault" and not self.alarms.stops():
            self.state = "stopped"
            self.note("ack")
