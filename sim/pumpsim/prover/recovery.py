"""The recovery: a pump powered up on what a cut has left, judged, run on for a while, and judged again."""

from pump.board import CAUSE_POWER
from pumpsim.board import Bench
from pumpsim.device import SimPump
from pumpsim.host import Host, RefusedError
from pumpsim.prover.chip import ListingFlash
from pumpsim.prover.evidence import BrokenError, Journal
from pumpsim.prover.judge import BOOT, CHAIN, LOST, Judge
from pumpsim.prover.plant import Plant
from pumpsim.prover.schedule import MINUTE_MS
from pumpsim.prover.witness import Known, Witness, WitnessedStorage
from pumpsim.world import World

RUN_ON_MS = 20 * MINUTE_MS
OVERLAP = 4                   # records that the host reads again


class Recovery:
    """After `judge()`: `findings` as (kind, text); chip, witness and plant as those of a Stage."""

    def __init__(self, cut, off_ms, has_rtc, is_whole=True):
        """`off_ms`: how long the power was off; has_rtc: a battery-backed clock is fitted; is_whole: see Journal."""
        self.findings = []
        self.plant = Plant()
        self._cut = cut
        self._is_whole = is_whole
        self._has_rtc = has_rtc and cut.rtc_offset_ms is not None
        self._world = World()
        self._world.move_to(cut.ms + off_ms)
        self._bench = Bench(self._world)
        self._rtc = self._bench.rtc
        if self._has_rtc:
            self._rtc.fit()
            self._rtc.offset_ms = cut.rtc_offset_ms

    def judge(self):
        try:
            journal = Journal(self._cut.image, self._cut.records, self._is_whole)
        except (BrokenError, OSError) as error:
            self.findings.append((CHAIN, str(error)))
            return
        judge = Judge(self._cut, journal)
        self.findings = judge.findings
        judge.files()
        if any(kind == LOST for kind, _ in self.findings):
            return
        self._power_up(journal)
        try:
            self._judge_boot(judge, journal)
        except (RefusedError, ValueError, OSError) as error:
            judge.find(BOOT, f"no answer: {error!r}")

    def _power_up(self, journal):
        records = self._cut.records[:journal.first_seq] + journal.records
        size = len(records)
        known = Known(size, 0, size, (journal.first_seq, journal.first_seq), self._cut.known.documents,
                      frozenset({self._rtc.offset_ms}), ())
        self.witness = Witness(self.plant, self._world, self._rtc, records, known)
        self.witness.written_ms = self._cut.written_ms[:size]
        self.chip = ListingFlash(self._cut.image, self.witness.before_operation)
        self.pump = SimPump(flash=self.chip, on_edges=self.plant.on_edges, wrap_board=self._enter, world=self._world,
                            bench=self._bench)
        self.pump.poll()

    def _enter(self, board):
        self.plant.power_on(board.stepper)
        board.storage = WitnessedStorage(board.storage, self.witness)
        assert board.watchdog.reset_cause == CAUSE_POWER
        return board

    def _judge_boot(self, judge, journal):
        first_seq = max(journal.first_seq, journal.next_seq - OVERLAP)
        host = Host(self.pump, first_seq)
        status = host.do("status")
        judge.pulled(host.pull(), first_seq)
        runs = judge.was_running(status)
        self.witness.note(documents=frozenset({(status["rig_digest"], status["program_digest"])}))
        judge.state(status, self.pump.app.last_error, runs if self._has_rtc else False)
        judge.documents(status)
        judge.clock(status, self._world.now_ms)
        judge.doses(status)
        judge.windows(status, self._world.now_ms)
        judge.lockout(status, self._world.now_ms)
        judge.level(status)
        if not judge.findings:
            self._run_on(judge, host, status, runs)

    def _run_on(self, judge, host, status, runs):
        """Without a clock nothing moves until the host has set it; then the schedule goes on."""
        if not self._has_rtc:
            self.pump.run_for(RUN_ON_MS)
            if self.plant.edges():
                judge.find(BOOT, "it doses without knowing the time")
            if self._cut.rtc_offset_ms is None:
                return
            host.do("clock", utc_ms=self._world.now_ms + self._cut.rtc_offset_ms)
            status = host.do("status")
        if status["state"] != "fault" and runs is not None and (status["state"] == "running") != runs:
            judge.find(BOOT, f"{status['state']} ({status['reason']}) after the clock was set")
        runs = status["state"] == "running"
        start_ms, offset_ms = self._world.now_ms, self._cut.rtc_offset_ms
        self.pump.run_for(RUN_ON_MS)
        steps = self.plant.edges()
        if runs:
            judge.ran_on(steps, status["program_digest"], start_ms + offset_ms, self._world.now_ms + offset_ms)
        elif steps:
            judge.find(BOOT, f"{steps} steps of a pump that should rest")
        later = host.do("status")
        first_seq = host.next_seq - 1
        host.next_seq = first_seq
        judge.pulled(host.pull(), first_seq)
        judge.doses(later, steps)
        judge.windows(later, self._world.now_ms, steps)
        judge.lockout(later, self._world.now_ms)
        if later["state"] != status["state"]:
            judge.find(BOOT, f"{later['state']} ({later['reason']}) after a while")
        Journal(self.chip.image, self.witness.records, self._is_whole)
