"""Rules: what an operator asks for, and the button. Each is judged by the reference before it is compared."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pump import record
from pump.board import INPUT_BUTTON
from tests.model.basal import Temporary
from tests.model.calendar import HOUR_MS
from tests.model.machine import Machine
from tests.model.programs import programs, rates, spans_ms
from tests.pumps import push, request, send


class Commands(Machine):
    @rule(ms=spans_ms)
    def time_passes(self, ms):
        self.wait(ms)

    @rule(ms=spans_ms)
    def more_time_passes(self, ms):
        self.wait(ms)

    @rule()
    def start(self):
        model = self.model
        self.now_do("start", model.start, self.start_error("stopped"))

    @rule()
    def resume(self):
        self.now_do("resume", lambda: self.model.go("resume"), self.start_error("suspended"))

    def start_error(self, state):
        """Why start or resume is refused, or None."""
        model = self.model
        if model.state != state:
            return "bad_state"
        if model.offset is None:
            return "clock_not_set"
        return None if self.status()["reservoir_nl"] else "empty"

    @rule()
    def stop(self):
        self.now_do("stop", self.model.stop)

    @rule()
    def suspend(self):
        self.now_do("suspend", self.model.suspend, None if self.model.state == "running" else "bad_state")

    @rule(ms=spans_ms)
    def suspend_for_a_while(self, ms):
        """Rate changes, appointments and periodic boluses pass meanwhile; nothing of them is caught up."""
        if self.model.state == "running":
            self.suspend()
            self.wait(ms)
            self.resume()

    @rule()
    def acknowledge(self):
        self.now_do("ack", self.model.acknowledge)

    @rule(volume_nl=st.integers(1, 200_000), over_s=st.integers(1, 7200))
    def host_bolus(self, volume_nl, over_s):
        self.ask_bolus("host", volume_nl, over_s, volume_nl=volume_nl, over_s=over_s, confirm=0)

    @rule()
    def on_demand_bolus(self):
        volume_nl, over_s = (self.model.document["on_demand"] or [0, 0])[:2]
        self.ask_bolus("on demand", volume_nl, over_s, volume_nl=0, over_s=0, confirm=0)

    def ask_bolus(self, kind, dose_nl, dose_s, **fields):
        model = self.model
        reply = send(self.pump, request("bolus", **fields))
        model.contact_ms = model.t

        def apply():
            denial = model.request(kind, dose_nl, dose_s)
            code = {"": None, "bad_state": "bad_state"}.get(denial, "denied")
            assert reply.get("error", {}).get("code") == code, (reply, denial)
            if denial:
                model.note("denied", "bolus")
        self.settle(apply)

    @rule()
    def cancel(self):
        model = self.model
        is_under_way = model.state == "running" and model.bolus is not None
        self.now_do("cancel", lambda: model.end_bolus("cancelled"), None if is_under_way else "bad_state")

    @rule(percent=st.integers(0, 300) | st.just(-1), rate=rates, for_s=st.integers(0, 86_400))
    def temporary_rate(self, percent, rate, for_s):
        wanted = Temporary(self.model.t + for_s * 1000, None if percent < 0 else percent, rate) if for_s else None
        self.ask_temporary("temp", wanted, percent=percent, rate_nl_per_h=rate, for_s=for_s)

    @rule(volume_nl=st.integers(1, 500_000), over_s=st.integers(60, 36_000))
    def bridge(self, volume_nl, over_s):
        """The line's volume at the old flow, in place of the schedule; whole nL/h, rounded down (D-02, D-05)."""
        wanted = Temporary(self.model.t + over_s * 1000, None, volume_nl * 3600 // over_s)
        self.ask_temporary("bridge", wanted, volume_nl=volume_nl, over_s=over_s)

    def ask_temporary(self, do, wanted, **fields):
        model = self.model
        if model.state != "running":
            self.now_do(do, error="bad_state", **fields)
            return
        too_fast = wanted and wanted.percent is None and wanted.rate > model.ceiling
        reply = send(self.pump, request(do, **fields))
        model.contact_ms = model.t

        def apply():
            if "ok" in reply:
                assert not too_fast
                model.temporary = wanted
                model.note("temporary")
                return
            assert reply["error"]["code"] == "limit"
            assert too_fast or self.may_limit(None, wanted, wanted.end)
            model.note("denied", do)
        self.settle(apply)

    @rule(move_ms=st.sampled_from([0, 1, -1000, 90_000, -60_000, HOUR_MS, -HOUR_MS, 12 * HOUR_MS, -12 * HOUR_MS])
          | st.integers(-30 * HOUR_MS, 30 * HOUR_MS))
    def set_clock(self, move_ms):
        utc_ms = self.model.t + self.last_offset + move_ms
        self.last_offset = utc_ms - self.model.t
        self.is_rtc_stopped = False
        self.now_do("clock", lambda: self.model.set_clock(utc_ms), utc_ms=utc_ms)

    @rule(data=st.data())
    def push_program(self, data):
        document = data.draw(programs(self.zone))
        reply = push(self.pump, "program", document)
        self.model.contact_ms = self.model.t

        def apply():
            if "ok" in reply:
                self.model.push(document)
                self.limits_change()
            else:
                assert reply["error"]["code"] == "limit", reply
                self.model.note("denied", "commit")
        self.settle(apply)

    @rule(bounces=st.lists(st.integers(1, 8), max_size=6), is_held=st.booleans())
    def press(self, bounces, is_held):
        """The button, bouncing as it goes down and up: a click asks for a bolus, a hold of 3 s suspends."""
        model, pump = self.model, self.pump
        start, first, inputs = pump.now_ms, len(self.journal.events), pump.board.inputs
        others = inputs.level
        for level in (INPUT_BUTTON, 0):
            for at, ms in enumerate(bounces):
                inputs.level = others | (level if at % 2 == 0 else INPUT_BUTTON - level)
                pump.poll()
                pump.run_for(ms)
            inputs.level = others | level
            pump.poll()
            pump.run_for(3100 if is_held and level else 200)
        pump.run_for(300)
        self.read_journal()
        button = [found for found in self.journal.events[first:] if self.is_by_button(found)]
        if not is_held:
            assert len(button) == 1, button
            model.advance(button[0].ms)
            model.contact_ms = model.t
            model.request("on demand", *(model.document["on_demand"] or [0, 0])[:2])
        elif button:
            assert len(button) == 1 and 3000 <= button[0].ms - start <= 3100
            model.advance(button[0].ms)
            assert model.state == "running"
            model.suspend()
        else:
            model.advance(start + 3000)
            assert model.state != "running"
        self.sync(pump.now_ms + 300)

    def is_by_button(self, found):
        return found.actor == record.ACTOR_BUTTON and (found.name == "suspend" or found.detail[1:2] in
                                                       (("granted",), ("denied",)))
