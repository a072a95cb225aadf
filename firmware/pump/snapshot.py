"""The snapshot: the sums that a boot needs and that no other record repeats. Owns when the last daily one was written;
adds nothing up itself.
"""

from pump import record
from pump.alarms import REPEATED


class Snapshot:
    def __init__(self, parts):
        """parts: what the pump is made of, see app.Parts."""
        self._ledger = parts.delivery.ledger
        self._chronicle = parts.chronicle
        self._alarms = parts.alarms
        self._meter = parts.meter
        self._trial = parts.trial
        self._volumes = parts.volumes
        self._transfer = parts.transfer
        self._is_due = False            # one was asked for while fluid was primed or withdrawn
        self._day = 0                   # local date of the last daily one

    def write(self, now_ms, level_nl):
        """Accounts, behind them levels, and how far a host has read; level_nl is what the reservoir holds at least.
        What a power loss left uncertain is in the journal then.

        While fluid is primed or withdrawn it waits for `write_due`: the record of that has the whole volume, and a boot
        would count twice what the accounts before it have.
        """
        self._is_due = self._transfer.is_under_way
        if self._is_due:
            return
        ledger, trial = self._ledger, self._trial
        self._chronicle.note(now_ms, record.EVENT_ACCOUNTS, record.ACTOR_PUMP, 0, record.ACCOUNTS, ledger.bolus_steps,
                             ledger.prime_steps, ledger.withdrawn_steps, ledger.uncertain_steps)
        ledger.unsettled_steps = 0
        if self._volumes.is_mixed:
            self._note_ratio(now_ms)
        self._chronicle.note(now_ms, record.EVENT_LEVELS, record.ACTOR_PUMP, trial.mark, record.LEVELS, level_nl,
                             self._meter.motor_s(now_ms), self._meter.starts, trial.start_utc_s(),
                             trial.start_steps & 0xFFFFFFFF, ledger.uncertain_prime_steps)
        self._chronicle.note_pulled(now_ms)

    def _note_ratio(self, now_ms):
        """Between accounts and levels: where a cut parts these, the levels of before the same standstill hold."""
        ratio, (doses, boluses, primed, withdrawn, uncertain) = self._volumes.ratio, self._volumes.earlier_nl
        self._chronicle.note(now_ms, record.EVENT_EARLIER, record.ACTOR_PUMP, 0, record.EARLIER, boluses, primed,
                             withdrawn)
        self._chronicle.note(now_ms, record.EVENT_RATIO, record.ACTOR_PUMP, 0, record.RATIO, ratio.pl_per_rev,
                             ratio.steps_per_rev, doses, uncertain)

    def write_due(self, now_ms, level_nl):
        """A prime or a withdrawal is over: writes what has waited for that."""
        if self._is_due:
            self.write(now_ms, level_nl)

    def write_daily(self, now_ms, day, level_nl):
        """The same where `day`, a local date, is not that of the last time; before it the alarms, shown or not: a boot
        must find them, however long ago they came, and need not read back further."""
        if day == self._day:
            return
        self._day = day
        found = self._alarms
        self._chronicle.note(now_ms, record.EVENT_ALARM, record.ACTOR_PUMP, REPEATED, record.ALARM, found.shown,
                             found.present, found.unacknowledged)
        self.write(now_ms, level_nl)
