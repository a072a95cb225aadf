"""The pump against an independent model of it: random programs, commands, clocks, resets and faults, 30 days and more.

The real App runs on a simulated board and is driven over the real link; tests/reference_model.py says what it ought to
have delivered. MODEL_EXAMPLES in the environment sets how many stories are told.
"""

import os
import sys
from bisect import bisect_right
from fractions import Fraction

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from pump import record
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG, INPUT_BUTTON, INPUT_STALL
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from pump.reasons import PROGRAM_ENDED
from pumpsim import SimPump
from tests.pumps import DAY_MS, HOUR_MS, NO_LIMITS, RIG, ask, program, push, records, request, send
from tests.reference_model import MINUTE_MS, Calendar, Model

DAYS = 30
SETTLE_MS = 300                # by when a pump has noticed what was due, at most
TICKS_PER_MS = 125_000
SUPPLY_LOW_MV = 4000
EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "12"))
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
# UTC ms: some days before changes of the clock in March, April, October and November, and a leap day
STARTS = tuple(day * DAY_MS for day in (20_523, 20_540, 20_726, 20_757, 21_240))
NEVER_MS = 1 << 60

rates = st.integers(0, 200_000) | st.sampled_from([0, 1, 600, 36_000])
minutes = st.integers(0, 1439) | st.sampled_from([0, 119, 120, 121, 150, 179, 180, 480, 490])
spans_ms = st.sampled_from([1, 50, 999, 60_000, 601_000, HOUR_MS, 3 * HOUR_MS, 10 * HOUR_MS, DAY_MS, 3 * DAY_MS]) \
    | st.integers(1, 12 * HOUR_MS)


@st.composite
def plans(draw):
    starts = [0, *sorted(draw(st.sets(st.integers(1, 1439), max_size=5)))]
    plan = []
    for start in starts:
        rate = draw(rates)
        plan += [start, rate, draw(rates) if draw(st.booleans()) else rate]
    return plan


@st.composite
def scheduled(draw):
    """Boluses, some of them back to back."""
    found = []
    for at in sorted(draw(st.sets(minutes, max_size=4))):
        over = draw(st.sampled_from([60, 420, 600, 1800]))
        found.append([at, draw(st.integers(1, 127)), draw(st.integers(100, 60_000)), over,
                      draw(st.sampled_from([0, 1, 30, 600]))])
        if draw(st.booleans()) and at + over // 60 < 1440:
            found.append([at + over // 60, *found[-1][1:]])
    return found


@st.composite
def programs(draw, zone):
    chosen = draw(st.lists(plans(), min_size=1, max_size=2))
    document = program(zone=zone, days=[draw(st.integers(0, len(chosen) - 1)) for _ in range(7)])
    document |= {"plans": chosen, "resume": draw(st.sampled_from(["stopped", "basal"])),
                 "minimum_nl_per_h": draw(st.sampled_from([0, 0, 600, 5_003]))}
    if draw(st.booleans()):
        document["boluses"] = draw(scheduled())
    if draw(st.booleans()):
        over = draw(st.integers(1, 600))
        document["periodic"] = [draw(st.integers(100, 20_000)), over, over + draw(st.integers(3600, 6 * 3600))]
    if draw(st.booleans()):
        over = draw(st.integers(1, 600))
        document["on_demand"] = [draw(st.integers(100, 20_000)), over, over + draw(st.integers(0, 7200)),
                                 draw(st.integers(1, 12))]
    if draw(st.booleans()):
        highest = max(max(plan[k + 1], plan[k + 2]) for plan in chosen for k in range(0, len(plan), 3))
        highest = max(highest, document["minimum_nl_per_h"], 1_000) + draw(st.integers(0, 100_000))
        document["limits"] = {
            "max_rate_nl_per_h": highest, "max_bolus_nl": draw(st.sampled_from([0, 60_000])),
            "max_1h_nl": draw(st.sampled_from([0, highest + 60_000, 2 * highest + 400_000])),
            "max_24h_nl": draw(st.sampled_from([0, 12 * highest + 500_000, 20 * highest + 2_000_000]))}
    if draw(st.integers(0, 3)) == 0:
        document["ends"] = {"after_s": draw(st.sampled_from([0, 86_400, 10 * 86_400])),
                            "volume_nl": draw(st.sampled_from([0, 1_000_000, 20_000_000]))}
    return document


class PumpStories(RuleBasedStateMachine):
    """One pump, its model, and what happens to both."""

    # beginning and end

    @initialize(data=st.data(), zone=st.sampled_from(ZONES), start_ms=st.sampled_from(STARTS),
                pl_per_rev=st.sampled_from([320_000_000, 123_456_789]), quantum_min=st.sampled_from([10, 60]),
                has_rtc=st.booleans())
    def make(self, data, zone, start_ms, pl_per_rev, quantum_min, has_rtc):
        calendar = Calendar(zone, start_ms)
        rig = RIG | {"pl_per_rev": pl_per_rev, "quantum_min": quantum_min, "supply_low_mv": SUPPLY_LOW_MV,
                     "max_1h_nl": 1_000_000, "max_24h_nl": 8_000_000}
        self.zone = calendar.document(zone)
        self.model = Model(rig, calendar)
        self.model.judge = self.judge
        self.edges = []                # (first tick, interval, count), all the motor ever made
        self.transfers = []            # (start ms, end ms) of primes and withdrawals
        self.bolus_events = []         # of the journal, as model events
        self.read_seq = 0
        self.matched = 0
        self.slack = 0                 # steps that came from nowhere and were tolerated
        self.uncertain_ms = -DAY_MS    # the last time that uncertain volume was added
        self.resumes = False           # goes on as soon as the clock is known
        self.has_rtc = has_rtc
        self.last_offset = start_ms
        self.moved = []                # (steps, is withdrawal) of each prime and withdrawal
        self.is_supply_low = False
        self.is_supply_seen = True     # acknowledged
        self.ghosts = 0                # counted steps that the motor did not make, less those it made uncounted
        self.limits = []               # (from ms, max rate, max 1 h, max 24 h)
        self.boots = {}                # boot number: when
        self.pump = SimPump(on_edges=lambda *edge: self.edges.append(edge))
        self.boots[self.pump.app.parts.chronicle.boot] = 0
        if has_rtc:
            self.pump.rtc.fit()
        assert "ok" in push(self.pump, "rig", rig)
        document = data.draw(programs(self.zone))
        if "error" in push(self.pump, "program", document):
            document |= {"limits": NO_LIMITS, "boluses": [], "minimum_nl_per_h": 0, "periodic": []}
            assert "ok" in push(self.pump, "program", document)
        self.use(document)
        self.now_do("clock", lambda: self.model.set_clock(start_ms), utc_ms=start_ms)
        self.now_do("start", self.model.start)

    def teardown(self):
        if sys.exc_info()[0] or not hasattr(self, "limits"):
            return                     # what has failed already is what is to be told
        left = DAYS * DAY_MS - self.model.t
        if left > 0:
            self.get_going()
            self.wait(left)
        self.pump.board.stepper.edges()
        self.check_limits()

    def get_going(self):
        """Whatever the story has left behind: acknowledged, its clock set, and running."""
        if self.model.offset is None:
            self.set_the_clock(0)
        if self.model.state == "fault":
            self.acknowledge_all()
        if self.model.state == "stopped":
            self.now_do("start", self.model.start)
        elif self.model.state == "suspended":
            self.now_do("resume", self.model.go)

    def use(self, document):
        self.model.doc = document
        own = [self.model.limit(name) for name in ("max_rate_nl_per_h", "max_1h_nl", "max_24h_nl")]
        self.limits.append((self.model.t, *own))

    # time

    def wait(self, ms):
        """Lets time pass, and compares at the end of each day."""
        end = self.pump.now_ms + ms
        while self.pump.now_ms < end:
            self.sync(min(end, (self.pump.now_ms // DAY_MS + 1) * DAY_MS))

    def sync(self, to):
        """Pump and model to `to`, or a little later where something is just happening; then compares them."""
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

    def now_do(self, do, apply=None, error=None, **fields):
        """A request, at this instant: refused with `error`, or applied to the model too. Compares."""
        before = self.next_seq()
        reply = send(self.pump, request(do, **fields))
        if error:
            assert reply.get("error", {}).get("code") == error, (do, fields, error, reply)
            assert "denied" in self.names_since(before), do
        else:
            assert "ok" in reply, (do, fields, reply)
        self.pump.run_for(SETTLE_MS)
        self.read_journal()
        if apply:
            apply()
        self.sync(self.pump.now_ms + SETTLE_MS)
        return self.names_since(before)

    # the journal

    def next_seq(self):
        return self.pump.app.journal.next_seq

    def names_since(self, seq):
        return [record.EVENT_NAMES[record.header(raw)[7]] for raw in records(self.pump, seq)]

    def read_journal(self):
        """Takes the records since the last time; the boluses among them become events like the model's."""
        for raw in records(self.pump, self.read_seq):
            self.read_seq += 1
            head = record.header(raw)
            if head[7] == record.EVENT_BOLUS:
                data = record.data_of(raw, record.BOLUS)
                self.bolus_events.append((head, KIND_NAMES[head[10] >> 4], OUTCOME_NAMES[head[10] & 15],
                                          DENIALS[data[6]], data))
            end = self.model.trial_end()
            if head[7] == record.EVENT_STOP and head[10] == PROGRAM_ENDED and end is not None:
                late = self.time_of(head) - end         # a reset may cost a trial the fraction of a second
                if -2000 * (len(self.boots) - 1) <= late <= 0:
                    self.model.trial_ms += late

    def time_of(self, head):
        """The instant of a record on the simulation's clock."""
        return head[2] * 1000 + head[4] + self.boots[head[6]]

    def judge(self, event, dose):
        """Follows the pump where it denies a bolus for a rolling limit, if one would be crossed (B-03).

        That nothing was granted beyond a limit shows in the motor's edges, see check_limits.
        """
        at = len(self.model.events)
        assert at < len(self.bolus_events), ("nothing was written of", event, ask(self.pump, "status"))
        if self.bolus_events[at][3] != "limit":
            return ""
        end = self.model.t + int(dose.volume * HOUR_MS / dose.rate)
        assert self.may_limit(dose, self.model.temporary, end), ("denied for no limit", event)
        return "limit"

    def may_limit(self, dose, temporary, end):
        """Whether a rolling limit may forbid this; volume that may have been delivered before a reset counts too."""
        model = self.model
        if model.t - self.uncertain_ms < 2 * DAY_MS:
            return True
        return any(model.most_ahead(dose, temporary, end, window) > model.limit(name) - 8 * model.step
                   for name, window in (("max_1h_nl", HOUR_MS), ("max_24h_nl", DAY_MS)))

    # comparing

    def compare(self):
        model, step = self.model, self.model.step
        status = ask(self.pump, "status")
        assert status["state"] == model.state, (status["state"], status["reason"], model.state)
        self.compare_boluses()
        dose = status["steps"] * step
        room = step * Fraction(5, 4)
        assert model.dose_nl - room - self.slack * step <= dose <= model.dose_nl + room + self.slack * step, \
            ("dose", status["steps"], float(model.dose_nl / step))
        bolus = Fraction(status["bolus_nl"])
        if model.bolus:
            assert abs(bolus - model.bolus_nl) <= step + 1, ("bolus", float(bolus), float(model.bolus_nl))
        else:
            assert bolus == int(model.bolus_nl), ("bolus", float(bolus), float(model.bolus_nl))
            assert not status["bolus"]
        assert status["rate_nl_per_h"] <= (model.limit("max_rate_nl_per_h") if model.state == "running" else 0)
        assert status["lockout_s"] == -(-model.lock_left() // 1000), (status["lockout_s"], model.lock_left())
        primed = sum(steps for steps, is_withdrawal in self.moved if not is_withdrawal)
        drawn = sum(steps for steps, is_withdrawal in self.moved if is_withdrawal)
        assert status["prime_nl"] == int(primed * step), (status["prime_nl"], self.moved)
        assert status["withdrawn_nl"] == int(drawn * step), (status["withdrawn_nl"], self.moved)
        assert status["temporary"] == (model.temporary is not None)

    def compare_boluses(self):
        """Every bolus, given or not, is in the journal as the model has it, and nothing else is."""
        model = self.model
        for ours, theirs in zip(model.events[self.matched:], self.bolus_events[self.matched:], strict=False):
            head, kind, outcome, denial, data = theirs
            assert (kind, outcome, denial) == (ours.kind, ours.outcome, ours.denial), (ours, theirs)
            if outcome != "uncertain":
                assert abs(data[2] - ours.steps) <= (outcome != "complete"), (ours, theirs)
                model.boluses += data[2] - ours.steps
                model.basal -= (data[2] - ours.steps) * model.step
            if kind == "scheduled":
                assert (data[4], data[5]) == (ours.nominal // MINUTE_MS, ours.entry), (ours, theirs)
            assert abs(self.time_of(head) - ours.ms) <= 10 + ours.slack_ms, (ours, self.time_of(head))
            self.matched += 1
        assert len(model.events) == len(self.bolus_events), \
            (model.events[self.matched:], self.bolus_events[self.matched:])

    def dose_edges(self):
        """The motor's edges outside primes and withdrawals."""
        inside = [(a * TICKS_PER_MS, b * TICKS_PER_MS) for a, b in self.transfers]
        return [edge for edge in self.edges if not any(a < edge[0] <= b for a, b in inside)]

    def check_limits(self):
        """No rolling window over the steps that the motor made holds more than its limit, one step aside (L-01)."""
        runs = self.dose_edges()
        starts = [first for first, _, _ in runs]
        sums = [0]
        for _, _, count in runs:
            sums.append(sums[-1] + count)

        def until(tick):
            """Edges at or before a tick."""
            at = bisect_right(starts, tick)
            if not at:
                return 0
            first, interval, count = runs[at - 1]
            return sums[at - 1] + min(count, (tick - first) // interval + 1)

        step = self.model.step
        for k, (from_ms, max_rate, *windows) in enumerate(self.limits):
            to_ms = self.limits[k + 1][0] if k + 1 < len(self.limits) else self.model.t
            low, high = from_ms * TICKS_PER_MS, to_ms * TICKS_PER_MS
            inside = [run for run in runs if low <= run[0] < high]
            for window_ms, limit in zip((HOUR_MS, DAY_MS), windows, strict=True):
                width, most = window_ms * TICKS_PER_MS, int(limit / step) + 1
                for first, interval, count in inside:
                    for end in (first + (count - 1) * interval, first + width - 1):
                        if low <= end - width and end < high:
                            held = until(end) - until(end - width)
                            assert held <= most, (window_ms, end // TICKS_PER_MS, held, limit)
            level, last = 0.0, low                           # steps ahead of the ceiling
            per_tick = float(max_rate / step / HOUR_MS / TICKS_PER_MS)
            for first, interval, count in inside:
                level = max(0.0, level - per_tick * (first - last)) + 1
                level = max(level, level + (count - 1) * (1 - per_tick * interval))
                last = first + (count - 1) * interval
                assert level <= 2.25, ("rate", first // TICKS_PER_MS, level, max_rate)

    # what happens

    @rule(ms=spans_ms)
    def time_passes(self, ms):
        self.wait(ms)

    @rule(ms=spans_ms)
    def more_time_passes(self, ms):
        self.wait(ms)

    @rule()
    def start(self):
        model = self.model
        if model.state != "stopped":
            self.now_do("start", error="bad_state")
        elif model.offset is None:
            self.now_do("start", error="clock_not_set")
        else:
            assert "start" in self.now_do("start", model.start)

    @rule()
    def stop(self):
        model = self.model
        was = model.state
        self.resumes = False

        def apply():
            if was != "fault":
                model.finish("interrupted", "stopped")
            model.forget()
        names = self.now_do("stop", apply)
        assert "stop" in names or was in ("stopped", "fault")

    @rule()
    def suspend(self):
        if self.model.state != "running":
            self.now_do("suspend", error="bad_state")
            return
        assert "suspend" in self.now_do("suspend", lambda: self.model.finish("interrupted", "suspended"))

    @rule()
    def resume(self):
        if self.model.state != "suspended":
            self.now_do("resume", error="bad_state")
            return
        assert "resume" in self.now_do("resume", self.model.go)

    @rule(volume_nl=st.integers(1, 200_000), over_s=st.integers(1, 7200))
    def host_bolus(self, volume_nl, over_s):
        self.ask_bolus("host", volume_nl, over_s, volume_nl=volume_nl, over_s=over_s, confirm=0)

    @rule()
    def on_demand_bolus(self):
        volume_nl, over_s = (self.model.doc["on_demand"] or [0, 0])[:2]
        self.ask_bolus("on demand", volume_nl, over_s, volume_nl=0, over_s=0, confirm=0)

    def ask_bolus(self, kind, dose_nl, dose_s, **fields):
        before = len(self.model.events)
        reply = send(self.pump, request("bolus", **fields))
        self.pump.run_for(SETTLE_MS)
        self.read_journal()
        denial = self.model.request(kind, dose_nl, dose_s)
        assert len(self.model.events) == before + 1
        code = "bad_state" if denial == "bad_state" else "denied"
        assert reply.get("error", {}).get("code") == (code if denial else None), (reply, denial)
        self.sync(self.pump.now_ms + SETTLE_MS)

    @rule()
    def cancel(self):
        if self.model.state != "running" or self.model.bolus is None:
            self.now_do("cancel", error="bad_state")
            return
        self.now_do("cancel", lambda: self.model.end_bolus("cancelled"))


    @rule(percent=st.integers(0, 300) | st.just(-1), rate=rates, for_s=st.integers(0, 86_400))
    def temporary_rate(self, percent, rate, for_s):
        model = self.model
        fields = {"percent": percent, "rate_nl_per_h": rate, "for_s": for_s}
        if model.state != "running":
            self.now_do("temp", error="bad_state", **fields)
            return
        wanted = (model.t + for_s * 1000, None if percent < 0 else percent, rate) if for_s else None
        too_fast = for_s and percent < 0 and rate > model.limit("max_rate_nl_per_h")
        reply = send(self.pump, request("temp", **fields))
        if "error" in reply:
            assert reply["error"]["code"] == "limit"
            assert too_fast or self.may_limit(None, wanted, wanted[0])
        else:
            assert not too_fast
        self.pump.run_for(SETTLE_MS)
        self.read_journal()
        if "ok" in reply:
            model.temporary = wanted
        self.sync(self.pump.now_ms + SETTLE_MS)

    @rule(volume_nl=st.integers(200, 2_000_000), stop_at=st.none() | st.integers(1, 99))
    def prime(self, volume_nl, stop_at):
        self.transfer("prime", volume_nl, stop_at)

    @rule(volume_nl=st.integers(200, 2_000_000), stop_at=st.none() | st.integers(1, 99))
    def withdraw(self, volume_nl, stop_at):
        self.transfer("withdraw", volume_nl, stop_at)

    def transfer(self, do, volume_nl, stop_at):
        """A prime or withdrawal, to its end or stopped after some per cent of its time."""
        model, pump, was = self.model, self.pump, self.model.state
        if was == "fault" or (do == "withdraw" and was != "stopped"):
            self.now_do(do, error="bad_state", volume_nl=volume_nl)
            return
        start, before = pump.now_ms, self.next_seq()
        rate = model.rig["prime_nl_per_h"]
        steps = int(volume_nl / model.step)
        length = -int(-steps * model.step * HOUR_MS // rate)
        ask(pump, do, volume_nl=volume_nl)
        model.finish("interrupted", "suspended" if was == "running" else was)
        if stop_at is not None:
            pump.run_for(max(1, length * stop_at // 100))
            ask(pump, "stop")
            key = "prime_nl" if do == "prime" else "withdrawn_nl"
            so_far = sum(steps for steps, is_withdrawal in self.moved if is_withdrawal == (do == "withdraw"))
            moved = -(-ask(pump, "status")[key] // model.step) - so_far
            assert abs(moved - (pump.now_ms - start) * rate / (HOUR_MS * model.step)) <= Fraction(5, 4)
            steps = moved
            self.transfers.append((start, pump.now_ms))
            model.t = pump.now_ms
            model.state, self.resumes = "stopped", False
            model.forget()
        else:
            pump.run_for(length + SETTLE_MS)
            resumed = [record.header(raw) for raw in records(pump, before)
                       if record.header(raw)[7] == record.EVENT_RESUME]
            end = self.time_of(resumed[0]) if resumed else pump.now_ms
            assert (was == "running") == bool(resumed) and start + length <= end <= start + length + SETTLE_MS
            self.transfers.append((start, end))
            self.read_journal()
            model.t = end
            if resumed:
                model.go()
        self.moved.append((steps, do == "withdraw"))
        assert self.names_since(before).count("transfer") == 2
        self.read_journal()
        self.sync(pump.now_ms + SETTLE_MS)

    @rule()
    def refill(self):
        assert "refill" in self.now_do("refill", added_nl=1_000_000, withdrawn_nl=-1)

    @rule()
    def acknowledge(self):
        self.acknowledge_all()

    def acknowledge_all(self):
        def apply():
            if self.model.state == "fault":
                self.model.state = "stopped"
            self.model.barred = self.is_supply_low
            self.is_supply_seen = True
        assert "alarm" in self.now_do("ack", apply)

    @rule(move_ms=st.sampled_from([0, 1, -1000, 90_000, -60_000, HOUR_MS, -HOUR_MS, 12 * HOUR_MS, -12 * HOUR_MS])
          | st.integers(-30 * HOUR_MS, 30 * HOUR_MS))
    def set_clock(self, move_ms):
        self.set_the_clock(move_ms)

    def set_the_clock(self, move_ms):
        model = self.model
        utc_ms = model.t + self.last_offset + move_ms if not self.resumes else model.t + self.last_offset
        self.last_offset = utc_ms - model.t

        def apply():
            if self.resumes:
                self.resumes = False
                model.offset = self.last_offset
                model.go_again()
            else:
                model.set_clock(utc_ms)
        assert "clock" in self.now_do("clock", apply, utc_ms=utc_ms)

    @rule(data=st.data())
    def push_program(self, data):
        model = self.model
        if model.state == "suspended" or self.resumes:
            return
        before = self.next_seq()
        document = data.draw(programs(self.zone))
        reply = push(self.pump, "program", document)
        self.pump.run_for(SETTLE_MS)
        self.read_journal()
        if "ok" in reply:
            assert "program" in self.names_since(before)
            is_running = model.state == "running"
            model.end_bolus("cancelled")
            model.temporary = None
            self.use(document)
            model.handled = set()
            model.start() if is_running else model.forget()
        else:
            assert reply["error"]["code"] == "limit" and "denied" in self.names_since(before)
        self.sync(self.pump.now_ms + SETTLE_MS)

    @rule(bounces=st.lists(st.integers(1, 8), max_size=6), is_held=st.booleans())
    def press(self, bounces, is_held):
        """The button, bouncing as it goes down and up: a click asks for a bolus, a hold of 3 s suspends."""
        model, pump = self.model, self.pump
        before, start = self.next_seq(), pump.now_ms
        for level in (INPUT_BUTTON, 0):
            for at, ms in enumerate(bounces):
                pump.board.inputs.level = level if at % 2 == 0 else INPUT_BUTTON - level
                pump.poll()
                pump.run_for(ms)
            pump.board.inputs.level = level
            pump.poll()
            pump.run_for(3100 if is_held and level else 200)
        pump.run_for(SETTLE_MS)
        self.read_journal()
        if is_held:
            found = [record.header(raw) for raw in records(pump, before)
                     if record.header(raw)[7] == record.EVENT_SUSPEND]
            if model.state == "running" and not (model.trial_end() or NEVER_MS) < pump.now_ms:
                assert len(found) == 1 and found[0][8] == record.ACTOR_BUTTON
                assert 3000 <= self.time_of(found[0]) - start <= 3100
                model.advance(self.time_of(found[0]))
                model.finish("interrupted", "suspended")
        else:
            pressed = [event for event in self.bolus_events[len(model.events):]
                       if event[0][8] == record.ACTOR_BUTTON and event[2] in ("granted", "denied")]
            assert len(pressed) == 1, pressed
            model.advance(self.time_of(pressed[0][0]))
            model.request("on demand", *(model.doc["on_demand"] or [0, 0])[:2])
        self.sync(pump.now_ms + SETTLE_MS)

    @rule()
    def stall(self):
        """The driver's stall input: motor off at once where it moves, nothing where it rests."""
        self.pump.board.inputs.level = INPUT_STALL
        self.pump.poll()
        self.pump.board.inputs.level = 0
        self.pump.poll()
        if self.model.state == "running":
            self.model.finish("interrupted", "fault")
        self.sync(self.pump.now_ms + SETTLE_MS)

    @rule(is_low=st.booleans())
    def supply(self, is_low):
        """A low supply lets the basal rate go on and no bolus, until it is well again and acknowledged."""
        self.pump.board.supply.level_mv = SUPPLY_LOW_MV - 1 if is_low else SUPPLY_LOW_MV
        self.pump.poll()
        if is_low and not self.is_supply_low:
            self.is_supply_seen = False
            self.model.barred = True
            self.model.end_bolus("interrupted")
        self.is_supply_low = is_low
        if self.is_supply_seen:
            self.model.barred = is_low
        self.sync(self.pump.now_ms + SETTLE_MS)

    @rule(steps=st.integers(4, 50))
    def steps_too_many(self, steps):
        """Edges that nobody asked for: a latched fault, and the ledger has them (L-04, D-03)."""
        model, pump = self.model, self.pump
        if model.state == "fault":
            return
        before = ask(pump, "status")["steps"]
        pump.board.counter.extra += steps
        pump.poll()
        self.ghosts += steps
        status = ask(pump, "status")
        assert (status["state"], status["steps"]) == ("fault", before + steps)
        model.finish("interrupted", "fault")
        self.resumes = False
        self.rebase()

    @rule(steps=st.integers(5, 50))
    def steps_too_few(self, steps):
        """Edges that are not seen: a latched fault at the next checkpoint, if they are more than the tolerance."""
        model, pump = self.model, self.pump
        if model.state != "running" or model.bolus or not model.is_quiet(model.t + 2 * HOUR_MS):
            return
        wait_ms, edges = pump.poll(), pump.board.stepper.edges()
        pump.world.move_to(pump.now_ms + wait_ms)
        lost = min(steps, pump.board.stepper.edges() - edges)
        lost = lost if lost > 4 else min(lost, 1)          # whether 3 are too many depends on a step still on its way
        pump.board.counter.extra -= lost
        self.ghosts -= lost
        pump.run_for(2 * HOUR_MS)
        self.slack = max(self.slack, lost)
        if lost > 4:
            assert ask(pump, "status")["reason"] == "under-delivery"
            model.finish("interrupted", "fault")
            model.t = pump.now_ms
            self.rebase()
        else:
            self.sync(pump.now_ms)

    def rebase(self):
        """After a fault of the count the model goes on from what the pump has counted, up to a step."""
        self.compare_boluses_now()
        status = ask(self.pump, "status")
        self.model.basal = status["steps"] * self.model.step - self.model.bolus_nl
        self.slack = 1
        self.sync(self.pump.now_ms + SETTLE_MS)

    def compare_boluses_now(self):
        self.read_journal()
        self.compare_boluses()

    @rule(cause=st.sampled_from([CAUSE_POWER, CAUSE_WATCHDOG]),
          off_ms=st.sampled_from([0, 1, 5_000, 40 * MINUTE_MS, 26 * HOUR_MS]) | st.integers(0, 12 * HOUR_MS))
    def reset(self, cause, off_ms):
        model, pump = self.model, self.pump
        was, before = model.state, self.next_seq()
        pump.board.stepper.halt()
        pump.world.move_to(pump.now_ms + (off_ms if cause == CAUSE_POWER else 0))
        cut_ms, open_bolus = model.t, model.bolus
        pump.boot(cause)
        self.boots[pump.app.parts.chronicle.boot] = pump.now_ms
        self.is_supply_low = False
        model.t = pump.now_ms
        pump.run_for(SETTLE_MS)
        self.read_journal()
        assert "boot" in self.names_since(before)
        status = ask(pump, "status")
        # J-02: what was delivered lies between what is confirmed and that with the uncertain volume
        step = model.step
        at_boot, _, _, _, given = boot_record(pump, before)
        made = sum(count for first, _, count in self.dose_edges() if first <= model.t * TICKS_PER_MS) + self.ghosts
        uncertain = int(status["uncertain_nl"] / step)
        assert at_boot <= made <= at_boot + uncertain, (at_boot, made, uncertain)
        if at_boot != made:
            self.uncertain_ms = model.t
        model.after_reset(self.has_rtc, cut_ms, status["utc_ms"] and status["utc_ms"] - pump.now_ms)
        assert model.boluses <= given <= model.boluses + (open_bolus.steps if open_bolus else 0)
        model.boluses = given
        model.basal = (at_boot - given) * step
        if was == "running" and model.doc["resume"] == "basal":
            if self.has_rtc:
                model.go_again()
            else:
                self.resumes = True
        else:
            self.resumes = False
            model.forget()
        self.slack = 0
        if model.offset is not None:
            self.last_offset = model.offset
        self.sync(pump.now_ms + SETTLE_MS)


def boot_record(pump, seq):
    """The ledger at the boot that came after `seq`."""
    return next(record.data_of(raw, record.DOSE) for raw in records(pump, seq)
                if record.header(raw)[7] == record.EVENT_BOOT)


def test_the_pump_does_what_the_model_says():
    run_state_machine_as_test(PumpStories, settings=settings(
        max_examples=EXAMPLES, stateful_step_count=40, deadline=None, derandomize="MODEL_SEED" not in os.environ,
        database=None, suppress_health_check=list(HealthCheck)))
