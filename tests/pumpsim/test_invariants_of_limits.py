"""The invariants of limits and of what stays see a pump that breaks them, also where a fault has made it miscount or
has kept it from writing: it is broken on purpose, and a plain scenario tells."""

import pytest

from pump import record
from pump.bolus import ON_DEMAND, Bolus
from pump.boluses import Boluses
from pump.guard import Guard
from pump.journal import Journal
from pump.ledger import Ledger
from pump.run import Run
from pumpsim.scenarios.result import run
from pumpsim.soak.played import written

RIG = {"name": "plain", "head": {"kind": "peristaltic", "volume_per_revolution": "0.32 mL"},
       "motor": {"full_steps": 200, "microsteps": 16, "max_step_rate": 4000}, "reservoir": {"capacity": "10 mL"},
       "limits": {"max_rate": "3 mL/h", "max_1h": "200 uL", "max_24h": "400 uL", "max_bolus": "50 uL"}}
STORY = {
    "title": "t", "purpose": "p", "start": "2026-04-01T08:00", "duration": "6 h", "loose": True, "rig": RIG,
    "program": {"name": "steady", "utc_offset": "+00:00", "schedule": [{"segments": [{"at": "00:00",
                                                                                     "rate": "6 uL/h"}]}],
                "on_demand": {"volume": "10 uL", "over": "2 min", "lockout": "1 h", "max_per_24h": 2}},
    "timeline": [
        {"after": "10 min", "press": "200 ms"},
        {"after": "80 min", "press": "200 ms"},
        {"after": "85 min", "fault": "power_cut", "for": "10 s"},
        {"after": "150 min", "press": "200 ms"},                           # the third in 24 h
        {"after": "160 min", "do": "bolus", "volume": "60 uL", "over": "10 min"},        # above max_bolus
        {"after": "3 h", "do": "temp", "rate": "150 uL/h", "lasts": "3 h"},              # 450 uL: above max_24h
    ],
}


def more_on_demand(self, now_ms, bolus, *more):
    if bolus.kind == ON_DEMAND:
        bolus = Bolus(ON_DEMAND, bolus.volume_nl + 1000, bolus.over_ms, self.rig.ratio)
    return REQUEST(self, now_ms, bolus, *more)


REQUEST, RESTORE = Run.request, Ledger.restore
BREAKS = [
    ("a bolus is the program's", Run, "request", more_on_demand),
    ("no bolus is above max_bolus", Run, "_denial", lambda self, at_ms, bolus: 0),
    ("no more than max_per_24h", Boluses, "started", lambda self, kind, now_ms: None),
    ("no rolling window above max_24h", Guard, "denies", lambda self, *more: None),
    ("what was written stays", Journal, "_take_tail", lambda self, tail: None),
    ("what was confirmed stays", Ledger, "restore",
     lambda self, confirmed, *more: RESTORE(self, confirmed - 5, *more)),
]


def broken(tmp_path, *faults, **changes):
    path = tmp_path / "story.toml"
    path.write_text(written(STORY | {"timeline": [*STORY["timeline"], *faults]} | changes))
    result = run(path)
    assert not result.error, result.error
    return [outcome.text for outcome in result.failures]


def fault(after, name, **more):
    return {"after": after, "fault": name} | more


FAULTS = {
    "none": [],
    "extra steps": [fault("40 min", "extra_steps", steps=2), fault("41 min", "extra_steps", steps=-2)],
    "too many": [fault("40 min", "extra_steps", steps=10), {"after": "50 min", "do": "ack"},
                 {"after": "51 min", "do": "start"}],
    "a slot": [fault("84 min", "bit_flip", file="program.a", bit=100)],
    "a record": [fault("84 min", "bit_flip", file="j.tail", bit=100)],
    "no program": [fault("40 min", "flash_program", **{"for": "30 min"}), {"after": "75 min", "do": "ack"},
                   {"after": "76 min", "do": "start"}],
    "no erase": [fault("3 h", "flash_erase", **{"for": "2 h"}), {"after": "320 min", "do": "ack"}],
    "bad reads": [fault("84 min", "flash_read", **{"for": "10 min"})],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_a_sound_pump_breaks_none(faults, tmp_path):
    assert broken(tmp_path, *faults) == []


@pytest.mark.parametrize(("invariant", "where", "name", "instead"), BREAKS, ids=[case[0] for case in BREAKS])
@pytest.mark.parametrize("faults", [FAULTS["none"], FAULTS["extra steps"]], ids=["no fault", "extra steps"])
def test_it_sees_a_pump_that_breaks_it(faults, invariant, where, name, instead, monkeypatch, tmp_path):
    monkeypatch.setattr(where, name, instead)
    assert invariant in broken(tmp_path, *faults)


@pytest.mark.parametrize("name", ["flash_program", "flash_erase"])
def test_it_sees_what_a_pump_breaks_after_its_flash_chip_has_failed(name, monkeypatch, tmp_path):
    """What could not be written is not there; what is there holds. The pump breaks its chain after 145 min."""
    seal, late_s = record.seal, 1_775_030_400 + 145 * 60                   # 2026-04-01T08:00Z
    monkeypatch.setattr(record, "seal",
                        lambda head, data, chain: seal(head, data, bytes(8) if head[1] > late_s else chain))
    faults = [fault("100 min", name, **{"for": "30 min"}), {"after": "135 min", "do": "ack"}]
    assert "the journal's chain holds" in broken(tmp_path, *faults)


def test_what_power_cuts_leave_uncertain_may_exceed_a_limit(tmp_path):
    """An hour's quantum of 150 uL is uncertain after each; it counts as delivered, and the pump stops at 200 in 1 h."""
    program = STORY["program"] | {"schedule": [{"segments": [{"at": "00:00", "rate": "150 uL/h"}]}]}
    cuts = [fault(f"{minutes} min", "power_cut", **{"for": "1 s"}) for minutes in (10, 12)]
    assert broken(tmp_path, program=program, timeline=cuts, duration="30 min",
                  rig=RIG | {"journal": {"quantum": "1 h"}, "limits": RIG["limits"] | {"max_24h": "4 mL"}}) == []
