"""Reading JSON, strictly and alike everywhere. Owns the grammar; knows no message and no document.

The json modules of CPython and MicroPython accept different texts (MicroPython: missing or doubled commas, any
closing bracket, leading zeros, raw control characters; CPython: NaN), and a request must mean the same to the
device, the simulator and the host. This is the part of JSON that the pump needs: objects, lists, texts, whole
numbers, true, false and null. Printable ASCII, anything else in a text as an escape; no fraction, no key twice.
"""

DEPTH_MAX = 6                 # objects and lists inside each other: a program has 3, and recursion stays bounded
DIGITS_MAX = 18               # every such number fits 63 bits

_TOO_LARGE = 1000000000000000000      # the least with a digit more
_WORDS = ((b"true", True), (b"false", False), (b"null", None))
_HEX = b"0123456789abcdef"
_ESCAPES = b'"\\/bfnrt'
_ESCAPED = '"\\/\b\f\n\r\t'


def loads(raw):
    """The value of `raw` (bytes); ValueError where that is anything but one value."""
    try:
        value, at = _value(raw, _skip(raw, 0), DEPTH_MAX)
    except IndexError:
        raise ValueError("ends too early")
    if _skip(raw, at) != len(raw):
        raise ValueError("something follows the value")
    return value


def _skip(raw, at):
    """The place of the next byte that is not space."""
    while at < len(raw) and raw[at] in (32, 9, 10, 13):
        at += 1
    return at


def _value(raw, at, depth):
    """(value, place after it); so do all that follow."""
    char = raw[at]
    if char == 34:                                  # "
        return _text(raw, at + 1)
    if char == 45 or 48 <= char <= 57:              # - 0 ... 9
        return _integer(raw, at)
    if depth and char == 123:                       # {
        return _object(raw, _skip(raw, at + 1), depth - 1)
    if depth and char == 91:                        # [
        return _list(raw, _skip(raw, at + 1), depth - 1)
    for word, value in _WORDS:
        if raw[at:at + len(word)] == word:
            return value, at + len(word)
    raise ValueError("no value")


def _object(raw, at, depth):
    found = {}
    if raw[at] == 125:                              # }
        return found, at + 1
    while True:
        if raw[at] != 34:
            raise ValueError("no key")
        key, at = _text(raw, at + 1)
        at = _skip(raw, at)
        if raw[at] != 58 or key in found:           # :
            raise ValueError("no colon, or a key twice")
        found[key], at = _value(raw, _skip(raw, at + 1), depth)
        at, ended = _next(raw, at, 125)
        if ended:
            return found, at


def _list(raw, at, depth):
    found = []
    if raw[at] == 93:                               # ]
        return found, at + 1
    end = raw.find(b"]", at)
    plain = _plain_integers(raw[at:end]) if end > 0 else None
    if plain:
        return plain, end + 1
    while True:
        value, at = _value(raw, at, depth)
        found.append(value)
        at, ended = _next(raw, at, 93)
        if ended:
            return found, at


def _plain_integers(raw):
    """The list of `raw` where that is nothing but whole numbers just as an encoder writes them, or None.

    The long lists of a program are read so, in a fifth of the time; whatever is unusual is left to the careful way.
    """
    try:
        found = [int(part) for part in raw.split(b",")]
    except ValueError:
        return None
    text = str(found)[1:-1]
    if text.encode() != raw and text.replace(", ", ",").encode() != raw:
        return None
    return found if min(found) > -_TOO_LARGE and max(found) < _TOO_LARGE else None


def _next(raw, at, close):
    """After an entry: (place to go on, True where `close` ended it)."""
    at = _skip(raw, at)
    if raw[at] == close:
        return at + 1, True
    if raw[at] != 44:                               # ,
        raise ValueError("no comma")
    return _skip(raw, at + 1), False


def _integer(raw, at):
    first = at + 1 if raw[at] == 45 else at
    end = first
    while end < len(raw) and 48 <= raw[end] <= 57:
        end += 1
    if not 1 <= end - first <= DIGITS_MAX or (raw[first] == 48 and end - first > 1):
        raise ValueError("no whole number")
    return int(raw[at:end].decode()), end


def _text(raw, at):
    end = raw.find(b'"', at)
    if end < 0:
        raise ValueError("no closing quote")
    part = raw[at:end]
    if part and not 32 <= min(part) <= max(part) <= 126:
        raise ValueError("not printable ASCII")
    if part.find(b"\\") < 0:
        return part.decode(), end + 1
    return _text_with_escapes(raw, at)


def _text_with_escapes(raw, at):
    chars = []
    while raw[at] != 34:
        if raw[at] != 92:                           # \
            if not 32 <= raw[at] <= 126:
                raise ValueError("not printable ASCII")
            chars.append(chr(raw[at]))
            at += 1
        elif raw[at + 1] == 117:                    # u
            char, at = _code_point(raw, at + 2)
            chars.append(char)
        else:
            which = _ESCAPES.find(raw[at + 1:at + 2])
            if which < 0:
                raise ValueError("no such escape")
            chars.append(_ESCAPED[which])
            at += 2
    return "".join(chars), at + 1


def _code_point(raw, at):
    """The character of one \\u escape or of a pair of them; half a pair is refused."""
    point = _unit(raw, at)
    at += 4
    if 0xD800 <= point < 0xDC00 and raw[at:at + 2] == b"\\u":
        low = _unit(raw, at + 2)
        if 0xDC00 <= low < 0xE000:
            return chr(0x10000 + ((point - 0xD800) << 10) + low - 0xDC00), at + 6
    if 0xD800 <= point < 0xE000:
        raise ValueError("half a character")
    return chr(point), at


def _unit(raw, at):
    digits = raw[at:at + 4].lower()
    if len(digits) < 4:
        raise ValueError("ends too early")
    value = 0
    for place in range(4):
        digit = _HEX.find(digits[place:place + 1])
        if digit < 0:
            raise ValueError("no hex digit")
        value = 16 * value + digit
    return value
