"""The snapshot: the sums that a boot needs and that no other record repeats. Owns their two records, and when they say
how far a host has read.
"""

from pump import record


class Snapshot:
    def __init__(self, parts):
        """parts: what the pump is made of, see app.Parts."""
        self._ledger = parts.delivery.ledger
        self._chronicle = parts.chronicle
        self._meter = parts.meter
        self._trial = parts.trial

    def write(self, now_ms, level_nl):
        """Writes accounts and levels as they are now; what a power loss left uncertain is in the journal then."""
        ledger, trial = self._ledger, self._trial
        self._chronicle.note(now_ms, record.EVENT_ACCOUNTS, record.ACTOR_PUMP, 0, record.ACCOUNTS, ledger.bolus_steps,
                             ledger.prime_steps, ledger.withdrawn_steps, ledger.uncertain_steps)
        ledger.unsettled_steps = 0
        self._chronicle.note(now_ms, record.EVENT_LEVELS, record.ACTOR_PUMP, 0, record.LEVELS, level_nl,
                             self._meter.motor_s(now_ms), self._meter.starts, trial.start_utc_s(),
                             trial.start_steps & 0xFFFFFFFF, ledger.uncertain_prime_steps)
        self._chronicle.note_pulled(now_ms)
