"""Private names made short for the Pico, which keeps each name that it loads once in its heap. Knows no firmware.

A name with one underscore before it belongs to its module, so any will do, and the same few in all modules: that
leaves some 17 KB more of the Pico's 240.
"""

from __future__ import annotations

import io
import keyword
import tokenize
from string import ascii_letters


def is_private(name: str) -> bool:
    """True for _name; not for _ and __name__."""
    return name.startswith("_") and not name.startswith("__") and len(name) > 1


def shortened(source: str) -> str:
    """`source` with every private name replaced by _a, _b ... in the order in which they come."""
    short: dict[str, str] = {}
    lines = source.splitlines(keepends=True)
    found = [token for token in tokenize.generate_tokens(io.StringIO(source).readline)
             if token.type == tokenize.NAME and is_private(token.string)]
    for token in found:
        short.setdefault(token.string, _name(len(short)))
    for token in reversed(found):      # from the end, so that the columns before stay
        row, column = token.start
        line = lines[row - 1]
        lines[row - 1] = line[:column] + short[token.string] + line[column + len(token.string):]
    return "".join(lines)


def _name(number: int) -> str:
    """_a ... _z, _A ... _Z, _aa ..."""
    more, letter = divmod(number, len(ascii_letters))
    name = ascii_letters[letter]
    while more:
        more, letter = divmod(more - 1, len(ascii_letters))
        name = ascii_letters[letter] + name
    assert not keyword.iskeyword("_" + name)
    return "_" + name
