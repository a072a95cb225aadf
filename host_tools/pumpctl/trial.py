"""A firmware's trial, as the pump tells of it: which failures of the self-test are the firmware's, and what a trial
that failed has left in the journal. Changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pump import record, selftest, update

if TYPE_CHECKING:
    from pumpctl.pump_link import PumpLink

LAST = 20                     # records: a trial that failed and the boot after it write fewer
_UNFIT = [name for bit, name in enumerate(selftest.NAMES) if update.UNFIT >> bit & 1]


def unfit(failed: list[str]) -> list[str]:
    """Those of the self-test's failures that a firmware can cause; the others are of what is wired to the Pico."""
    return [name for name in failed if name in _UNFIT]


def failed_in_trial(pump: PumpLink) -> list[str]:
    """What of the self-test failed in the newest boot on trial, by the journal's last records."""
    raws = list(pump.records(max(0, pump.status().next_seq - LAST)))
    heads = [(raw, record.header(raw)) for raw in raws]
    boots = [head[6] for _, head in heads if head[7] == record.EVENT_FIRMWARE and head[10] == update.ON_TRIAL]
    failed = 0
    for raw, head in heads:
        if boots and head[6] == boots[-1] and head[7] == record.EVENT_SELF_TEST:
            failed |= record.data_of(raw, record.SELF_TEST)[0]
    return unfit([name for bit, name in enumerate(selftest.NAMES) if failed >> bit & 1])
