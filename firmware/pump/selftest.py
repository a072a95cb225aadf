"""The self-test: what has to be right before anything moves, and still right every day after (P-01, P-07).

Owns the tests and their last result; stops nothing. It reads the flash and never writes but the record of a failure.
"""

from pump import record
from pump.board import INPUT_BUTTON, TICKS_PERIOD

PERIOD_MS = 86400000          # while running, from the first start on
MEMORY_LEAST = 20000          # bytes: a planning poll and a reply need a few thousand
CLOCK_SLACK_MS = 2000         # the battery-backed clock counts whole seconds, and was set a moment after the pump's

# Bits of the result
SLOTS = 1
JOURNAL = 2
CLOCK = 4
COUNTER = 8
BUTTON = 16
MEMORY = 32
DRIVER = 64
NAMES = ("settings", "journal", "clock", "step counter", "button", "memory", "driver")


class SelfTest:
    def __init__(self, board, chronicle):
        self._board = board
        self._chronicle = chronicle
        self._stagings = ()
        self._journal = None
        self.failed = 0               # bits of the last result

    def open(self, journal, stagings):
        """Takes what is stored, once it has been read."""
        self._journal = journal
        self._stagings = stagings

    def at_boot(self, newest_utc_ms):
        """Everything, while nothing moves; `newest_utc_ms`: of the newest record, 0 for none. Writes no record yet."""
        failed = self._lasting(True)
        if not self._board.driver.is_ready(True):
            failed |= DRIVER
        counter = self._board.counter
        if counter.steps() != counter.steps():      # an edge while the motor stands
            failed |= COUNTER
        if self._board.inputs.read() & INPUT_BUTTON:
            failed |= BUTTON
        rtc_s = self._board.rtc.read_utc_s()
        if rtc_s is not None and rtc_s * 1000 < newest_utc_ms - CLOCK_SLACK_MS:
            failed |= CLOCK                         # a clock does not go back by itself
        self.failed = failed

    def again(self, now_ms, is_at_rest):
        """What can be tested at any time, and at rest the button; a failure is written. True where all passed."""
        self.failed = self._lasting(False)
        if not self._board.driver.is_ready(is_at_rest):
            self.failed |= DRIVER
        if is_at_rest and self._board.inputs.read() & INPUT_BUTTON:
            self.failed |= BUTTON
        self.write_failure(now_ms)
        return not self.failed

    def write_failure(self, now_ms):
        if self.failed:
            self._chronicle.note(now_ms, record.EVENT_SELF_TEST, record.ACTOR_PUMP, 0, record.SELF_TEST, self.failed,
                                 self._board.memory_free())

    def failures(self):
        """Names of what failed last."""
        return [NAMES[bit] for bit in range(len(NAMES)) if self.failed >> bit & 1]

    def _lasting(self, is_boot):
        failed = 0
        for staging in self._stagings:
            if not (staging.was_sound() if is_boot else staging.is_sound()):
                failed |= SLOTS
        if not self._journal.is_sound():
            failed |= JOURNAL
        if not 0 <= self._board.clock.ticks_ms() < TICKS_PERIOD:
            failed |= CLOCK
        if not self._board.counter.is_counting:
            failed |= COUNTER
        if self._board.memory_free() < MEMORY_LEAST:
            failed |= MEMORY
        return failed
