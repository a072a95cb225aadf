"""The invariants of runs, alarms and appointments see a pump that breaks them: it is broken on purpose, and a plain
scenario tells."""

import pytest

from pump import appointments, record
from pump.alarms import LOW, Alarms
from pump.bolus import COMPLETE, INTERRUPTED, SCHEDULED
from pump.chronicle import Chronicle
from pump.controller import Controller
from pump.resumption import Resumption
from pump.run import Run
from pumpsim.scenarios.result import run
from pumpsim.soak.played import written

RIG = {"name": "plain", "head": {"kind": "peristaltic", "volume_per_revolution": "0.32 mL"},
       "motor": {"full_steps": 200, "microsteps": 16, "max_step_rate": 4000}, "reservoir": {"capacity": "10 mL"},
       "limits": {"max_rate": "3 mL/h", "max_1h": "500 uL", "max_24h": "5 mL", "max_bolus": "150 uL"},
       "alarms": {"supply_low": "4.5 V"}}
PROGRAM = {"name": "day", "utc_offset": "+00:00", "schedule": [{"segments": [{"at": "00:00", "rate": "60 uL/h"}]}],
           "bolus": [{"at": "09:00", "volume": "10 uL", "over": "2 min"},
                     {"at": "12:00", "volume": "10 uL", "over": "2 min"}]}
STORY = {
    "title": "t", "purpose": "p", "start": "2026-04-01T08:00", "duration": "7 h", "loose": True, "rig": RIG,
    "program": PROGRAM,
    "timeline": [
        {"after": "80 min", "do": "clock", "back": "40 min"},              # 08:40 again, after the bolus of 09:00
        {"after": "150 min", "do": "bolus", "volume": "100 uL", "over": "10 min"},
        {"after": "155 min", "fault": "stop_switch", "for": "20 min"},
        {"after": "160 min", "do": "ack"},                                 # while it is pressed
        {"after": "161 min", "do": "start"},
        {"after": "180 min", "do": "ack"},
        {"after": "181 min", "do": "start"},
        {"after": "185 min", "fault": "supply_low", "mv": 4000, "for": "10 min"},
        {"after": "190 min", "do": "bolus", "volume": "10 uL", "over": "1 min"},
        {"after": "198 min", "do": "ack"},
        {"after": "200 min", "do": "bolus", "volume": "10 uL", "over": "1 min"},
        {"after": "210 min", "fault": "power_cut", "for": "10 s"},         # of a run
        {"after": "270 min", "do": "suspend"},                             # over the bolus of 12:00, or it is late
        {"after": "330 min", "do": "resume"},
        {"after": "340 min", "do": "stop"},
        {"after": "350 min", "fault": "power_cut", "for": "10 s"},         # of none
    ],
}


def never_stopped(self, was_running, program):
    self.is_open = program is not None


def without_a_word(self, now_ms, event, actor, code):
    WRITE_REST(self, now_ms, event, actor, code % record.BOOT_RESUMES)


def nothing_is_late(self, event_ms, now_ms, is_over=False):
    for bolus, _ in self.timetable.due(event_ms, is_over):
        self.request(now_ms, bolus, record.ACTOR_SCHEDULE, 0, event_ms)


def taken_up_later(self, ms, bolus, outcome, *more):
    """What was interrupted is complete with the next record of a bolus."""
    if KEPT:
        kept = KEPT.pop()
        WRITE_BOLUS(self, ms, kept, COMPLETE, kept.steps, record.ACTOR_PUMP, 0, 0)
    if outcome == INTERRUPTED:
        KEPT.append(bolus)
    else:
        WRITE_BOLUS(self, ms, bolus, outcome, *more)


def a_minute_off(self, ms, bolus, *more):
    bolus.nominal_utc_min += bolus.kind == SCHEDULED
    WRITE_BOLUS(self, ms, bolus, *more)


def starts_as_a_rate(self, now_ms, event, actor):
    BEGIN(self, now_ms, record.EVENT_RATE, actor)


def forgets_with_the_cause(self, number, is_present):
    news = SET(self, number, is_present)
    if not is_present:
        self.unacknowledged &= self.present
        self.shown &= self.present
    return news


def shows_nothing(self, now_ms, event, actor, code, layout, *values):
    NOTE(self, now_ms, event, actor, code, layout, *(0, *values[1:]) if event == record.EVENT_ALARM else values)


KEPT = []
WRITE_REST, WRITE_BOLUS, BEGIN, SET, NOTE = (Controller.write_rest, Run._write_bolus, Run.begin, Alarms.set,
                                             Chronicle.note)
BREAKS = [
    ("an appointment is dealt with once", appointments, "mark_handled", lambda handled, utc_min: None),
    ("an appointment is the program's", Run, "_write_bolus", a_minute_off),
    ("a scheduled bolus begins in its time", Run, "_do_due", nothing_is_late),
    ("only what ran goes on after a reset", Resumption, "ask", never_stopped),
    ("nothing goes on by itself", Controller, "write_rest", without_a_word),
    ("no rate without a start", Run, "begin", starts_as_a_rate),
    ("no bolus without a start", Run, "begin", starts_as_a_rate),
    ("a bolus never resumes", Run, "_write_bolus", taken_up_later),
    ("an alarm that stops the motor lets nothing run", Alarms, "stops", lambda self: False),
    ("an alarm that bars boluses lets none begin", Alarms, "bars_boluses", lambda self: False),
    ("the status shows the journal's alarms", Alarms, "names", lambda self: []),
    ("the lamp shows the highest alarm", Alarms, "priority", lambda self: LOW),
    ("what is there or unseen is shown", Chronicle, "note", shows_nothing),
    ("an alarm stays until it is acknowledged", Alarms, "set", forgets_with_the_cause),
]


def broken(tmp_path, program=PROGRAM):
    path = tmp_path / "story.toml"
    path.write_text(written(STORY | {"program": program}))
    result = run(path)
    assert not result.error, result.error
    return [outcome.text for outcome in result.failures]


@pytest.mark.parametrize("resume", ["basal", "stopped"])
def test_a_sound_pump_breaks_none(resume, tmp_path):
    assert broken(tmp_path, PROGRAM | {"resume": resume}) == []


@pytest.mark.parametrize(("invariant", "where", "name", "instead"), BREAKS, ids=[case[0] for case in BREAKS])
def test_it_sees_a_pump_that_breaks_it(invariant, where, name, instead, monkeypatch, tmp_path):
    monkeypatch.setattr(where, name, instead)
    assert invariant in broken(tmp_path)


@pytest.mark.requirement("P-04")
def test_it_sees_a_pump_that_goes_on_although_its_program_says_stopped(monkeypatch, tmp_path):
    monkeypatch.setattr(Resumption, "ask", lambda self, was_running, program: setattr(self, "is_open", was_running))
    assert "resume = stopped stays stopped" in broken(tmp_path, PROGRAM | {"resume": "stopped"})
