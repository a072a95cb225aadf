"""Booting: from flash and the battery-backed clock to a pump that knows where it was. Runs once, in App's making."""

from pump import board as contract
from pump import reasons, record
from pump.board import COUNTER_PERIOD
from pump.bolus import UNCERTAIN
from pump.journal import Journal
from pump.ledger import DOSE, PRIME
from pump.recall import Recall
from pump.transfer import INTERRUPTED as TRANSFER_INTERRUPTED
from pump.transfer import UNCERTAIN as TRANSFER_UNCERTAIN
from pump.volume import StepRatio

_MASK = COUNTER_PERIOD - 1

_REASONS = {contract.CAUSE_POWER: reasons.POWER_UP, contract.CAUSE_WATCHDOG: reasons.WATCHDOG_RESET,
            contract.CAUSE_SOFT: reasons.SOFT_RESET}


def boot(app):
    """Reads everything back, writes what had been left open, and a boot record. OSError where the storage fails."""
    now_ms = app.clock.advance()
    parts, controller = app.parts, app.controller
    app.access.load()
    rtc_s = app.board.rtc.read_utc_s()
    if rtc_s is not None:
        app.clock.set_utc(rtc_s * 1000)
    app.journal = Journal(app.board.storage, app.board.unique_id)
    parts.chronicle.open(app.journal)
    recall = Recall(app.journal, app.clock.utc_ms(now_ms), app.board.watchdog.feed)
    app.journal.pulled_seq = recall.pulled_seq
    parts.chronicle.boot = recall.boot
    parts.recurrence.restore(recall.faults)
    app.access.restore(recall.failures)
    exact = _exact_steps(app.board.counter, recall)
    _restore_sums(parts, recall, exact)
    if recall.levels is not None:       # without a rig, too: the snapshot of this boot takes their place
        _restore_levels(parts, recall)
    if app.rig.load():
        if recall.levels is None:
            parts.reservoir.set(app.rig.document.reservoir_nl, parts.delivery.ledger.out_steps)
        controller.use_rig(now_ms, app.rig.document)
    if app.program.load():
        controller.use_program(now_ms, app.program.document, app.program.generation)
        if recall.trial_mark not in (0, parts.trial.mark):      # pushed into a run, and cut off before its snapshot
            parts.trial.restore(recall.run_utc_ms // 1000, recall.run_steps)
    parts.run.timetable.restore(recall.scheduled, recall.run_utc_ms if recall.was_running else 0)
    parts.self_test.open(app.journal, (app.rig, app.program, app.access))
    parts.self_test.at_boot(recall.last_utc_ms)
    _close_open(parts, recall, now_ms, exact)
    app.board.counter.keep(parts.delivery.ledger.counted_steps & _MASK)
    controller.boot(now_ms, _REASONS[app.board.watchdog.reset_cause], recall.was_running)


def _exact_steps(counter, recall):
    """Steps counted after the newest record, for its account; None where the power was lost, and where the count kept
    cannot be right: more than had been authorised (P-03)."""
    kept = counter.kept()
    if kept is None:
        return None
    confirmed = recall.dose[0] if recall.dose else 0
    _, primed, withdrawn, _ = recall.accounts
    steps = (kept - confirmed - primed - recall.primed_steps - withdrawn - recall.withdrawn_steps) & _MASK
    most = recall.open_transfer[2] if recall.open_transfer else recall.ahead_steps
    return steps if steps <= most else None


def _restore_sums(parts, recall, exact):
    ledger = parts.delivery.ledger
    bolus_steps, prime_steps, withdrawn_steps, uncertain_steps = recall.accounts
    ledger.restore_accounts(bolus_steps, prime_steps + recall.primed_steps, withdrawn_steps + recall.withdrawn_steps)
    if recall.dose is not None:
        confirmed, programmed_pl, _, _, bolus_now = recall.dose
        ledger.restore(confirmed, recall.ahead_steps, uncertain_steps)
        ledger.bolus_steps += (bolus_now - bolus_steps) & 0xFFFFFFFF
        parts.delivery.restore_programmed(programmed_pl)
    if exact is not None:
        ledger.restore_exactly(recall.open_transfer[0] if recall.open_transfer else DOSE, exact)
    parts.delivery.take_count()
    _restore_windows(parts.guard, recall, ledger.uncertain_steps - ledger.unsettled_steps)
    if recall.ratio:
        pl_per_rev, steps_per_rev, doses_nl, uncertain_nl = recall.ratio
        parts.volumes.restore(StepRatio(pl_per_rev, steps_per_rev), [doses_nl] + list(recall.earlier) + [uncertain_nl])
    parts.guard.sample(0, ledger.upper_steps)
    for ms, kind in recall.boluses:
        parts.run.boluses.started(kind, ms)
    shown, _, unacknowledged = recall.alarms
    parts.alarms.restore(shown, unacknowledged)


def _restore_windows(guard, recall, settled_steps):
    for later_steps, past in reversed(recall.pasts):
        if later_steps is None:
            guard.use(None, StepRatio(*past))
            continue
        newest_steps = recall.dose[0] + max(0, settled_steps - later_steps)
        for ago_ms, fewer_steps in past.backwards():
            guard.sample(-ago_ms, newest_steps - fewer_steps)
        if past.loose_steps > 1:
            guard.history.loosen(past.loose_steps - 1)


def _restore_levels(parts, recall):
    """The level of the last snapshot, less all that may have gone out since."""
    level_nl, motor_s, starts, trial_utc_s, trial_steps, uncertain_prime_steps = recall.levels
    ledger = parts.delivery.ledger
    ledger.uncertain_prime_steps = uncertain_prime_steps + recall.uncertain_prime_steps
    _, primed, withdrawn, uncertain = recall.accounts_then or recall.accounts
    parts.reservoir.set(level_nl, recall.steps_then + uncertain + primed + uncertain_prime_steps - withdrawn)
    if recall.refilled_nl is not None:              # written, and cut off before its snapshot
        _, primed, withdrawn, uncertain = recall.refilled_accounts
        parts.reservoir.set(recall.refilled_nl,
                            recall.refilled_steps + uncertain + primed + uncertain_prime_steps - withdrawn)
    parts.meter.restore(motor_s, starts)
    parts.trial.restore(trial_utc_s, ledger.dose_steps - ((ledger.dose_steps - trial_steps) & 0xFFFFFFFF))


def _close_open(parts, recall, now_ms, exact):
    """A bolus or a prime that a reset cut off ends here and never resumes (P-04)."""
    if recall.open_bolus:
        kind, volume_nl, steps, _, over_s, nominal_utc_min, entry, _, request_id = recall.open_bolus
        parts.chronicle.note(now_ms, record.EVENT_BOLUS, record.ACTOR_PUMP, kind * 16 + UNCERTAIN, record.BOLUS,
                             volume_nl, steps, 0, over_s, nominal_utc_min, entry, 0, request_id)
    if recall.open_transfer:
        kind, volume_nl, steps, _, request_id = recall.open_transfer
        phase, moved = TRANSFER_INTERRUPTED, exact
        if exact is None:
            phase, moved = TRANSFER_UNCERTAIN, 0
            if kind == PRIME:
                parts.delivery.ledger.uncertain_prime_steps += steps
        parts.chronicle.note(now_ms, record.EVENT_TRANSFER, record.ACTOR_PUMP, kind * 16 + phase, record.TRANSFER,
                             volume_nl, steps, moved, request_id)
