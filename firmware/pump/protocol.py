"""The link protocol: framing and the one table of messages, for device, simulator and host alike.

A line is JSON, a space, `*`, and the CRC-32 of the bytes before as eight hex digits. In a session a space, `~` and a
seal of the JSON (seal.py) stand before those. A request without CRC is taken for messages that only read, so that a
person can type them. PROTOCOL.md says it all; its tables are tested against
this module. The dump is our own because MicroPython orders and escapes otherwise than CPython, and replies must be
the same to the byte.
"""

import binascii

from pump import jsontext
from pump.errors import PumpError

FIRMWARE_VERSION = "0.1.0"    # of pumpctl too: a pump gets the firmware that came with it
PROTOCOL_VERSION = 1
LINE_MAX = 1024               # bytes of a request line without its newline
CRC_SIZE = 10                 # bytes of " *" and the CRC at the end of a line
CHUNK_MAX = 512               # bytes of a document in one message
RECORDS_MAX = 16              # journal records in one reply
ID_MAX = (1 << 30) - 1
UTC_MS_MAX = 4102444800000    # 2100-01-01: six years of running before the records' u32 seconds end

READ = "read"                 # open, may be typed without a CRC, may be repeated
OPEN = "open"                 # needs no session
OPERATE = "operate"
CHANGE = "program"

# name: (access, request fields). A field is (name, kind, low, high): kind "int" with its range, "text" and "hex"
# with their range of lengths in characters, "data" (base64) with its range of bytes.
MESSAGES = {
    "hello": (READ, ()),
    "status": (READ, ()),
    "inputs": (READ, ()),
    "document": (READ, (("kind", "text", 3, 7), ("at", "int", 0, 65535))),
    "log": (READ, (("from", "int", 0, 4294967295), ("max", "int", 1, RECORDS_MAX))),
    "pulled": (READ, (("next", "int", 1, 4294967295), ("chain", "hex", 16, 16))),
    "challenge": (READ, ()),
    "login": (OPEN, (("role", "text", 7, 7), ("nonce", "hex", 32, 32))),
    "keys": (CHANGE, (("keys", "data", 0, 64),)),
    "clock": (CHANGE, (("utc_ms", "int", 0, UTC_MS_MAX),)),
    "maintenance": (CHANGE, ()),
    "stage": (CHANGE, (("kind", "text", 3, 7), ("at", "int", 0, 65535), ("data", "data", 1, CHUNK_MAX))),
    "commit": (CHANGE, (("kind", "text", 3, 7), ("digest", "hex", 64, 64), ("confirm", "int", 0, 1))),
    "start": (OPERATE, ()),
    "stop": (OPEN, ()),
    "suspend": (OPERATE, ()),
    "resume": (OPERATE, ()),
    "ack": (OPERATE, ()),
    "show": (OPERATE, (("pattern", "int", 0, 6), ("for_s", "int", 1, 10))),
    "bolus": (OPERATE, (("volume_nl", "int", 0, 4294967295), ("over_s", "int", 0, 86400), ("confirm", "int", 0, 1))),
    "cancel": (OPERATE, ()),
    "temp": (OPERATE, (("percent", "int", -1, 1000), ("rate_nl_per_h", "int", 0, 1000000000),
                       ("for_s", "int", 0, 604800))),
    "bridge": (OPERATE, (("volume_nl", "int", 1, 4294967295), ("over_s", "int", 1, 604800))),
    "prime": (OPERATE, (("volume_nl", "int", 1, 4294967295),)),
    "withdraw": (OPERATE, (("volume_nl", "int", 1, 4294967295),)),
    "refill": (OPERATE, (("added_nl", "int", 0, 100000000000), ("withdrawn_nl", "int", -1, 100000000000))),
}

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def dump(value):
    """JSON text of None, bool, int, str, bytes (as base64), a list, or an object as a tuple of (key, value) pairs."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"%s"' % _escape(value)
    if isinstance(value, bytes):
        return '"%s"' % binascii.b2a_base64(value)[:-1].decode()
    if isinstance(value, list):
        return "[%s]" % ",".join([dump(item) for item in value])
    return "{%s}" % ",".join(['"%s":%s' % (key, dump(item)) for key, item in value])


def _escape(text):
    """Printable ASCII as it is, anything else as an escape, whatever the host's letters."""
    for char in text:
        if char in _ESCAPES or not " " <= char <= "~":
            break
    else:
        return text
    return "".join([_escape_char(char) for char in text])


def _escape_char(char):
    if char in _ESCAPES:
        return _ESCAPES[char]
    point = ord(char)
    if 32 <= point < 127:
        return char
    if point < 65536:
        return "\\u%04x" % point
    point -= 65536
    return "\\u%04x\\u%04x" % (0xD800 + (point >> 10), 0xDC00 + (point & 1023))


def frame(value, seal=None):
    """A whole line with CRC and newline, as bytes, of what `dump` takes. `seal`: makes the seal of the JSON's bytes."""
    body = dump(value).encode()
    if seal:
        body = b"%s ~%s" % (body, seal(body))
    return b"%s *%08x\n" % (body, binascii.crc32(body))


def unframe(line):
    """(dict, True where a CRC was given) of a line without its newline; PumpError bad_crc or bad_line."""
    body = line.strip()
    checked = len(body) > 10 and body[-10:-8] == b" *"
    if checked:
        body, crc = body[:-10], body[-8:]
        if crc != b"%08x" % binascii.crc32(body):
            raise PumpError("bad_crc", "the line was damaged on its way: send it again")
    try:
        message = jsontext.loads(unsealed(body)[0])
    except ValueError:
        raise PumpError("bad_line", "expected one line of JSON, then a space, * and its CRC-32 in hex")
    if not isinstance(message, dict):
        raise PumpError("bad_line", "expected a JSON object")
    return message, checked


def unsealed(body):
    """(JSON, seal) of a line's bytes before its CRC; the seal is b"" where there is none."""
    if body[-34:-32] == b" ~":
        return body[:-34], body[-32:]
    return body, b""


def arguments(name, message):
    """The checked fields of a request, in the order of the table, as a list; PumpError bad_value, bad_request."""
    fields = MESSAGES[name][1]
    if len(message) != len(fields) + 2:
        raise PumpError("bad_request", "%s takes: %s" % (name, ", ".join([field[0] for field in fields]) or "nothing"))
    return [_argument(message, field) for field in fields]


def _argument(message, field):
    key, kind, low, high = field
    if key not in message:
        raise PumpError("bad_request", "missing field: " + key)
    value = message[key]
    if kind == "int":
        if type(value) is not int or not low <= value <= high:
            raise PumpError("bad_value", "%s must be an integer from %d to %d" % (key, low, high))
        return value
    if not isinstance(value, str):
        raise PumpError("bad_value", "%s must be a text" % key)
    if kind == "data":
        value = _base64(key, value)
    if not low <= len(value) <= high:
        raise PumpError("bad_value", "%s must have %d to %d %s"
                        % (key, low, high, "bytes" if kind == "data" else "characters"))
    return value


def _base64(key, text):
    """The bytes of `text`. Decoders differ in what they overlook, so only what an encoder writes is taken."""
    try:
        data = binascii.a2b_base64(text)
    except ValueError:
        data = b""
    if binascii.b2a_base64(data)[:-1] != text.encode():
        raise PumpError("bad_value", "%s must be base64" % key)
    return data
