"""The pump under test behind a port: a real Pico's, or an emulated one's where no port is given.

DEVICE_PORT names a port (`make test-device PORT=...`); its motor turns only with ALLOW_MOTION=1. Without one, and with
the files of tests/emulator/given.py, an emulated Pico is started for all tests of the folder.
"""

import os
import time

import pytest

from pumpctl import Pump, updating
from pumpctl.errors import HostError, one_line
from pumpctl.firmware_image import build_image
from tests.emulator import image
from tests.emulator.bridge import Bridge
from tests.emulator.emulated import EmulatedPico
from tests.emulator.given import HOW_TO_GET, given
from tests.pumps import RIG, body_of

PORT = os.environ.get("DEVICE_PORT", "")
MAY_MOVE = os.environ.get("ALLOW_MOTION", "") == "1"
HOW_TO_MOVE = "moves the motor: clear the rig, then add ALLOW_MOTION=1"
BACK_S = 120                            # for a pump to be there again after a reset


@pytest.fixture(scope="session")
def port(tmp_path_factory):
    """What --port takes. A wrong one ends the whole run, in one line."""
    if PORT:
        try:
            with Pump.open(PORT) as pump:
                why = why_not(pump.status())
        except HostError as error:
            why = one_line(error.message, error.hint)
        if why:
            pytest.exit(f"make test-device: {why}", returncode=2)
        yield PORT
        return
    if given() is None:
        pytest.skip(f"no pump: make test-device PORT=...; or an emulated one: {HOW_TO_GET}")
    target = tmp_path_factory.mktemp("device") / "files.img"
    image.write(target, build_image().installed())
    pico = EmulatedPico(*given(), target)
    with Bridge(pico) as bridge:
        yield bridge.port
    pico.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """An emulated chip may be slow against the wall, so pumpctl waits longer than for a real one alone."""
    for name in ("PROMPT_S", "ANSWER_S", "TRIAL_S"):
        monkeypatch.setattr(updating, name, 4 * getattr(updating, name))


@pytest.fixture
def pump(port):
    """The pump, stopped and acknowledged, with a clock and a rig: its own, or that of the tests where it has none.

    It is stopped at the end whatever happens.
    """
    with opened(port) as pump:
        make_ready(pump)
        yield pump
        pump.stop()


@pytest.fixture
def may_move():
    """A test that asks for it makes steps."""
    if PORT and not MAY_MOVE:
        pytest.skip(HOW_TO_MOVE)


def opened(port):
    """The pump at a port that may be away for a moment."""
    end = time.monotonic() + BACK_S
    while True:
        try:
            pump = Pump.open(port)
            pump.hello()
            return pump
        except HostError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)


def why_not(status):
    """Why the pump on somebody's bench is left alone, with what to do, or "": what it shows is for its user."""
    if status.board != "pico":
        return "this is a simulated pump: give the port of a Pico"
    if status.state != "stopped":
        return f"the pump is {status.state}: first run pumpctl {'ack' if status.state == 'fault' else 'stop'}"
    if status.rig is None:
        return "the pump has no rig: first run pumpctl flash --rig RIG"
    if status.utc_ms is None:
        return "the pump's clock is not set: first run pumpctl clock set"
    if status.alarms:
        return f"the pump shows {', '.join(status.alarms)}: look at it, then run pumpctl ack"
    return ""


def make_ready(pump):
    """After the reset of a test, or on a new emulated chip: a clock, no alarm, and a rig."""
    pump.stop()
    status = pump.status()
    if status.rig is None:
        pump.push_rig(body_of(RIG))
    if status.utc_ms is None:
        pump.clock_set(int(time.time() * 1000))
    pump.ack()
