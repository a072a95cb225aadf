"""A run: what happens while the schedule is followed. Owns the next events of the plan, the bolus under way and the
temporary rate; decides about no state: it says what went wrong, and the controller acts.

Events of the plan (a rate change, a bolus, a new day, a checkpoint) are written with the instant at which they were
due, not the instant of the poll that found them, so the journal does not depend on how often anyone polls.
"""

from pump import alarms, record
from pump.basal import Basal
from pump.bolus import COMPLETE, DENIED, GRANTED, PERIODIC, SCHEDULED, SKIPPED
from pump.boluses import ALARM, BAD_VALUE, BUSY, LIMIT, Boluses
from pump.demand import Demand
from pump.selftest import PERIOD_MS as TEST_PERIOD_MS
from pump.timetable import NEVER_MS, Timetable

LEAD_MS = 30000               # authorised beyond the next checkpoint, so that the queue never waits for the journal
SETTLE_MS = 250               # how long a due step may take to be seen: a flash erase with interrupts off, and more
CHECKED_SLACK_STEPS = 3


class Run:
    def __init__(self, clock, delivery, chronicle, guard, self_test):
        self._clock = clock
        self._delivery = delivery
        self._chronicle = chronicle
        self._guard = guard
        self._self_test = self_test
        self.boluses = Boluses()
        self.bolus = None               # under way
        self.temporary = None
        self.is_barred = False          # no bolus may begin: an alarm says so
        self.on_written = None          # called with the instant after every dose record
        self.rig = None
        self.program = None
        self.limits = None              # the tightest of rig and program
        self.timetable = Timetable(clock)
        self.rate_nl_per_h = 0          # in force, as last written
        self.end_ms = NEVER_MS          # of a trial
        self.end_steps = None           # dose steps at which a trial ends
        self.empty_steps = None         # dose steps at which the reservoir is empty
        self.auto_off_ms = NEVER_MS     # without another sign of the operator
        self._test_ms = NEVER_MS        # the next self-test
        self._next_event_ms = 0
        self._checkpoint_ms = 0
        self.day = 0                    # local date of the last event

    def use(self, program, rig):
        """Takes a checked program and its rig; while nothing runs."""
        self.program = program
        self.rig = rig
        if rig is not None:
            self.limits = rig.limits if program is None else program.limits.tightest(rig.limits)
            self._guard.use(self.limits, rig.ratio)
        if program is not None and rig is not None:
            self.timetable.use(program, rig.ratio)

    # beginning and ending

    def begin(self, now_ms, event, actor):
        """Follows the schedule from `now_ms` on; `event` carries the first authorisation."""
        self.timetable.begin(now_ms)
        self._test_ms = now_ms + TEST_PERIOD_MS if self._test_ms == NEVER_MS else max(now_ms, self._test_ms)
        self._delivery.begin(now_ms, self._demand(self.bolus, self.temporary))
        self._mark(now_ms, event, actor)

    def pause(self, now_ms):
        """Halts for a change of clock, program or temporary rate; a bolus goes on with the next `begin` (T-05)."""
        if self._delivery.is_running:
            bolus_parts = self._delivery.planner.bolus_parts(now_ms)
            self._delivery.cut(now_ms)
            if self.bolus:
                self.bolus.done_parts += bolus_parts

    def end(self, now_ms, outcome):
        """Motor off. A bolus under way ends with `outcome` and never resumes (D-06); so does a temporary rate."""
        bolus_parts = 0
        if self._delivery.is_running and self.bolus:
            bolus_parts = self._delivery.planner.bolus_parts(now_ms)
        self._delivery.halt(now_ms)
        self.rate_nl_per_h = 0                          # whether or not the journal can take the record of it
        self.temporary = None
        if self.bolus:
            self._drop_bolus(now_ms, bolus_parts, outcome)

    # boluses

    def request(self, now_ms, bolus, actor, request_id=0, at_ms=None):
        """Grants or denies a bolus as of `at_ms`; writes either; returns 0 or why it was denied."""
        at_ms = now_ms if at_ms is None else at_ms
        denial = self._denial(at_ms, bolus)
        if denial:
            self._write_bolus(at_ms, bolus, DENIED, 0, actor, denial, request_id)
            return denial
        self.boluses.started(bolus.kind, at_ms)
        self._write_bolus(at_ms, bolus, GRANTED, 0, actor, 0, request_id)
        self._delivery.cut(at_ms)
        self.bolus = bolus
        self._delivery.begin(at_ms, self._demand(bolus, self.temporary))
        self._mark(at_ms, record.EVENT_RATE, actor)
        return 0

    def write_denied(self, now_ms, bolus, actor, denial, request_id):
        """Logs a request that could not even be judged."""
        self._write_bolus(now_ms, bolus, DENIED, 0, actor, denial, request_id)

    def cancel_bolus(self, now_ms, outcome, actor):
        """Ends the bolus under way; the basal rate goes on."""
        self.pause(now_ms)
        self._drop_bolus(now_ms, 0, outcome)
        self._delivery.begin(now_ms, self._demand(None, self.temporary))
        self._mark(now_ms, record.EVENT_RATE, actor)

    def bolus_steps(self, ms):
        """Steps of all boluses until an instant, as the account stands."""
        total = self._delivery.ledger.bolus_steps
        if self.bolus:
            parts = self._delivery.planner.bolus_parts(ms) if self._delivery.is_running else 0
            total += self.bolus.steps_of(parts, self.rig.ratio)
        return total

    def _denial(self, at_ms, bolus):
        if self.bolus:
            return BUSY
        if self.is_barred:
            return ALARM
        denial = self.boluses.denial(bolus.kind, at_ms, self.program)
        if denial:
            return denial
        if not bolus.steps:
            return BAD_VALUE
        most_nl = self.limits.max_bolus_nl
        if most_nl and bolus.volume_nl > most_nl:
            return LIMIT
        # What the static check has passed exactly must not fail here on the rounding of counted steps
        slack_steps = CHECKED_SLACK_STEPS if bolus.kind in (SCHEDULED, PERIODIC) else 0
        # A temporary rate may end at any time, by a reset too: then what was granted must fit all the same
        temporary = self.temporary and self.temporary.at_most()
        if self.exceeded_by(at_ms, at_ms + bolus.over_ms, bolus, temporary, slack_steps):
            return LIMIT
        return 0

    def exceeded_by(self, at_ms, end_ms, bolus, temporary, slack_steps=0):
        """The rolling limit that delivery with this bolus (the one under way: the rest of it) and temporary rate would
        exceed from at_ms on, or None; while the schedule is followed."""
        planner, ledger = self._delivery.planner, self._delivery.ledger
        given_parts = planner.bolus_parts(at_ms) if self.bolus else 0
        counted = min(ledger.count(), planner.due_steps(at_ms))
        self._guard.sample(at_ms, counted + ledger.uncertain_steps)
        return self._guard.denies(at_ms, lambda: self._demand(bolus, temporary, given_parts), end_ms, slack_steps)

    def _demand(self, bolus, temporary=None, given_parts=0):
        ratio, ceiling = self.rig.ratio, self.limits.max_rate_nl_per_h
        basal = Basal(self.program.schedule, self._clock, ratio, self.program.minimum_nl_per_h, ceiling, temporary)
        return Demand(basal, ratio, ceiling, bolus, given_parts)

    def _drop_bolus(self, now_ms, bolus_parts, outcome):
        """Finishes the bolus as it stands: whole steps stay, the fraction of one is not delivered."""
        bolus, planner, ratio = self.bolus, self._delivery.planner, self.rig.ratio
        steps = min(bolus.steps, bolus.steps_of(bolus_parts, ratio))
        planner.drop(bolus.done_parts + bolus_parts - steps * ratio.den)
        self._delivery.ledger.bolus_steps += steps
        self.bolus = None
        self._write_bolus(now_ms, bolus, outcome, steps, record.ACTOR_PUMP, 0, 0)

    def _write_bolus(self, ms, bolus, outcome, steps, actor, denial, request_id):
        self._chronicle.note(ms, record.EVENT_BOLUS, actor, bolus.kind * 16 + outcome, record.BOLUS, bolus.volume_nl,
                             bolus.steps, steps, bolus.over_ms // 1000, bolus.nominal_utc_min, bolus.entry, denial,
                             request_id)

    # time passing

    def advance(self, now_ms):
        """Does all that is due by now. Returns (ms of the next need, alarm number or 0)."""
        while self._next_event_ms <= now_ms:
            event_ms = self._next_event_ms
            missing = self._delivery.missing_steps(event_ms)
            if missing > 0 and now_ms - event_ms < SETTLE_MS:
                self._delivery.catch_up(now_ms, event_ms)
                return now_ms + 1, 0                    # its last step is still on the way
            if self._delivery.is_short(missing):
                return None, alarms.UNDER_DELIVERY
            stopped_by = self._stopped_by(event_ms)
            if stopped_by:
                return event_ms, stopped_by
            self._do_events(event_ms, now_ms)
            self._delivery.planner.forget_before(event_ms)
        feed_ms = self._delivery.feed(now_ms)
        if feed_ms is None or feed_ms > self._next_event_ms:
            feed_ms = self._next_event_ms
        return feed_ms, 0

    def _stopped_by(self, event_ms):
        """The alarm that ends the run at this instant, or 0."""
        # A step that was due and has not come in time will not come: it must not keep the end from coming either
        steps = max(self._delivery.ledger.dose_steps, self._delivery.planner.due_steps(event_ms))
        if event_ms >= self.end_ms or (self.end_steps is not None and steps >= self.end_steps):
            return alarms.PROGRAM_ENDED
        if self.empty_steps is not None and steps >= self.empty_steps:
            return alarms.RESERVOIR_EMPTY
        if event_ms >= self.auto_off_ms:
            return alarms.AUTO_OFF
        if event_ms >= self._test_ms:
            self._test_ms += TEST_PERIOD_MS
            if not self._self_test.again(event_ms, False):
                return alarms.SELF_TEST_FAILED
        return 0

    def _do_events(self, event_ms, now_ms):
        """Everything due at one instant, in a fixed order: what ends, then what begins, then the record."""
        planner = self._delivery.planner
        bolus = self.bolus
        has_ended = bolus and bolus.steps_of(planner.bolus_parts(event_ms), self.rig.ratio) >= bolus.steps
        if has_ended:
            self.bolus = None
            self._delivery.ledger.bolus_steps += bolus.steps
            self._write_bolus(event_ms, bolus, COMPLETE, bolus.steps, record.ACTOR_PUMP, 0, 0)
        if self.temporary and self.temporary.end_ms <= event_ms:
            self.temporary = None
        written = self._do_due(event_ms, now_ms)
        if has_ended and not written:               # inside a ramp no other record would tell the new rate
            self._mark(event_ms, record.EVENT_RATE, record.ACTOR_SCHEDULE)
        elif not written:
            self._mark_due(event_ms)

    def skip_boluses(self, event_ms):
        """The schedule is over at this instant: what was due by then and has not begun will not; each is logged."""
        self._do_due(event_ms, event_ms, True)

    def _do_due(self, event_ms, now_ms, is_over=False):
        """Deals with every bolus of the program up to this instant; True where one began."""
        began = False
        for bolus, why in self.timetable.due(event_ms, is_over):
            if why:
                self._write_bolus(event_ms, bolus, SKIPPED, 0, record.ACTOR_SCHEDULE, why, 0)
            else:
                began = self.request(now_ms, bolus, record.ACTOR_SCHEDULE, 0, event_ms) == 0 or began
        return began

    def _mark_due(self, event_ms):
        """The record of a rate change, a new day or a checkpoint, if it is time for one."""
        planner = self._delivery.planner
        piece = planner.piece_at(event_ms)
        day = self.program.schedule.local_day(self._clock.utc_ms(event_ms))
        if piece.is_change and planner.rate_at(event_ms) != self.rate_nl_per_h:
            self._mark(event_ms, record.EVENT_RATE, record.ACTOR_SCHEDULE)
        elif day != self.day:
            self._mark(event_ms, record.EVENT_DAY, record.ACTOR_SCHEDULE)
        elif event_ms >= self._checkpoint_ms:
            self._mark(event_ms, record.EVENT_CHECKPOINT, record.ACTOR_SCHEDULE)
        else:                                       # an instant at which nothing is news
            self._next_event_ms = self._next_after(event_ms)

    def _mark(self, ms, event, actor):
        """Confirms what was due by `ms`, authorises the next quantum, and sets the time of the next event."""
        planner, ledger = self._delivery.planner, self._delivery.ledger
        self._checkpoint_ms = ms + self.rig.quantum_min * 60000
        confirmed = max(ledger.confirmed_steps, min(planner.due_steps(ms), ledger.dose_steps))
        ahead = self._delivery.due_ahead(self._checkpoint_ms + LEAD_MS, confirmed)
        for stop_steps in (self.end_steps, self.empty_steps):
            if stop_steps is not None:
                ahead = min(ahead, max(0, stop_steps - confirmed))
        # Of a bolus that ended early the last step may stand ahead of the plan, which has dropped its fraction
        ahead = max(ahead, ledger.dose_steps - confirmed)
        self.day = self.program.schedule.local_day(self._clock.utc_ms(ms))
        self.write_dose(ms, event, actor, 0 if planner.piece_at(ms).is_change else record.RATE_RAMP, confirmed, ahead,
                        planner.rate_at(ms))
        self._next_event_ms = self._next_after(ms)

    def write_dose(self, ms, event, actor, code, confirmed_steps, ahead_steps, rate_nl_per_h):
        """The journal first, the ledger after: nothing is allowed that is not written."""
        ledger = self._delivery.ledger
        self._chronicle.note(ms, event, actor, code, record.DOSE, confirmed_steps, self._delivery.programmed_pl(ms),
                             ahead_steps, rate_nl_per_h, self.bolus_steps(ms) & 0xFFFFFFFF)
        ledger.confirmed_steps = confirmed_steps
        ledger.authorised_steps = confirmed_steps + ahead_steps
        self.rate_nl_per_h = rate_nl_per_h
        self._guard.sample(ms, confirmed_steps + ledger.uncertain_steps)
        if self.on_written:
            self.on_written(ms)

    def _next_after(self, ms):
        next_ms = min(self._delivery.planner.piece_at(ms).end_ms, self._checkpoint_ms, self.timetable.next_ms(),
                      self.end_ms, self.auto_off_ms, self._test_ms)
        for stop_steps in (self.end_steps, self.empty_steps):
            if stop_steps is not None and stop_steps <= self._delivery.ledger.authorised_steps:
                next_ms = min(next_ms, self._delivery.planner.ms_of_step(stop_steps))
        return max(ms, next_ms)                         # what came due while nothing ran is due now
