"""What is typed behind the options of `pumpsim flow`, as numbers."""

from pumpfiles.quantities import QuantityError, parse


def number(text, kind, option):
    """A quantity in uL or uL/h; ValueError, with the option, for what is none or 0."""
    try:
        value = float(parse(text, kind)[0]) / 1000
    except QuantityError as error:
        raise ValueError(f"{option} {text!r}: expected {error}") from None
    if not value:
        raise ValueError(f"{option} {text!r}: expected more than 0")
    return value
