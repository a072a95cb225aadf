"""What one event costs on the emulated Pico's flash, real littlefs and all (J-07)."""

import json
from statistics import median

import pytest

from pump.journal import TAIL_RECORDS

BEFORE_ONE_ERASE_MS = 30                        # an erase is 45 ms: so a record below has erased nothing


@pytest.mark.figure
@pytest.mark.requirement("J-07")
def test_an_event_costs_a_millisecond_or_two_and_an_erase_only_now_and_then(boot, say, figure):
    pico = boot("journal_times")
    erases_before = pico.do("state")["sectorErases"]
    times_ms = [us / 1000 for us in json.loads(pico.until("END", seconds=300).removesuffix("END"))]
    erases = pico.do("state")["sectorErases"] - erases_before

    erasing = sum(1 for ms in times_ms if ms > BEFORE_ONE_ERASE_MS)
    say(f"{len(times_ms)} events: median {median(times_ms):.1f} ms, worst {max(times_ms):.0f} ms; "
        f"{erases} sector erases, in {erasing} of them")
    figure("event", median(times_ms))
    figure("event_worst", max(times_ms))            # half of the watchdog's two seconds at most
    assert erasing <= 2 * len(times_ms) // TAIL_RECORDS
