"""The cable is pulled at every byte of every command, in both directions: what the host says is what the pump did, and
nothing is done twice (C-06, B-06)."""

import pytest

from pump import protocol, record
from pump.board import CAUSE_POWER
from pumpctl import Pump
from pumpctl.control import HARMLESS
from pumpctl.key_store import KeyStore, PumpKeys
from pumpctl.refusals import NotDoneError, UncertainError
from pumpctl.transport import NoConnectionError
from pumpsim import SimPump
from pumpsim.board import Bench
from pumpsim.flash import NorFlash
from pumpsim.world import World
from tests.pumps import RIG, START_UTC_MS, ask, body_of, program, push, records
from tests.sessions import KEYS, Session, lock_up

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
STATES = {"stopped": ("stop",), "running": (), "suspended": ("suspend",), "bolus": ("bolus",)}


@pytest.fixture(scope="module")
def chips():
    """{(state, has keys): the bytes of a flash chip whose pump boots into running}."""
    found = {}
    for has_keys in (False, True):
        sim = SimPump()
        push(sim, "rig", RIG)
        push(sim, "program", PROGRAM)
        ask(sim, "clock", utc_ms=START_UTC_MS)
        ask(sim, "start")
        if has_keys:
            lock_up(sim)
        found[has_keys] = bytes(sim.flash.image)
    return found


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


class Cable:
    """A cable that breaks once, after so many bytes to the pump or to the host; None: never. `loses_power`: the pump's
    power comes over it too."""

    def __init__(self, sim, to_pump=None, to_host=None, loses_power=False):
        self.sim, self.left = sim, {"pump": to_pump, "host": to_host}
        self.carried = {"pump": 0, "host": 0}
        self.is_cut = False
        self._loses_power = loses_power

    def plug(self):
        if self.is_cut and self._loses_power:
            self.sim.boot(CAUSE_POWER)
        self.sim.receive()
        self.left = {"pump": None, "host": None} if self.is_cut else self.left
        return End(self)

    def carry(self, where, data):
        """As much of `data` as comes through."""
        left = self.left[where]
        through = data if left is None else data[:left]
        self.carried[where] += len(through)
        if left is not None:
            self.left[where] = left - len(through)
            if len(through) < len(data) or not self.left[where]:
                self.is_cut = True
        return through


class End:
    """The host's end of a cable, as plugged in once."""

    def __init__(self, cable):
        self._cable, self._was_cut = cable, cable.is_cut
        self._buffer = b""

    def write(self, data):
        self._require()
        sim = self._cable.sim
        sim.send(self._cable.carry("pump", data))
        sim.poll()
        if self._cable.is_cut == self._was_cut:
            self._buffer += self._cable.carry("host", sim.receive())

    def read_line(self, timeout_s):
        line, newline, rest = self._buffer.partition(b"\n")
        if newline:
            self._buffer = rest
            return line
        self._require()
        return b""

    def close(self):
        pass

    def _require(self):
        if self._cable.is_cut != self._was_cut:
            raise NoConnectionError("the cable was pulled")


class Keys(KeyStore):
    """The test's keys, for every pump."""

    def __init__(self):
        pass

    def of(self, unique_id):
        return [PumpKeys(OPERATE, CHANGE)]


def done(sim, event, code):
    """How often a host's request has left such a record. The end of a bolus is written by the pump."""
    heads = [record.header(raw) for raw in records(sim)]
    return sum(record.EVENT_NAMES[head[7]] == event and (head[8] == record.ACTOR_HOST or code == 18)
               and code in (None, head[10]) for head in heads)


def verdict(cable, do):
    """What the host says of a command over this cable: "done", "not done"."""
    pump = Pump(cable.plug(), timeout_s=0, tries=2, reopen=cable.plug, keys=Keys())
    pump._exchange._id = 500_000_000                             # of as many digits in every run
    try:
        do(pump)
    except (NotDoneError, NoConnectionError):
        return "not done"
    return "done"


def carried(state, do, chip):
    """Bytes of the whole command in each direction, when nothing breaks."""
    cable = Cable(pump_in(state, chip))
    assert verdict(cable, do) == "done"
    return cable.carried


def test_every_request_that_changes_something_is_unplugged_here():
    changing = {name for name, (needs, _) in protocol.MESSAGES.items() if needs != protocol.READ}
    assert set(COMMANDS) == changing - set(HARMLESS)


@pytest.mark.requirement("C-06")
@pytest.mark.requirement("B-06")
@pytest.mark.parametrize("way", ["pump", "host"])
@pytest.mark.parametrize("has_keys, loses_power, step", [(True, False, 1), (False, True, 7), (False, False, 7),
                                                         (True, True, 7)])
@pytest.mark.parametrize("name", COMMANDS)
def test_unplugged_at_every_byte_the_host_says_what_the_pump_did(chips, name, has_keys, loses_power, step, way):
    state, do, event, code = COMMANDS[name]
    chip = chips[has_keys]
    said = set()
    for byte in range(carried(state, do, chip)[way], 0, -step):
        sim = pump_in(state, chip)
        before = done(sim, event, code)
        cable = Cable(sim, **{f"to_{way}": byte}, loses_power=loses_power)
        what = verdict(cable, do)
        happened = done(sim, event, code) - before
        assert happened == {"done": 1, "not done": 0}[what], (byte, what)
        said.add(what)
    # a cut early on and a cut late make a difference; stop is sent until the pump stands
    assert said == ({"done"} if name == "stop" else {"done", "not done"})


@pytest.mark.requirement("C-06")
def test_a_pump_that_does_not_come_back_leaves_it_uncertain(chips):
    def gone():
        raise NoConnectionError("nobody there")

    import pumpctl.exchange

    sim = pump_in("running", chips[False])
    cable = Cable(sim, to_host=carried("running", COMMANDS["suspend"][1], chips[False])["host"] - 1)
    pump = Pump(cable.plug(), timeout_s=0, tries=2, reopen=gone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pumpctl.exchange, "REPLUG_S", 0)
        with pytest.raises(UncertainError, match="suspend was sent and its outcome is not known"):
            pump.suspend()
    assert ask(sim, "status")["state"] == "suspended"


@pytest.mark.requirement("C-06")
def test_another_pump_on_the_cable_afterwards_leaves_it_uncertain(chips):
    sim = pump_in("running", chips[False])
    cable = Cable(sim, to_host=carried("running", COMMANDS["suspend"][1], chips[False])["host"] - 1)

    def other():
        cable.sim = SimPump(unique_id=b"SIMPU002")
        return cable.plug()

    with pytest.raises(UncertainError, match="another pump answers"):
        Pump(cable.plug(), timeout_s=0, tries=2, reopen=other).suspend()
