"""The journal record: 64 bytes, the same for device, simulator and host. Owns the layout and nothing else.

Little-endian. Byte by byte in PROTOCOL.md, which a test holds against this module.

  0 seq         u32   from 0 over the life of a pump, no gaps
  4 utc_s       u32   seconds since 1970-01-01 UTC; 0 where the clock was not set
  8 mono_s      u32   seconds since this boot
 12 utc_ms      u16   milliseconds of utc_s
 14 mono_ms     u16   milliseconds of mono_s
 16 offset_min  i16   UTC offset of local time, minutes east
 18 boot        u16   boot number, modulo 65536
 20 event       u8    EVENT_*
 21 actor       u8    ACTOR_*
 22 origin      u8    JOURNAL_VERSION * 16 + board number (BOARD_*)
 23 code        u8    reason, by event
 24 data        28 B  by event, see below
 52 chain       8 B   SHA-256(chain of the record before + bytes 0..51), first 8 bytes
 60 crc         u32   CRC-32 of bytes 0..59

Eight bytes of chain: whoever has no key could forge a chain of any length anyway, so the chain is against loss,
reordering and accident; at 64 bits a chance match among 10,000 records has a probability below 1e-15.
"""

import binascii
import hashlib
import struct

JOURNAL_VERSION = 1
SIZE = 64
CHAIN_SIZE = 8

_HEAD = "<IIIHHhHBBBB"
_CRC = "<I"
_CHAIN_AT = 52
_CRC_AT = 60
_DATA_AT = 24
DATA_SIZE = _CHAIN_AT - _DATA_AT

# Ledger at the instant of the record: confirmed dose steps, programmed_pl, authorised_ahead (steps; where the motor
# rests: what a power loss left uncertain and no ACCOUNTS record has yet), rate_nl_per_h
# from then on (of a ramp its mean over the next stretch), bolus steps (in all, modulo 2**32)
DOSE = "<QQIII"
# Clock set: old UTC in ms or 0, new UTC in ms
CLOCK = "<QQ"
# A stored image was replaced: first 16 bytes of its SHA-256, generation, 1 where beyond a soft limit and confirmed
IMAGE = "<16sII"
# A bolus: volume_nl, steps granted, steps delivered, over_s, nominal UTC minute, entry, denial, request id
BOLUS = "<IIIIIHHI"
# Prime or withdrawal: volume_nl, steps authorised, steps delivered, request id
TRANSFER = "<IIII"
# Temporary rate: percent or 65535, rate_nl_per_h, for_s
TEMPORARY = "<HII"
# Refill: added_nl, withdrawn_nl (2**64 - 1 where not measured), level_nl after
REFILL = "<QQQ"
# Alarms: shown, present, unacknowledged (bit n: number n of the table)
ALARM = "<III"
# Accounts in steps: bolus, primed, withdrawn; uncertain
ACCOUNTS = "<QQQI"
# level_nl, motor_s, starts, trial_s, trial_steps, uncertain prime steps
LEVELS = "<QIIIII"
# What a step moves from here on: pl_per_rev, steps_per_rev; and by how many nL doses and what is uncertain of them are
# more than all their steps at that, because earlier ones moved something else
RATIO = "<QIqq"
# The same of boluses, primed, withdrawn; always before RATIO
EARLIER = "<qqq"
# A denied request: its name, its id
REQUEST = "<16sI"
# The oldest segment was dropped: first sequence number, count, chain of the last one
DROPPED = "<II8s"
# A self-test that failed: what did (selftest.py), free bytes of the heap
SELF_TEST = "<II"
# A host has read the records before this sequence number
PULLED = "<I"

# A firmware: its version, its build, the host's request id
FIRMWARE = "<12s8sI"
# A session, a failed login or other keys: role (access.py), failures since the last login, the host's request id
ACCESS = "<HHI"

BOARD_NUMBERS = {"simulator": 0, "pico": 1}
BOARD_NAMES = ("simulator", "pico")

ACTOR_PUMP = 0
ACTOR_SCHEDULE = 1
ACTOR_HOST = 2
ACTOR_BUTTON = 3
ACTOR_NAMES = ("pump", "schedule", "host", "button")

EVENT_BOOT = 1
EVENT_CLOCK = 2
EVENT_RIG = 3
EVENT_PROGRAM = 4
EVENT_START = 5
EVENT_RATE = 6
EVENT_DAY = 7
EVENT_CHECKPOINT = 8
EVENT_STOP = 9
EVENT_SUSPEND = 10
EVENT_RESUME = 11
EVENT_FAULT = 12
EVENT_ACK = 13
EVENT_DENIED = 14
EVENT_BOLUS = 15
EVENT_TRANSFER = 16
EVENT_TEMPORARY = 17
EVENT_REFILL = 18
EVENT_ALARM = 19
EVENT_ACCOUNTS = 20
EVENT_LEVELS = 21
EVENT_DROPPED = 22
EVENT_SELF_TEST = 23
EVENT_PULLED = 24
EVENT_FIRMWARE = 25
EVENT_ACCESS = 26
EVENT_RATIO = 27
EVENT_EARLIER = 28
EVENT_NAMES = ("", "boot", "clock", "rig", "program", "start", "rate", "day", "checkpoint", "stop", "suspend", "resume",
               "fault", "ack", "denied", "bolus", "transfer", "temporary", "refill", "alarm", "accounts", "levels",
               "dropped", "self-test", "pulled", "firmware", "access", "ratio", "earlier")
DOSE_EVENTS = (EVENT_BOOT, EVENT_START, EVENT_RATE, EVENT_DAY, EVENT_CHECKPOINT, EVENT_STOP, EVENT_SUSPEND,
               EVENT_RESUME, EVENT_FAULT, EVENT_ACK)
# Of these the schedule is followed afterwards
RUN_EVENTS = (EVENT_START, EVENT_RATE, EVENT_DAY, EVENT_CHECKPOINT, EVENT_RESUME)
# `code` of such an event inside a ramp; otherwise 0
RATE_RAMP = 1
# Added to the reason in `code` of a boot whose schedule goes on as soon as the clock is known
BOOT_RESUMES = 128


def seal(head, data, chain):
    """64 bytes from the eleven header values (seq ... code), 28 bytes of data and the chain of the record before."""
    raw = bytearray(SIZE)
    struct.pack_into(_HEAD, raw, 0, *head)
    raw[_DATA_AT:_DATA_AT + len(data)] = data
    raw[_CHAIN_AT:_CRC_AT] = hashlib.sha256(chain + bytes(raw[:_CHAIN_AT])).digest()[:CHAIN_SIZE]
    struct.pack_into(_CRC, raw, _CRC_AT, binascii.crc32(bytes(raw[:_CRC_AT])))
    return bytes(raw)


def is_whole(raw):
    """True where `raw` is 64 bytes with the right CRC."""
    return len(raw) == SIZE and struct.unpack_from(_CRC, raw, _CRC_AT)[0] == binascii.crc32(raw[:_CRC_AT])


def follows(raw, chain):
    """True where the record's chain continues `chain`."""
    return raw[_CHAIN_AT:_CRC_AT] == hashlib.sha256(chain + raw[:_CHAIN_AT]).digest()[:CHAIN_SIZE]


def chain_of(raw):
    return raw[_CHAIN_AT:_CRC_AT]


def header(raw):
    """(seq, utc_s, mono_s, utc_ms, mono_ms, offset_min, boot, event, actor, origin, code)."""
    return struct.unpack_from(_HEAD, raw, 0)


def seq_of(raw):
    return struct.unpack_from("<I", raw, 0)[0]


def data_of(raw, layout):
    """The typed data of a record; layout is one of the above."""
    return struct.unpack_from(layout, raw, _DATA_AT)
