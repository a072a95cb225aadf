"""PicoBoard: the board contract (pump/board.py) on a Raspberry Pi Pico. Puts the adapters together, nothing more.

What is fitted, and which pins are used, stands in the stored rig. It is read before any pin is touched; until then all
pins are inputs, and the pull-up on the enable line keeps the driver off. A pump without a rig takes all that can do no
harm for fitted.
"""

import gc
import os

import machine

from pico.clock import Clock
from pico.counter import Counter
from pico.firmware import Firmware
from pico.indicator import Indicator
from pico.inputs import Inputs
from pico.interlock import Interlock
from pico.link import Link
from pico.parts import fitted, lamp
from pico.stepper import Stepper
from pico.storage import Storage
from pico.supply import Supply
from pico.watchdog import Watchdog
from pump.board import CAUSE_POWER
from pump.drivers import ULN2003
from pump.fittings import stored_rig
from pump.rig import COIL_PINS, PARTS_1, PIN_DEFAULTS, STOP_PIN


class PicoBoard:
    name = "pico"

    def __init__(self):
        """Takes the whole board, the USB serial included, and starts the watchdog."""
        self.unique_id = machine.unique_id()
        self.storage = Storage()
        rig = stored_rig(self.storage)
        pins = rig.pins if rig else PIN_DEFAULTS
        parts = rig.parts if rig else PARTS_1
        self.watchdog = Watchdog()
        coils = COIL_PINS[0] if rig and rig.driver == ULN2003 else None
        interlock = Interlock(pins["enable"], parts, STOP_PIN not in pins.values(), coils)
        self.stepper = Stepper(pins["step"], pins["dir"], pins["enable"], interlock)
        # before the coils: they would follow the edge that it is shown
        self.counter = Counter(pins["step"], self.watchdog.reset_cause != CAUSE_POWER)
        if coils:
            fitted(("coils",), "coils", coils, pins["step"], self.stepper, interlock)
        self.inputs = Inputs(pins["button"], interlock)
        self.pressure = fitted(parts, "hx711" if "hx711" in parts else "adc")
        self.rtc = fitted(parts, "ds3231")
        self.indicator = Indicator(lamp(parts, pins["led"]), fitted(parts, "buzzer"))
        self.driver = fitted(("tmc2209",) if rig and rig.tmc2209 else (), "tmc2209", rig and rig.tmc2209)
        self.supply = Supply()
        self.firmware = Firmware()
        self.link = Link()
        self.clock = Clock(self.link.wait_ms)
        self.watchdog.start()

    def entropy(self):
        """8 bytes of the ring oscillator's noise."""
        return os.urandom(8)

    def memory_free(self):
        """Bytes of heap that are free, garbage taken out first (up to 20 ms)."""
        gc.collect()
        return gc.mem_free()
