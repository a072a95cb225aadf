"""The stage: a simulated pump whose chip lists its operations, a host at its link, and a witness who notes what each
of them could know. Scenarios are played on it.
"""

from pump.board import CAUSE_POWER, INPUT_BUTTON
from pumpsim.board import Bench
from pumpsim.device import UNIQUE_ID, SimPump
from pumpsim.flash import SimStorage
from pumpsim.host import Host, RefusedError
from pumpsim.long_journal import write_journal
from pumpsim.prover.chip import ListingFlash
from pumpsim.prover.documents import NL_PER_STEP, body_of, digest_of, out_nl
from pumpsim.prover.plant import PRIME, WITHDRAWAL, Plant
from pumpsim.prover.witness import Witness, WitnessedStorage
from pumpsim.world import World

MINUTE_MS = 60_000
START_UTC_MS = 1_774_566_000_000           # 2026-03-27T00:00 of the scenario's local time, a Friday
LONG_BEFORE_S = START_UTC_MS // 1000 - 40 * 86_400


class Stage:
    """World time 0 is START_UTC_MS. `chip` holds the operations, `witness` what was known before each."""

    def __init__(self, prefilled=0):
        """`prefilled`: records that the journal holds already."""
        self.chip = ListingFlash()
        records = write_journal(SimStorage(self.chip), UNIQUE_ID, prefilled, LONG_BEFORE_S) if prefilled else []
        self.first_image = bytes(self.chip.image)
        self.chip.operations.clear()
        self.plant = Plant()
        world = World()
        bench = Bench(world)
        rtc = bench.rtc
        rtc.fit()
        self.witness = Witness(self.plant, world, rtc, records)
        self.chip.on_operation = self.witness.before_operation
        self._rig = None
        self._program = None
        self.pump = SimPump(flash=self.chip, on_edges=self.plant.on_edges, wrap_board=self._enter,
                            world=world, bench=bench)
        self._host = Host(self.pump, prefilled)
        self.pull()

    def do(self, name, **fields):
        """A request that must succeed, and the journal read on; returns the reply's fields."""
        reply = self._host.do(name, **fields)
        self.pull()
        return reply

    def refused(self, code, name, **fields):
        """A request that must be refused with this code."""
        try:
            self.do(name, **fields)
        except RefusedError as error:
            if error.code != code:
                raise
            self.pull()
        else:
            raise ValueError(f"{name} must be refused as {code}")

    def pull(self):
        self.witness.told(self._host.pull())

    def until(self, clock):
        """Lets time pass to hh:mm of the first day, or "1 hh:mm" of the second, reading the journal every hour."""
        *day, time = clock.split()
        hour, minute = time.split(":")
        end_ms = (((int(day[0]) if day else 0) * 24 + int(hour)) * 60 + int(minute)) * MINUTE_MS
        while self.pump.now_ms < end_ms:
            self.pump.run_until(min(end_ms, self.pump.now_ms + 60 * MINUTE_MS))
            self.pull()

    def push_rig(self, rig, program_fits=True):
        """Commits a rig; with program_fits False it takes the program out of force."""
        old, new = digest_of(self._rig), digest_of(rig)
        kept = digest_of(self._program) if program_fits else ""
        self._commit("rig", rig, {(old, kept), (new, kept)}, (new, kept))
        if self._rig is None:
            self._note_level(rig["reservoir_nl"])
        self._rig = rig
        self._program = self._program if program_fits else None

    def push_program(self, program):
        rig, new = digest_of(self._rig), digest_of(program)
        self._commit("program", program, {(rig, new)}, (rig, new))
        self._program = program

    def set_clock(self, utc_ms):
        offset_ms = utc_ms - self.pump.now_ms
        self.witness.note(clocks=self.witness.known.clocks | {offset_ms})
        self.do("clock", utc_ms=utc_ms)
        self.witness.note(clocks=frozenset({offset_ms}))

    def move_clock(self, minutes):
        """Sets it forward or back."""
        offset_ms = next(iter(self.witness.known.clocks))
        self.set_clock(self.pump.now_ms + offset_ms + minutes * MINUTE_MS)

    def refill(self, added_nl):
        """Fills the reservoir up, then tells the pump."""
        level_nl, out_nl = self.witness.known.levels[0]
        level_nl += added_nl - self._out_nl() + out_nl
        self.witness.note(levels=((level_nl, self._out_nl()), *self.witness.known.levels))
        self.do("refill", added_nl=added_nl, withdrawn_nl=-1)
        self._note_level(level_nl)

    def prime(self, volume_nl):
        """To its end."""
        self._transfer("prime", PRIME, volume_nl)

    def withdraw(self, volume_nl):
        self._transfer("withdraw", WITHDRAWAL, volume_nl)

    def click(self):
        """Presses the button and lets it go."""
        for level in (INPUT_BUTTON, 0):
            self.pump.board.inputs.level = level
            self.pump.poll()
            self.pump.run_for(500)
        self.pull()

    def inputs(self, level):
        self.pump.board.inputs.level = level
        self.pump.poll()
        self.pull()

    def supply(self, level_mv):
        self.pump.board.supply.level_mv = level_mv
        self.pump.poll()
        self.pull()

    def power_cycle(self, off_ms):
        """The power goes, and comes back: not one of the cuts, but a part of the story."""
        world = self.pump.world
        self.plant.power_off()
        world.move_to(world.now_ms + off_ms)
        self.pump.boot(CAUSE_POWER)
        self._host = Host(self.pump, self._host.next_seq, first_id=1000)
        self.pump.poll()
        self.pull()

    def _commit(self, kind, document, may_be, will_be):
        body = body_of(document)
        self._host.stage(kind, body)
        self.witness.note(documents=self.witness.known.documents | may_be)
        self.do("commit", kind=kind, digest=digest_of(document), confirm=0)
        self.witness.note(documents=frozenset({will_be}))

    def _transfer(self, name, account, volume_nl):
        self.pump.poll()                                # what is due now is no part of it
        self.plant.expect(account, volume_nl // NL_PER_STEP)
        self.do(name, volume_nl=volume_nl)
        self.pump.run_for(2 * MINUTE_MS)
        self.pull()

    def _note_level(self, level_nl):
        self.witness.note(levels=((level_nl, self._out_nl()),))

    def _out_nl(self):
        return out_nl(self.plant.split(self.plant.edges()))

    def _enter(self, board):
        """A boot begins: `board` is what the firmware is going to see."""
        self.plant.power_on(board.stepper)
        board.storage = WitnessedStorage(board.storage, self.witness)
        return board
