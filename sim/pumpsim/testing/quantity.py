"""Volumes and rates that compare with texts: `pump.delivered == "120 uL"`, and durations. Exact; knows no pump."""

from fractions import Fraction
from functools import total_ordering

from pumpfiles.quantities import DURATION, RATE, VOLUME, QuantityError, parse


@total_ordering
class Quantity:
    """Of one kind, in its canonical unit `nl` (nL, or nL/h of a rate): whole, or a fraction where a text has more
    digits. Compares with, adds to and subtracts from its kind and from texts with a unit, such as "1.5 mL"; ValueError
    for a text that is no such quantity, TypeError for a bare number, which could be of any unit.
    """

    kind = VOLUME
    unit = "uL"

    def __init__(self, nl):
        self.nl = nl

    @classmethod
    def of(cls, value):
        """From a text or another one of this kind."""
        return value if isinstance(value, cls) else cls(_parsed(value, cls.kind))

    @property
    def ul(self):
        """In uL (or uL/h), a float for plots and arithmetic of your own."""
        return float(Fraction(self.nl) / 1000)

    @property
    def whole_nl(self):
        """`nl` as the pump takes it; ValueError for a fraction."""
        if self.nl != int(self.nl):
            raise ValueError(f"found {self!r}, expected a whole number of nL: the pump takes no fraction")
        return int(self.nl)

    def __eq__(self, other):
        if isinstance(other, Near):
            return other == self
        return self.nl == self.of(other).nl

    def __lt__(self, other):
        return self.nl < self.of(other).nl

    def __hash__(self):
        return hash(Fraction(self.nl))

    def __add__(self, other):
        return type(self)(self.nl + self.of(other).nl)

    __radd__ = __add__

    def __sub__(self, other):
        return type(self)(self.nl - self.of(other).nl)

    def __rsub__(self, other):
        return type(self)(self.of(other).nl - self.nl)

    def __mul__(self, factor):
        return type(self)(self.nl * Fraction(factor))

    __rmul__ = __mul__

    def __abs__(self):
        return type(self)(abs(self.nl))

    def __bool__(self):
        return bool(self.nl)

    def __repr__(self):
        sign = "-" if self.nl < 0 else ""
        whole, rest = divmod(abs(Fraction(self.nl)), 1000)
        digits = f"{float(rest) / 1000:.6f}"[2:].rstrip("0")
        return f"{sign}{whole}{digits and '.' + digits} {self.unit}"


class Volume(Quantity):
    """A volume; `.nl` in nL, `.ul` in uL."""


class Rate(Quantity):
    """A rate; `.nl` in nL/h, `.ul` in uL/h."""

    kind = RATE
    unit = "uL/h"


class Near:
    """Equal to every quantity that is no further than `within` from `expected`, both bounds included."""

    def __init__(self, expected, within):
        self.expected = expected
        self.within = within

    def __eq__(self, other):
        return abs(other - self.expected) <= self.within

    __hash__ = None

    def __repr__(self):
        return f"{self.expected} +/- {self.within}"


def near(expected, within):
    """`assert pump.delivered == near("120 uL", "0.2 uL")`; rates likewise."""
    kind = Rate if "/" in str(expected) else Volume
    return Near(kind.of(expected), kind.of(within))


def duration_ms(text):
    """Of a text such as "10 min" or "0.5 s"; ValueError for none, for 0 and for a fraction of a ms."""
    ms = 1000 * _parsed(text, DURATION)
    if not ms or ms != int(ms):
        raise ValueError(f"found {text!r}, expected a duration of at least a ms, in whole ones")
    return int(ms)


def duration_s(text):
    """The same in whole seconds, in which the pump counts; ValueError for a fraction of one."""
    s = _parsed(text, DURATION)
    if s != int(s):
        raise ValueError(f"found {text!r}, expected a duration in whole seconds: the pump takes no fraction")
    return int(s)


def _parsed(text, kind):
    if not isinstance(text, str):
        raise TypeError(f"{text!r} has no unit; write {kind}")
    try:
        return parse(text, kind)[0]
    except QuantityError as error:
        raise ValueError(f"found {text!r}, expected {error}") from None
