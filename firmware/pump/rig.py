"""The rig: what machine it is. Owns the rig document's fields and ranges, and the hard limits (L-01)."""

from pump.document import Reader, parse
from pump.volume import StepRatio

VERSION = 1
SIZE_MAX = 2048               # bytes of the document
CODE = "bad_rig"
PIN_DEFAULTS = {"step": 2, "dir": 3, "enable": 4, "button": 14, "led": 25}


class Rig:
    """Raises PumpError("bad_rig") where the document is not one. All volumes in nL, rates in nL/h."""

    def __init__(self, body):
        take = Reader(parse(body, CODE), CODE, "rig")
        take.integer("v", VERSION, VERSION)
        self.name = take.text("name")
        self.pl_per_rev = take.integer("pl_per_rev", 1, 1000000000000)         # up to 1 L a revolution
        self.steps_per_rev = take.integer("steps_per_rev", 1, 1000000)         # microsteps included
        self.max_step_rate = take.integer("max_step_rate", 1, 50000)           # steps/s
        self.reservoir_nl = take.integer("reservoir_nl", 1, 100000000000)      # up to 100 L
        self.max_rate_nl_per_h = take.integer("max_rate_nl_per_h", 1, 1000000000)
        self.max_1h_nl = take.integer("max_1h_nl", 1, 100000000000)
        self.max_24h_nl = take.integer("max_24h_nl", 1, 100000000000)
        self.quantum_min = take.integer("quantum_min", 1, 60)                  # minutes between checkpoints
        pins = take.section("pins")
        self.pins = {}
        for pin in sorted(PIN_DEFAULTS, key=PIN_DEFAULTS.get):      # MicroPython's dicts keep no order
            self.pins[pin] = pins.integer(pin, 0, 28)
        pins.done()
        take.done()
        if len(set(self.pins.values())) < len(self.pins):
            take.refuse("pins", "different from each other")
        self.ratio = StepRatio(self.pl_per_rev, self.steps_per_rev)
        if self.steps_per_s_above(self.max_rate_nl_per_h):
            take.refuse("max_rate_nl_per_h", "no more than the motor can do at max_step_rate")

    def steps_per_s_above(self, rate_nl_per_h):
        """True where this rate needs more steps per second than max_step_rate."""
        return rate_nl_per_h * 1000 * self.ratio.num > self.max_step_rate * self.ratio.den
