"""Scenes around resets and a full journal: the exact count, repeated faults, the self-test, a segment that goes."""

from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG, INPUT_BUTTON
from pump.journal import MAX_SEGMENTS, SEGMENT_RECORDS
from tests.long_journal import write_journal
from tests.pumps import RIG, START_UTC_MS, body_of
from tests.vm.alarm_scenes import faulted, running
from tests.vm.dosing_scenes import CONTINUOUS, MINUTE_MS

RESUMING = CONTINUOUS | {"resume": "basal"}


def watchdog_again(host):
    """The schedule goes on after two resets, exactly counted, and not after the third within ten minutes."""
    host.pump.rtc.fit()
    running(host, document=RESUMING)
    for cause in (CAUSE_SOFT, CAUSE_WATCHDOG, CAUSE_WATCHDOG):
        host.pump.run_for(2 * MINUTE_MS)
        host.reboot(cause)
        status = host.do("status")
        if status["state"] != "running" or status["uncertain_nl"]:
            raise AssertionError(f"a reset that keeps the count goes on: {status}")
    host.reboot(CAUSE_WATCHDOG)
    faulted(host, "repeated fault")


def prime_cut_off(host):
    """By a reset that keeps the count, then by a power loss."""
    host.ready(RIG, CONTINUOUS)
    for cause, primed_nl in ((CAUSE_WATCHDOG, 10_000), (CAUSE_POWER, 10_000)):
        host.do("prime", volume_nl=100_000)
        host.pump.run_for(1000)                     # 100 steps/s
        host.reboot(cause)
        if host.do("status")["prime_nl"] != primed_nl:
            raise AssertionError(f"100 steps of 100 nL: {host.do('status')}")


def other_rig(host):
    """Of a tenth of the volume a step: what was delivered stays what it was, over a power loss too."""
    host.ready(RIG, CONTINUOUS)
    host.do("start")
    host.pump.run_for(60 * MINUTE_MS + 1)
    host.do("stop")
    host.push("rig", body_of(RIG | {"pl_per_rev": 32_000_000, "max_step_rate": 40_000}))
    for _ in range(2):
        status = host.do("status")
        if (status["delivered_nl"], status["last_24h_nl"], status["reservoir_nl"]) != (36_000, 36_000, 999_964_000):
            raise AssertionError(f"360 steps of 100 nL: {status}")
        host.reboot(CAUSE_POWER)


def held_button(host):
    host.ready(RIG, CONTINUOUS)
    host.pump.bench.inputs.level = INPUT_BUTTON
    host.reboot(CAUSE_POWER)
    host.do("clock", utc_ms=START_UTC_MS)
    host.do("ack")
    host.pump.bench.inputs.level = 0
    faulted(host, "self-test failed")


def full_journal(host):
    """A host reads it, says so, and a segment goes."""
    board = host.pump.board
    write_journal(board.storage, board.unique_id, MAX_SEGMENTS - 1, SEGMENT_RECORDS - 64)
    host.reboot(CAUSE_POWER)
    host.ready(RIG, CONTINUOUS)
    host.pull()
    host.do("start")
    host.do("stop")
    for _ in range(64):
        host.do("ack")
    if host.do("status")["first_seq"] != SEGMENT_RECORDS:
        raise AssertionError(f"the oldest segment is gone: {host.do('status')}")


SCENES = (watchdog_again, prime_cut_off, other_rig, held_button, full_journal)
