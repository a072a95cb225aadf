"""The rig: what machine it is. Owns the rig document's fields and ranges, and the hard limits (L-01)."""

from pump.board import COUNTER_PERIOD
from pump.document import Reader, parse
from pump.drivers import DRIVERS, SAFEST, STEP_RATE_MAX, ULN2003, step_rate_max
from pump.limits import HIGHEST, Limits
from pump.volume import StepRatio

# 2, without a ramp, and 1, from before drivers had names and anything said what is fitted, are read as well
VERSION = 3
SIZE_MAX = 2048               # bytes of the document
CODE = "bad_rig"
PIN_DEFAULTS = {"step": 2, "dir": 3, "enable": 4, "button": 14, "led": 25}
# What the interlock watches (three), maintenance jumper, the Pico's own supply (two): see WIRING.md
RESERVED_PINS = (5, 6, 7, 15, 23, 24)
STOP_PIN = 7                  # free in a rig of version 1: where that has a use for it, there is no stop switch
LED_PIN = 25                  # wired to the Pico's LED and to nothing else
ORDER_MAX_NL = (1 << 32) - 1  # of one bolus, prime or withdrawal: what a request can ask for
# What may be fitted besides motor, button and one lamp, and the GPIOs that it takes. The Pico has an adapter of each
# name, pico/NAME.py, or reads a pin.
PARTS = {"rgb": (18, 19, 20), "leds": (18, 19, 20), "buzzer": (16,), "ds3231": (8, 9), "limit": (6,), "diag": (5,),
         "adc": (26,), "hx711": (21, 22)}
UART_PINS = (0, 1)            # of a driver that is set up over its serial line
COIL_PINS = (10, 11, 12, 13)  # of a ULN2003, IN1 to IN4
SENSE_MOST_UV = 229809        # 0.325 V / sqrt(2): RMS current times sense resistors of a TMC2209, at most
PARTS_1 = ("buzzer", "ds3231", "limit", "diag")     # what a rig of version 1 has, and adc where pressure_limit is set
_RAMP = ((1, STEP_RATE_MAX), (1, 1000000000))
_DRIVER = ((50, 2000), (0, 2000), (50, 1000), (1, 256), (0, 255), (1, 100000))


class Rig:
    """Raises PumpError("bad_rig") where the document is not one. All volumes in nL, rates in nL/h."""

    def __init__(self, body):
        take = Reader(parse(body, CODE), CODE, "rig")
        version = take.integer("v", 1, VERSION)
        self.name = take.text("name")
        self.pl_per_rev = take.integer("pl_per_rev", 1, 1000000000000)         # up to 1 L a revolution
        self.steps_per_rev = take.integer("steps_per_rev", 1, 1000000)         # microsteps included
        self.max_step_rate = take.integer("max_step_rate", 1, STEP_RATE_MAX)   # steps/s
        self.reservoir_nl = take.integer("reservoir_nl", 1, HIGHEST)
        self.line_nl = take.integer("line_nl", 0, HIGHEST)                     # from the head to the outlet
        self.limits = Limits(
            take.integer("max_rate_nl_per_h", 1, 1000000000), take.integer("max_bolus_nl", 1, HIGHEST),
            take.integer("max_1h_nl", 1, HIGHEST), take.integer("max_24h_nl", 1, HIGHEST))
        self.prime_nl_per_h = take.integer("prime_nl_per_h", 1, 1000000000)    # rate of a prime and a withdrawal
        self.max_prime_nl = take.integer("max_prime_nl", 1, HIGHEST)
        self.quantum_min = take.integer("quantum_min", 1, 60)                  # minutes between checkpoints
        self.tolerance_steps = take.integer("tolerance_steps", 1, 100)         # counted against planned (L-04)
        self.auto_off_h = take.integer("auto_off_h", 0, 8760)                  # without an operator; 0: never
        self.supply_low_mv = take.integer("supply_low_mv", 0, 60000)           # 0: not watched
        self.pressure_limit = take.integer("pressure_limit", 0, 16777216)      # in the sensor's counts; 0: not watched
        self.pressure_least = 0 if version == 1 else take.integer("pressure_least", 0, 16777216)
        self.service_steps = take.integer("service_steps", 0, HIGHEST)         # the rig's life; 0: not counted
        self.service_motor_h = take.integer("service_motor_h", 0, 1000000)
        self.driver = SAFEST
        self.tmc2209 = None
        if version > 1:
            self._read_motor(take.section("motor"))
            # mA running, mA at rest, mOhm, microsteps, StallGuard's threshold, steps/s from which on it tells a stall
            self.tmc2209 = take.record("driver", _DRIVER)
        # steps/s at which the motor starts from rest, steps/s in a second that it gains: for primes and withdrawals
        self.ramp = take.record("ramp", _RAMP) if version > 2 else None
        self.parts = PARTS_1 + ("adc",) if version == 1 else take.words("parts", PARTS)    # names of what is fitted
        self._take_pins(take, version)
        take.done()
        if version == 1 and not self.pressure_limit:
            self.parts = PARTS_1
        self._check_pressure(take)
        self.ratio = StepRatio(self.pl_per_rev, self.steps_per_rev)
        rates = (("max_rate_nl_per_h", self.limits.max_rate_nl_per_h), ("prime_nl_per_h", self.prime_nl_per_h))
        for key, rate in rates:
            if self.steps_per_s_above(rate):
                take.refuse(key, "no more than the motor can do at max_step_rate")
        self._check_counts(take)
        if self.tmc2209:
            self._check_driver(take, *self.tmc2209)

    def _read_motor(self, take):
        self.driver = take.flag("driver", sorted(DRIVERS))
        take.done()

    def _check_counts(self, take):
        """What has to fit: the driver's rate, and steps between two records into the count that survives a reset."""
        most = step_rate_max(self.driver)
        if self.max_step_rate > most:
            take.refuse("max_step_rate", "at most %d, which is what a %s takes" % (most, self.driver))
        span_ms = (self.quantum_min + 1) * 60000                # between checkpoints, and what is authorised ahead
        if self.ratio.steps_of_grains(self.limits.max_rate_nl_per_h * span_ms) >= COUNTER_PERIOD:
            take.refuse("quantum_min", "shorter: at max_rate it must be fewer than 2**30 steps")
        for key, volume_nl in (("max_bolus_nl", self.limits.max_bolus_nl), ("max_prime_nl", self.max_prime_nl)):
            if self.ratio.steps_of_nl(min(volume_nl, ORDER_MAX_NL)) >= COUNTER_PERIOD:
                take.refuse(key, "fewer than 2**30 steps")

    def _check_driver(self, take, run_ma, hold_ma, sense_mohm, microsteps, stall_threshold, stall_from):
        """What a TMC2209 can be told."""
        if self.driver != "TMC2209":
            take.refuse("driver", "empty where the motor's driver is no TMC2209")
        if microsteps & (microsteps - 1) or self.steps_per_rev % microsteps:
            take.refuse("driver", "of microsteps that are 1, 2, 4 ... 256 and go into steps_per_rev")
        if hold_ma > run_ma or run_ma * (sense_mohm + 20) > SENSE_MOST_UV:
            take.refuse("driver", "of currents that the sense resistors allow, %d mA at most" % (
                SENSE_MOST_UV // (sense_mohm + 20)))

    def _check_pressure(self, take):
        """A sensor is there for what is watched, and a reading can be beyond the limit."""
        adc, hx711 = "adc" in self.parts, "hx711" in self.parts
        self.has_pressure = adc or hx711
        if adc and hx711:
            take.refuse("parts", "without adc or without hx711")
        for key, counts in (("pressure_limit", self.pressure_limit), ("pressure_least", self.pressure_least)):
            if counts and not self.has_pressure:
                take.refuse(key, "0 where no pressure sensor is fitted")
        if self.pressure_limit and self.pressure_least > self.pressure_limit:
            take.refuse("pressure_least", "at most pressure_limit")

    def _take_pins(self, take, version):
        """The GPIO of each use, all free and different."""
        pins = take.section("pins")
        self.pins = {}
        for pin in sorted(PIN_DEFAULTS, key=PIN_DEFAULTS.get):      # MicroPython's dicts keep no order
            self.pins[pin] = pins.integer(pin, 0, 28)
        pins.done()
        taken = []
        if self.tmc2209:
            taken.extend(UART_PINS)
        if self.driver == ULN2003:
            taken.extend(COIL_PINS)
        for part in self.parts:
            if PARTS[part][0] in taken:
                take.refuse("parts", "without %s, or without what takes its pins" % part)
            taken.extend(PARTS[part])
        taken.extend(RESERVED_PINS)
        if version == 1:
            taken.remove(STOP_PIN)
        for pin in PIN_DEFAULTS:
            if self.pins[pin] in taken or (self.pins[pin] == LED_PIN and pin != "led"):
                take.refuse("pins", "free: GPIO %d has a fixed use" % self.pins[pin])
        if len(set(self.pins.values())) < len(self.pins):
            take.refuse("pins", "different from each other")

    def steps_per_s_above(self, rate_nl_per_h):
        """True where this rate needs more steps per second than max_step_rate."""
        return rate_nl_per_h * 1000 * self.ratio.num > self.max_step_rate * self.ratio.den

