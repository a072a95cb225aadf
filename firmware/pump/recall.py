"""Recall: what the journal says at boot. Owns the reading back; ledger, windows, lockouts and alarms live elsewhere.

One walk back over the records, newest first, until 24 h are behind and every sum has been found. Times of records
become monotonic instants of this boot, at or before 0: by UTC where the clock is set, otherwise as if no time had
passed since the last record, and a lockout begins anew: neither is ever shortened (L-03, T-05). A record without UTC
may be as late as the one after it. What is found has the same bounds however many records there are.
"""

from pump import alarms, record
from pump.bolus import DENIED, GRANTED, HOST, ON_DEMAND, SCHEDULED, SKIPPED
from pump.history import History
from pump.journal import TAIL_RECORDS
from pump.limits import DAY_MS
from pump.reasons import WATCHDOG_RESET
from pump.recurrence import WINDOW_MS
from pump.timetable import MANY
from pump.transfer import UNCERTAIN as TRANSFER_UNCERTAIN

# What a dose record authorises is made within the longest quantum and the lead of run.py, or not at all
AUTHORISED_MAX_MS = 61 * 60000


class Recall:
    """The findings, as plain values."""

    def __init__(self, journal, now_utc_ms, alive):
        """now_utc_ms: UTC of this instant, or None. `alive` is called now and then: all records may take seconds."""
        self.dose = None              # fields of the last dose record
        self.ahead_steps = 0          # authorised by it and in no accounts record
        self.boot = 0                 # number of this boot
        self.accounts = (0, 0, 0, 0)
        self.levels = None
        self.trial_mark = 0           # which program `levels` was written under; 0: that is not known
        self.accounts_then = None     # the accounts written with `levels`: a cut may have left newer ones alone
        self.ratio = None             # fields of the newest ratio record, and of the earlier record before it
        self.earlier = None
        self.steps_then = 0           # dose steps when `levels` was written
        self.refilled_nl = None       # level after a refill that no levels record has yet,
        self.refilled_steps = None    # dose steps and accounts of before it: a boot that was cut off has newer ones
        self.refilled_accounts = None
        self.was_running = False      # the last dose record was of a run, or of a boot that was to take one up
        self.alarms = (0, 0, 0)
        # Dose steps, newest first: (steps that later boots took to be uncertain, a History backwards: of ms before now,
        # and steps less than the newest). After those of another ratio (None, (pl_per_rev, steps_per_rev))
        self.pasts = []
        self.boluses = []             # (ms, kind) granted in the last 24 h, oldest first; of the host's the last one
        self.open_bolus = None        # fields of a bolus that had begun and not ended, its kind first
        self.open_transfer = None
        self.primed_steps = 0         # since `accounts` was written
        self.withdrawn_steps = 0
        self.uncertain_prime_steps = 0          # since `levels` was written
        self.faults = []              # (ms, alarm number) of the last minutes, oldest first; no later than they were
        self.pulled_seq = 0
        self.failures = 0             # of logins, since the last good one
        self.scheduled = []           # UTC minutes of the scheduled boluses dealt with, newest first
        self.run_utc_ms = 0           # the last dose record of a run, 0 where its clock was not set
        self.run_steps = 0            # confirmed by that
        self.last_utc_ms = 0          # of the newest record, 0 where its clock was not set
        self._seen = []
        self._ended_bolus = False
        self._levels_dated = False
        self._ended_transfer = False
        self._now_utc_ms = now_utc_ms
        self._newest_utc_ms = None
        self._shift_ms = 0            # how far the clock has been set since the record at hand
        self._ms = 0                  # the earliest instant of the records after the one at hand
        self._later_uncertain_steps = 0
        self._ago_ms = -1             # how long ago the oldest sample at hand was
        self._boot_at_hand = None     # its number, its newest record's time since boot, and how long all later ones ran
        self._boot_newest_ms = 0
        self._later_ms = 0
        self._boot_after = None       # boot number of the record after the one at hand
        self._walk(journal, alive)
        if self.refilled_accounts is None:              # none before it can be read
            self.refilled_accounts = self.accounts
        if self.refilled_steps is None and self.dose:
            self.refilled_steps = self.dose[0]
        self.boluses.reverse()
        self.faults.reverse()

    def _walk(self, journal, alive):
        seq = journal.next_seq
        while seq > journal.first_seq:
            alive()
            # As many as a tail has, from one place: opening a file takes longer than a record
            first = max(journal.first_seq, (seq - 1) // TAIL_RECORDS * TAIL_RECORDS)
            raws = journal.read(first, seq - first)
            for at in range(len(raws) - record.SIZE, -1, -record.SIZE):
                raw = raws[at:at + record.SIZE]
                if record.is_whole(raw) and not self._take(raw, record.header(raw)):
                    return
            seq = first

    def _take(self, raw, head):
        """One record, newest first; False when enough has been seen."""
        event, code = head[7], head[10]
        utc_ms = head[1] * 1000 + head[3] if head[1] else 0
        after, self._boot_after = self._boot_after, head[6]
        if after is None:
            self.boot = head[6] + 1
            self.last_utc_ms = utc_ms
        if event not in self._seen:
            self._seen.append(event)
            self._take_newest(raw, event, code)
        if event == record.EVENT_ACCOUNTS and self.levels is not None and self.accounts_then is None:
            self.accounts_then = record.data_of(raw, record.ACCOUNTS)
        if event == record.EVENT_ACCOUNTS and self.refilled_nl is not None and self.refilled_accounts is None:
            self.refilled_accounts = record.data_of(raw, record.ACCOUNTS)
        if utc_ms and self._newest_utc_ms is None:
            self._newest_utc_ms = utc_ms
        ms = self._mono(utc_ms)
        self._take_fault(head, ms)
        if event in record.DOSE_EVENTS:
            self._take_dose(raw, event, code, ms, utc_ms)
        elif event == record.EVENT_RATIO:
            fields = record.data_of(raw, record.RATIO)
            self.ratio = self.ratio or fields
            self.pasts.append((None, fields[:2]))
        elif event == record.EVENT_EARLIER and self.ratio and not self.earlier:
            self.earlier = record.data_of(raw, record.EARLIER)
        elif event == record.EVENT_BOLUS:
            self._take_bolus(raw, ms, code)
        elif event == record.EVENT_TRANSFER:
            self._take_transfer(raw, code)
        elif event == record.EVENT_REFILL and self.levels is None and self.refilled_nl is None:
            self.refilled_nl = record.data_of(raw, record.REFILL)[2]
        elif event == record.EVENT_CLOCK:
            old_ms, new_ms = record.data_of(raw, record.CLOCK)
            if old_ms and head[6] == after:
                self._shift_ms += new_ms - old_ms
            elif old_ms:                # nobody knows whether the battery-backed clock was set before the power went
                self._shift_ms += max(0, new_ms - old_ms)
                if after is None:
                    self.last_utc_ms = min(old_ms, new_ms)
        found_all = self.accounts_then is not None and self._levels_dated and record.EVENT_ALARM in self._seen
        past_ms = DAY_MS if event in record.DOSE_EVENTS else DAY_MS + AUTHORISED_MAX_MS
        return not (found_all and utc_ms and ms < -past_ms)

    def _take_newest(self, raw, event, code):
        if event == record.EVENT_ACCOUNTS:
            self.accounts = record.data_of(raw, record.ACCOUNTS)
        elif event == record.EVENT_LEVELS:
            self.levels = record.data_of(raw, record.LEVELS)
            self.trial_mark = code
        elif event == record.EVENT_ALARM:
            self.alarms = record.data_of(raw, record.ALARM)
        elif event == record.EVENT_PULLED:
            self.pulled_seq = record.data_of(raw, record.PULLED)[0]
        elif event == record.EVENT_ACCESS:
            self.failures = record.data_of(raw, record.ACCESS)[1]

    def _take_dose(self, raw, event, code, ms, utc_ms):
        dose = record.data_of(raw, record.DOSE)
        runs = event in record.RUN_EVENTS
        if self.dose is None:
            self.dose = dose
            if runs or record.EVENT_ACCOUNTS not in self._seen:
                self.ahead_steps = dose[2]
            self.was_running = runs or (event == record.EVENT_BOOT and code >= record.BOOT_RESUMES)
        if runs and not self.run_utc_ms:
            self.run_utc_ms = utc_ms
            self.run_steps = dose[0]
        if self.refilled_nl is not None and self.refilled_steps is None:
            self.refilled_steps = dose[0]
        if self.levels is not None and not self._levels_dated:
            self._levels_dated = True
            self.steps_then = dose[0]
        self._take_sample(ms, self.dose[0] - dose[0])
        if event == record.EVENT_BOOT:
            self._later_uncertain_steps += dose[2]

    def _take_sample(self, ms, fewer_steps):
        if not self.pasts or self.pasts[-1][0] != self._later_uncertain_steps:
            self.pasts.append((self._later_uncertain_steps, History()))
        if -ms > self._ago_ms:
            ago_ms = self._ago_ms = -ms
        else:                           # at the same instant: what came then came in the ms before it
            ago_ms = self._ago_ms + 1
        past = self.pasts[-1][1]
        past.add(ago_ms, fewer_steps)
        past.make_room()

    def _take_fault(self, head, ms):
        """A fault, or a boot by the watchdog, of the last minutes: by UTC, and where no clock was set by how long boots
        lasted, each at least until its newest record (P-06)."""
        mono_ms = head[2] * 1000 + head[4]
        if head[6] != self._boot_at_hand:
            self._later_ms += self._boot_newest_ms
            self._boot_at_hand = head[6]
            self._boot_newest_ms = mono_ms
        age_ms = max(-ms, self._later_ms + self._boot_newest_ms - mono_ms)
        number = head[10]
        if head[7] == record.EVENT_BOOT:
            if number & ~record.BOOT_RESUMES != WATCHDOG_RESET:
                return
            number = alarms.WATCHDOG_RESET
        elif head[7] != record.EVENT_FAULT:
            return
        if age_ms <= WINDOW_MS:
            self.faults.append((-age_ms, number))

    def _take_transfer(self, raw, code):
        kind, phase = code >> 4, code & 15
        fields = record.data_of(raw, record.TRANSFER)
        if not phase and not self._ended_transfer:
            self.open_transfer = (kind,) + fields
        self._ended_transfer = True
        if phase == TRANSFER_UNCERTAIN and kind == 1 and record.EVENT_LEVELS not in self._seen:
            self.uncertain_prime_steps += fields[1]
        if record.EVENT_ACCOUNTS not in self._seen:
            if kind == 1:
                self.primed_steps += fields[2]
            else:
                self.withdrawn_steps += fields[2]

    def _take_bolus(self, raw, ms, code):
        kind, outcome = code >> 4, code & 15
        if kind == SCHEDULED and outcome in (GRANTED, DENIED, SKIPPED):
            fields = record.data_of(raw, record.BOLUS)
            if fields[5] != MANY:
                self.scheduled.append(fields[4])
        if outcome in (DENIED, SKIPPED):
            return
        if outcome == GRANTED:
            if not self._ended_bolus:
                self.open_bolus = (kind,) + record.data_of(raw, record.BOLUS)
            # Of the host's only the newest one locks
            if (kind == ON_DEMAND or (kind == HOST and not self.boluses)) and ms >= -DAY_MS:
                self.boluses.append((ms if self._now_utc_ms is not None else 0, kind))
        self._ended_bolus = True

    def _mono(self, utc_ms):
        """The instant of a record on this boot's monotonic clock: 0 or before it."""
        now = self._now_utc_ms if self._now_utc_ms is not None else self._newest_utc_ms
        if not utc_ms or now is None:
            return self._ms
        ms = min(0, utc_ms + self._shift_ms - now)
        self._ms = min(self._ms, ms)
        return ms
