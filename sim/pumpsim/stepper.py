"""The simulated pulse generator and the edge counter on its step pin, exact to the tick, at a cost per command.

A tick is one cycle of the 125 MHz PIO clock (8 ns), like on the Pico. The generator knows commands only; the counter
sees edges only, so that a fault between the two shows.
"""

from collections import deque

from pump.board import COUNTER_PERIOD, QUEUE_DEPTH
from pump.drivers import SAFEST, pulse
from pumpsim.inputs import SimInputs
from pumpsim.interlock import SimInterlock

TICKS_PER_MS = 125_000
MAX_INTERVAL = 2**32 - 1
COUNTER_START = COUNTER_PERIOD - 1000      # the count wraps after 1000 steps: nobody may depend on where it starts


class SimStepper:
    """The stepper of the board contract. `on_edges(first_tick, interval, count)` is called for edges as they pass."""

    ticks_per_ms = TICKS_PER_MS
    max_interval = MAX_INTERVAL

    def __init__(self, world, on_edges=None, inputs=None):
        """`inputs`: a SimInputs, which may take the enable line off."""
        self._world = world
        self._on_edges = on_edges
        self._commands = deque()       # (start_tick, count, interval), back to back, the first one running
        self._passed = 0               # edges of commands that are over
        self._reported = 0             # edges of the running command that on_edges has had
        self._interlock = SimInterlock(inputs or SimInputs(), self._hold)
        self.is_reverse = False
        self.drive(SAFEST)

    def drive(self, driver):
        if self._commands:
            raise RuntimeError("the driver changes only while idle")
        self.driver = driver
        _, self.min_interval = pulse(driver, TICKS_PER_MS)

    def put(self, count, interval):
        if not self.min_interval <= interval <= MAX_INTERVAL or not 0 <= count < 2**30:
            raise ValueError(f"no such command: count {count}, interval {interval} ticks")
        if not self.room():
            raise RuntimeError("the queue is full: ask room() first")
        now = self._world.now_ms * TICKS_PER_MS
        start = max(now, self._end(self._commands[-1])) if self._commands else now
        self._commands.append((start, count, interval))

    def room(self):
        self._pass_commands()
        return QUEUE_DEPTH - max(0, len(self._commands) - 1)

    def halt(self):
        self._passed = self.edges()
        self._commands.clear()
        self._reported = 0

    def enable(self, on):
        if on and self._commands and not self.is_enabled and not self._interlock.tripped:
            raise RuntimeError("halt before the driver is switched on")
        self._interlock.enable(on)

    @property
    def is_enabled(self):
        return self._interlock.is_on

    def reverse(self, on):
        if self._commands:
            raise RuntimeError("the direction changes only while idle")
        self.is_reverse = on

    def steps_per_s(self):
        """The rate of the running command, 0 where none steps."""
        self._pass_commands()
        if not self._commands or not self._commands[0][1]:
            return 0
        return 1000 * TICKS_PER_MS / self._commands[0][2]

    def watch(self, on_edges):
        """Calls on_edges for the edges from now on, in place of whatever it called."""
        self.edges()
        self._on_edges = on_edges

    def edges(self):
        """Rising edges on the step pin until now."""
        self._pass_commands()
        if not self._commands or not self.is_enabled:
            return self._passed
        start, count, interval = self._commands[0]
        if not count:
            return self._passed
        done = (self._world.now_ms * TICKS_PER_MS - start) // interval
        self._report(start, interval, done)
        return self._passed + done

    def edges_until(self, ms):
        """The same until the instant `ms`, which may be to come, if nothing is put or halted any more."""
        self._pass_commands()
        if not self.is_enabled:
            return self._passed
        tick = ms * TICKS_PER_MS
        return self._passed + sum([min(count, max(0, tick - start) // interval)
                                   for start, count, interval in self._commands])

    def _hold(self):
        """The enable line goes off: what has not been stepped waits for a halt."""
        self._passed = self.edges()
        self._reported = 0

    def _pass_commands(self):
        if not self.is_enabled:
            return
        now = self._world.now_ms * TICKS_PER_MS
        while self._commands and self._end(self._commands[0]) <= now:
            start, count, interval = self._commands.popleft()
            self._report(start, interval, count)
            self._passed += count
            self._reported = 0

    def _report(self, start, interval, count):
        if self._on_edges and count > self._reported:
            self._on_edges(start + (self._reported + 1) * interval, interval, count - self._reported)
        self._reported = count

    @staticmethod
    def _end(command):
        start, count, interval = command
        return start + (count or 1) * interval


class SimCounter:
    """Counts the edges on the step pin. `extra` stands for edges that the generator did not make (or missed)."""

    def __init__(self, stepper, kept=None, is_dead=False):
        """`kept`: of the counter before a reset that was no loss of power. `is_dead`: see `die`."""
        self._stepper = stepper
        self._kept = kept
        self._base = None              # `keep`'s total less the count at that time
        self.extra = 0
        self._is_dead = is_dead
        self._blind_to = 0             # so many edges to come it will not see
        self._seen = stepper.edges()   # edges until it was asked last, while it is dead or blind
        self.is_counting = not is_dead

    def miss(self, count):
        """It does not see the next `count` edges, besides those that it has still to miss."""
        self.steps()
        self._blind_to, self._seen = self._blind_to + count, self._stepper.edges()

    def die(self, is_dead):
        """It sees no edge at all from now on; False: it sees them again."""
        self.steps()
        self._is_dead, self._seen = is_dead, self._stepper.edges()

    def steps(self):
        if self._is_dead or self._blind_to:
            edges = self._stepper.edges()
            missed = edges - self._seen
            if not self._is_dead:
                missed = min(missed, self._blind_to)
                self._blind_to -= missed
            self._seen = edges
            self.extra -= missed
        return (COUNTER_START + self._stepper.edges() + self.extra) % COUNTER_PERIOD

    def keep(self, total):
        self._base = total - self.steps()

    def kept(self):
        return self._kept

    def at_reset(self):
        """What a chip that resets now will find: see `kept`."""
        if self._base is None:
            return self._kept
        return (self._base + self.steps()) % COUNTER_PERIOD
