"""The application: puts the parts together and polls them in order. Owns the one boundary for the unexpected.

`App(board)` boots: storage, rig, program, ledger, then stopped or, where the program says so, running again. `poll()`
never blocks and says how long nothing is due; a device sleeps a little, a simulator jumps.
"""

from pump import alarms, reasons, record
from pump import board as contract
from pump.access import Access
from pump.alarms import Alarms
from pump.button import CLICK, NOTHING, Button
from pump.chronicle import Chronicle
from pump.clock import PumpClock
from pump.controller import Controller
from pump.delivery import Delivery
from pump.desk import Desk
from pump.errors import PumpError
from pump.guard import Guard
from pump.lines import LineReader
from pump.meter import Meter
from pump.orders import Orders
from pump.program import SIZE_MAX as PROGRAM_SIZE_MAX
from pump.program import Program
from pump.protocol import FIRMWARE_VERSION
from pump.recurrence import Recurrence
from pump.reservoir import Reservoir
from pump.rig import SIZE_MAX as RIG_SIZE_MAX
from pump.rig import Rig
from pump.run import Run
from pump.selftest import SelfTest
from pump.service import Service
from pump.staging import Staging
from pump.states import MOVING, RUNNING, STOPPED, SUSPENDED
from pump.transfer import Transfer
from pump.trial import Trial
from pump.update import Update
from pump.volumes import Volumes
from pump.watch import Watch

IDLE_MS = 3600000             # the longest wait: far below the wrap of the ticks
SLEEP_MS = 20                 # the device's longest sleep: how soon it hears the link
MARK_PATIENCE_MS = 100        # from a stop's mark, which has halted the motor, to its line; it is a stop even without
_PATTERNS = (contract.PATTERN_OFF, contract.PATTERN_LOW, contract.PATTERN_MEDIUM, contract.PATTERN_HIGH)


class Parts:
    """What the pump is made of, each made once."""

    def __init__(self, board, clock):
        self.delivery = Delivery(board)
        self.chronicle = Chronicle(clock, board.name)
        self.guard = Guard()
        self.alarms = Alarms()
        self.watch = Watch(board, clock)
        self.reservoir = Reservoir()
        self.volumes = Volumes(self.delivery.ledger, self.reservoir)
        self.meter = Meter()
        self.self_test = SelfTest(board, self.chronicle)
        self.run = Run(clock, self.delivery, self.chronicle, self.guard, self.self_test)
        self.transfer = Transfer(self.delivery, self.chronicle)
        self.trial = Trial(clock)
        self.recurrence = Recurrence()


class App:
    def __init__(self, board):
        """Boots on `board`. Never raises for bad stored state: the pump is stopped or at fault then, and says why."""
        self.board = board
        self.clock = PumpClock(board.clock)
        self.rig = Staging(board.storage, "rig", RIG_SIZE_MAX, Rig)
        self.program = Staging(board.storage, "program", PROGRAM_SIZE_MAX, Program)
        self.journal = None
        self.parts = Parts(board, self.clock)
        self.access = Access(board, self.parts.chronicle)
        self.controller = Controller(self.clock, self.parts)
        self.orders = Orders(self.controller, self.parts)
        self.service = Service(self)
        self.update = Update(self, FIRMWARE_VERSION)
        self.last_error = ""
        self._button = Button()
        self._marked_ms = None          # when the link was seen to have halted the motor
        self._lines = LineReader(board.link)
        self._desk = Desk(self)
        self._shown = None              # alarms, and the state, that the pattern was chosen for
        self._state_shown = None
        self._pattern = None
        self._test_ends_ms = None       # of the indicator; None while it shows what is
        try:
            from pump.boot import boot  # here, so that main.py can forget it: 6 KB of the Pico's heap

            boot(self)
        except OSError:
            self.storage_fault(self.clock.advance())
        except Exception as error:
            self.firmware_error(self.clock.advance(), error)
        self.update.begin(self.clock.mono_ms)

    @property
    def is_busy(self):
        """True while a request is worked on in slices: polls follow each other without a wait, until it is answered."""
        return self._desk.is_busy

    def run(self):
        """The device's loop; does not return."""
        while True:
            self.board.clock.sleep_ms(min(self.poll(), SLEEP_MS))

    def poll(self):
        """Does all that is due and answers what was asked; returns ms until something is due again by itself.

        Raises nothing: whatever a part of it raises ends with the motor off, and the next poll is due at once.
        Allocates nothing where nothing is due, asked or stepped: no garbage is left that would have to be collected.
        """
        now_ms = self.clock.mono_ms
        try:
            now_ms = self.clock.advance()
            next_ms = self._advance(now_ms)
            if self._hear(now_ms):
                self.controller.wake()
                next_ms = self._advance(now_ms)
            next_ms = _sooner(next_ms, self._button.next_ms(now_ms))
            if self._marked_ms is not None:
                next_ms = _sooner(next_ms, self._marked_ms + MARK_PATIENCE_MS)
            self._indicate(now_ms)
            next_ms = _sooner(next_ms, self._test_ends_ms)
            self.board.watchdog.feed()
            next_ms = _sooner(next_ms, self.update.advance(now_ms))
            if self._desk.is_busy:
                return 0
            return IDLE_MS if next_ms is None else min(max(0, next_ms - now_ms), IDLE_MS)
        except Exception as error:      # not fed: where it fails each time, the watchdog resets a pump that stands
            self._failed(now_ms, error)
        return 0

    def _advance(self, now_ms):
        """The ms of the controller's next need, None for none or where it failed."""
        try:
            return self.controller.advance(now_ms)
        except Exception as error:
            self._failed(now_ms, error)
        return None

    def _failed(self, now_ms, error):
        """Whatever a part of a poll raised: motor off, reason kept, the host still answered (P-05)."""
        if isinstance(error, OSError):
            self.storage_fault(now_ms)
        else:
            self.firmware_error(now_ms, error)

    def storage_fault(self, now_ms):
        """The storage refused: motor off, latched."""
        self._halt(now_ms, alarms.STORAGE_FAULT)

    def firmware_error(self, now_ms, error):
        """Something failed that must not: motor off, latched."""
        self._halt(now_ms, alarms.FIRMWARE_ERROR)
        try:
            self.last_error = repr(error)
        except Exception:               # there may be no memory for it
            self.last_error = type(error).__name__

    def _hear(self, now_ms):
        """Reads the button, answers the lines; True where that may have changed what is due."""
        asked = False
        try:
            bits = self.board.inputs.read()
            asked = self._read_button(bits, now_ms)
            lines = self._lines.take(now_ms)
            if lines:
                asked = True
                self.update.heard()
                for line in lines:
                    self._say(self._desk.answer(line, now_ms))
            if self._is_stop_unread(bits, now_ms) and self.controller.state in MOVING:
                asked = True
                self.controller.stop(now_ms)
            asked = asked or self._desk.is_busy
            self._say(self._desk.work(now_ms))
        except Exception as error:
            self._failed(now_ms, error)
        return asked

    def _say(self, reply):
        if reply:
            self.board.link.write(reply)

    def _is_stop_unread(self, bits, now_ms):
        """True where a stop's mark has halted the motor and its line has not come in time, or was no stop."""
        if not bits & contract.INPUT_LINK:
            self._marked_ms = None
        elif self._marked_ms is None:
            self._marked_ms = now_ms
        else:
            return now_ms - self._marked_ms >= MARK_PATIENCE_MS
        return False

    def _read_button(self, bits, now_ms):
        """A click asks for the on-demand bolus, a hold suspends; True where there was either."""
        what = self._button.read(bits & contract.INPUT_BUTTON != 0, now_ms)
        if what == NOTHING:
            return False
        self.controller.operator_seen(now_ms)
        try:
            if what == CLICK:
                self.orders.bolus(now_ms, 0, 0, record.ACTOR_BUTTON, 0)
            elif self.controller.state == RUNNING:
                self.controller.suspend(now_ms, record.ACTOR_BUTTON, reasons.BUTTON)
        except PumpError:               # denied, and in the journal: a button gets no reply
            pass
        return True

    def show(self, pattern, until_ms):
        """A test of the indicator: shows a pattern until then, or until an alarm or the state is another one."""
        self._pattern = pattern
        self._test_ends_ms = until_ms
        self.board.indicator.show(pattern)

    def _indicate(self, now_ms):
        shown, state = self.parts.alarms.shown, self.controller.state
        is_over = self._test_ends_ms is not None and now_ms >= self._test_ends_ms
        if shown == self._shown and state == self._state_shown and not is_over:
            return
        self._test_ends_ms = None
        self._shown = shown
        self._state_shown = state
        pattern = _PATTERNS[self.parts.alarms.priority()]
        if pattern == contract.PATTERN_OFF:
            pattern = contract.PATTERN_STOPPED
            if state == SUSPENDED:
                pattern = contract.PATTERN_SUSPENDED
            elif state != STOPPED:
                pattern = contract.PATTERN_RUNNING
        if pattern != self._pattern:
            self._pattern = pattern
            self.board.indicator.show(pattern)

    def _halt(self, now_ms, number):
        try:
            self.controller.fault(now_ms, number)
        except Exception:               # the journal cannot take it: the motor is off and the state has it all the same
            self.parts.delivery.stop_pulses()


def _sooner(one_ms, other_ms):
    """The earlier of two instants, each None for never."""
    if one_ms is None or other_ms is None:
        return other_ms if one_ms is None else one_ms
    return min(one_ms, other_ms)
