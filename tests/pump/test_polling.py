"""The journal does not depend on how often the pump is polled."""

import pytest

from pump import record
from tests.pumps import DAY_MS, HOUR_MS, START_UTC_MS, ask, program, records, running_pump

# Rates that are no neat fraction of a step, a fast hour, a slow one, and the spring change at 02:00
SCHEDULE = program(plans=[[0, 20_003, 90, 1_700_017, 150, 0, 200, 7, 390, 55_001, 1320, 20_003]])


def a_day(poll_ms):
    """Journal of a day with a suspend, a clock change and a status every 2 h, all on multiples of 100 ms."""
    pump = running_pump(document=SCHEDULE, utc_ms=START_UTC_MS + 2 * DAY_MS, poll_ms=poll_ms)
    for hour in range(24):
        if hour == 9:
            ask(pump, "suspend")
        if hour == 10:
            ask(pump, "resume")
        if hour == 15:
            ask(pump, "clock", utc_ms=START_UTC_MS + 2 * DAY_MS + 15 * HOUR_MS + 90_000)
        if hour % 2:
            ask(pump, "status")
        pump.run_for(HOUR_MS)
    ask(pump, "stop")
    return records(pump)


@pytest.fixture(scope="module")
def by_jumps():
    return a_day(None)


@pytest.mark.parametrize("poll_ms", [5, 100])
def test_any_poll_rate_writes_the_same_journal(by_jumps, poll_ms):
    journal = a_day(poll_ms)
    assert len(journal) == len(by_jumps)
    for ours, theirs in zip(journal, by_jumps, strict=True):
        assert ours == theirs, (record.header(ours), record.header(theirs))


def test_the_day_had_something_to_differ_in(by_jumps):
    names = [record.EVENT_NAMES[record.header(raw)[7]] for raw in by_jumps]
    assert names.count("rate") >= 6
    assert names.count("checkpoint") > 100
    assert {"start", "suspend", "resume", "clock", "day", "stop"} <= set(names)
