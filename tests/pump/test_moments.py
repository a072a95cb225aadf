"""What PROTOCOL.md says is written when: every moment of its table is played, with and without a bolus under way."""

import re

import pytest

from pump import alarms, bolus, record, slots
from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG, INPUT_BUTTON, INPUT_STALL
from pump.update import ALONE_MS
from pumpsim import SimPump
from tests.protocol_page import table
from tests.pumps import HOST_BOLUS, HOUR_MS, MINUTE_MS, RIG, START_UTC_MS, ask, program, push, records, refused
from tests.sessions import Session, lock_up

DOCUMENT = program(plans=[[0, 36_000, 600, 50_000]], resume="basal")


class Story:
    """A pump and the names of what it wrote at each moment of the page."""

    def __init__(self):
        self.pump = SimPump()
        self.moments = {}
        self._read = 0

    def ask(self, name, **fields):
        ask(self.pump, name, **fields)

    def told(self, moment):
        """What was written since the last call belongs to this moment."""
        self.moments.setdefault(moment, []).append(self.news())

    def news(self):
        new = records(self.pump, self._read)
        self._read += len(new)
        return [_name(raw) for raw in new]


def _name(raw):
    event, code = record.header(raw)[7], record.header(raw)[10]
    name = record.EVENT_NAMES[event]
    if event == record.EVENT_BOLUS and code & 15 not in (bolus.GRANTED, bolus.COMPLETE):
        return f"{name} {bolus.OUTCOME_NAMES[code & 15]}"
    if event == record.EVENT_TRANSFER and code & 15 == bolus.INTERRUPTED + 1:
        return f"{name} interrupted"
    if event == record.EVENT_ALARM and code in (alarms.WATCHDOG_RESET, alarms.CLOCK_NOT_SET):
        return f"{name} {alarms.TABLE[code][0]}"
    if event == record.EVENT_ALARM and code == alarms.REPEATED:
        return f"{name} repeated"
    return name


def commit(story):
    story.pump.poll()
    story.news()                        # the alarm of the clock that is not set
    assert "ok" in push(story.pump, "rig", RIG)
    story.told("rig committed")
    assert "ok" in push(story.pump, "program", DOCUMENT)
    story.told("program committed, stopped")
    story.ask("clock", utc_ms=START_UTC_MS)
    story.told("clock set, stopped")
    refused(story.pump, "resume")
    story.told("request refused")
    story.ask("ack")
    story.told("ack")


def operate(story):
    pump = story.pump
    story.ask("start")
    story.told("start")
    pump.run_for(10 * MINUTE_MS)
    story.told("checkpoint")
    story.ask("bolus", **HOST_BOLUS)
    story.told("bolus begins")
    refused(pump, "bolus", **HOST_BOLUS)
    story.told("request refused")
    pump.run_for(10 * MINUTE_MS + 1)
    story.told("bolus over or cancelled")
    story.ask("suspend")
    story.told("suspend or stop")
    story.ask("resume")
    story.told("resume")
    story.ask("bolus", **HOST_BOLUS)
    story.news()
    assert "ok" in push(pump, "program", DOCUMENT)
    story.told("program committed, running")
    story.ask("bolus", **HOST_BOLUS)
    story.news()
    story.ask("suspend")
    story.told("suspend or stop")
    story.ask("resume")
    story.news()
    story.ask("temp", percent=150, rate_nl_per_h=0, for_s=60)
    story.told("temporary rate begins")
    pump.run_for(MINUTE_MS + 1)
    story.told("temporary rate over")
    story.ask("clock", utc_ms=START_UTC_MS + 10 * HOUR_MS - 1000)
    story.told("clock set, running")
    pump.run_for(1001)
    story.told("rate change")
    story.ask("clock", utc_ms=START_UTC_MS + 24 * HOUR_MS - 1000)
    story.news()
    pump.run_for(1001)
    story.told("midnight")


def move(story):
    pump = story.pump
    for bolus_first in (True, False):
        if bolus_first:
            story.ask("bolus", **HOST_BOLUS)
            story.news()
        story.ask("prime", volume_nl=10_000)
        story.told("prime in a run begins")
        pump.run_for(2000)
        story.told("prime in a run over")
    story.ask("refill", added_nl=1000, withdrawn_nl=-1)
    story.told("refill, running")
    story.ask("stop")
    story.news()
    story.ask("withdraw", volume_nl=10_000)
    pump.run_for(2000)
    story.told("prime or withdrawal while stopped")
    story.ask("refill", added_nl=1000, withdrawn_nl=-1)
    story.told("refill, stopped")


def fail(story):
    pump = story.pump
    for bolus_first in (True, False):
        story.ask("start")
        if bolus_first:
            story.ask("bolus", **HOST_BOLUS)
        story.news()
        pump.board.inputs.level = INPUT_STALL
        pump.poll()
        story.told("fault")
        pump.board.inputs.level = 0
        pump.poll()
        story.told("cause of an alarm gone")
        story.ask("ack")
        story.told("ack of a fault")


def reset(story):
    pump = story.pump
    story.ask("prime", volume_nl=10_000)
    story.news()
    pump.boot(CAUSE_WATCHDOG)
    story.told("boot")
    pump.rtc.fit()
    story.ask("clock", utc_ms=START_UTC_MS)
    story.ask("start")
    story.ask("bolus", **HOST_BOLUS)
    story.news()
    pump.boot(CAUSE_WATCHDOG)
    both = story.news()
    story.moments["boot"].append(both[:-4])             # the clock is known at once, so the schedule goes on
    story.moments["basal rate resumes after a boot"] = [both[-4:]]
    story.ask("clock", utc_ms=START_UTC_MS + 24 * HOUR_MS - 1000)
    story.news()
    pump.run_for(1001)
    story.told("midnight")
    story.ask("ack")
    story.news()
    pump.boot(CAUSE_SOFT)
    both = story.news()
    story.moments["basal rate resumes after a boot"].append(both[-4:])
    pump.rtc.stop_oscillator()
    pump.boot(CAUSE_SOFT)
    pump.poll()
    story.news()
    assert "ok" in push(pump, "program", DOCUMENT)
    said = story.news()
    story.moments["it will not: a program was committed, or the reservoir is empty"] = [said[1:]]


def try_out(story):
    """Two trials of a minute: a bolus of the host runs into the end of one, a scheduled one is due at that of both."""
    pump = story.pump
    trial = DOCUMENT | {"ends": {"after_s": 60, "volume_nl": 0}, "boluses": [[1, 127, 50_000, 600, 0]]}
    assert "ok" in push(pump, "program", trial)
    for day in (0, 1):
        story.ask("clock", utc_ms=START_UTC_MS + day * 24 * HOUR_MS)       # 00:00
        story.news()
        story.ask("start")
        story.told("start")
        story.ask("ack")
        if day:
            story.ask("bolus", **HOST_BOLUS)
        story.news()
        pump.run_for(MINUTE_MS + 1)
        story.told("trial over")


def reset_again(story):
    """Three resets by the watchdog within ten minutes, two of them above; then a button that is held."""
    pump = story.pump
    story.ask("ack")
    story.news()
    pump.boot(CAUSE_WATCHDOG)
    story.told("boot, third by the watchdog in 10 minutes")
    story.ask("ack")
    pump.run_for(HOUR_MS)
    story.news()
    pump.bench.inputs.level = INPUT_BUTTON
    pump.boot(CAUSE_POWER)
    story.told("boot, self-test failed")
    story.ask("ack")
    story.told("ack while the self-test fails")
    pump.bench.inputs.level = 0
    story.ask("ack")
    story.told("ack of a fault")


def update(story):
    pump = story.pump
    story.ask("stop")
    story.news()
    story.ask("maintenance")
    handed_over = story.news()                          # a simulated pump starts again at once
    story.moments["maintenance"] = [handed_over[:1]]
    story.moments["boot"].append(handed_over[1:])
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.boot(CAUSE_SOFT)
    story.told("boot")
    pump.run_for(ALONE_MS)
    story.told("trial of a firmware over")


def lock(story):
    """Keys, a login that fails and one that opens a session, and the keys taken away again."""
    lock_up(story.pump)
    story.told("login, keys changed")
    assert "error" in Session(story.pump, role_key=bytes(32)).reply
    story.told("login refused")
    session = Session(story.pump)
    story.told("login, keys changed")
    assert "ok" in session.set_keys(b"")
    story.told("login, keys changed")


@pytest.fixture(scope="module")
def story():
    found = Story()
    found.told("boot")
    for chapter in (commit, operate, move, fail, reset, try_out, reset_again, update, lock):
        chapter(found)
    return found


def test_the_records_of_every_moment_are_those_of_the_page(story):
    told = dict(table("What is written when"))
    assert set(story.moments) == set(told)
    for moment, words in told.items():
        parts = re.findall(r"(\[[^]]+\]|alarm repeated|[\w-]+)", words)
        pattern = "".join(rf"(?:{part[1:-1]},)?" if part[0] == "[" else rf"{part}," for part in parts)
        for written in story.moments[moment]:
            assert re.fullmatch(pattern, "".join(f"{name}," for name in written)), (moment, words, written)


def test_what_is_written_only_sometimes_was_seen_both_ways(story):
    for moment, words in table("What is written when"):
        for part in re.findall(r"\[([^]]+)\]", words):
            seen = {part in written for written in story.moments[moment]}
            assert True in seen, (moment, part)
