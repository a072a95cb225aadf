"""Sameness, part one: the demo's seven days, recorded under CPython, make the same board calls on MicroPython."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pumpfiles.program_file import load_program
from pumpfiles.rig_file import load_rig
from tests.vm import microvm
from tests.vm.microvm import replay
from tests.vm.replay_scenario import record_scenario

EXAMPLES = Path(__file__).parents[2] / "host_tools/examples"
START = datetime(2026, 3, 27, tzinfo=ZoneInfo("Europe/Berlin"))


def first(lines, start):
    """Index of the first line that starts so, well into the record."""
    return next(at for at, line in enumerate(lines) if at > 1000 and line.startswith(start))


@pytest.fixture(scope="module")
def recorded():
    rig = load_rig(EXAMPLES / "bench-1.toml")
    program = load_program(EXAMPLES / "circadian.toml", start=START)
    return record_scenario(rig.body, program.body, int(START.timestamp()) * 1000)


def test_every_board_call_of_seven_days_is_the_same_on_micropython(recorded, tmp_path, capsys):
    said = replay(tmp_path, recorded)

    polls = sum(line.startswith("poll\t") for line in recorded)
    assert said == f"{len(recorded)} calls in {polls} polls, all the same"
    assert len(recorded) > 10_000
    with capsys.disabled():
        print(f"\nreplay on MicroPython: {said}")


def test_the_record_covers_what_it_should(recorded):
    paths = {line.split("\t")[0] for line in recorded}

    assert {"boot", "poll", "stepper.put", "stepper.halt", "storage.append", "link.write", "counter.steps"} <= paths
    assert sum(line.startswith("boot\t") for line in recorded) == 2
    assert any(line.endswith("!OSError") for line in recorded)
    replies = b"".join(bytes.fromhex(line.split("\t")[1][1:]) for line in recorded if line.startswith("link.write"))
    codes = set(re.findall(rb'"code":"(\w+)"', replies))
    assert codes >= {b"bad_line", b"bad_crc", b"unknown_request", b"id_reused", b"bad_value", b"bad_state", b"no_rig",
                     b"clock_not_set", b"digest", b"staging"}


def test_an_altered_argument_is_found_and_named(recorded, tmp_path):
    at = first(recorded, "stepper.put\t")
    path, count, interval, *rest = recorded[at].split("\t")
    altered = "\t".join([path, str(int(count) + 1), interval, *rest])

    with pytest.raises(microvm.VmError) as failure:
        replay(tmp_path, recorded[:at] + [altered] + recorded[at + 1:])

    assert f"line {at + 1}: expected {altered}, got {path}\t{count}\t{interval}\t=" in str(failure.value)


def test_an_altered_answer_is_found_at_the_next_call_that_depends_on_it(recorded, tmp_path):
    at = first(recorded, "stepper.room\t=\t4")
    emptied = "stepper.room\t=\t0"

    with pytest.raises(microvm.VmError, match=f"line {at + 2}: expected stepper.put"):
        replay(tmp_path, recorded[:at] + [emptied] + recorded[at + 1:])


def test_a_record_cut_short_of_a_call_is_found(recorded, tmp_path):
    at = first(recorded, "watchdog.feed\t")

    with pytest.raises(microvm.VmError, match=rf"line {at + 1}: expected poll\t.*, got watchdog.feed\t="):
        replay(tmp_path, recorded[:at] + recorded[at + 1:])
