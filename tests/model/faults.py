"""Rules: inputs, the supply and a count that is wrong (A-01, A-05, L-04)."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pump.board import INPUT_LIMIT, INPUT_STALL
from tests.model.calendar import HOUR_MS
from tests.model.machine import Machine
from tests.model.programs import SUPPLY_LOW_MV


class Faults(Machine):
    @rule()
    def stall(self):
        """The driver's stall input: motor off at once where it moves, nothing where it rests."""
        pump = self.pump
        was_moving = self.model.state == "running"
        pump.board.inputs.level |= INPUT_STALL
        pump.poll()
        pump.board.inputs.level &= ~INPUT_STALL
        pump.poll()
        if was_moving:
            self.stalled()
        self.settle()

    def stalled(self):
        """Without a pressure input a stall is most likely an occlusion; at rest it says nothing, so it goes at once."""
        name = "motor stall" if self.model.rig["pressure_limit"] else "occlusion"
        self.model.fault(name)
        self.model.gone(name)

    @rule(is_there=st.booleans())
    def end_switch(self, is_there):
        """At the end of travel nothing moves, whatever is acknowledged, until the switch is free."""
        inputs = self.pump.board.inputs
        inputs.level = inputs.level | INPUT_LIMIT if is_there else inputs.level & ~INPUT_LIMIT
        self.input_changed("end of travel", is_there)

    @rule(is_there=st.booleans())
    def pressure(self, is_there):
        """Above the rig's limit: an occlusion, where a rig measures pressure."""
        limit = self.model.rig["pressure_limit"]
        self.pump.board.pressure.level = limit + is_there
        self.input_changed("occlusion", bool(limit and is_there))

    def input_changed(self, name, is_there):
        self.pump.poll()
        if is_there and name not in self.model.alarms.present:
            self.model.fault(name)
        elif not is_there:
            self.model.gone(name)
        self.settle()

    @rule(is_low=st.booleans())
    def supply(self, is_low):
        """A low supply lets the basal rate go on and no bolus, until it is well again and acknowledged."""
        self.pump.board.supply.level_mv = SUPPLY_LOW_MV - is_low
        self.pump.poll()
        if is_low:
            self.model.alarm("supply low")
        else:
            self.model.gone("supply low")
        self.settle()

    @rule(steps=st.integers(4, 50))
    def steps_too_many(self, steps):
        """Edges that nobody asked for: a latched fault, and the ledger has them (L-04, D-03)."""
        model, pump = self.model, self.pump
        if model.state == "fault":
            return
        before = self.status()["steps"]
        pump.board.counter.extra += steps
        pump.poll()
        self.ghosts += steps
        status = self.status()
        assert (status["state"], status["steps"]) == ("fault", before + steps)
        model.fault("over-delivery" if model.state == "running" else "step while stopped")
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
        self.read_journal()
        found = [event for event in self.journal.events if event.detail[:1] == ("under-delivery",)]
        if lost > 4 and model.told == []:
            model.advance(found[-1].ms)
            model.fault("under-delivery")
            self.rebase()
        else:
            self.sync(pump.now_ms)
