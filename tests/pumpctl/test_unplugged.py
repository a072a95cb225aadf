"""The cable is pulled within every command, in both directions: what the host says is what the pump did, and nothing is
done twice (C-06, B-06). Some of the bytes here; `make unplug` takes every one."""

import pytest

from pump import protocol
from pumpctl.control import HARMLESS
from pumpctl.refusals import UncertainError
from pumpctl.transport import NoConnectionError
from pumpsim import SimPump
from tests.pumps import ask, records
from tests.unplug.cable import Cable
from tests.unplug.commands import (
    COMMANDS,
    DIRECTIONS,
    WAYS_OF_CUTTING,
    chip,
    host_on,
    length,
    pump_in,
    wrongly_told,
)

EACH = {(True, False): 11, (False, True): 37, (False, False): 37, (True, True): 37}         # of so many bytes one

READING = {
    "hello": lambda pump: pump.hello(),
    "status": lambda pump: pump.status(),
    "inputs": lambda pump: pump.inputs(),
    "document": lambda pump: pump.document("program"),
    "log": lambda pump: list(pump.records()),
}


def test_every_request_that_changes_something_is_unplugged_here():
    changing = {name for name, (needs, _) in protocol.MESSAGES.items() if needs != protocol.READ}
    assert set(COMMANDS) == changing - set(HARMLESS)


def some_bytes(name, count, each):
    """The first, the last two, and one of `each` between, others for every command."""
    return sorted({1, count - 1, count, *range(2 + list(COMMANDS).index(name) % each, count, each)})


@pytest.mark.requirement("C-06")
@pytest.mark.requirement("B-06")
@pytest.mark.parametrize("way", DIRECTIONS)
@pytest.mark.parametrize("how", WAYS_OF_CUTTING)
@pytest.mark.parametrize("name", COMMANDS)
def test_unplugged_the_host_says_what_the_pump_did(name, how, way):
    bytes_ = some_bytes(name, length(name, how[0], way), EACH[how])
    wrong, said = wrongly_told(bytes_, name, *how, way)
    assert wrong == []
    # a cut early on and a cut late make a difference; stop is sent until the pump stands
    assert said == ({"done"} if name == "stop" else {"done", "not done"})


@pytest.mark.requirement("C-06")
@pytest.mark.parametrize("way", DIRECTIONS)
@pytest.mark.parametrize("name", READING)
def test_unplugged_while_reading_there_is_the_whole_answer_or_none_and_nothing_changed(name, way):
    whole = Cable(pump_in("running", chip(False)))
    answer = READING[name](host_on(whole))
    count = whole.carried[way]
    said = []
    for byte in (*range(1, count, 11), count):
        sim = pump_in("running", chip(False))
        before = records(sim)
        try:
            said.append(READING[name](host_on(Cable(sim, **{f"to_{way}": byte}))))
        except NoConnectionError:
            said.append(None)
        assert records(sim) == before
    # nothing after the first bytes; all after the last one to the host, while the last one to the pump loses the reply
    assert said[0] is None and (said[-1] == answer) == (way == "host")
    assert all(each in (None, answer) for each in said)


@pytest.mark.requirement("C-06")
def test_a_pump_that_does_not_come_back_leaves_it_uncertain():
    def gone():
        raise NoConnectionError("nobody there")

    import pumpctl.exchange

    sim = pump_in("running", chip(False))
    cable = Cable(sim, to_host=length("suspend", False, "host") - 1)
    pump = host_on(cable, gone)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pumpctl.exchange, "REPLUG_S", 0)
        with pytest.raises(UncertainError, match="suspend was sent and its outcome is not known"):
            pump.suspend()
    assert ask(sim, "status")["state"] == "suspended"


@pytest.mark.requirement("C-06")
def test_another_pump_on_the_cable_afterwards_leaves_it_uncertain():
    sim = pump_in("running", chip(False))
    cable = Cable(sim, to_host=length("suspend", False, "host") - 1)

    def other():
        cable.sim = SimPump(unique_id=b"SIMPU002")
        return cable.plug()

    with pytest.raises(UncertainError, match="another pump answers"):
        host_on(cable, other).suspend()
