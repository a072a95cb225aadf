"""Pumps under test: documents to program them with, and requests over the real protocol on a simulated link."""

import hashlib
import json

from pump import protocol, record
from pump.app import App
from pumpsim import SimPump

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
START_UTC_MS = 1_774_566_000_000           # 2026-03-27T00:00 Europe/Berlin, a Friday

# 320 uL a revolution over 3200 steps: a step is 100 nL.
RIG = {
    "v": 2, "name": "test rig", "pl_per_rev": 320_000_000, "steps_per_rev": 3200, "max_step_rate": 4000,
    "reservoir_nl": 1_000_000_000, "line_nl": 500_000, "max_rate_nl_per_h": 144_000_000, "max_bolus_nl": 1_000_000,
    "max_1h_nl": 200_000_000, "max_24h_nl": 2_000_000_000, "prime_nl_per_h": 36_000_000, "max_prime_nl": 2_000_000,
    "quantum_min": 10, "tolerance_steps": 2, "auto_off_h": 0, "supply_low_mv": 0, "pressure_limit": 0,
    "pressure_least": 0, "service_steps": 0, "service_motor_h": 0, "motor": {"driver": "DRV8825"}, "driver": [],
    "parts": ["buzzer", "ds3231", "limit", "diag", "adc"],
    "pins": {"step": 2, "dir": 3, "enable": 4, "button": 14, "led": 25},
}
# Berlin: 2026-03-29T01:00Z to summer time, 2026-10-25T01:00Z back (minutes since 1970)
BERLIN = {"name": "Europe/Berlin", "first_offset_min": 60, "changes": [29_579_100, 120, 29_881_500, 60]}
CIRCADIAN = [0, 20_000, 390, 55_000, 1320, 20_000]
NO_LIMITS = {"max_rate_nl_per_h": 0, "max_bolus_nl": 0, "max_1h_nl": 0, "max_24h_nl": 0}
REQUEST_IDS = iter(range(1, 1 << 30))


def program(plans=(CIRCADIAN,), days=(0,) * 7, zone=BERLIN, name="test program", **more):
    """A program document; plans of constant segments as minute, rate, minute, rate ..."""
    triples = [[value for at in range(0, len(plan), 2) for value in (plan[at], plan[at + 1], plan[at + 1])]
               for plan in plans]
    return {"v": 1, "name": name, "fluid": {"name": "dyed water", "ng_per_ml": 500_000}, "zone": zone,
            "days": list(days), "plans": triples, "boluses": [], "periodic": [], "on_demand": [], "limits": NO_LIMITS,
            "soft_limits": NO_LIMITS, "ends": {"after_s": 0, "volume_nl": 0}, "low_nl": 0, "minimum_nl_per_h": 0,
            "resume": "stopped"} | more


CONTINUOUS = program(plans=[[0, 36_000]])              # 36 uL/h: 360 steps an hour, one in 10 s
HOST_BOLUS = {"volume_nl": 50_000, "over_s": 600, "confirm": 0}        # 500 steps in 10 min


def body_of(document):
    return json.dumps(document).encode()


def send(pump, line):
    """One raw line; returns the reply as a dict, or None."""
    pump.send(line)
    pump.poll()
    reply = pump.receive()
    return protocol.unframe(reply)[0] if reply else None


def request(do, **fields):
    return protocol.frame((("id", next(REQUEST_IDS)), ("do", do), *fields.items()))


def ask(pump, do, **fields):
    """One request; returns the fields of its ok reply and fails on a refusal."""
    reply = send(pump, request(do, **fields))
    assert "ok" in reply, reply
    return reply["ok"]


def refused(pump, do, **fields):
    """One request that must be refused; returns the code."""
    reply = send(pump, request(do, **fields))
    assert "error" in reply, reply
    return reply["error"]["code"]


def push(pump, kind, document, confirm=0):
    body = body_of(document)
    for at in range(0, len(body), protocol.CHUNK_MAX):
        ask(pump, "stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
    return send(pump, request("commit", kind=kind, digest=hashlib.sha256(body).hexdigest(), confirm=confirm))


def ready_pump(rig=RIG, document=None, utc_ms=START_UTC_MS, battery_clock=False, **options):
    """A simulated pump with rig, program and clock, stopped."""
    pump = SimPump(**options)
    if battery_clock:
        pump.rtc.fit()
    assert "ok" in push(pump, "rig", rig)
    assert "ok" in push(pump, "program", document or program())
    ask(pump, "clock", utc_ms=utc_ms)
    return pump


class DeadStorage:
    """A storage without a file system: whatever is asked of it fails."""

    def __getattr__(self, name):
        def fails(*_):
            raise OSError("no file system")
        return fails


def boot_without_storage(pump):
    """The pump's logic starts anew on a board whose storage fails."""
    pump.board.storage = DeadStorage()
    pump.app = App(pump.board)


def running_pump(**options):
    pump = ready_pump(**options)
    ask(pump, "start")
    return pump


def records(pump, first=0):
    """All journal records from `first` on."""
    found = []
    while True:
        raw = pump.app.journal.read(first + len(found), 64)
        if not raw:
            return found
        found += [raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE)]


def events(pump, first=0):
    """(event name, UTC ms, typed data) of the journal from `first` on."""
    layouts = {record.EVENT_CLOCK: record.CLOCK, record.EVENT_RIG: record.IMAGE, record.EVENT_PROGRAM: record.IMAGE,
               record.EVENT_BOLUS: record.BOLUS, record.EVENT_TRANSFER: record.TRANSFER,
               record.EVENT_TEMPORARY: record.TEMPORARY, record.EVENT_REFILL: record.REFILL,
               record.EVENT_ALARM: record.ALARM, record.EVENT_ACCOUNTS: record.ACCOUNTS,
               record.EVENT_LEVELS: record.LEVELS, record.EVENT_DENIED: record.REQUEST,
               record.EVENT_FIRMWARE: record.FIRMWARE, record.EVENT_ACCESS: record.ACCESS,
               record.EVENT_RATIO: record.RATIO, record.EVENT_EARLIER: record.EARLIER}
    found = []
    for raw in records(pump, first):
        head = record.header(raw)
        layout = layouts.get(head[7], record.DOSE)
        found.append((record.EVENT_NAMES[head[7]], head[1] * 1000 + head[3], record.data_of(raw, layout)))
    return found
