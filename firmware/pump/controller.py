"""The controller: the pump's state machine. Owns the state and its reason, and turns alarms into action.

stopped -> running <-> suspended -> stopped; priming and withdrawing come and go from where they were asked; a fault
latches from anywhere until its cause is gone and it is acknowledged. What happens inside a run is Run's, what moves
fluid otherwise is Transfer's, and whether an operator may have a dose is judged by Orders.
"""

from pump import alarms as alarm
from pump import reasons, record
from pump.alarms import STOP, TABLE
from pump.bolus import CANCELLED, INTERRUPTED
from pump.judge import Judge
from pump.readiness import require, require_all
from pump.resumption import Resumption
from pump.snapshot import Snapshot
from pump.states import FAULT, MOVING, PRIMING, RUNNING, STOPPED, SUSPENDED, WITHDRAWING
from pump.watch import LOOKED_AT


class Controller:
    def __init__(self, clock, parts):
        """parts: what the pump is made of, see app.Parts."""
        self._clock = clock
        self._delivery = parts.delivery
        self._chronicle = parts.chronicle
        self._judge = Judge(clock, parts.delivery, parts.guard)
        self._alarms = parts.alarms
        self._watch = parts.watch
        self._reservoir = parts.reservoir
        self._meter = parts.meter
        self._recurrence = parts.recurrence
        self._self_test = parts.self_test
        self._snapshot = Snapshot(parts)
        self._volumes = parts.volumes
        self.run = parts.run
        self.transfer = parts.transfer
        self.trial = parts.trial
        self.state = STOPPED
        self.reason = reasons.POWER_UP
        self.rig = None
        self.program = None
        self._resumption = Resumption(self, clock)
        self._next_ms = 0               # nothing is due before, unless `wake` says so
        self.run.on_written = self._count_up

    # what boot and host ask for

    def boot(self, now_ms, reason, was_running):
        """Stopped, with the reason of this boot; the record carries the ledger as it was found.

        was_running: the schedule was followed when the power went; the program says whether it goes on (P-04).
        """
        self.reason = reason
        if self._alarms.stops():
            self.state = FAULT
        else:
            self._resumption.ask(was_running, self.program)
        self.write_rest(now_ms, record.EVENT_BOOT, record.ACTOR_PUMP,
                         reason + record.BOOT_RESUMES if self._resumption.is_open else reason)
        self.write_snapshot(now_ms)
        self.run.is_barred = self._alarms.bars_boluses()
        if reason == reasons.WATCHDOG_RESET:
            self._alarm(now_ms, alarm.WATCHDOG_RESET, True)
            if self._recurrence.note(now_ms, alarm.WATCHDOG_RESET):
                self._alarm(now_ms, alarm.REPEATED_FAULT, True)
        self._self_test.write_failure(now_ms)
        self._alarm(now_ms, alarm.SELF_TEST_FAILED, self._self_test.failed != 0)
        self._resumption.answer(now_ms)

    def use_rig(self, now_ms, rig, program=None):
        """Takes a rig, at boot or at rest, and the program that fits it, if there is one; nothing goes on by itself."""
        self._resumption.give_up(now_ms)
        self._volumes.use(rig.ratio)
        self.rig = rig
        self.program = program
        self._delivery.use_rig(rig)
        self.run.use(self.program, rig)

    def use_program(self, now_ms, program, generation):
        """Takes a checked program; a schedule that is followed is this one's from this instant on, its trial too.

        generation: how many were committed. A bolus under way is cancelled; what waits for the clock does not go on.
        """
        running = self.state == RUNNING
        self._resumption.give_up(now_ms)
        if running:
            self.run.end(now_ms, CANCELLED)
        self.program = program
        self.trial.use(generation)
        self._chronicle.local_schedule = program.schedule
        self.run.use(program, self.rig)
        is_followed = (self.transfer.back_to if self.state == PRIMING else self.state) in (RUNNING, SUSPENDED)
        if is_followed:
            self._begin_trial(now_ms)
            self.run.timetable.open(now_ms)
        if running:
            self.run.begin(now_ms, record.EVENT_RATE, record.ACTOR_HOST)
        if is_followed:                 # behind a dose record of this instant, which dates it
            self.write_snapshot(now_ms)

    def set_clock(self, now_ms, utc_ms, rtc, actor=record.ACTOR_HOST):
        """The instant `now_ms` is `utc_ms` from now on, for the battery-backed clock `rtc` too. Schedule and
        appointments are followed in the new time; a bolus, a lockout, a window, a temporary rate and a trial go on as
        they were (T-05)."""
        running = self.state == RUNNING
        if running:
            self.run.pause(now_ms)
            self.write_rest(now_ms, record.EVENT_CHECKPOINT, actor, reasons.HOST)
        old_ms = self._clock.utc_ms(now_ms) or 0
        self._clock.set_utc(utc_ms)
        self._chronicle.note(now_ms, record.EVENT_CLOCK, actor, 0, record.CLOCK, old_ms, utc_ms)
        rtc.set_utc_s(utc_ms // 1000)                   # at once: any further record proves that it was set
        self.run.timetable.clock_moved(now_ms)
        self._alarm(now_ms, alarm.CLOCK_NOT_SET, False)
        if running:
            self.run.begin(now_ms, record.EVENT_RATE, actor)
        self.write_snapshot(now_ms)
        self._resumption.answer(now_ms)

    def start(self, now_ms):
        """Begins the schedule; PumpError where something is missing."""
        require(self, STOPPED)
        require_all(self, self._clock)
        self.run.timetable.close()
        self._begin_trial(now_ms)
        self.write_snapshot(now_ms)     # or a reset would go back to the trial before
        self._begin(now_ms, record.EVENT_START)

    def resume(self, now_ms):
        require(self, SUSPENDED)
        require_all(self, self._clock)
        self._begin(now_ms, record.EVENT_RESUME)

    def suspend(self, now_ms, actor=record.ACTOR_HOST, reason=reasons.HOST):
        """Motor off until resume; a bolus under way is interrupted for good (D-06)."""
        require(self, RUNNING)
        self._end(now_ms, SUSPENDED, record.EVENT_SUSPEND, actor, reason)

    def stop(self, now_ms):
        """Always allowed. A latched fault stays. Where the link has halted the motor, what was due since is dropped."""
        halted = self._watch.halted()
        self._resumption.drop()
        if self.state in (PRIMING, WITHDRAWING):
            self._end_transfer(now_ms, CANCELLED)
        if self.state in (RUNNING, SUSPENDED):
            self._end(now_ms, STOPPED, record.EVENT_STOP, record.ACTOR_HOST, reasons.HOST)
        else:
            self._delivery.halt(now_ms)     # stopped already, or a fault, which stays
            self.write_rest(now_ms, record.EVENT_STOP, record.ACTOR_HOST, reasons.HOST)
        if halted:
            self._delivery.take_count()
        self.run.timetable.close()

    def take_up(self, now_ms):
        """The schedule goes on after a reset; a trial ends when it would have."""
        self.trial.take_up()
        self._set_end()
        self._begin(now_ms, record.EVENT_RESUME, record.ACTOR_PUMP)

    def begin_transfer(self, now_ms, kind, volume_nl, request_id):
        """Begins a prime or a withdrawal that has been judged; a run is suspended until it is over."""
        back_to = self.state
        if back_to == RUNNING:
            self.suspend(now_ms)
        self.transfer.begin(now_ms, kind, volume_nl, self.rig, request_id, back_to)
        self.state = kind

    def refilled(self, now_ms):
        """The reservoir has another level: no longer empty, and a run may go on to the new end."""
        self._alarm(now_ms, alarm.RESERVOIR_EMPTY, False)
        if self.state == RUNNING:
            self._note_level()
            self.run.pause(now_ms)
            self.run.begin(now_ms, record.EVENT_CHECKPOINT, record.ACTOR_HOST)
        self.write_snapshot(now_ms)     # behind the checkpoint: a boot counts from there what has gone out since

    def acknowledge(self, now_ms):
        """All alarms have been seen; a fault whose cause is gone ends, and the pump is stopped."""
        if self._self_test.failed and self._self_test.again(now_ms, True):
            self._alarms.set(alarm.SELF_TEST_FAILED, False)
        self._alarms.acknowledge()
        self._alarms_changed(now_ms, 0, record.ACTOR_HOST)
        if self.state == FAULT and not self._alarms.stops():
            self.state = STOPPED
            self.reason = reasons.ACKNOWLEDGED
            self._delivery.take_count()
            self.write_rest(now_ms, record.EVENT_ACK, record.ACTOR_HOST, reasons.ACKNOWLEDGED)

    def operator_seen(self, now_ms):
        """A sign of the operator: the auto-off time begins anew."""
        if self.rig is not None and self.rig.auto_off_h:
            self.run.auto_off_ms = now_ms + self.rig.auto_off_h * 3600000

    # what time and inputs ask for

    def advance(self, now_ms):
        """Does everything that is due by now; returns the ms of the next need, or None when only input matters."""
        present = self._watch.look(self.rig, self.state in MOVING)
        while present != self._alarms.present & LOOKED_AT:
            number = self._alarms.first_change(present, LOOKED_AT)
            self._alarm(now_ms, number, bool(present & 1 << number))
        found = self._judge.look(now_ms, self.state in MOVING)
        if found and self.state != FAULT:
            self.fault(now_ms, found)
        if self._watch.is_halted:       # by a stop that is about to be read: nothing is missed meanwhile
            return None
        if self.state not in MOVING or now_ms < self._next_ms:
            return self._next_ms if self.state in MOVING else None
        self.wake()
        next_ms = self._advance_run(now_ms) if self.state == RUNNING else self._advance_transfer(now_ms)
        self._next_ms = next_ms or 0
        return next_ms

    def wake(self):
        """Something has been asked for or has happened: the next `advance` works out anew what is due."""
        self._next_ms = 0
        self._judge.forget()

    def fault(self, now_ms, number):
        """Motor off, alarm latched, whatever else fails. The first fault's reason stays."""
        was = self.state
        if was != FAULT:
            self.reason = number + reasons.ALARMS
        self.state = FAULT
        self._resumption.drop()
        self._delivery.stop_pulses()
        self._alarms.set(number, True)
        self._meter.note(now_ms, False)
        if was in (PRIMING, WITHDRAWING):
            self.transfer.end(now_ms, INTERRUPTED)
            self._snapshot.write_due(now_ms, self.level_nl())
        else:
            self.run.end(now_ms, INTERRUPTED)
        self._alarms_changed(now_ms, number, record.ACTOR_PUMP)
        if was != FAULT:
            if self._recurrence.note(now_ms, number):
                self._alarm(now_ms, alarm.REPEATED_FAULT, True)
            self.write_rest(now_ms, record.EVENT_FAULT, record.ACTOR_PUMP, number)

    def write_snapshot(self, now_ms):
        """The sums that a boot needs and that no other record repeats."""
        self._snapshot.write(now_ms, self.level_nl())

    def level_nl(self):
        """What is left in the reservoir at least, nL; 0 without a rig."""
        return self._reservoir.level_nl(self._delivery.ledger.out_steps, self.rig.ratio) if self.rig else 0

    def _advance_run(self, now_ms):
        next_ms, stopped_by = self.run.advance(now_ms)
        if not stopped_by:
            return next_ms
        if stopped_by == alarm.PROGRAM_ENDED:
            self.run.skip_boluses(next_ms)
            self._end(next_ms, STOPPED, record.EVENT_STOP, record.ACTOR_SCHEDULE, reasons.PROGRAM_ENDED)
            self.run.timetable.close()
            self._alarm(next_ms, stopped_by, True)
        else:
            self.fault(now_ms if next_ms is None else next_ms, stopped_by)
        return None

    def _advance_transfer(self, now_ms):
        next_ms = self.transfer.advance(now_ms)
        if next_ms is not None:
            return next_ms
        self._end_transfer(now_ms, 0)
        return now_ms

    def _end_transfer(self, now_ms, outcome):
        back_to = self.transfer.back_to
        self.state = SUSPENDED if back_to == RUNNING else back_to
        missed = self.transfer.end(now_ms, outcome)
        self._snapshot.write_due(now_ms, self.level_nl())
        if outcome == 0 and self._delivery.is_short(missed):
            self.fault(now_ms, alarm.UNDER_DELIVERY)
        elif outcome == 0 and back_to == RUNNING:
            if self.level_nl():
                self.resume(now_ms)
            else:                       # the prime took the rest
                self.fault(now_ms, alarm.RESERVOIR_EMPTY)

    def _alarm(self, now_ms, number, is_present):
        """Raises or ends a condition, writes it, and acts on it."""
        if not self._alarms.set(number, is_present):
            return
        self.wake()
        if is_present and TABLE[number][2] == STOP and self.state != FAULT:
            self.fault(now_ms, number)
            return
        if self._alarms.bars_boluses() and self.run.bolus and self.state == RUNNING:
            self.run.cancel_bolus(now_ms, INTERRUPTED, record.ACTOR_PUMP)
        self._alarms_changed(now_ms, number, record.ACTOR_PUMP)

    def _alarms_changed(self, now_ms, number, actor):
        """Bars or allows boluses as the alarms are now, and writes them."""
        found = self._alarms
        self.run.is_barred = found.bars_boluses()
        self._chronicle.note(now_ms, record.EVENT_ALARM, actor, number, record.ALARM, found.shown, found.present,
                             found.unacknowledged)

    def _begin_trial(self, now_ms):
        """The schedule starts now, as far as its end is concerned (U-05)."""
        self.trial.begin(now_ms, self._delivery.ledger.dose_steps)
        self._set_end()

    def _set_end(self):
        self.run.end_ms, self.run.end_steps = self.trial.end_of(self.program, self.rig.ratio)

    def _count_up(self, now_ms):
        """After every dose record: what adds up over time, so that its alarms do not depend on polls."""
        level_nl = self.level_nl()
        steps = self._delivery.ledger.out_steps
        for number, is_present in self._watch.count(self.rig, self.program, level_nl, steps,
                                                    self._meter.motor_s(now_ms),
                                                    self._chronicle.unpulled_percent()):
            self._alarm(now_ms, number, is_present)
        self._snapshot.write_daily(now_ms, self.run.day, level_nl)

    def _begin(self, now_ms, event, actor=record.ACTOR_HOST):
        self.wake()
        self._note_level()
        self.state = RUNNING
        self.reason = reasons.NONE
        self.operator_seen(now_ms)
        self._meter.note(now_ms, True)
        self.run.begin(now_ms, event, actor)

    def _note_level(self):
        left_steps = self.rig.ratio.steps_of_nl(self.level_nl())
        self.run.empty_steps = self._delivery.ledger.dose_steps + left_steps

    def _end(self, now_ms, state, event, actor, reason):
        self.run.end(now_ms, INTERRUPTED)
        self._meter.note(now_ms, False)
        self.state = state
        self.reason = reason
        self.write_rest(now_ms, event, actor, reason)
        self.write_snapshot(now_ms)

    def write_rest(self, now_ms, event, actor, code):
        """A dose record of a motor at rest: confirms everything counted, authorises nothing."""
        steps, unsettled = self._delivery.ledger.dose_steps, self._delivery.ledger.unsettled_steps
        self.run.write_dose(now_ms, event, actor, code, steps, unsettled, 0)
