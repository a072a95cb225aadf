"""SimBoard: the board contract (pump/board.py) in virtual time. Thin: the parts are in their own files."""

import os

from pump.board import CAUSE_POWER, INPUT_BUTTON, INPUT_LIMIT, INPUT_STALL, INPUT_STOP, PATTERN_OFF, TICKS_PERIOD
from pump.fittings import stored_rig
from pump.rig import PARTS_1, STOP_PIN
from pumpsim.firmware import SimFirmware
from pumpsim.flash import SimStorage
from pumpsim.inputs import SimInputs
from pumpsim.stepper import SimCounter, SimStepper

TICKS_START = TICKS_PERIOD - 60_000        # the ticks wrap one simulated minute after power-up
MEMORY_FREE = 150_000                      # bytes; a stand-in of the Pico's order, the same on every run
SUPPLY_MV = 5000
CHIP_C = 27
PRESS_MS = 200                # a press of the button, where nobody says how long


class SimClock:
    def __init__(self, world):
        self._world = world
        self._offset_ms = TICKS_START - world.now_ms

    def ticks_ms(self):
        return (self._world.now_ms + self._offset_ms) % TICKS_PERIOD

    def sleep_ms(self, ms):
        self._world.move_to(self._world.now_ms + ms)


class SimLink:
    """Two byte queues. The host's side: `send`, a packet at a time, and `receive`.

    `on_packet(data)` is called before anything of it is read.
    """

    def __init__(self):
        self.on_packet = None
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
        if self.on_packet:
            self.on_packet(data)

    def receive(self):
        data = bytes(self._to_host)
        self._to_host.clear()
        return data

    def is_waiting(self):
        """True while the pump has bytes to read."""
        return bool(self._to_pump)


class SimPressure:
    """`level` in the sensor's counts, None where none is fitted; a fault may force what is read."""

    level = None
    wired = None                      # counts of the plant's sensor, in place of the level; None: it has none
    forced = ()                       # (what is read,) or nothing

    @property
    def sensed(self):
        """What the sensor would read, but for faults of it."""
        return self.level if self.wired is None else self.wired

    def read(self):
        return self.forced[0] if self.forced else self.sensed


class SimRtc:
    """A battery-backed clock beside the pump: it goes on while the pump has no power. Absent until `fit`ted."""

    def __init__(self, world):
        self._world = world
        self.offset_ms = None         # UTC less world time, but for the drift; None: not set, or it had stopped
        self.is_fitted = False
        self.has_stopped = False      # the oscillator is dead: setting it does not help
        self._ppm = self._crystal_ppm = 0
        self._since_ms = 0            # when it began to drift

    def fit(self):
        self.is_fitted = True

    def stop_oscillator(self):
        """The battery failed: the stopped flag is set, the time is invalid (T-07)."""
        self.offset_ms = None

    def read_utc_s(self):
        if not self.is_fitted or self.offset_ms is None:
            return None
        return (self._world.now_ms + self.offset_ms + self._drift_ms()) // 1000

    def set_utc_s(self, utc_s):
        if not self.has_stopped:
            self.offset_ms = utc_s * 1000 - self._world.now_ms
            self._since_ms = self._world.now_ms

    def jump(self, seconds):
        """The time it keeps is another; nothing happens where it keeps none."""
        if self.offset_ms is not None:
            self.offset_ms += seconds * 1000

    def drift(self, ppm):
        """It gains so many millionths from now on, or loses them."""
        self._rebase()
        self._ppm = ppm

    def use_crystal(self, ppm):
        """The pump's crystal, by which the world counts, is so fast from now on; the battery's clock has its own."""
        self._rebase()
        self._crystal_ppm = ppm

    def _rebase(self):
        if self.offset_ms is not None:
            self.offset_ms += self._drift_ms()
        self._since_ms = self._world.now_ms

    def _drift_ms(self):
        return int((self._world.now_ms - self._since_ms) * (self._ppm - self._crystal_ppm) // 1_000_000)


class Bench:
    """What stays as it is when the pump resets: what is around the board, and which firmware is chosen."""

    def __init__(self, world):
        self.rtc = SimRtc(world)
        self.inputs = SimInputs()
        self.pressure = SimPressure()
        self.supply = SimSupply()
        self.driver = SimDriver()
        self.firmware = SimFirmware()
        self.memory_free = MEMORY_FREE
        self.is_counter_dead = False


class SimIndicator:
    pattern = PATTERN_OFF

    def show(self, pattern):
        self.pattern = pattern


class SimSupply:
    """`level_mv` as the bench has it; a fault may force what is read."""

    level_mv = SUPPLY_MV
    sag_mv = 0                        # by the plant's load
    forced = ()

    def read_mv(self):
        if self.forced:
            return self.forced[0]
        return self.level_mv - self.sag_mv if self.sag_mv and self.level_mv else self.level_mv

    def read_chip_c(self):
        return CHIP_C


class SimDriver:
    """A driver that is set up over its serial line; False: it is silent, as without its motor supply."""

    answers = True

    def is_ready(self, is_at_rest):
        return self.answers


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
        self.storage = SimStorage(flash)
        bench.inputs.fit(fitted_inputs(self.storage))
        self.unique_id = unique_id
        self.clock = SimClock(world)
        self.stepper = SimStepper(world, on_edges, bench.inputs)
        self.counter = SimCounter(self.stepper, kept, bench.is_counter_dead)
        self.link = link
        self.inputs = bench.inputs
        self.link.on_packet = self.inputs.hear
        self.pressure = bench.pressure
        self.rtc = bench.rtc
        self.indicator = SimIndicator()
        self.supply = bench.supply
        self.driver = bench.driver
        self.watchdog = SimWatchdog(reset_cause)
        self.firmware = bench.firmware
        self._bench = bench

    def entropy(self):
        return os.urandom(8)

    def memory_free(self):
        return self._bench.memory_free


def fitted_inputs(storage):
    """Bits of INPUT_*, of what the stored rig has; without one as on a Pico without one."""
    rig = stored_rig(storage)
    parts = rig.parts if rig else PARTS_1
    has_stop = not rig or STOP_PIN not in rig.pins.values()
    return (INPUT_BUTTON | (INPUT_STALL if "diag" in parts else 0) | (INPUT_LIMIT if "limit" in parts else 0)
            | (INPUT_STOP if has_stop else 0))
