"""The machine: one pump and its reference, told the same story. Owns time, the link and the reading of the journal;
what happens in a story stands in the files of its rules.
"""

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from pump import record
from pumpsim import SimPump
from tests.model.calendar import DAY_MS, Calendar
from tests.model.checks import Checks
from tests.model.journal import Journal
from tests.model.programs import STARTS, ZONES, programs, rigs
from tests.model.reference import Reference
from tests.pumps import NO_LIMITS, ask, push, request, send

SETTLE_MS = 300                # by when a pump has noticed what was due, at most
DAYS = 30                      # of every story, at least
REPEATED_MS = 600_000
RTC_SLACK_MS = 2000            # whole seconds, at either end


class Machine(RuleBasedStateMachine, Checks):
    @initialize(data=st.data(), zone=st.sampled_from(ZONES), start_ms=st.sampled_from(STARTS), rig=rigs(),
                has_rtc=st.booleans())
    def make(self, data, zone, start_ms, rig, has_rtc):
        calendar = Calendar(zone, start_ms)
        self.zone = calendar.document(zone)
        self.model = model = Reference(rig, calendar)
        model.judge = self.judge
        model.recurs = self.recurs
        self.edges = []                # (first tick, interval, count), all the motor ever made
        self.has_rtc = has_rtc
        self.is_rtc_stopped = False
        self.last_offset = start_ms
        self.start_checks()
        self.pump = SimPump(on_edges=lambda *edge: self.edges.append(edge))
        if has_rtc:
            self.pump.rtc.fit()
        assert "ok" in push(self.pump, "rig", rig)
        document = data.draw(programs(self.zone))
        if "error" in push(self.pump, "program", document):
            document |= {"limits": NO_LIMITS, "boluses": [], "minimum_nl_per_h": 0, "periodic": []}
            assert "ok" in push(self.pump, "program", document)
        self.journal = Journal(self.pump)
        model.alarms.come("clock not set")
        self.use(document)
        self.now_do("clock", lambda: model.set_clock(start_ms), utc_ms=start_ms)
        self.now_do("start", model.start)

    def use(self, document):
        """The reference takes another program."""
        self.model.use(document)
        self.limits_change()

    # time

    def wait(self, ms):
        """Lets time pass, and compares at the end of each day."""
        end = self.pump.now_ms + ms
        while self.pump.now_ms < end:
            self.sync(min(end, (self.pump.now_ms // DAY_MS + 1) * DAY_MS))

    def sync(self, to):
        """Pump and reference to `to`, or a little later where something is just happening; then compares them."""
        while True:
            self.pump.run_until(to)
            self.read_journal()
            assert not self.pump.app.last_error
            self.model.advance(to - SETTLE_MS)
            if self.model.is_quiet(to):
                break
            to += 2 * SETTLE_MS
        self.model.advance(to)
        self.compare()

    def settle(self, apply=None):
        """What the pump has just done is applied to the reference too; compares."""
        self.pump.run_for(SETTLE_MS)
        self.read_journal()
        if apply:
            apply()
        self.sync(self.pump.now_ms + SETTLE_MS)

    # the link

    def now_do(self, do, apply=None, error=None, **fields):
        """A request, at this instant: refused with `error`, or applied to the reference too. Compares."""
        reply = send(self.pump, request(do, **fields))
        self.model.contact_ms = self.model.t
        if error:
            assert reply.get("error", {}).get("code") == error, (do, fields, error, reply)
            if error == "bad_value":
                self.settle()           # a field outside its range is no request that was denied
            else:
                self.settle(lambda: self.model.note("denied", do))
        else:
            assert "ok" in reply, (do, fields, reply)
            self.settle(apply)

    def status(self):
        return ask(self.pump, "status")

    # the journal

    def read_journal(self):
        """Takes the records since the last time; what depends on when the pump looked is told to the reference."""
        model = self.model
        ended_ms = None                 # of a trial, as the pump has it
        for found in self.journal.read():
            if found.name == "alarm" and found.detail[0] in ("reservoir low", "journal nearly full", "reservoir empty"):
                comes = found.detail[0] in found.detail[2]
                if comes or found.detail[0] != "reservoir empty":
                    # the step that ended a trial may be the one that makes the level low, and is told behind the end
                    model.told.append((found.ms, found.detail[0], comes, found.ms == ended_ms))
            end = model.trial_end()
            if found.name == "stop" and found.detail == ("program ended",):
                ended_ms = found.ms
            if ended_ms == found.ms and found.name == "stop" and end is not None:
                late = found.ms - end           # a reset may cost a trial the fraction of a second
                if -2000 * (len(self.journal.boots) - 1) <= late <= 0:
                    model.trial_ms += late

    def judge(self, dose):
        """Follows the pump where it denies a bolus for a rolling limit, if one would be crossed (B-03).

        That nothing was granted beyond a limit shows in the motor's edges, see Checks.
        """
        model, at = self.model, len(self.model.events)
        assert at < len(self.journal.events), ("nothing was written of", dose, self.status())
        found = self.journal.events[at]
        if found.name != "bolus" or found.detail[2] != "limit":
            return ""
        end = model.t + int(dose.volume * 3_600_000 / dose.rate)
        assert self.may_limit(dose, model.temporary, end), ("denied for no limit", found)
        return "limit"

    def recurs(self, kind):
        """Whether this is the third of its kind within ten minutes (P-06). Over a reset a pump knows only how old one
        is at least: there it may think so of faults that are further apart."""
        self.read_journal()
        model, at = self.model, len(self.model.events)
        if "repeated fault" in model.alarms.unseen:
            return False                # is said already
        found = at < len(self.journal.events) and self.journal.events[at].detail[:1] == ("repeated fault",)
        last = [ms for ms, each in model.faults if each == kind][-3:]
        is_third = len(last) == 3 and last[2] - last[0] <= REPEATED_MS
        was_reset = len(last) == 3 and any(last[0] < ms <= last[2] for ms in self.journal.boots.values())
        assert found or not is_third or last[2] - last[0] > REPEATED_MS - RTC_SLACK_MS, ("not repeated", last)
        assert not found or is_third or was_reset, ("repeated", last)
        return found

    def made_steps(self):
        """Dose steps that the motor has made and the counter has seen."""
        made = sum(count for _, _, count in self.dose_edges())
        return made + self.ghosts

    def rebase(self):
        """After a fault of the count the reference goes on from what the pump has counted, up to a step."""
        model = self.model
        self.read_journal()
        model.counted = self.status()["steps"]
        model.basal = model.counted * model.step - model.bolus_nl
        model.advance(model.t)          # a level that this has changed is told
        self.compare_events()
        model.basal = model.counted * model.step - model.bolus_nl
        self.slack = 1
        self.sync(self.pump.now_ms + SETTLE_MS)

    def boot_record(self):
        """The ledger at the newest boot: confirmed, programmed, ahead, rate, bolus steps."""
        raw = next(raw for raw in reversed(self.journal.raws) if record.header(raw)[7] == record.EVENT_BOOT)
        return record.data_of(raw, record.DOSE)

    def room(self):
        """How far the count may stray from the fractions, nL."""
        return self.model.step * (Fraction(5, 4) + self.slack)
