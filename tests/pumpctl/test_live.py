"""A pump read for as long as it takes: over a port that vanishes and comes back, and jobs that are never sent twice."""

import base64
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from pump import protocol, record
from pumpctl import Pump, keys_job
from pumpctl.key_store import KeyStore
from pumpctl.live import LivePump
from pumpctl.opening import opened
from pumpctl.refusals import NoKeyError, PumpRefused, UncertainError
from pumpctl.targets import Target
from pumpctl.transport import NoConnectionError, SimTransport
from pumpsim import SimPump
from tests.pumps import CONTINUOUS, HOUR_MS, RIG, START_UTC_MS, body_of, ready_pump
from tests.serving import served

WAIT_S = 30


def until(live, is_so):
    """The first view that is so."""
    view = live.view()
    end_s = time.monotonic() + WAIT_S
    while not is_so(view) and time.monotonic() < end_s:
        view = live.wait(view.number, WAIT_S)
    assert is_so(view), view
    return view


def set_up(pump):
    pump.push_rig(body_of(RIG))
    pump.push_program(body_of(CONTINUOUS))
    pump.clock_set(START_UTC_MS)
    pump.start()


@contextmanager
def live_at(port):
    with LivePump("pump", lambda: opened(Target("pump", port)), poll_s=0.02) as live:
        yield live


class Breakable(SimTransport):
    """A link that is cut by `broken` being set; `lose` swallows the reply to a request of this name, and breaks."""

    def __init__(self, sim, lose=""):
        super().__init__(sim)
        self.broken = threading.Event()
        self.sent = []
        self._lose = lose

    def write(self, data):
        if self.broken.is_set():
            raise NoConnectionError("the connection on test broke: unplugged")
        self.sent.append(data)
        super().write(data)
        if self._lose and f'"do":"{self._lose}"'.encode() in data:
            self.broken.set()

    def read_line(self, timeout_s):
        if self.broken.is_set():
            raise NoConnectionError("the connection on test broke: unplugged")
        return super().read_line(timeout_s)


def over(*transports):
    """What opens one transport after the other, and the last one again and again."""
    left = list(transports)
    return lambda: Pump(left.pop(0) if len(left) > 1 else left[0])


def test_status_events_and_history_over_tcp():
    with served("--control", "tcp:0") as serving, live_at(serving.port) as live:
        until(live, lambda view: view.connected)
        live.do(set_up).result(WAIT_S)
        serving.control.advance(2 * HOUR_MS)
        live.do(lambda pump: pump.stop()).result(WAIT_S)
        view = until(live, lambda view: view.events and view.events[-1].event == "levels" and
                     any(event.event == "stop" for event in view.events))
    # 36 uL/h for 2 h at 100 nL a step
    assert (view.status.state, view.status.delivered_nl) == ("stopped", 72_000)
    assert [(point.utc_ms - START_UTC_MS, point.rate_nl_per_h, *view.nl_of(point)) for point in view.points] == [
        (0, 36_000, 0, 0), (2 * HOUR_MS, 0, 72_000, 72_000)]
    words = {event.event: event.words for event in view.events}
    assert words["start"] == "36 µL/h, 0 steps delivered, 63 authorised"      # 0.1 step/s over 10 min and 30 s
    assert words["stop"].startswith("asked by the host")
    assert (view.title, view.program.name, view.trouble, view.changed) == ("test rig", "test program", "", "")


def test_a_pty_that_vanishes_and_comes_back(tmp_path):
    path, flash = tmp_path / "pump", str(tmp_path / "flash")
    with live_at(str(path)) as live:
        absent = until(live, lambda view: view.reason != "connecting")
        assert not absent.connected and "cannot open" in absent.reason
        with served("--flash", flash, link=f"pty:{path}"):
            first = until(live, lambda view: view.connected)
            live.do(set_up).result(WAIT_S)
        gone = until(live, lambda view: not view.connected)
        assert gone.since_s >= first.since_s
        assert gone.status.rig == "test rig" or first.status.rig is None          # the last known values stand
        with pytest.raises(NoConnectionError, match="not connected to pump"):
            live.do(lambda pump: pump.stop()).result(WAIT_S)
        with served("--flash", flash, link=f"pty:{path}"):
            back = until(live, lambda view: view.connected and view.hello.boot == 1)
    assert back.changed == ""                                                     # the same pump
    assert [event.event for event in back.events].count("boot") == 2
    assert [event.seq for event in back.events] == list(range(back.status.next_seq))


def test_another_pump_in_its_place_is_told_and_nothing_of_the_first_one_is_shown():
    first, second = Breakable(ready_pump(document=CONTINUOUS)), Breakable(SimPump(unique_id=b"SIMPU002"))
    with LivePump("pump", over(first, second), poll_s=0.01) as live:
        assert until(live, lambda view: view.connected).title == "test rig"
        first.broken.set()
        view = until(live, lambda view: view.changed and view.connected)
    assert view.changed == ("another pump answers: simulator 53494d5055303032, "
                            "before it was simulator 53494d5055303031")
    assert (view.rig, view.program, view.title) == (None, None, "pump")
    assert view.events[0].event == "boot"
    assert len(view.events) == view.status.next_seq


def test_a_wiped_pump_is_told_and_its_new_journal_read():
    first, second = Breakable(ready_pump(document=CONTINUOUS)), Breakable(SimPump())
    with LivePump("pump", over(first, second), poll_s=0.01) as live:
        until(live, lambda view: view.connected)
        first.broken.set()
        view = until(live, lambda view: view.changed and view.connected and view.rig is None)
    assert view.changed == "the journal begins anew: the pump's flash was wiped"
    assert [event.seq for event in view.events] == list(range(view.status.next_seq))


@pytest.mark.requirement("C-06")
def test_a_lost_reply_is_uncertain_and_status_and_journal_are_read_before_anything_else_is_sent():
    sim = ready_pump(document=CONTINUOUS)
    first, second = Breakable(sim, lose="start"), Breakable(sim)
    with LivePump("pump", over(first, second), poll_s=0.01) as live:
        until(live, lambda view: view.connected)
        with pytest.raises(UncertainError, match="start was sent and its outcome is not known"):
            live.do(lambda pump: pump.start()).result(WAIT_S)
        assert until(live, lambda view: view.connected and view.status.state == "running")
        live.do(lambda pump: pump.stop()).result(WAIT_S)
    asked = [name for line in second.sent for name in ("hello", "status", "log", "start", "stop")
             if f'"do":"{name}"'.encode() in line]
    assert asked[:3] == ["hello", "status", "log"]
    assert "start" not in asked and asked.count("stop") == 1


def test_a_refusal_is_the_callers_alone():
    link = Breakable(SimPump())
    with LivePump("pump", over(link), poll_s=0.01) as live:
        until(live, lambda view: view.connected)
        with pytest.raises(PumpRefused) as caught:
            live.do(lambda pump: pump.start()).result(WAIT_S)
        assert caught.value.code == "no_rig"
        view = until(live, lambda view: view.events[-1].event == "denied")
        assert view.connected
        assert live.do(lambda pump: pump.hello().board).result(WAIT_S) == "simulator"
    with pytest.raises(ValueError):                                # not even a mistake of ours ends the thread
        live = LivePump("pump", over(link), poll_s=0.01)
        with live:
            until(live, lambda view: view.connected)
            live.do(lambda pump: int("none")).result(WAIT_S)


def test_only_the_newest_of_a_long_journal_is_read_and_the_forecast_is_the_pumps():
    sim = ready_pump(document=CONTINUOUS)
    with Pump(SimTransport(sim)) as pump:
        pump.start()
        for _ in range(600):
            pump.temp_percent(100, 3600)
    with LivePump("pump", over(Breakable(sim)), poll_s=0.01) as live:
        view = until(live, lambda view: view.events and view.events[-1].seq == view.status.next_seq - 1)
    assert len(view.events) == 500
    # 1 L at 36 uL/h lasts 27,777 h, more than the year that is looked ahead
    assert view.forecast == (None, None, None)


def test_a_record_that_does_not_follow_is_told_and_passed_over():
    class Damaging(Breakable):
        def read_line(self, timeout_s):
            line = super().read_line(timeout_s)
            ok = protocol.unframe(line)[0]["ok"]
            if ok.get("first") != 0:
                return line
            raw = bytearray(base64.b64decode(ok["records"]))
            raw[2 * record.SIZE + 30] ^= 1                       # in record 2
            id_text = line.split(b",")[0].split(b":")[1].decode()
            return protocol.frame((("id", int(id_text)), ("ok", tuple({**ok, "records": bytes(raw)}.items())),
                                   ("board", "simulator"), ("protocol", 1))).rstrip()

    with LivePump("pump", over(Damaging(ready_pump())), poll_s=0.01) as live:
        view = until(live, lambda view: view.connected)
    assert view.trouble == "the journal breaks at record 2: its CRC is wrong"
    assert [event.seq for event in view.events] == [seq for seq in range(view.status.next_seq) if seq != 2]


@pytest.mark.requirement("C-02")
def test_which_orders_this_computer_may_give_follows_from_its_keys():
    sim = ready_pump(document=CONTINUOUS)
    store = KeyStore()
    with LivePump("pump", over(Breakable(sim)), poll_s=0.01) as live:
        view = until(live, lambda view: view.connected)
        assert all(view.may(do) for do in ("start", "clock", "stop")) and view.roles == ()
        live.do(lambda pump: keys_job.make(pump, store)).result(WAIT_S)
        view = until(live, lambda view: view.roles)
        assert view.roles == ("operate", "program") and view.may("clock")
        assert live.do(lambda pump: pump.start()).result(WAIT_S) == "running"
        whole = store.of(view.hello.unique_bytes)[0]
    store.save(view.hello.unique_bytes, replace(whole, program=None))
    with LivePump("pump", over(Breakable(sim)), poll_s=0.01) as live:
        view = until(live, lambda view: view.connected)
        assert [view.may(do) for do in ("suspend", "commit", "clock", "stop")] == [True, False, False, True]
    store.forget(view.hello.unique_bytes)
    with LivePump("pump", over(Breakable(sim)), poll_s=0.01) as live:
        view = until(live, lambda view: view.connected)
        assert [view.may(do) for do in ("suspend", "clock", "stop")] == [False, False, True]
        with pytest.raises(NoKeyError):
            live.do(lambda pump: pump.suspend()).result(WAIT_S)
        assert live.do(lambda pump: pump.stop()).result(WAIT_S) == "stopped"
