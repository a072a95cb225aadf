"""The judge: holds what a pump says after a cut against what is known of the life before. Trusts none of its sums.

Each finding is (kind, text). The kinds are what the prover counts.
"""

from pump import alarms, bolus, record
from pumpsim.prover import evidence, schedule
from pumpsim.prover.documents import NL_PER_STEP, PROGRAMS

LOST = "events lost"
REPEATED = "doses repeated"
BOOT = "boots failed"
CHAIN = "chains broken"
DOCUMENT = "documents mixed"
INTERVAL = "intervals wrong"
WINDOW = "windows shortened"
LOCKOUT = "lockouts shortened"
LEVEL = "levels wrong"
CLOCK = "clocks wrong"
KINDS = (LOST, REPEATED, BOOT, CHAIN, DOCUMENT, INTERVAL, WINDOW, LOCKOUT, LEVEL, CLOCK)

WINDOWS = (("last_1h_nl", schedule.HOUR_MS), ("last_24h_nl", schedule.DAY_MS))
RTC_MS = 1000                 # the battery-backed clock knows whole seconds
_STOPPING = sum([1 << number for number in range(len(alarms.TABLE)) if alarms.TABLE[number][2] == alarms.STOP])


class Judge:
    """Judges one boot after one cut (see cut.Cut); `findings` grows."""

    def __init__(self, cut, journal):
        """`journal`: the evidence on the chip before the boot."""
        self.findings = []
        self._cut = cut
        self._records = journal.records
        self._journal = journal
        self._uncertain_prime_steps = 0

    def find(self, kind, text):
        self.findings.append((kind, text))

    def files(self):
        """No event is lost that was acknowledged or written; at most the one that was being written is missing."""
        known, found = self._cut.known, self._journal
        if not known.first_seqs[0] <= found.first_seq <= known.first_seqs[1]:
            self.find(LOST, f"the journal begins at {found.first_seq}, not at {known.first_seqs}")
        if found.next_seq < known.must_seq:
            self.find(LOST, f"it ends before {found.next_seq}; all before {known.must_seq} were told or written")
        if found.next_seq > len(self._cut.records):
            self.find(LOST, f"it ends before {found.next_seq}; {len(self._cut.records)} were ever made")
        if found.records != self._cut.records[found.first_seq:found.next_seq]:
            self.find(LOST, "its records are not those that were written")

    def pulled(self, raws, first_seq):
        """What the host reads after the boot continues what was there."""
        chain = None
        for at, raw in enumerate(raws):
            seq = first_seq + at
            if seq < self._journal.next_seq and raw != self._journal.of(seq):
                self.find(CHAIN, f"record {seq} has become another one")
            if not record.is_whole(raw) or record.seq_of(raw) != seq or (chain and not record.follows(raw, chain)):
                self.find(CHAIN, f"record {seq} does not follow")
            chain = record.chain_of(raw)
        found = evidence.newest(raws, record.EVENT_LEVELS, record.LEVELS)
        if found:
            self._uncertain_prime_steps = found[5]

    def state(self, status, last_error, runs):
        """It runs again if it should (None: it may), and is otherwise stopped; no bolus but one that is due now."""
        shown = evidence.newest(self._records, record.EVENT_ALARM, record.ALARM)
        expected = {None: ("running", "stopped"), True: ("running",), False: ("stopped",)}[runs]
        if shown and shown[0] & _STOPPING:
            expected = ("fault",)
        if last_error or status["state"] not in expected or "storage fault" in status["alarms"]:
            self.find(BOOT, f"{status['state']} ({status['reason']}), alarms {status['alarms']}, {last_error or 'no'} "
                            f"error; it should be {' or '.join(expected)}")
        is_due = status["bolus"] and self._due_steps(PROGRAMS[status["program_digest"]], status["utc_ms"],
                                                     status["utc_ms"])
        if status["temporary"] or (status["bolus"] and not is_due):
            self.find(REPEATED, "a bolus or a temporary rate goes on")

    def documents(self, status):
        """Rig and program are old or new, and new if that was acknowledged."""
        pair = status["rig_digest"], status["program_digest"]
        if pair not in self._cut.known.documents:
            names = [(rig[:6], program[:6]) for rig, program in self._cut.known.documents]
            self.find(DOCUMENT, f"{pair[0][:6]}, {pair[1][:6]} in force, which is none of {names}")

    def clock(self, status, now_ms):
        if status["utc_ms"] is None:
            return
        offset_ms = status["utc_ms"] - now_ms
        if not any(wanted is not None and wanted - RTC_MS < offset_ms <= wanted for wanted in self._cut.known.clocks):
            self.find(CLOCK, f"UTC is off: {offset_ms}, not {sorted(self._cut.known.clocks, key=str)}")

    def doses(self, status, more_steps=0):
        """The steps that were made lie in what is reported. more_steps: counted by the plant since the boot."""
        low, high = [steps + more_steps for steps in self._cut.doses]
        steps, most = status["steps"], status["steps"] + status["uncertain_nl"] // NL_PER_STEP
        if not (steps <= low and high <= most) or status["delivered_nl"] > low * NL_PER_STEP:
            self.find(INTERVAL, f"{low} to {high} dose steps were made; it reports {steps} to {most}")
        low, high = self._cut.primes
        primed, most = status["prime_nl"], status["prime_nl"] + self._uncertain_prime_steps * NL_PER_STEP
        if not (primed <= low * NL_PER_STEP and high * NL_PER_STEP <= most):
            self.find(INTERVAL, f"{low} to {high} prime steps were made; it reports {primed} to {most} nL")
        withdrawn = self._cut.withdrawn[0]
        if status["withdrawn_nl"] > withdrawn * NL_PER_STEP:
            self.find(INTERVAL, f"{withdrawn} steps were withdrawn; it reports {status['withdrawn_nl']} nL")

    def windows(self, status, now_ms, more_steps=0):
        """The rolling windows hold all that was delivered in them (L-03)."""
        for name, window_ms in WINDOWS:
            steps = self._cut.doses[1] + more_steps - self._cut.doses_at(now_ms - window_ms)
            if status[name] < steps * NL_PER_STEP:
                self.find(WINDOW, f"{name} is {status[name]}, less than {steps} steps of {NL_PER_STEP} nL")

    def lockout(self, status, now_ms):
        """No bolus by hand is allowed sooner, nor more of them in a day, than without the cut."""
        program = PROGRAMS.get(status["program_digest"])
        if program is None:
            return
        _, _, lockout_s, most = program["on_demand"]
        given = 0
        for seq, kind in evidence.hand_boluses(self._records):
            began_ms = self._cut.written_ms[seq]
            left_ms = began_ms + lockout_s * 1000 - now_ms
            if status["lockout_s"] * 1000 < left_ms:
                self.find(LOCKOUT, f"{status['lockout_s']} s left, of {left_ms} ms")
            given += kind == bolus.ON_DEMAND and began_ms > now_ms - schedule.DAY_MS
        if status["boluses_left"] > most - given:
            self.find(LOCKOUT, f"{status['boluses_left']} boluses left, of {most} and {given} given")

    def level(self, status):
        """The reservoir is not said to be fuller than it is; a refill that was acknowledged is not forgotten."""
        if not self._cut.levels or not status["rig_digest"]:
            return
        level_nl = status["reservoir_nl"]
        if level_nl > max(self._cut.levels):
            self.find(LEVEL, f"{level_nl} nL in the reservoir, where there are {self._cut.levels}")
        unsure = self._uncertain_prime_steps + self._cut.withdrawn[1] + self._cut.doses[1] - self._cut.doses[0]
        slack_nl = status["uncertain_nl"] + unsure * NL_PER_STEP - status["withdrawn_nl"]
        if level_nl < min(self._cut.levels) - slack_nl:
            self.find(LEVEL, f"{level_nl} nL in the reservoir, where there are {self._cut.levels}")

    def ran_on(self, steps, program_digest, start_utc_ms, end_utc_ms):
        """What was dosed since: the basal rate, and each scheduled bolus that was due and not dealt with before."""
        program = PROGRAMS[program_digest]
        basal = schedule.basal_steps(program, start_utc_ms, end_utc_ms)
        boluses = self._due_steps(program, start_utc_ms, end_utc_ms)
        if steps > basal + boluses + 1:
            self.find(REPEATED, f"{steps} steps since; {float(basal):.1f} basal and {boluses} bolus steps are due")
        if steps < basal - 2:
            self.find(BOOT, f"{steps} steps since, where {float(basal):.1f} are due: it does not dose")

    def was_running(self, status):
        """The schedule was followed by the newest record, and the program in force says that it goes on. None where
        the newest record is of a boot that may have meant to."""
        last = evidence.last_dose(self._records)
        if last is None or status["program_digest"] not in PROGRAMS or not status["rig_digest"]:
            return False
        return None if last[0] == record.EVENT_BOOT else last[0] in record.RUN_EVENTS

    def _due_steps(self, program, start_utc_ms, end_utc_ms):
        """Steps of the scheduled boluses due until the end and not too late at the start, if not dealt with before."""
        since = self._records
        for at in range(len(since) - 1, -1, -1):
            if record.header(since[at])[7] == record.EVENT_PROGRAM:
                since = since[at:]
                break
        dealt = evidence.appointments(since)
        return sum([count for (entry, due), (count, late_min) in
                    schedule.appointments_due(program, end_utc_ms).items()
                    if (entry, due) not in dealt and due + late_min + 1 >= start_utc_ms // schedule.MINUTE_MS])
