"""A whole simulated pump: world, flash chip, board and the firmware's App, jumping from deadline to deadline."""

from pump.app import App
from pump.board import CAUSE_POWER, CAUSE_SOFT
from pumpsim.board import Bench, SimBoard, SimLink
from pumpsim.flash import NorFlash
from pumpsim.world import World

UNIQUE_ID = bytes.fromhex("53494d5055303031")          # "SIMPU001"


class SimPump:
    """Runs the firmware in virtual time.

    `send`/`receive` are the host's end of the link; `run_for` lets time pass. `wrap_board` may put a recorder between
    App and board; `poll_ms` polls at a fixed period instead of jumping.
    """

    def __init__(self, unique_id=UNIQUE_ID, flash=None, on_edges=None, wrap_board=None, poll_ms=None, world=None,
                 bench=None):
        """Powers up. `world` and `bench`: the time, and what is around the board, that it finds; new ones if None."""
        self.world = world or World()
        self.flash = flash or NorFlash()
        self.poll_ms = poll_ms
        self._unique_id = unique_id
        self._on_edges = on_edges
        self._wrap_board = wrap_board or (lambda board: board)
        self.polls = 0
        self.link = None
        self.bench = bench or Bench(self.world)
        self.rtc = self.bench.rtc
        self.firmware = self.bench.firmware
        self.board = None
        self.boot(CAUSE_POWER)

    def boot(self, reset_cause):
        """Power-up or reset at this instant: everything but the flash chip starts anew, the motor included. Only a
        reset that is no power-up keeps the step count."""
        kept = self.board.counter.at_reset() if self.board and reset_cause != CAUSE_POWER else None
        unread = self.link.receive() if self.link else b""
        self.link = SimLink()
        self.link.write(unread)                         # what was said before is on its way
        self.firmware.boot()
        self.board = SimBoard(self.world, self.flash, self.link, self._unique_id, reset_cause, self._on_edges,
                              self.bench, kept)
        self.app = App(self._wrap_board(self.board))
        self._next_poll_ms = self.world.now_ms

    @property
    def now_ms(self):
        """Milliseconds since the simulation began."""
        return self.world.now_ms

    def send(self, data):
        """Bytes from the host; they are answered by `poll`."""
        self.link.send(data)

    def receive(self):
        """Bytes for the host, b"" for none."""
        return self.link.receive()

    def poll(self):
        """One poll of the firmware, now; or as many as it takes to answer a slow request. Time stands still.

        Computing takes no time here, so all slices of a check fall into one instant; `app.poll` gives a single one.
        """
        wait_ms = self.app.poll()
        self.polls += 1
        while self.app.is_busy:
            wait_ms = self.app.poll()
            self.polls += 1
        if self.firmware.has_left:
            self.boot(CAUSE_SOFT)
            wait_ms = 0
        self._next_poll_ms = self.now_ms + (self.poll_ms or wait_ms)
        return wait_ms

    def run_until(self, end_ms):
        """Lets virtual time pass to `end_ms`, polling whenever the firmware asked to be; ends polled at `end_ms`."""
        world = self.world
        while self._next_poll_ms < end_ms:
            world.move_to(max(self._next_poll_ms, world.now_ms))
            self.poll()
        world.move_to(end_ms)
        self.poll()

    def run_for(self, ms):
        self.run_until(self.now_ms + ms)
