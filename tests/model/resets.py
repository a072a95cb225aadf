"""What a reset does to the reference: what goes on, what is over, and which times are still known (P-04, L-03, T-05).

A part of the Reference, as Orders is.
"""

from tests.model.calendar import DAY_MS


class Resets:
    resumes = False                    # the schedule goes on as soon as the clock is set

    lock_utc = trial_utc = None        # when it was by the pump's clock, as that is set now
    button_utc = ()

    def _shift(self, ms):
        """The clock was set: every earlier time moves with it, so that no duration changes (T-05)."""
        self.lock_utc = self.lock_utc and self.lock_utc + ms
        self.trial_utc = self.trial_utc and self.trial_utc + ms
        self.button_utc = [utc + ms for utc in self.button_utc]

    def after_reset(self, offset, newest_utc, cause, transfer):
        """The pump was cut off and is back. `offset`: UTC less t by a battery-backed clock, None without one;
        newest_utc: of the newest record with a time; `transfer`: the prime or withdrawal that was under way, or ""."""
        was_running = self.state == "running"
        if self.bolus:
            dose, self.bolus = self.bolus, None
            self.note_bolus(dose, "uncertain")
        if transfer:
            self.note("transfer", transfer, "uncertain" if cause == "power" else "interrupted")
        self.temporary = self.empty_steps = self.periodic_ms = self.contact_ms = None
        self.alarms.reset()
        self.state = "fault" if self.alarms.stops() else "stopped"
        self._keep_times(offset, newest_utc)
        if not was_running and not self.resumes:
            self.forget()
        self.offset = offset
        self.note("boot")
        self._hear()
        if cause == "watchdog":
            self.alarm("watchdog reset")
            self.faults.append((self.t, "watchdog reset"))
            if self.recurs("watchdog reset"):
                self.fault("repeated fault")
        self.resumes = (was_running or self.resumes) and self.state == "stopped" and self.document["resume"] == "basal"
        if not self.resumes:
            self.forget()
        elif offset is not None:
            self.resume_after_reset()
        if offset is None:
            self.alarm("clock not set")

    def _keep_times(self, offset, newest_utc):
        """With a clock durations go on while the power is off; without one they begin anew, if they may last."""
        now = newest_utc if offset is None else self.t + offset
        age = {utc: max(0, now - utc) for utc in (self.lock_utc, *self.button_utc) if utc is not None}
        self.button_utc = [utc for utc in self.button_utc if age[utc] <= DAY_MS]
        if self.lock_utc is not None and age[self.lock_utc] > DAY_MS:
            self.lock_utc = None
        known = 0 if offset is None else 1
        self.lock_ms = None if self.lock_utc is None else self.t - known * age[self.lock_utc]
        self.button_ms = [self.t - known * age[utc] for utc in self.button_utc]

    def resume_after_reset(self):
        self.resumes = False
        if self.trial_utc is not None:
            self.trial_ms = self.trial_utc // 1000 * 1000 - self.offset
        if self.level_nl():
            self.go("resume")
        else:
            self.note("stop", "")
            self.forget()

    def level_nl(self):
        """Whole nL: what is less is nothing."""
        return int(self.level)
