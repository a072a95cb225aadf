"""Rules: resets, a storage that refuses, and a battery-backed clock that stops (P-04, J-02, T-07)."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG
from pumpsim.board import SUPPLY_MV
from tests.model.calendar import HOUR_MS, MINUTE_MS
from tests.model.fluids import Fluids
from tests.model.windows import TICKS_PER_MS
from tests.pumps import ask, request, send

CAUSES = {"power": CAUSE_POWER, "watchdog": CAUSE_WATCHDOG, "soft": CAUSE_SOFT}
causes = st.sampled_from(sorted(CAUSES))


class Power(Fluids):
    @rule(cause=causes,
          off_ms=st.sampled_from([0, 1, 5_000, 40 * MINUTE_MS, 26 * HOUR_MS]) | st.integers(0, 12 * HOUR_MS))
    def reset(self, cause, off_ms):
        self.cut(cause, off_ms)

    @rule(cause=causes, is_by_host=st.booleans(), ms=st.sampled_from([0, 1000, 20 * MINUTE_MS]))
    def reset_after_a_bolus(self, cause, is_by_host, ms):
        """The lockout lasts over it, and the bolus is not taken up again (T-05, P-04)."""
        if is_by_host:
            self.host_bolus(50_000, 600)
        else:
            self.on_demand_bolus()
        self.wait(ms)
        self.cut(cause, 0)
        self.get_going()
        self.on_demand_bolus()

    @rule()
    def stop_the_oscillator(self):
        """The battery of the clock is empty: its time is worth nothing at the next reset (T-07)."""
        self.pump.rtc.stop_oscillator()
        self.is_rtc_stopped = True

    @rule(cause=causes, volume_nl=st.integers(100, 2_000_000), percent=st.integers(1, 99))
    def reset_in_a_prime(self, cause, volume_nl, percent):
        """Where the count was kept its account has every step; after a power loss nothing is guessed, and the reservoir
        takes it all as gone."""
        if self.transfer_error("prime", volume_nl):
            return
        start = self.pump.now_ms
        length = self.begin_transfer("prime", "priming", volume_nl)
        self.pump.run_for(max(1, length * percent // 100))
        self.read_journal()
        self.model.t = self.pump.now_ms
        self.transfers.append((start, self.pump.now_ms))
        self.cut(cause, 0, int(volume_nl / self.model.step))

    @rule(cause=causes, do=st.sampled_from(["ack", "stop", "suspend", "bolus", "start"]),
          ms=st.sampled_from([0, 1000, HOUR_MS]))
    def storage_refuses(self, cause, do, ms):
        """Nothing can be written: motor off at once, answered and shown, and after a reset all is as it was before."""
        pump = self.pump
        storage = pump.board.storage
        storage.write = storage.append = refuse
        fields = {"volume_nl": 50_000, "over_s": 600, "confirm": 0} if do == "bolus" else {}
        reply = send(pump, request(do, **fields))
        assert reply["error"]["code"] in ("storage", "denied", "bad_state", "clock_not_set", "empty"), reply
        status = self.status()
        assert status["state"] == "fault" and "storage fault" in status["alarms"]
        assert not pump.board.stepper.is_enabled
        edges = pump.board.stepper.edges()
        pump.run_for(ms)
        assert pump.board.stepper.edges() == edges
        self.cut(cause, 0)

    def cut(self, cause, off_ms, primed_steps=0):
        model, pump, step = self.model, self.pump, self.model.step
        pump.board.stepper.halt()
        pump.bench.inputs.level, pump.bench.pressure.level, pump.bench.supply.level_mv = 0, None, SUPPLY_MV
        newest_utc = self.journal.newest_utc
        open_bolus = model.bolus
        pump.world.move_to(pump.now_ms + (off_ms if cause == "power" else 0))
        transfer = "priming" if model.state == "priming" else ""
        if model.motions[-1][1] is None:
            model.motions[-1][1] = model.t
        pump.boot(CAUSES[cause])
        self.journal.booted()
        self.journal_boot(cause, newest_utc, transfer, open_bolus)
        if primed_steps:
            recovered = int((self.status()["prime_nl"] + 1) / step) - self.primed
            made = sum(count for first, _, count in self.edges if first > self.transfers[-1][0] * TICKS_PER_MS)
            assert recovered == (0 if cause == "power" else made), (cause, recovered, made)
            self.primed += recovered
            model.moved += recovered * step
            model.uncertain += primed_steps * step if cause == "power" else 0
        self.settle()

    def journal_boot(self, cause, newest_utc, transfer, open_bolus):
        """What was delivered lies between what is confirmed and that with the uncertain volume (J-02)."""
        model, pump, step = self.model, self.pump, self.model.step
        model.t = pump.now_ms
        pump.run_for(0)
        self.read_journal()
        status = ask(pump, "status")
        at_boot, _, _, _, given = self.boot_record()
        made = sum(count for first, _, count in self.dose_edges() if first <= model.t * 125_000) + self.ghosts
        uncertain = int(status["uncertain_nl"] / step)
        assert at_boot <= made <= at_boot + uncertain, (at_boot, made, uncertain)
        assert cause == "power" or made - at_boot == self.lost_steps, ("not exact (P-03)", made, at_boot)
        self.lost_steps = made - at_boot
        if at_boot != made or uncertain * step > model.uncertain:
            self.uncertain_ms = model.t
        most = model.boluses + (open_bolus.steps if open_bolus else 0)
        assert model.boluses <= given <= most
        offset = status["utc_ms"] and status["utc_ms"] - pump.now_ms
        assert (offset is not None) == (self.has_rtc and not self.is_rtc_stopped)
        primes = model.uncertain - self.uncertain_doses
        self.uncertain_doses = uncertain * step
        model.uncertain = self.uncertain_doses + primes
        dose = model.bolus
        if dose:
            dose.done = 0
        model.basal = (at_boot - given) * step
        model.counted = at_boot
        model.boluses = given
        self.slack = 0
        if offset is not None:
            self.last_offset = offset
        model.after_reset(offset, newest_utc, cause, transfer)


def refuse(*_):
    raise OSError("flash: refused")
