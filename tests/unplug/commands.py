"""Every request that changes something, with the state that it needs and the record that it leaves; what a host says of
it over a cable that breaks, held against what the pump did."""

from functools import cache

from pump import record
from pumpctl import Pump
from pumpctl.key_store import KeyStore, PumpKeys
from pumpctl.refusals import NotDoneError
from pumpctl.transport import NoConnectionError
from pumpsim import SimPump
from pumpsim.board import Bench
from pumpsim.flash import NorFlash
from pumpsim.world import World
from tests.pumps import RIG, START_UTC_MS, ask, body_of, program, push, records
from tests.sessions import KEYS, Session, lock_up
from tests.unplug.cable import Cable

PROGRAM = program(resume="basal", on_demand=[1000, 60, 60, 90])
BODY = body_of(program(name="the next one", resume="basal"))
OPERATE, CHANGE = KEYS[:32], KEYS[32:]

# request: (state it needs, what a host does, event that it leaves, its code or None for any)
COMMANDS = {
    "clock": ("running", lambda pump: pump.clock_set(START_UTC_MS + 60_000), "clock", None),
    "maintenance": ("stopped", lambda pump: pump.maintenance(), "firmware", 0),
    "commit": ("running", lambda pump: pump.push_program(BODY), "program", None),
    "start": ("stopped", lambda pump: pump.start(), "start", None),
    "stop": ("running", lambda pump: pump.stop(), "stop", None),
    "suspend": ("running", lambda pump: pump.suspend(), "suspend", None),
    "resume": ("suspended", lambda pump: pump.resume(), "resume", None),
    "ack": ("running", lambda pump: pump.ack(), "alarm", 0),
    "bolus": ("running", lambda pump: pump.bolus(5000, 60), "bolus", 16),
    "cancel": ("bolus", lambda pump: pump.cancel(), "bolus", 18),
    "temp": ("running", lambda pump: pump.temp_percent(50, 600), "temporary", 0),
    "bridge": ("running", lambda pump: pump.bridge(5000, 600), "temporary", 1),
    "prime": ("stopped", lambda pump: pump.prime(1000), "transfer", 16),
    "withdraw": ("stopped", lambda pump: pump.withdraw(1000), "transfer", 32),
    "refill": ("stopped", lambda pump: pump.refill(500_000_000, 1_000_000_000), "refill", None),
    "keys": ("running", lambda pump: pump.set_keys(bytes(range(64, 128))), "access", 3),
}
DIRECTIONS = ("pump", "host")                                      # that the bytes go
WAYS_OF_CUTTING = ((True, False), (False, True), (False, False), (True, True))       # has keys, loses its power too
STATES = {"stopped": ("stop",), "running": (), "suspended": ("suspend",), "bolus": ("bolus",)}


def pump_in(state, chip):
    """A pump that has just booted from `chip`, with a battery-backed clock, in this state."""
    world = World()
    bench = Bench(world)
    bench.rtc.fit()
    bench.rtc.set_utc_s(START_UTC_MS // 1000 + 60)
    flash = NorFlash()
    flash.image[:] = chip
    sim = SimPump(flash=flash, world=world, bench=bench)
    fields = {"volume_nl": 3000, "over_s": 600, "confirm": 0}
    for do in STATES[state]:
        values = fields if do == "bolus" else {}
        if ask(sim, "status")["access"] == "keys":
            Session(sim).ask(do, **values)
        else:
            ask(sim, do, **values)
    return sim


class Keys(KeyStore):
    """The test's keys, for every pump."""

    def __init__(self):
        pass

    def of(self, unique_id):
        return [PumpKeys(OPERATE, CHANGE)]


@cache
def chip(has_keys):
    """The bytes of a flash chip whose pump boots into running."""
    sim = SimPump()
    push(sim, "rig", RIG)
    push(sim, "program", PROGRAM)
    ask(sim, "clock", utc_ms=START_UTC_MS)
    ask(sim, "start")
    if has_keys:
        lock_up(sim)
    return bytes(sim.flash.image)


def done(sim, event, code):
    """How often a host's request has left such a record. The end of a bolus is written by the pump."""
    heads = [record.header(raw) for raw in records(sim)]
    return sum(record.EVENT_NAMES[head[7]] == event and (head[8] == record.ACTOR_HOST or code == 18)
               and code in (None, head[10]) for head in heads)


def host_on(cable, reopen=None):
    """A host at this cable; its lines have the same length in every run. `reopen`: in place of plugging in again."""
    pump = Pump(cable.plug(), timeout_s=0, tries=2, reopen=reopen or cable.plug, keys=Keys())
    pump._exchange._id = 500_000_000
    return pump


def verdict(cable, do):
    """What the host says of a command over this cable: "done", "not done"."""
    try:
        do(host_on(cable))
    except (NotDoneError, NoConnectionError):
        return "not done"
    return "done"


def length(name, has_keys, way):
    """Bytes of the whole command in this direction, "pump" or "host", when nothing breaks."""
    state, do, _, _ = COMMANDS[name]
    cable = Cable(pump_in(state, chip(has_keys)))
    assert verdict(cable, do) == "done"
    return cable.carried[way]


def cut_at(byte, name, has_keys, loses_power, way):
    """(what the host says, how often the pump has done it) of a command whose cable breaks after so many bytes."""
    state, do, event, code = COMMANDS[name]
    sim = pump_in(state, chip(has_keys))
    before = done(sim, event, code)
    what = verdict(Cable(sim, **{f"to_{way}": byte}, loses_power=loses_power), do)
    return what, done(sim, event, code) - before


def wrongly_told(bytes_, *command):
    """Of these cuts those after which the host says something else than what the pump did: (byte, what, how often);
    and all that it said."""
    found, said = [], set()
    for byte in bytes_:
        what, times = cut_at(byte, *command)
        said.add(what)
        if times != {"done": 1, "not done": 0}[what]:
            found.append((byte, what, times))
    return found, said
