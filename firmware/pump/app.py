"""The application: puts the parts together and polls them in order. Owns the one boundary for the unexpected.

`App(board)` boots: storage, rig, program, ledger, then stopped. `poll()` never blocks and says how long nothing is
due; a device sleeps a little, a simulator jumps.
"""

from pump import board as contract
from pump import reasons, record
from pump.chronicle import Chronicle
from pump.clock import PumpClock
from pump.controller import FAULT, RUNNING, STOPPED, SUSPENDED, Controller
from pump.delivery import Delivery
from pump.desk import Desk
from pump.journal import Journal
from pump.lines import LineReader
from pump.program import SIZE_MAX as PROGRAM_SIZE_MAX
from pump.program import Program
from pump.rig import SIZE_MAX as RIG_SIZE_MAX
from pump.rig import Rig
from pump.service import Service
from pump.staging import Staging

IDLE_MS = 3600000             # the longest wait: far below the wrap of the ticks
SLEEP_MS = 20                 # the device's longest sleep: how soon it hears the link
_PATTERNS = {STOPPED: contract.PATTERN_STOPPED, RUNNING: contract.PATTERN_RUNNING,
             SUSPENDED: contract.PATTERN_SUSPENDED, FAULT: contract.PATTERN_FAULT}
_BOOT_REASONS = {contract.CAUSE_POWER: reasons.POWER_UP, contract.CAUSE_WATCHDOG: reasons.WATCHDOG_RESET,
                 contract.CAUSE_SOFT: reasons.SOFT_RESET}


class App:
    def __init__(self, board):
        """Boots on `board`. Never raises for bad stored state: the pump is stopped or at fault then, and says why."""
        self.board = board
        self.clock = PumpClock(board.clock)
        self.rig = Staging(board.storage, "rig", RIG_SIZE_MAX, Rig)
        self.program = Staging(board.storage, "program", PROGRAM_SIZE_MAX, Program)
        self.delivery = Delivery(board)
        self.journal = None
        self.chronicle = Chronicle(self.clock, board.name)
        self.controller = Controller(self.clock, self.delivery, self.chronicle)
        self.service = Service(self)
        self._lines = LineReader(board.link)
        self._desk = Desk(self)
        self._shown = None
        self.last_error = ""
        try:
            self._boot()
        except OSError:
            self.storage_fault(self.clock.advance())

    def run(self):
        """The device's loop; does not return."""
        while True:
            self.board.clock.sleep_ms(min(self.poll(), SLEEP_MS))

    def poll(self):
        """Does all that is due and answers what was asked; returns ms until something is due again by itself."""
        now_ms = self.clock.advance()
        try:
            next_ms = self.controller.advance(now_ms)
            lines = self._lines.take()
            if lines:
                for line in lines:
                    self.board.link.write(self._desk.answer(line, now_ms))
                next_ms = self.controller.advance(now_ms)
        except OSError:
            self.storage_fault(now_ms)
            next_ms = None
        except Exception as error:      # whatever it is: motor off, reason kept, the host still answered (P-05)
            self.firmware_error(now_ms, error)
            next_ms = None
        if self.controller.state != self._shown:
            self._shown = self.controller.state
            self.board.indicator.show(_PATTERNS[self._shown])
        self.board.watchdog.feed()
        return IDLE_MS if next_ms is None else min(next_ms - now_ms, IDLE_MS)

    def storage_fault(self, now_ms):
        """The storage refused: motor off, latched."""
        self._halt(now_ms, reasons.STORAGE_FAULT)

    def firmware_error(self, now_ms, error):
        """Something failed that must not: motor off, latched."""
        self.last_error = repr(error)
        self._halt(now_ms, reasons.FIRMWARE_ERROR)

    def _halt(self, now_ms, reason):
        try:
            self.controller.fault(now_ms, reason)
        except Exception:               # the journal cannot take it: the state has it all the same
            self.board.stepper.halt()
            self.board.stepper.enable(False)

    def _boot(self):
        now_ms = self.clock.advance()
        self.journal = Journal(self.board.storage, self.board.unique_id)
        self.chronicle.open(self.journal)
        last = self.journal.last_of(record.DOSE_EVENTS)
        programmed_pl = 0
        if last is not None:
            confirmed, programmed_pl, ahead, _, uncertain = record.data_of(last, record.DOSE)
            self.delivery.ledger.restore(confirmed, ahead, uncertain)
            self.chronicle.boot = record.header(last)[6] + 1
        if self.rig.load():
            self.controller.use_rig(self.rig.document)
            self.delivery.planner.programmed_grains = programmed_pl * 3600
        if self.program.load():
            self.controller.use_program(now_ms, self.program.document)
        self.controller.boot(now_ms, _BOOT_REASONS[self.board.watchdog.reset_cause])
