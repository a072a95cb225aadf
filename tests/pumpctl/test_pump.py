"""The host's pump over a link that loses and damages, to the real firmware in the simulator."""

import binascii
import json
import re
from itertools import groupby

import pytest

from pump import protocol, record
from pump.board import STOP_MARK
from pumpctl import Pump
from pumpctl.journal import JournalError
from pumpctl.refusals import IncompatibleError, PumpRefused, UncertainError
from pumpctl.transport import NoConnectionError, SimTransport
from pumpsim import SimPump
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, body_of, events, program, ready_pump, records, running_pump


class BadLink(SimTransport):
    """Lets `fate(number, line)` change or swallow (b"") the number-th reply; keeps what was sent."""

    def __init__(self, sim, fate=lambda number, line: line, request_fate=lambda number, data: data):
        super().__init__(sim)
        self.sent = []
        self._fate, self._request_fate = fate, request_fate
        self._replies = 0

    def write(self, data):
        self.sent.append(data)
        super().write(self._request_fate(len(self.sent) - 1, data))

    def read_line(self, timeout_s):
        line = super().read_line(timeout_s)
        self._replies += bool(line)
        return self._fate(self._replies, line) if line else line


def only(number, new):
    return lambda at, line: new(line) if at == number else line


def test_a_pump_can_be_programmed_run_and_read():
    sim = SimPump()
    with Pump(SimTransport(sim)) as pump:
        assert pump.hello().board == "simulator"
        assert (pump.document("rig"), pump.document("program")) == (None, None)
        assert pump.push_rig(body_of(RIG)) == 1
        assert pump.push_program(body_of(program())) == 1
        pump.clock_set(START_UTC_MS)
        assert pump.start() == "running"
        sim.run_for(HOUR_MS)
        assert pump.suspend() == "suspended"
        assert pump.resume() == "running"
        assert pump.stop() == "stopped"
        status = pump.status()
        assert (status.steps, status.delivered_nl, status.programmed_nl) == (200, 20_000, 20_000)   # 1 h at 20 uL/h
        assert (status.program, status.utc_ms) == ("test program", START_UTC_MS + HOUR_MS)


def test_a_document_longer_than_a_message_comes_back_whole():
    body = body_of(program(plans=[[value for minute in range(60) for value in (minute, 20_000 + minute)]]))
    assert len(body) > protocol.CHUNK_MAX
    pump = Pump(SimTransport(SimPump()))
    pump.push_rig(body_of(RIG))
    pump.push_program(body)
    assert pump.document("program") == body


@pytest.mark.parametrize("do, code", [("resume", "bad_state"), ("start", "no_rig"), ("cancel", "bad_state")])
def test_a_refusal_carries_the_pumps_code_and_a_way_out(do, code):
    with pytest.raises(PumpRefused) as caught:
        getattr(Pump(SimTransport(SimPump())), do)()
    assert caught.value.code == code
    assert "pumpctl" in caught.value.hint


def test_every_way_to_dose_is_a_method():
    sim = running_pump()
    pump = Pump(SimTransport(sim))
    assert pump.bolus(6000, 60) == "running" and pump.status().bolus
    assert pump.cancel() == "running" and not pump.status().bolus
    assert pump.temp_percent(50, 60) == "running" and pump.status().rate_nl_per_h == 10_000
    assert pump.temp_rate(30_000, 60) == "running" and pump.status().rate_nl_per_h == 30_000
    assert pump.temp_off() == "running" and pump.status().rate_nl_per_h == 20_000
    assert pump.bridge(50_000, 3600) == "running" and pump.status().rate_nl_per_h == 50_000
    assert pump.prime(5000) == "priming"
    sim.run_for(500)                                                             # 36 mL/h: 5 uL in 0.5 s
    assert pump.stop() == "stopped"
    assert pump.withdraw(1000) == "withdrawing"
    sim.run_for(1000)
    found = pump.status()
    assert (found.prime_nl, found.withdrawn_nl, found.reservoir_nl) == (5000, 1000, 1_000_000_000 - 4000)
    emptied = pump.refill(500_000_000, 989_996_000)
    assert (emptied.level_nl, emptied.difference_nl, emptied.warning) == (500_000_000, -10_000_000, True)
    added = pump.refill(1000)
    assert (added.level_nl, added.difference_nl, added.warning) == (500_001_000, 0, False)


@pytest.mark.requirement("L-05")
def test_soft_limits_of_program_and_bolus_need_a_confirmation():
    soft = program(soft_limits={"max_rate_nl_per_h": 50_000, "max_bolus_nl": 5000, "max_1h_nl": 0, "max_24h_nl": 0})
    pump = Pump(SimTransport(running_pump()))
    for do in (lambda confirm: pump.push_program(body_of(soft), confirm),
               lambda confirm: pump.bolus(6000, 60, confirm)):
        with pytest.raises(PumpRefused) as caught:
            do(False)
        assert caught.value.code == "soft_limit" and "--yes" in caught.value.hint
        do(True)


def asked(link):
    """What each line that was sent asks for."""
    return [json.loads(line.strip().split(b" *")[0].split(b" ~")[0])["do"] for line in link.sent if line.strip()]


@pytest.mark.requirement("B-06")
@pytest.mark.requirement("C-06")
@pytest.mark.parametrize("new", [lambda line: b"", lambda line: line[:20],
                                 lambda line: line.replace(b"running", b"rumming")])
def test_a_lost_or_damaged_reply_is_looked_up_in_the_journal_and_nothing_is_sent_again(new):
    sim = ready_pump()
    link, told = BadLink(sim, only(2, new)), []
    assert Pump(link, notice=told.append).start() == "running"
    assert [each for each, _ in groupby(asked(link))] == ["challenge", "start", "status", "challenge", "log"]
    assert [name for name, *_ in events(sim)].count("start") == 1
    assert [text.split(":")[0] for text in told] == ["uncertain", "start"] and "carried out" in told[1]


class SlowLink(SimTransport):
    """A link on which the pump does one slice of a commit's check in the time of a try; the lines sent are kept."""

    def __init__(self, sim):
        super().__init__(sim)
        self.sent = []

    def write(self, data):
        self.sent.append(data)
        self._pump.send(data)
        self._pump.app.poll()
        self._buffer += self._pump.receive()


@pytest.mark.requirement("B-06")
def test_a_commit_that_takes_long_is_waited_for_and_done_once(monkeypatch):
    sim = ready_pump()
    link = SlowLink(sim)
    monkeypatch.setattr("pumpctl.control.BUSY_EACH_S", 0)
    assert Pump(link).push_program(body_of(program(plans=[[0, 1000]], name="another"))) == 2
    assert asked(link).count("commit") == 1 and asked(link).count("status") > 3
    assert [name for name, *_ in events(sim)].count("program") == 2


def test_a_request_that_arrives_damaged_is_sent_again():
    sim = ready_pump()
    link = BadLink(sim, request_fate=only(2, lambda data: data.replace(b"start", b"stuff")))
    assert Pump(link).start() == "running"
    assert asked(link) == ["challenge", "start", "status", "challenge", "start"]     # it is known not to have been done


def test_what_a_killed_host_left_half_sent_does_no_harm():
    sim = ready_pump()
    sim.send(b'{"id":1,"do":"sta')
    assert Pump(SimTransport(sim)).start() == "running"


@pytest.mark.requirement("C-06")
@pytest.mark.parametrize("do", ["suspend", "cancel", "ack"])
def test_silence_after_a_change_is_uncertain_and_it_was_sent_once(do):
    link = BadLink(running_pump(), lambda number, line: line if number == 1 else b"")
    with pytest.raises(UncertainError, match="^uncertain: " + do):
        getattr(Pump(link, tries=3), do)()
    assert asked(link) == ["challenge", do, "status", "status", "status"]


@pytest.mark.requirement("C-06")
def test_a_stop_and_nothing_else_begins_with_the_mark_that_stops_the_motor_at_once():
    link = BadLink(running_pump())
    pump = Pump(link)
    pump.suspend()
    pump.stop()
    assert [line.startswith(STOP_MARK) for line in link.sent if b'"stop"' in line] == [True]
    assert [line for line in link.sent if STOP_MARK in line and b'"stop"' not in line] == []


def test_stop_is_sent_until_it_is_answered():
    link = BadLink(running_pump(), lambda number, line: b"")
    with pytest.raises(UncertainError, match="uncertain: stop"):
        Pump(link, tries=3).stop()
    assert asked(link) == ["stop"] * 3 and len(set(link.sent[1:])) == 1


def test_silence_after_a_question_is_no_connection():
    with pytest.raises(NoConnectionError):
        Pump(BadLink(SimPump(), lambda number, line: b"")).status()


def test_silence_while_a_document_is_staged_leaves_no_doubt():
    sim = ready_pump()
    link = BadLink(sim, lambda number, line: b"")
    with pytest.raises(NoConnectionError):
        Pump(link).push_program(body_of(program(name="another")))
    assert Pump(SimTransport(sim)).status().program == "test program"


def answering(**changes):
    """A fate that gives replies other fields, with a right CRC."""
    def fate(number, line):
        reply = {**json.loads(line.rsplit(b" *")[0]), **changes}
        body = json.dumps(reply).encode()
        return b"%s *%08x" % (body, binascii.crc32(body))
    return fate


@pytest.mark.requirement("C-05")
@pytest.mark.parametrize("changes", [{"protocol": 2}, {"board": "toaster"}, {"protocol": None}])
def test_an_incompatible_pump_is_named_and_left_alone(changes):
    link = BadLink(ready_pump(), answering(**changes))
    with pytest.raises(IncompatibleError, match="protocol"):
        Pump(link).start()
    assert len(link.sent) == 2


@pytest.mark.requirement("C-05")
def test_a_board_that_changes_under_way_is_noticed():
    link = BadLink(ready_pump(), only(2, lambda line: answering(board="pico")(2, line)))
    pump = Pump(link)
    pump.status()
    with pytest.raises(IncompatibleError, match="was simulator and is pico"):
        pump.status()


def test_request_ids_begin_anywhere_below_their_limit_and_wrap():
    link = BadLink(SimPump())
    pumps = [Pump(link) for _ in range(5)]
    for pump in pumps:
        pump.status()
    ids = [int(re.search(rb'"id":(\d+)', data)[1]) for data in link.sent if data != b"\n"]
    assert len(set(ids)) == 5 and max(ids) <= protocol.ID_MAX
    pumps[0]._exchange._id = protocol.ID_MAX
    pumps[0].status()
    assert b'"id":0,' in link.sent[-1]


def test_records_come_whole_and_from_where_they_are_asked_for():
    sim = running_pump()
    sim.run_for(5 * HOUR_MS)
    pump = Pump(SimTransport(sim))
    all_records = records(sim)
    assert len(all_records) > 2 * protocol.RECORDS_MAX
    assert list(pump.records()) == all_records
    assert list(pump.records(17)) == all_records[17:]
    assert list(pump.records(len(all_records))) == []


@pytest.mark.requirement("J-04")
def test_a_record_that_was_changed_in_the_pump_is_found():
    sim = running_pump()
    sim.run_for(5 * HOUR_MS)
    raw = records(sim)[9]
    bad = raw[:40] + bytes([raw[40] ^ 1]) + raw[41:]
    sim.flash.image[:] = sim.flash.image.replace(raw, bad)       # in the segment, and where the tail once was
    found = []
    with pytest.raises(JournalError) as caught:
        found.extend(Pump(SimTransport(sim)).records())
    assert caught.value.seq == 9
    assert [record.seq_of(part) for part in found] == list(range(9))
