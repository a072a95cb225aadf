"""Each invariant sees a pump that breaks it: the firmware is broken on purpose, and a plain scenario tells."""

import pytest

from pump import record
from pump.controller import Controller
from pump.delivery import Delivery
from pump.guard import Guard
from pump.ledger import Ledger
from pump.run import Run
from pump.volumes import Volumes
from pumpsim.scenarios.result import run
from pumpsim.soak.played import written

RIG = {"name": "plain", "head": {"kind": "peristaltic", "volume_per_revolution": "0.32 mL"},
       "motor": {"full_steps": 200, "microsteps": 16, "max_step_rate": 4000}, "reservoir": {"capacity": "500 uL"},
       "limits": {"max_rate": "3 mL/h", "max_1h": "200 uL", "max_24h": "2 mL", "max_bolus": "150 uL"}}
STORY = {
    "title": "t", "purpose": "p", "start": "2026-04-01T08:00", "duration": "4 h", "loose": True, "rig": RIG,
    "program": {"name": "steady", "utc_offset": "+00:00", "schedule": [{"segments": [{"at": "00:00",
                                                                                     "rate": "60 uL/h"}]}],
                "on_demand": {"volume": "10 uL", "over": "2 min", "lockout": "1 h", "max_per_24h": 4}},
    "timeline": [
        {"after": "5 min", "do": "prime", "volume": "50 uL"},
        {"after": "10 min", "press": "200 ms"},
        {"after": "20 min", "do": "bolus", "volume": "100 uL", "over": "10 min"},
        {"after": "21 min", "do": "bolus", "volume": "10 uL", "over": "10 min"},
        {"after": "31 min", "do": "bolus", "volume": "100 uL", "over": "10 min"},
        {"after": "65 min", "fault": "power_cut", "for": "10 s"},
        {"after": "90 min", "do": "stop"},
        {"after": "91 min", "do": "start"},
        {"after": "95 min", "do": "temp", "rate": "150 uL/h", "lasts": "2 h"},
    ],
}


def without_ahead(self, confirmed, ahead, uncertain):
    RESTORE(self, confirmed, 0, uncertain)


def unwritten_ahead(self, ms, event, actor, code, confirmed, ahead, rate):
    WRITE_DOSE(self, ms, event, actor, code, confirmed, 0, rate)
    self._delivery.ledger.authorised_steps = confirmed + ahead


WRITE_BOLUS, WRITE_DOSE = Run._write_bolus, Run.write_dose
RESTORE = Ledger.restore
BEGIN_TRANSFER = Delivery.begin_transfer
DENIAL = Run._denial
SEAL = record.seal
NL = Volumes.nl
BREAKS = [
    ("no rolling window above max_1h", Guard, "denies", lambda self, *more: None),
    ("confirmed and uncertain cover the steps at every record", Ledger, "restore", without_ahead),
    ("the motor is no faster than its limit", Delivery, "begin_transfer",
     lambda self, now_ms, account, steps, rate: BEGIN_TRANSFER(self, now_ms, account, steps, rate * 2)),
    ("one bolus at a time", Run, "_denial",
     lambda self, at_ms, bolus: DENIAL(self, at_ms, bolus) if self.bolus is None else 0),
    ("a bolus gives what was granted", Run, "_write_bolus",
     lambda self, ms, bolus, outcome, steps, *more: WRITE_BOLUS(self, ms, bolus, outcome, steps * 2, *more)),
    ("no dose out of an empty reservoir", Controller, "_note_level", lambda self: None),
    ("no alarm without a cause", Delivery, "excess_steps", lambda self, now_ms: int(self.is_running)),
    ("the status is the account in nL", Volumes, "nl", lambda self, *what: NL(self, *what) + 1),
    ("the rate is 0 at rest", Controller, "write_rest", lambda self, now_ms, event, actor, code: self.run.write_dose(
        now_ms, event, actor, code, self._delivery.ledger.dose_steps, 0, 1)),
    ("the journal's chain holds", record, "seal", lambda head, data, chain: SEAL(head, data, bytes(8))),
    ("every dose step is authorised before it is made", Run, "write_dose", unwritten_ahead),
]


def broken(tmp_path, story=STORY):
    path = tmp_path / "story.toml"
    path.write_text(written(story))
    result = run(path)
    assert not result.error, result.error
    return [outcome.text for outcome in result.failures]


def test_a_sound_pump_breaks_none(tmp_path):
    assert broken(tmp_path) == []


@pytest.mark.parametrize("operation", range(1, 13))
@pytest.mark.parametrize("asked", [{"do": "refill", "added": "100 uL"}, {"do": "bolus", "volume": "50 uL",
                                                                          "over": "10 min"}])
def test_what_is_seen_only_after_a_boot_that_cannot_read_the_rig_breaks_none(tmp_path, asked, operation):
    timeline = [{"after": "101 min", "fault": "bit_flip", "file": "rig.a", "bit": 1213},
                {"after": "102 min", "fault": "power_cut_at_flash", "operation": operation, "off_s": 60},
                {"after": "103 min", **asked}]
    assert broken(tmp_path, STORY | {"timeline": timeline}) == []


def test_a_withdrawal_that_a_power_cut_ends_is_uncertain_by_its_record(tmp_path):
    story = STORY | {"running": False, "timeline": [
        {"after": "1 h", "do": "refill", "added": "200 uL", "withdrawn": "100 uL"},
        {"after": "2 h", "do": "withdraw", "volume": "8 uL"},
        {"when": {"steps": 2}, "fault": "power_cut", "for": "1 s"}]}
    assert broken(tmp_path, story) == []


def test_the_straight_line_that_a_plan_makes_of_a_ramp_may_be_above_it_when_another_program_follows(tmp_path):
    """The checkpoint at 10 min has the straight line, the program of that instant what the ramp was until then."""
    ramp = {"at": "00:00", "rate": "0 nL/h", "ramp_to": "36 uL/h"}
    story = STORY | {"program": {"name": "ramp", "utc_offset": "+00:00", "schedule": [{"segments": [ramp]}]},
                     "programs": {"flat": STORY["program"]},
                     "timeline": [{"after": "10 min", "do": "program", "name": "flat"}]}
    assert broken(tmp_path, story) == []


@pytest.mark.parametrize("operation", [9, 10])        # the ninth programs the record
def test_a_bolus_of_which_a_power_cut_left_the_record_alone_was_in_its_own_boot(operation, tmp_path):
    """Two hours apart, with a lockout of one."""
    story = STORY | {"timeline": [
        {"after": "3599 s", "fault": "power_cut_at_flash", "operation": operation, "way": "done", "off_s": 1},
        {"after": "1 h", "press": "200 ms"}, {"after": "3 h", "press": "200 ms"}]}
    assert broken(tmp_path, story) == []


def test_what_is_primed_goes_on_when_the_waiting_for_the_clock_ends(tmp_path):
    story = STORY | {"clock": False, "program": STORY["program"] | {"resume": "basal"}, "timeline": [
        {"after": "1 h", "fault": "power_cut", "for": "1 s"}, {"after": "2 h", "do": "prime", "volume": "50 uL"},
        {"after": "7201 s", "do": "program", "name": "program"}]}
    assert broken(tmp_path, story) == []


@pytest.mark.parametrize(("invariant", "where", "name", "instead"), BREAKS, ids=[case[0] for case in BREAKS])
def test_it_sees_a_pump_that_breaks_it(invariant, where, name, instead, monkeypatch, tmp_path):
    monkeypatch.setattr(where, name, instead)
    assert invariant in broken(tmp_path)
