"""Sameness, part four: every mode and every alarm makes the same board calls on MicroPython, to the byte."""

import pytest

from pump import alarms, record
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from tests.vm import access_scenes, alarm_scenes, dosing_scenes, reset_scenes, update_scenes
from tests.vm.board_trace import ERRORS, PARTS
from tests.vm.microvm import replay
from tests.vm.recorded_host import Host


@pytest.fixture(scope="module")
def played():
    """A Host for every scene that has been played and whose journal has been pulled."""
    hosts = []
    for scene in (*dosing_scenes.SCENES, *alarm_scenes.SCENES, *reset_scenes.SCENES, *update_scenes.SCENES,
                  *access_scenes.SCENES):
        host = Host()
        scene(host)
        host.pull()
        hosts.append(host)
    return hosts


def written(played, event, layout):
    """(code, data) of every record of an event."""
    return [(record.header(raw)[10], record.data_of(raw, layout)) for host in played for raw in host.records
            if record.header(raw)[7] == event]


@pytest.mark.parametrize("is_one_module", [False, True], ids=["as written", "as one module"])
def test_every_board_call_of_every_scene_is_the_same_on_micropython(played, tmp_path, capsys, is_one_module):
    lines = [line for host in played for line in host.recorder.lines]
    said = replay(tmp_path, lines, is_one_module)
    polls = sum(line.startswith("poll\t") for line in lines)
    assert said == f"{len(lines)} calls in {polls} polls, all the same"
    with capsys.disabled():
        print(f"\nscenes on MicroPython: {said}")


def test_every_alarm_was_shown_present_and_gone(played):
    shown, present, acknowledged = set(), set(), set()
    for _, (shown_mask, present_mask, unacknowledged) in written(played, record.EVENT_ALARM, record.ALARM):
        for number in range(1, len(alarms.TABLE)):
            if shown_mask >> number & 1:
                shown.add(number)
                acknowledged |= set() if unacknowledged >> number & 1 else {number}
            if present_mask >> number & 1:
                present.add(number)
    every = set(range(1, len(alarms.TABLE)))
    assert shown == every
    assert present == every - set(alarms.MOMENTARY)
    assert alarms.END_OF_TRAVEL in acknowledged         # seen, and still there


def test_every_kind_outcome_and_denial_of_a_bolus_was_written(played):
    found = written(played, record.EVENT_BOLUS, record.BOLUS)
    assert {KIND_NAMES[code >> 4] for code, _ in found} == set(KIND_NAMES[1:])
    assert {OUTCOME_NAMES[code & 15] for code, _ in found} == set(OUTCOME_NAMES)
    assert {DENIALS[data[6]] for _, data in found} == set(DENIALS)


def test_every_event_and_every_way_a_transfer_ends_was_written(played):
    events = {record.header(raw)[7] for host in played for raw in host.records}
    assert events == set(range(1, len(record.EVENT_NAMES)))
    transfers = {(code >> 4, code & 15) for code, _ in written(played, record.EVENT_TRANSFER, record.TRANSFER)}
    # begun, over, cancelled, interrupted by a fault or a reset, cut off by a power loss
    assert transfers >= {(1, 0), (1, 1), (1, 3), (1, 4), (1, 5), (2, 0), (2, 1), (2, 5)}
    codes = {record.header(raw)[10] for host in played for raw in host.records
             if record.header(raw)[7] in record.RUN_EVENTS}
    assert codes >= {0, record.RATE_RAMP}


def test_every_part_of_the_board_was_asked(played):
    asked = {line.split("\t")[0] for host in played for line in host.recorder.lines}
    contract = {f"{part}.{name}" for part, names in PARTS.items() for name in names}
    # asked only by the device's loop
    assert asked - {"boot", "poll"} >= contract - {"clock.sleep_ms"}
    results = {line.split("\t")[-1] for host in played for line in host.recorder.lines}
    assert results >= set(ERRORS)
