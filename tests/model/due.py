"""What is due at an instant, and in which order: what ends before what begins (U-05, A-01, B-02, D-05).

A part of the Reference, as Orders is.
"""

from tests.model.calendar import HOUR_MS


class Due:
    def next_due(self):
        """When something is due by the clock alone, or None."""
        times = [ms for ms in (self.periodic_ms, self.trial_end(), self.auto_off_ms()) if ms is not None]
        book = self.book.open()
        if book:
            times.append(max(self.t, book[0][0] - self.offset))
        return min(times) if times else None

    def trial_end(self):
        after = self.document["ends"]["after_s"]
        return self.trial_ms + after * 1000 if after and self.trial_ms is not None else None

    def auto_off_ms(self):
        hours = self.rig["auto_off_h"]
        return self.contact_ms + hours * HOUR_MS if hours and self.contact_ms is not None else None

    def _due(self, room):
        """What is due at this instant: what ends first, then what begins. `room`: nL/h under the ceiling."""
        end, goal = self.trial_end(), self._goal()
        if (end is not None and self.t >= end) or (goal is not None and self.dose_nl >= goal):
            self._end_trial(0 if end is not None and self.t >= end else self._quarter_step_ms(self.ceiling - room))
            return
        if self.auto_off_ms() is not None and self.t >= self.auto_off_ms():
            self.fault("auto-off")
            return
        if self.bolus and self.bolus.done >= self.bolus.volume:
            dose, self.bolus = self.bolus, None
            self.note_bolus(dose, "complete", steps=dose.steps, slack_ms=self._quarter_step_ms(min(dose.rate, room)))
            self.boluses += dose.steps
        if self.temporary and self.temporary.end <= self.t:
            self.temporary = None
        self._appointments()
        if self.periodic_ms is not None and self.periodic_ms <= self.t:
            volume, over, every = self.document["periodic"]
            self.periodic_ms += every * 1000
            self.request("periodic", volume, over)

    def _quarter_step_ms(self, rate):
        """The pump may stray from a ramp, or from a bolus that creeps under the ceiling, by so much time."""
        return int(self.step / 4 * HOUR_MS / max(1, rate))

    def _end_trial(self, slack_ms):
        first = len(self.events)
        self._appointments(is_over=True)
        self.finish("interrupted", "stopped")
        self.note("stop", "program ended")
        self.alarm("program ended")
        self.forget()
        self.motions[-1][1] += slack_ms
        for event in self.events[first:]:
            event.slack_ms = slack_ms

    def _appointments(self, is_over=False):
        utc = self.t + self.offset
        count, first = self.book.pass_over(utc)
        if count:
            self.note("bolus", "scheduled", "skipped", "long_missed", 65535, first, count)
        while (due := self.book.take(utc)) is not None:
            nominal, entry, skipped = due
            skipped = skipped or ("bad_state" if is_over else "")
            if skipped:
                self.note("bolus", "scheduled", "skipped", skipped, entry, nominal)
            else:
                self.request("scheduled", *self.document["boluses"][entry][2:4], entry, nominal)

    def _goal(self):
        volume = self.document["ends"]["volume_nl"]
        return (self.trial_steps + int(volume / self.step)) * self.step if volume else None
