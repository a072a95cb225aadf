"""The controller: the pump's state machine. Owns the state, its reason, and when the next event is due.

stopped -> running -> suspended -> running ... -> stopped; a fault latches from anywhere until acknowledged.
Events of the plan (a rate change, a new day, a checkpoint) are written with the instant at which they were due, not
the instant of the poll that found them, so the journal does not depend on how often anyone polls.
"""

from pump import reasons, record
from pump.basal import Basal
from pump.errors import PumpError

STOPPED = "stopped"
RUNNING = "running"
SUSPENDED = "suspended"
FAULT = "fault"

LEAD_MS = 30000               # authorised beyond the next checkpoint, so that the queue never waits for the journal
SETTLE_MS = 250               # how long a due step may take to be seen: a flash erase with interrupts off, and more


class Controller:
    def __init__(self, clock, delivery, chronicle):
        self._clock = clock
        self._delivery = delivery
        self._chronicle = chronicle
        self.rig = None
        self.program = None
        self.state = STOPPED
        self.reason = reasons.POWER_UP
        self.rate_nl_per_h = 0          # in force, as last written
        self._next_event_ms = 0         # while running: the next boundary or checkpoint
        self._checkpoint_ms = 0
        self._day = 0                   # local date of the last event

    # what the host and the boot ask for; each is one event

    def boot(self, now_ms, reason):
        """Stopped, with the reason of this boot; the record carries the ledger as it was found."""
        self.reason = reason
        self._mark(now_ms, record.EVENT_BOOT, record.ACTOR_PUMP, reason, 0)

    def use_rig(self, rig):
        """Takes a rig, at boot or while stopped; the caller has checked the program against it."""
        self.rig = rig
        self._delivery.use_ratio(rig.ratio, rig.max_step_rate)

    def use_program(self, now_ms, program):
        """Takes a checked program; one that runs is followed from this instant on."""
        running = self.state == RUNNING
        if running:
            self._delivery.halt(now_ms, keep_enabled=True)
        self.program = program
        self._chronicle.local_schedule = program.schedule
        if running:
            self._begin(now_ms, record.EVENT_RATE, record.ACTOR_HOST)

    def set_clock(self, now_ms, utc_ms):
        """The instant `now_ms` is `utc_ms` from now on. A running schedule is followed in the new time (T-05)."""
        running = self.state == RUNNING
        if running:
            self._delivery.halt(now_ms, keep_enabled=True)
            self._mark(now_ms, record.EVENT_CHECKPOINT, record.ACTOR_HOST, reasons.HOST, 0)
        old_ms = self._clock.utc_ms(now_ms) or 0
        self._clock.set_utc(utc_ms)
        self._chronicle.clock_set(now_ms, old_ms, utc_ms)
        if running:
            self._begin(now_ms, record.EVENT_RATE, record.ACTOR_HOST)

    def start(self, now_ms):
        """Begins the schedule; PumpError where something is missing."""
        self._require(STOPPED)
        self._begin_ready()
        self._begin(now_ms, record.EVENT_START, record.ACTOR_HOST)

    def resume(self, now_ms):
        self._require(SUSPENDED)
        self._begin_ready()
        self._begin(now_ms, record.EVENT_RESUME, record.ACTOR_HOST)

    def suspend(self, now_ms):
        self._require(RUNNING)
        self._end(now_ms, SUSPENDED, record.EVENT_SUSPEND, record.ACTOR_HOST, reasons.HOST)

    def stop(self, now_ms):
        """Always allowed. A latched fault stays."""
        if self.state in (RUNNING, SUSPENDED):
            self._end(now_ms, STOPPED, record.EVENT_STOP, record.ACTOR_HOST, reasons.HOST)
        else:
            self._delivery.halt(now_ms)

    def acknowledge(self, now_ms):
        """Clears a latched fault; the pump is stopped then."""
        self._require(FAULT)
        self.state = STOPPED
        self.reason = reasons.ACKNOWLEDGED
        self._delivery.take_count()
        self._mark(now_ms, record.EVENT_ACK, record.ACTOR_HOST, reasons.ACKNOWLEDGED, 0)

    def fault(self, now_ms, reason):
        """Motor off, reason kept, whatever else fails. The first fault stays until it is acknowledged."""
        self._delivery.halt(now_ms)
        if self.state == FAULT:
            return
        self.state = FAULT
        self.reason = reason
        self._mark(now_ms, record.EVENT_FAULT, record.ACTOR_PUMP, reason, 0)

    # what time asks for

    def advance(self, now_ms):
        """Does everything that is due by now; returns the ms of the next need, or None when only input matters."""
        self._check_count(now_ms)
        if self.state != RUNNING:
            return None
        while self._next_event_ms <= now_ms:
            if not self._do_event(self._next_event_ms, now_ms - self._next_event_ms):
                return now_ms + 1                   # its last step is still on the way
            if self.state != RUNNING:
                return None
        feed_ms = self._delivery.feed(now_ms)
        if feed_ms is None or feed_ms > self._next_event_ms:
            return self._next_event_ms
        return feed_ms

    def _check_count(self, now_ms):
        excess = self._delivery.excess_steps(now_ms)
        if excess > 0 and self.state != FAULT:
            self.fault(now_ms, reasons.OVER_DELIVERY if self.state == RUNNING else reasons.STEP_WHILE_STOPPED)

    def _do_event(self, event_ms, late_ms):
        """Writes the event due at `event_ms`; False while its steps are not yet all counted."""
        planner = self._delivery.planner
        missing = planner.due_steps(event_ms) - self._delivery.ledger.delivered_steps
        if missing > 0 and late_ms < SETTLE_MS:
            return False
        if missing > self._delivery.tolerance_steps:
            self.fault(event_ms + late_ms, reasons.UNDER_DELIVERY)
            return True
        rate = planner.rate_at(event_ms)
        day = self.program.schedule.local_day(self._clock.utc_ms(event_ms))
        if rate != self.rate_nl_per_h:
            self._mark_running(event_ms, record.EVENT_RATE, record.ACTOR_SCHEDULE)
        elif day != self._day:
            self._mark_running(event_ms, record.EVENT_DAY, record.ACTOR_SCHEDULE)
        elif event_ms == self._checkpoint_ms:
            self._mark_running(event_ms, record.EVENT_CHECKPOINT, record.ACTOR_SCHEDULE)
        else:                                       # a boundary at which nothing changes
            self._next_event_ms = min(planner.boundary_after(event_ms), self._checkpoint_ms)
        planner.forget_before(event_ms)
        return True

    def _require(self, state):
        if self.state != state:
            raise PumpError("bad_state", "the pump is %s; this needs it %s" % (self.state, state))

    def _begin_ready(self):
        if self.rig is None:
            raise PumpError("no_rig", "no valid rig is stored: push one")
        if self.program is None:
            raise PumpError("no_program", "no valid program is stored: push one")
        if not self._clock.is_set:
            raise PumpError("clock_not_set", "the clock is not set: set it first")

    def _begin(self, now_ms, event, actor):
        """Plans from `now_ms` on and writes `event` with the first authorisation."""
        self.state = RUNNING
        self.reason = reasons.NONE
        self._delivery.begin(now_ms, Basal(self.program.schedule, self._clock))
        self._mark_running(now_ms, event, actor)

    def _mark_running(self, now_ms, event, actor):
        """Confirms what was due by `now_ms`, authorises the next quantum, and sets the time of the next event."""
        planner = self._delivery.planner
        quantum_ms = self.rig.quantum_min * 60000
        confirmed = min(planner.due_steps(now_ms), self._delivery.ledger.delivered_steps)
        rate = planner.rate_at(now_ms)
        ahead = self._delivery.due_ahead(now_ms + quantum_ms + LEAD_MS, confirmed)
        self._write(now_ms, event, actor, reasons.NONE, confirmed, ahead, rate)
        self._day = self.program.schedule.local_day(self._clock.utc_ms(now_ms))
        self._checkpoint_ms = now_ms + quantum_ms
        self._next_event_ms = min(planner.boundary_after(now_ms), self._checkpoint_ms)

    def _end(self, now_ms, state, event, actor, reason):
        self._delivery.halt(now_ms)
        self.state = state
        self.reason = reason
        self._mark(now_ms, event, actor, reason, 0)

    def _mark(self, now_ms, event, actor, reason, rate_nl_per_h):
        """Confirms everything counted; authorises nothing."""
        self._write(now_ms, event, actor, reason, self._delivery.ledger.delivered_steps, 0, rate_nl_per_h)

    def _write(self, now_ms, event, actor, reason, confirmed_steps, ahead_steps, rate_nl_per_h):
        """The journal first, the ledger after: nothing is allowed that is not written."""
        ledger = self._delivery.ledger
        programmed_pl = self._delivery.programmed_pl(now_ms)
        self._chronicle.dose(now_ms, event, actor, reason, confirmed_steps, programmed_pl, ahead_steps,
                             rate_nl_per_h, ledger.uncertain_steps)
        ledger.confirmed_steps = confirmed_steps
        ledger.authorised_steps = confirmed_steps + ahead_steps
        self.rate_nl_per_h = rate_nl_per_h
