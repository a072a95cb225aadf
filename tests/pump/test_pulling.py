"""The host is warned before the journal drops what nobody has read (J-05)."""

import pytest

from pump import record
from pump.board import CAUSE_POWER, PATTERN_LOW
from pump.protocol import RECORDS_MAX
from tests.long_journal import write_journal
from tests.pumps import HOUR_MS, START_UTC_MS, ask, ready_pump, records, request, send

# The journal has room for 11 * 1024 = 11264 records; 80 % are 9012
WARNED_AT = 9012


def pump_with(segments):
    pump = ready_pump()
    write_journal(pump.board.storage, pump.board.unique_id, segments)
    pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "ack")
    ask(pump, "start")
    return pump


def pull(pump, first):
    """Reads on from a sequence number; returns the next one."""
    reply = ask(pump, "log", **{"from": first, "max": RECORDS_MAX})
    return reply["first"] + RECORDS_MAX


@pytest.mark.requirement("A-01")
@pytest.mark.requirement("J-05")
def test_the_warning_comes_at_80_per_cent_and_goes_when_a_host_has_read():
    pump = pump_with(segments=8)                        # 8192, and some 820 more
    shown_at = None
    while shown_at is None:
        pump.run_for(HOUR_MS)
        status = ask(pump, "status")
        if status["alarms"]:
            shown_at = status["next_seq"]
    assert status["alarms"] == ["journal nearly full"]
    assert pump.board.indicator.pattern == PATTERN_LOW
    assert WARNED_AT <= shown_at <= WARNED_AT + 10      # seven records an hour
    seq = 0
    while seq < shown_at:
        seq = pull(pump, seq)
    ask(pump, "ack")
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["alarms"] == []


def test_what_was_read_leaving_a_hole_does_not_count():
    pump = pump_with(segments=9)
    seq = RECORDS_MAX                                   # the first sixteen are never read
    while seq < 9 * 1024:
        seq = pull(pump, seq)
    ask(pump, "ack")
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["alarms"] == ["journal nearly full"]


@pytest.mark.requirement("J-05")
def test_how_far_a_host_has_read_survives_a_power_loss():
    pump = pump_with(segments=9)                        # 9216: more than 80 %
    seq = 0
    while seq < 9 * 1024:
        seq = pull(pump, seq)
    ask(pump, "ack")
    ask(pump, "stop")                                   # a run's end writes it
    pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "ack")
    ask(pump, "start")
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["alarms"] == []


def said_to_be_pulled(pump, next_seq, chain=None):
    """Tells the pump that all before next_seq is held; returns how many are not, or the code of a refusal."""
    chain = chain or record.chain_of(pump.app.journal.read(next_seq - 1, 1))
    reply = send(pump, request("pulled", next=next_seq, chain=chain.hex()))
    return reply["ok"]["unpulled"] if "ok" in reply else reply["error"]["code"]


@pytest.mark.requirement("J-05")
def test_a_host_that_has_the_older_records_from_before_a_reset_says_so_and_the_warning_goes():
    pump = pump_with(segments=9)
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["alarms"] == ["journal nearly full"]
    next_seq = ask(pump, "status")["next_seq"]
    assert said_to_be_pulled(pump, next_seq) == 0
    ask(pump, "ack")
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["alarms"] == []


@pytest.mark.requirement("J-05")
def test_only_who_knows_the_chain_of_a_record_there_is_has_pulled_it():
    pump = pump_with(segments=1)
    next_seq = ask(pump, "status")["next_seq"]
    assert said_to_be_pulled(pump, 1000, bytes(8)) == "bad_value"
    assert said_to_be_pulled(pump, next_seq + 1, bytes(8)) == "bad_value"
    assert said_to_be_pulled(pump, 1000) == next_seq - 1000
    assert said_to_be_pulled(pump, 500) == next_seq - 1000          # what is held stays held


@pytest.mark.requirement("J-05")
@pytest.mark.parametrize("next_seq, told", [(1023, []), (1024, [(record.ACTOR_PUMP, 0, 1024)])])
def test_the_end_of_a_run_writes_how_far_a_host_has_read_once_that_is_a_segment(next_seq, told):
    pump = pump_with(segments=1)
    said_to_be_pulled(pump, next_seq)
    ask(pump, "stop")
    found = [raw for raw in records(pump, 1024) if record.header(raw)[7] == record.EVENT_PULLED]
    assert [(*record.header(raw)[8:11:2], *record.data_of(raw, record.PULLED)) for raw in found] == told
