"""Short names for private ones: a Pico keeps each name that it loads in its heap. Knows no firmware."""

from __future__ import annotations

import keyword
from string import ascii_letters


def is_private(name: str) -> bool:
    """True for _name; not for _ and __name__."""
    return name.startswith("_") and not name.startswith("__") and len(name) > 1


def short_name(number: int) -> str:
    """_a ... _z, _A ... _Z, _aa ..."""
    more, letter = divmod(number, len(ascii_letters))
    name = ascii_letters[letter]
    while more:
        more, letter = divmod(more - 1, len(ascii_letters))
        name = ascii_letters[letter] + name
    assert not keyword.iskeyword("_" + name)
    return "_" + name
