"""Booting: from flash and the battery-backed clock to a pump that knows where it was. Runs once, in App's making."""

from pump import board as contract
from pump import reasons, record
from pump.bolus import UNCERTAIN
from pump.journal import Journal
from pump.recall import Recall

_REASONS = {contract.CAUSE_POWER: reasons.POWER_UP, contract.CAUSE_WATCHDOG: reasons.WATCHDOG_RESET,
            contract.CAUSE_SOFT: reasons.SOFT_RESET}


def boot(app):
    """Reads everything back, writes what had been left open, and a boot record. OSError where the storage fails."""
    now_ms = app.clock.advance()
    parts, controller = app.parts, app.controller
    rtc_s = app.board.rtc.read_utc_s()
    if rtc_s is not None:
        app.clock.set_utc(rtc_s * 1000)
    app.journal = Journal(app.board.storage, app.board.unique_id)
    parts.chronicle.open(app.journal)
    recall = Recall(app.journal, app.clock.utc_ms(now_ms))
    parts.chronicle.boot = recall.boot
    _restore_sums(parts, recall)
    if app.rig.load():
        controller.use_rig(app.rig.document)
        if recall.levels is None:
            parts.reservoir.set(app.rig.document.reservoir_nl, parts.delivery.ledger.out_steps)
        else:
            _restore_levels(parts, recall, app.rig.document.ratio)
    if app.program.load():
        controller.use_program(now_ms, app.program.document)
        parts.run.restore_appointments(recall.scheduled, recall.run_utc_ms if recall.was_running else 0)
    _close_open(parts, recall, now_ms)
    controller.boot(now_ms, _REASONS[app.board.watchdog.reset_cause], recall.was_running)


def _restore_sums(parts, recall):
    ledger = parts.delivery.ledger
    bolus_steps, prime_steps, withdrawn_steps, uncertain_steps = recall.accounts
    ledger.restore_accounts(bolus_steps, prime_steps + recall.primed_steps, withdrawn_steps + recall.withdrawn_steps)
    if recall.dose is not None:
        confirmed, programmed_pl, ahead, _, bolus_now = recall.dose
        ledger.restore(confirmed, ahead, uncertain_steps)
        ledger.bolus_steps += (bolus_now - bolus_steps) & 0xFFFFFFFF
        parts.delivery.restore_programmed(programmed_pl)
    parts.delivery.take_count()
    for ms, steps in recall.samples:
        parts.guard.sample(ms, steps + uncertain_steps)
    parts.guard.sample(0, ledger.upper_steps)
    for ms, kind in recall.boluses:
        parts.run.boluses.started(kind, ms)
    shown, _, unacknowledged = recall.alarms
    parts.alarms.restore(shown, unacknowledged)


def _restore_levels(parts, recall, ratio):
    """The level of the last snapshot, less all that may have gone out since."""
    level_nl, motor_s, starts, trial_utc_s, trial_steps, uncertain_prime_steps = recall.levels
    ledger = parts.delivery.ledger
    ledger.uncertain_prime_steps = uncertain_prime_steps
    moved = recall.accounts[1] + uncertain_prime_steps - recall.accounts[2]
    parts.reservoir.set(level_nl, recall.steps_then + recall.accounts[3] + moved)
    parts.meter.restore(motor_s, starts)
    parts.trial.restore(trial_utc_s, ledger.dose_steps - ((ledger.dose_steps - trial_steps) & 0xFFFFFFFF))


def _close_open(parts, recall, now_ms):
    """A bolus or a prime that a reset cut off ends here, uncertain, and never resumes (P-04)."""
    if recall.open_bolus:
        kind, volume_nl, steps, _, over_s, nominal_utc_min, entry, _, request_id = recall.open_bolus
        parts.chronicle.note(now_ms, record.EVENT_BOLUS, record.ACTOR_PUMP, kind * 16 + UNCERTAIN, record.BOLUS,
                             volume_nl, steps, 0, over_s, nominal_utc_min, entry, 0, request_id)
    if recall.open_transfer:
        kind, volume_nl, steps, _, request_id = recall.open_transfer
        if kind == 1:
            parts.delivery.ledger.uncertain_prime_steps += steps
        parts.chronicle.note(now_ms, record.EVENT_TRANSFER, record.ACTOR_PUMP, kind * 16 + 4, record.TRANSFER,
                             volume_nl, steps, 0, request_id)
