"""Prints what the firmware leans on where interpreters may differ. Runs on CPython and MicroPython.

Each line is a name and a value; both interpreters must print the same text. Only what pump/ uses is asked.
"""

import binascii
import hashlib
import struct

from pump import jsontext, protocol, record, settings
from pump.alarms import TABLE, Alarms
from pump.appointments import Appointments
from pump.basal import Basal, Temporary, isqrt
from pump.bolus import HOST, Bolus
from pump.demand import Demand
from pump.errors import PumpError
from pump.guard import Guard
from pump.limits import Limits
from pump.planner import Piece, Planner
from pump.schedule import LocalSchedule, Schedule
from pump.volume import StepRatio, gcd
from pump.zone import Zone, minute_of_week

LAYOUTS = (record.DOSE, record.CLOCK, record.IMAGE, record.BOLUS, record.TRANSFER, record.TEMPORARY, record.REFILL,
           record.ALARM, record.ACCOUNTS, record.LEVELS, record.REQUEST)


def numbers():
    """An endless, repeatable series of integers up to 2**96, both signs."""
    state = 1
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        yield (state << (state % 33)) * (-1 if state & 1024 else 1) >> (state >> 8) % 64


def big_integers(say):
    source = numbers()
    for _ in range(200):
        a, b = next(source), next(source) or 1
        say("divmod", (a // b, a % b, -(-a // b), a * b, a & 0xFFFFFFFF, a >> 7))
        say("compare", (a < b, a == b, min(a, b), max(a, b), gcd(abs(a), abs(b)), "%d" % a))
    for edge in (1 << 30, (1 << 30) - 1, -(1 << 30), -(1 << 30) - 1, 1 << 31, 1 << 62, 1 << 63, 1 << 64):
        say("edge", (edge, edge - 1, edge // 1000, -edge // 1000, edge % 1000, -edge % 1000, edge == edge + 0))


def bytes_and_structs(say):
    say("format", (b"%s *%08x" % (b"{}", 0xABC), b"%08x" % 0xFFFFFFFF, "%02d:%02d %s" % (5, 7, "x")))
    for value in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
        say("u32", binascii.hexlify(struct.pack("<I", value)))
    for value in (0, 1 << 31, (1 << 63) - 1, (1 << 64) - 1):
        raw = struct.pack("<QQIII", value, value // 3, 5, 6, 7)
        say("u64", (binascii.hexlify(raw), struct.unpack_from("<QQIII", b"xx" + raw, 2)))
    for value in (-1080, -1, 0, 1080):
        say("i16", binascii.hexlify(struct.pack("<hH", value, 65535)))
    say("sizes", [struct.calcsize(layout) for layout in LAYOUTS + ("<2sBBII",)])
    say("short text in s", binascii.hexlify(struct.pack("<16sI", b"abc", 1)))
    data = bytearray(b"pump")
    say("hash", (binascii.hexlify(hashlib.sha256(data).digest()), binascii.crc32(data), binascii.crc32(bytes(data))))
    say("strip", (b" \t\r\x0b\x0cab\x00 ".strip(), b"\x1cab\x85".strip()))
    say("find", (b"abc".find(b"c", 1), b"abc".find(b"\\"), bytes(data[1:3])))


def base64_and_json(say):
    for size in range(8):
        say("base64", (protocol.dump(bytes(range(size)))))
    for text in ("", "a b", 'q"\\', "\x00\x1f\x7f", "\u00e9\u20ac\U0001f600", "\ufffe"):
        said = protocol.dump(text)
        say("text", (said, jsontext.loads(said.encode()) == text, len(text)))
    for text in (b'{"b":[1,-2,{"c":null}],"a":true}', b"[1,]", b'"\\ud83d\\ude00"', b'"\\ud83d"', b"-0", b"9" * 19):
        try:
            value = jsontext.loads(text)
            say("json", (text, sorted(value) if isinstance(value, dict) else value))
        except ValueError as error:
            say("json", (text, "refused", str(error)))


def exceptions(say):
    error = PumpError("limit", "too much")
    say("error", (error.code, error.message, error.args, str(error), isinstance(error, Exception)))
    for action in (lambda: {}["x"], lambda: [][0], lambda: int("x"), lambda: b"\xff".decode(), lambda: None.x,
                   lambda: 1 // 0, lambda: binascii.a2b_base64("a")):
        try:
            action()
        except (KeyError, IndexError, ValueError, AttributeError, ZeroDivisionError) as failure:
            say("raises", [kind.__name__ for kind in (KeyError, IndexError, ValueError, AttributeError,
                                                      ZeroDivisionError) if isinstance(failure, kind)])
    for value in (True, 1, 1 << 40, -(1 << 90), None, "1"):
        say("type", (value, type(value) is int, protocol.dump(value)))
    say("sorted", (sorted(["j.00010", "j.00009", "J", ""]), sorted([3, -1 << 40, 2])))


def stored_bytes(say):
    head = (4294967295, 1774566000, 4294967295, 999, 999, -1080, 65535, 4, 1, 16, 7)
    raw = record.seal(head, struct.pack(record.DOSE, 1 << 40, 1 << 63, 5, 1000000000, 7), b"12345678")
    say("record", (binascii.hexlify(raw), record.is_whole(raw), record.header(raw), record.follows(raw, b"12345678")))
    slot = settings.pack(4294967295, b'{"v":1}')
    say("slot", (binascii.hexlify(slot), settings.unpack(slot), settings.unpack(slot[:-1])))


class Steady:
    """A source of pieces: an hour each, at rates that change."""

    def __init__(self, ratio):
        self._num = ratio.num

    def piece_from(self, start_ms):
        end_ms = start_ms // 3600000 * 3600000 + 3600000
        rate = (start_ms // 3600000 * 7919) % 60000
        return Piece(end_ms, rate * (end_ms - start_ms) * self._num)

    def parts_until(self, piece, ms):
        return piece.parts * (ms - piece.start_ms) // (piece.end_ms - piece.start_ms)


class Utc:
    """A clock on which monotonic time is UTC."""

    def utc_ms(self, ms):
        return ms

    def mono_of_utc(self, ms):
        return ms


ZONE = (60, [29579100, 120, 29881500, 60])
RATIO = (330259928, 3200)
RAMPS = [0, 20000, 55000, 390, 55000, 5000, 1320, 20000, 20000]


def plans(say):
    zone = Zone(*ZONE)
    local = LocalSchedule(Schedule([0] * 5 + [1] * 2, [RAMPS, [0, 5, 5]]), zone)
    for utc_min in (-1, 0, 29579099, 29579100, 29881499, 29881500, 29881560):
        segment = local.segment_at(utc_min * 60000)
        say("local", (zone.lookup(utc_min), minute_of_week(utc_min), segment.begin_ms, segment.end_ms,
                      segment.rate_nl_per_h, segment.end_rate_nl_per_h, local.local_day(utc_min * 60000)))
    ratio = StepRatio(*RATIO)
    planner = Planner(ratio, 125000, 31250, 4294967295, 0)
    planner.begin(1234567, Steady(ratio), 0)
    for at in range(60):
        say("command", planner.next_command(1234567, 1 << 30))
        say("due", (planner.due_steps(1234567 + at * 100003), planner.programmed_pl(1234567 + at * 100003)))
    planner.cut(9999999, 77)
    planner.begin(9999999, Steady(ratio), 77)
    say("after a cut", planner.next_command(9999999, 1 << 30))


def doses(say):
    """Ramps with a bolus on top, clipped; appointments over a clock change; what the guard says of it all."""
    for value in (0, 1, 2, 3, 99, 100, 1 << 40, (1 << 62) - 1, 10 ** 30 + 7):
        say("isqrt", isqrt(value))
    ratio = StepRatio(*RATIO)
    zone = Zone(*ZONE)
    local = LocalSchedule(Schedule([0] * 7, [RAMPS]), zone)
    start_ms = 29579000 * 60000
    for temporary in (None, Temporary(start_ms + 1800000, 150, 0), Temporary(start_ms + 1800000, None, 70000)):
        def source(temporary=temporary):
            basal = Basal(local, Utc(), ratio, 6000, 50000, temporary)
            return Demand(basal, ratio, 60000, Bolus(HOST, 20000, 600000, ratio))
        planner = Planner(ratio, 125000, 31250, 4294967295, 0)
        planner.begin(start_ms, source(), 0)
        for at in range(40):
            ms = start_ms + at * 100003
            say("ramp", (planner.due_steps(ms), planner.bolus_parts(ms), planner.rate_at(ms),
                         planner.next_command(ms, 1 << 30)))
        guard = Guard()
        guard.use(Limits(60000, 0, 60000, 1000000), ratio)
        for hour in range(30):
            guard.sample(start_ms - (30 - hour) * 3600000, hour * 500)
        say("guard", (guard.denies(start_ms, source, start_ms + 600000, 0), guard.exceeded(start_ms, 15100),
                      guard.used_nl(start_ms, 3600000, 15000)))
    book = Appointments([(150, 127), (1439, 65), (0, 2)], zone, [])
    book.look_from(29578000)
    for _ in range(12):
        due = book.next()
        say("appointment", (due.entry, due.day, due.utc_min, due.is_gap))
        book.done(due)


def masks(say):
    found = Alarms()
    for number in list(range(1, len(TABLE))) + [3, 12, 12, 15]:
        news = found.set(number, number % 5 != 4)
        say("alarms", (number, news, found.present, found.shown, found.highest(), found.stops(), found.names()))
    say("acknowledged", (found.acknowledge(), found.shown, found.priority(), found.bars_boluses()))


def step():
    """Prints everything; there is nothing left to do then."""
    for part in (big_integers, bytes_and_structs, base64_and_json, exceptions, stored_bytes, plans, doses, masks):
        part(lambda name, value, part=part: print(part.__name__, name, repr(value)))
    return False
