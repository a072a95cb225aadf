"""SimBoard: the board contract (pump/board.py) in virtual time. Thin: the parts are in their own files."""

from pump.board import CAUSE_POWER, PATTERN_OFF, TICKS_PERIOD
from pumpsim.firmware import SimFirmware
from pumpsim.flash import SimStorage
from pumpsim.stepper import SimCounter, SimStepper

TICKS_START = TICKS_PERIOD - 60_000        # the ticks wrap one simulated minute after power-up
MEMORY_FREE = 150_000                      # bytes; a stand-in of the Pico's order, the same on every run
SUPPLY_MV = 5000


class SimClock:
    def __init__(self, world):
        self._world = world
        self._offset_ms = TICKS_START - world.now_ms

    def ticks_ms(self):
        return (self._world.now_ms + self._offset_ms) % TICKS_PERIOD

    def sleep_ms(self, ms):
        self._world.move_to(self._world.now_ms + ms)


class SimLink:
    """Two byte queues. The host's side: `send` and `receive`."""

    def __init__(self):
        self._to_pump = bytearray()
        self._to_host = bytearray()

    def readinto(self, buffer):
        size = min(len(buffer), len(self._to_pump))
        if size:
            buffer[:size] = self._to_pump[:size]
            del self._to_pump[:size]
        return size

    def write(self, data):
        self._to_host += data

    def send(self, data):
        self._to_pump += data

    def receive(self):
        data = bytes(self._to_host)
        self._to_host.clear()
        return data

    def is_waiting(self):
        """True while the pump has bytes to read."""
        return bool(self._to_pump)


class SimInputs:
    level = 0

    def read(self):
        return self.level


class SimPressure:
    level = None

    def read(self):
        return self.level


class SimRtc:
    """A battery-backed clock beside the pump: it goes on while the pump has no power. Absent until `fit`ted."""

    def __init__(self, world):
        self._world = world
        self.offset_ms = None         # UTC less world time; None: not set, or it had stopped
        self.is_fitted = False

    def fit(self):
        self.is_fitted = True

    def stop_oscillator(self):
        """The battery failed: the stopped flag is set, the time is invalid (T-07)."""
        self.offset_ms = None

    def read_utc_s(self):
        if not self.is_fitted or self.offset_ms is None:
            return None
        return (self._world.now_ms + self.offset_ms) // 1000

    def set_utc_s(self, utc_s):
        self.offset_ms = utc_s * 1000 - self._world.now_ms


class Bench:
    """What stays as it is when the pump resets: what is around the board, and which firmware is chosen."""

    def __init__(self, world):
        self.rtc = SimRtc(world)
        self.inputs = SimInputs()
        self.pressure = SimPressure()
        self.supply = SimSupply()
        self.firmware = SimFirmware()


class SimIndicator:
    pattern = PATTERN_OFF

    def show(self, pattern):
        self.pattern = pattern


class SimSupply:
    level_mv = SUPPLY_MV

    def read_mv(self):
        return self.level_mv


class SimWatchdog:
    def __init__(self, reset_cause):
        self.reset_cause = reset_cause
        self.feeds = 0

    def feed(self):
        self.feeds += 1


class SimBoard:
    name = "simulator"

    def __init__(self, world, flash, link, unique_id, reset_cause=CAUSE_POWER, on_edges=None, bench=None,
                 kept=None):
        """Powers up at `world.now_ms` on a flash chip that may hold files. `on_edges`: see SimStepper; `bench`: that of
        an earlier boot; `kept`: see SimCounter."""
        bench = bench or Bench(world)
        self.unique_id = unique_id
        self.clock = SimClock(world)
        self.stepper = SimStepper(world, on_edges)
        self.counter = SimCounter(self.stepper, kept)
        self.storage = SimStorage(flash)
        self.link = link
        self.inputs = bench.inputs
        self.pressure = bench.pressure
        self.rtc = bench.rtc
        self.indicator = SimIndicator()
        self.supply = bench.supply
        self.watchdog = SimWatchdog(reset_cause)
        self.firmware = bench.firmware

    def memory_free(self):
        return MEMORY_FREE
