"""The journal does not depend on how often the pump is polled."""

import pytest

from pump import record
from tests.pumps import DAY_MS, HOUR_MS, MINUTE_MS, START_UTC_MS, ask, program, records, running_pump

# Rates that are no neat fraction of a step, a fast hour, a slow one, and the spring change at 02:00
SCHEDULE = program(plans=[[0, 20_003, 90, 1_700_017, 150, 0, 200, 7, 390, 55_001, 1320, 20_003]])


def a_night(poll_ms):
    """Journal from 22:00 to 04:40 by local time, 5 h 40 min, with a suspend, a clock change and a status each hour, all
    on multiples of 100 ms."""
    pump = running_pump(document=SCHEDULE, utc_ms=START_UTC_MS + 2 * DAY_MS - 2 * HOUR_MS, poll_ms=poll_ms)
    for part in range(17):                              # of 20 min
        if part == 2:
            ask(pump, "suspend")
        if part == 4:
            ask(pump, "resume")
        if part == 8:
            ask(pump, "clock", utc_ms=START_UTC_MS + 2 * DAY_MS + 40 * MINUTE_MS + 90_000)
        if part % 3 == 1:
            ask(pump, "status")
        pump.run_for(20 * MINUTE_MS)
    ask(pump, "stop")
    return records(pump)


@pytest.fixture(scope="module")
def by_jumps():
    return a_night(None)


@pytest.mark.long                                     # millions of polls take minutes under coverage
@pytest.mark.parametrize("poll_ms", [10, 100])
def test_any_poll_rate_writes_the_same_journal(by_jumps, poll_ms):
    journal = a_night(poll_ms)
    assert len(journal) == len(by_jumps)
    for ours, theirs in zip(journal, by_jumps, strict=True):
        assert ours == theirs, (record.header(ours), record.header(theirs))


def test_the_night_had_something_to_differ_in(by_jumps):
    names = [record.EVENT_NAMES[record.header(raw)[7]] for raw in by_jumps]
    assert names.count("rate") == 4                     # behind the clock change, at 01:30, 03:00 and 03:20
    assert names.count("checkpoint") > 20
    assert {"start", "suspend", "resume", "clock", "day", "stop"} <= set(names)
