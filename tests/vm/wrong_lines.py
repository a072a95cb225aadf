"""Request lines and documents with mistakes in them, the same for the same seed. Knows the protocol, no pump."""

import binascii
import json
import random

from pump import protocol

DIGEST = "0123456789abcdef" * 4
REQUESTS = (
    {"do": "hello"}, {"do": "status"}, {"do": "challenge"},
    {"do": "login", "role": "operate", "nonce": DIGEST[:32]}, {"do": "document", "kind": "program", "at": 0},
    {"do": "log", "from": 3, "max": 2}, {"do": "pulled", "next": 4, "chain": DIGEST[:16]},
    {"do": "clock", "utc_ms": 1774566000000},
    {"do": "stage", "kind": "rig", "at": 0, "data": "eyJ2IjoxfQ=="},
    {"do": "stage", "kind": "program", "at": 3, "data": "AAEC/w=="},
    {"do": "commit", "kind": "program", "digest": DIGEST, "confirm": 0},
    {"do": "start"}, {"do": "stop"}, {"do": "suspend"}, {"do": "resume"}, {"do": "ack"},
    {"do": "bolus", "volume_nl": 50000, "over_s": 600, "confirm": 0},
    {"do": "bolus", "volume_nl": 0, "over_s": 0, "confirm": 1}, {"do": "cancel"},
    {"do": "temp", "percent": 150, "rate_nl_per_h": 0, "for_s": 3600},
    {"do": "temp", "percent": -1, "rate_nl_per_h": 55000, "for_s": 60},
    {"do": "bridge", "volume_nl": 500000, "over_s": 18000}, {"do": "prime", "volume_nl": 100000},
    {"do": "withdraw", "volume_nl": 10000}, {"do": "refill", "added_nl": 1000000, "withdrawn_nl": -1},
)
# What the json modules of the two interpreters do not agree on, each once as a value and once as a whole message
JSON_TEXTS = (
    "", " ", "{}", "[]", "null", "NaN", "-Infinity", "01", "-01", "-", "--1", "1-2", "+1", ".5", "5.", "1.0", "1e3",
    "9" * 18, "9" * 19, "-" + "9" * 18, "9" * 400, "0x10", "1_000", "[1 2]", "[1,,2]", "[1,2,]", "[,]", "[:]",
    "[1}", "[[[[[[]]]]]]", "[[[[[[[]]]]]]]", "[" * 900, '{"a" 1}', '{"a":1 "b":2}', '{"a":1,"a":2}', '{"a":1,}',
    '{"a":}', "{:}", "{a:1}", "{'a':1}", "{1:2}", '{"a":1]', '{"a":1:2}', '{"a":1;"b":2}', '"\\ud800"', '"\\udc00"',
    '"\\ud83d\\ude00"', '"\\ud83dx"', '"\\u12"', '"\\u12g4"', '"\\u+123"', '"\\x"', '"\\', '"a\tb"', '"a\x00b"',
    '"\x7f"', '"é"', "true", "truE", "truefalse", "tru", "{}}", "{} x", "{}\x0b", "\ufeff{}", "// x", '"abc',
    '"aGVsbG8"', '"aGVs bG8="', '"aGVsbG8=="', '"===="', '"a"', '"aGVsbG8=aGVsbG8="', '"aGVsbG9="', '"\\u00e9"',
)
MARKS = b'{}[]":,\\u0-.e \t\r\n*\x00\x7f\xc3\xff'


def framed(body):
    return b"%s *%08x\n" % (body, binascii.crc32(body))


def request_lines(seed, count):
    """`count` lines: most have a right CRC over a wrong text, so that the mistake is met past the framing."""
    draw = random.Random(seed)
    lines = []
    for text in JSON_TEXTS:
        value = text.encode()
        lines.append(framed(value))
        for key in ("id", "do", "at", "data", "extra"):
            lines.append(framed(b'{"id":%d,"do":"stage","kind":"rig","at":0,"data":"AAEC"}' % len(lines)))
            lines.append(framed(b'{"id":%d,"do":"stage","kind":"rig","%s":%s}' % (len(lines), key.encode(), value)))
    while len(lines) < count:
        body = json.dumps({"id": draw.randrange(1 << 30), **draw.choice(REQUESTS)}, separators=(",", ":")).encode()
        for _ in range(draw.randrange(4)):
            body = mutated(draw, body)
        line = framed(body)
        if draw.random() < 0.2:
            line = mutated(draw, line)
        lines.append(line if line.endswith(b"\n") else line + b"\n")
    return lines[:count]


def session_lines(seed, count, next_id, seal):
    """`count` lines of a session: requests with up to two mistakes, with ids of their own or old ones; most are sealed
    by `seal` after the mistake, others before it or with another seal. Keys are left as they are."""
    draw = random.Random(seed)
    lines = []
    for number in range(count):
        fields = dict(draw.choice(REQUESTS))
        body = json.dumps({"id": next_id() if draw.random() < 0.8 else number, **fields},
                          separators=(",", ":")).encode()
        early = seal(body)
        for _ in range(draw.choice((0, 0, 1, 2))):
            body = mutated(draw, body).replace(b"\n", b"")
        mark = seal(body) if draw.random() < 0.7 else draw.choice((early, b"0" * 32, early.upper(), early[:-1]))
        lines.append(framed(body + b" ~" + mark))
    return lines


def documents(seed, count, correct):
    """`count` documents with one to three mistakes in the JSON of `correct` (bytes)."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        body = correct
        for _ in range(1 + draw.randrange(3)):
            body = mutated(draw, body)
        found.append(body)
    return found


def mutated(draw, body):
    """`body` with one change: a byte, a mark put in, a stretch left out, doubled, or a number changed."""
    at = draw.randrange(len(body) + 1)
    end = min(len(body), at + 1 + draw.randrange(8))
    kind = draw.randrange(5)
    if kind == 0:
        return body[:at] + bytes([draw.randrange(256)]) + body[at + 1:]
    if kind == 1:
        mark = draw.randrange(len(MARKS))
        return body[:at] + MARKS[mark:mark + 1] + body[at:]
    if kind == 2:
        return body[:at] + body[end:]
    if kind == 3:
        return body[:end] + body[at:]
    return body[:at] + str(draw.choice((0, -1, 1 << 30, 1 << 31, 1 << 63, 10 ** 17))).encode() + body[end:]


def pieces(body):
    """The stage requests' (at, data) of a document."""
    return [(at, body[at:at + protocol.CHUNK_MAX]) for at in range(0, len(body), protocol.CHUNK_MAX)]
