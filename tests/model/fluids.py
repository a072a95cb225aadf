"""Rules: primes, withdrawals and refills, to their end or cut short (D-06, D-09, A-04)."""

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pump.board import INPUT_STALL
from tests.model.calendar import HOUR_MS
from tests.model.machine import SETTLE_MS, Machine
from tests.pumps import ask

ENDS = st.sampled_from(["", "", "stop", "stall"])


class Fluids(Machine):
    @rule(volume_nl=st.integers(1, 2_500_000), end=ENDS, percent=st.integers(1, 99))
    def prime(self, volume_nl, end, percent):
        self.transfer("prime", volume_nl, end, percent)

    @rule(volume_nl=st.integers(1, 2_500_000), end=ENDS, percent=st.integers(1, 99))
    def withdraw(self, volume_nl, end, percent):
        self.transfer("withdraw", volume_nl, end, percent)

    def transfer(self, do, volume_nl, end, percent):
        """A prime or withdrawal; `end`: how it is cut short after some per cent of its time, "" where it is not."""
        error = self.transfer_error(do, volume_nl)
        if error:
            self.now_do(do, error=error, volume_nl=volume_nl)
            return
        model, pump, was = self.model, self.pump, self.model.state
        start, kind = pump.now_ms, "priming" if do == "prime" else "withdrawing"
        length = self.begin_transfer(do, kind, volume_nl)
        steps = int(volume_nl / model.step)
        if end:
            pump.run_for(max(1, length * percent // 100))
            if end == "stop":
                ask(pump, "stop")
            else:
                pump.board.inputs.level |= INPUT_STALL
                pump.poll()
                pump.board.inputs.level &= ~INPUT_STALL
                pump.poll()
            model.t = pump.now_ms
            steps = self.moved_steps(start)
            self.end_transfer(do, kind, steps, "cancelled" if end == "stop" else "interrupted", start)
            if end == "stop":
                model.state = "stopped"
                model.stop()
            else:
                self.stalled()
        else:
            pump.run_for(length + SETTLE_MS)
            self.read_journal()
            done = next(found for found in reversed(self.journal.events) if found.name == "transfer")
            assert start + length <= done.ms <= start + length + SETTLE_MS
            model.told = [told for told in model.told if told[1] != "reservoir empty"]
            model.t = done.ms
            self.end_transfer(do, kind, steps, "complete", start)
            model.state = "suspended" if was == "running" else was
            if was == "running" and model.level_nl():
                model.go("resume")
            elif was == "running":
                model.fault("reservoir empty")
        self.settle()

    def transfer_error(self, do, volume_nl):
        model = self.model
        if model.state == "fault" or (do == "withdraw" and model.state != "stopped"):
            return "bad_state"
        if volume_nl > model.rig["max_prime_nl"]:
            return "limit"
        if volume_nl < model.step:
            return "bad_value"
        room = model.reservoir.capacity - self.status()["reservoir_nl"]
        return "limit" if do == "withdraw" and volume_nl > room else None

    def begin_transfer(self, do, kind, volume_nl):
        """ms that it will take."""
        model = self.model
        ask(self.pump, do, volume_nl=volume_nl)
        model.contact_ms = model.t
        if model.state == "running":
            model.suspend()
        model.state = kind
        model.note("transfer", kind, "begun")
        return -int(-int(volume_nl / model.step) * model.step * HOUR_MS // model.rig["prime_nl_per_h"])

    def moved_steps(self, start):
        """What was moved until now by the rate and the clock, a step aside; the pump's own count decides."""
        model = self.model
        self.read_journal()
        steps = next(found for found in reversed(self.journal.events) if found.name == "transfer").steps
        by_time = (self.pump.now_ms - start) * model.rig["prime_nl_per_h"] / (HOUR_MS * model.step)
        assert abs(steps - by_time) <= Fraction(5, 4), (steps, float(by_time))
        return steps

    def end_transfer(self, do, kind, steps, phase, start):
        model = self.model
        model.note("transfer", kind, phase)
        self.transfers.append((start, model.t))
        self.primed += steps if do == "prime" else 0
        self.withdrawn += steps if do == "withdraw" else 0
        model.moved += steps * model.step * (1 if do == "prime" else -1)

    @rule(added=st.sampled_from([0, 1_000, 1_000_000]), withdrawn=st.none() | st.integers(0, 1_000_000))
    def refill(self, added, withdrawn):
        self.refill_by(added, withdrawn)

    @rule()
    def fill_up(self):
        self.refill_by(self.model.reservoir.capacity - self.status()["reservoir_nl"], None)

    @rule()
    def overfill(self):
        """One nanolitre more than there is room for."""
        self.refill_by(self.model.reservoir.capacity - self.status()["reservoir_nl"] + 1, None)

    def refill_by(self, added, withdrawn):
        model = self.model
        held = self.status()["reservoir_nl"] if withdrawn is None else 0
        error = "limit" if held + added > model.reservoir.capacity else None
        if model.state == "withdrawing":
            error = "bad_state"

        def apply():
            model.note("refill")
            model.reservoir.refill(added, withdrawn, model.dose_nl + model.moved + model.uncertain)
            model.gone("reservoir empty")
            if model.state == "running":
                model.note_level()
        self.now_do("refill", apply, error, added_nl=added, withdrawn_nl=-1 if withdrawn is None else withdrawn)
