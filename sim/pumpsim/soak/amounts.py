"""Quantities as files write them, drawn with dice: short where they can be. Knows no pump."""


def volume(nl):
    return f"{nl // 1000} uL" if nl % 1000 == 0 else f"{nl} nL"


def rate(nl_per_h):
    return volume(nl_per_h) + "/h"


def span(s):
    for unit, length in (("h", 3600), ("min", 60)):
        if s % length == 0 and s:
            return f"{s // length} {unit}"
    return f"{s} s"


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


def odd(dice, low, high):
    """A whole number from low to high: of any size rather than large, and as often round as not."""
    value = round(low * (high / low) ** dice.random())
    if dice.random() < 0.5:
        unit = 10 ** max(0, len(str(value)) - 1)
        value = max(unit, value // unit * unit)
    return min(high, max(low, value))


def chance(dice, probability):
    return dice.random() < probability
