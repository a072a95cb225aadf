"""What stands at the head of a record: where it comes from and what its code says (J-01)."""

import pytest

from pump import record
from pump.chronicle import Chronicle
from tests.pumps import RIG, ask, push, ready_pump, records, running_pump


@pytest.mark.requirement("J-01")
@pytest.mark.parametrize("board_name, origin", [("simulator", 16), ("pico", 17)])    # version 1 * 16, and the board
def test_a_record_says_which_board_wrote_it_and_in_which_version(board_name, origin):
    pump = ready_pump()
    chronicle = Chronicle(pump.app.clock, board_name)
    assert chronicle.unpulled_percent() == 0            # nothing to warn of without a journal
    chronicle.open(pump.app.journal)
    chronicle.note(pump.app.clock.mono_ms, record.EVENT_PULLED, record.ACTOR_PUMP, 0, record.PULLED, 0)
    assert record.header(records(pump)[-1])[9] == origin


@pytest.mark.requirement("J-01")
def test_a_document_s_record_is_the_host_s_and_has_no_code():
    written = [raw for raw in records(ready_pump())
               if record.header(raw)[7] in (record.EVENT_RIG, record.EVENT_PROGRAM)]
    assert [(record.header(raw)[8], record.header(raw)[10]) for raw in written] == [(record.ACTOR_HOST, 0)] * 2
    # The first of its kind, and no soft limit is passed
    assert [record.data_of(raw, record.IMAGE)[1:] for raw in written] == [(1, 0)] * 2


def test_what_a_snapshot_says_of_earlier_ratios_has_no_code():
    pump = running_pump()
    pump.run_for(600_000)
    ask(pump, "stop")
    assert "ok" in push(pump, "rig", RIG | {"pl_per_rev": 300_000_000})
    heads = [record.header(raw) for raw in records(pump)]
    told = [head[10] for head in heads if head[7] in (record.EVENT_RATIO, record.EVENT_EARLIER)]
    assert told and set(told) == {0}
