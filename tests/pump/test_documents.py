"""Rig and program documents: what is refused before anything is stored (T-01, L-01)."""

import pytest

from pump.errors import PumpError
from pump.program import Program
from pump.rig import Rig
from tests.pumps import RIG, body_of, program


@pytest.mark.parametrize("change, words", [
    ({"v": 2}, "v must be an integer from 1 to 1"),
    ({"name": 5}, "name must be a text"),
    ({"name": "x" * 65}, "at most 64"),
    ({"pl_per_rev": 0}, "pl_per_rev must be"),
    ({"pl_per_rev": 1.5}, "JSON"),
    ({"pl_per_rev": True}, "pl_per_rev must be an integer"),
    ({"extra": 1}, "unknown key extra"),
    ({"quantum_min": 0}, "quantum_min"),
    ({"pins": {"step": 2}}, "dir must be given"),
    ({"pins": RIG["pins"] | {"dir": 2}}, "different from each other"),
    ({"pins": RIG["pins"] | {"fan": 9}}, "unknown key fan"),
    ({"pins": RIG["pins"] | {"dir": 5}}, "GPIO 5 has a fixed use"),
    ({"pins": RIG["pins"] | {"dir": 15}}, "GPIO 15 has a fixed use"),
    ({"pins": RIG["pins"] | {"led": 5, "dir": 25}}, "GPIO 25 has a fixed use"),
    ({"max_step_rate": 399}, "no more than the motor can do"),         # 144 mL/h is 40 uL/s: 400 steps of 100 nL
])
def test_a_rig_with_a_wrong_field_is_refused(change, words):
    with pytest.raises(PumpError, match=words) as caught:
        Rig(body_of(RIG | change))
    assert caught.value.code == "bad_rig"


def test_a_rig_at_its_motors_limit_is_taken():
    assert Rig(body_of(RIG | {"max_step_rate": 400})).ratio.nl_of_steps(1) == 100


@pytest.mark.requirement("B-05")
@pytest.mark.parametrize("change, words", [
    ({"periodic": [100, 60, 60]}, "further apart"),
    ({"periodic": [100, 120, 60]}, "further apart"),
    ({"on_demand": [100, 120, 119, 3]}, "locked out"),
])
def test_boluses_closer_together_than_they_last_are_refused(change, words):
    with pytest.raises(PumpError, match=words):
        Program(body_of(program() | change))


@pytest.mark.requirement("T-01")
@pytest.mark.parametrize("change, words", [
    ({"days": [0] * 6}, "days"),
    ({"days": [0] * 6 + [1]}, "days"),
    ({"plans": []}, "1 to 7 entries"),
    ({"plans": [[1, 5, 5]]}, "begin at minute 0"),
    ({"plans": [[0, 5, 5, 0, 6, 6]]}, "ascend"),
    ({"plans": [[0, 5, 5, 90, 6, 6, 60, 7, 7]]}, "ascend"),
    ({"plans": [[0, 5, 5, 1440, 6, 6]]}, "ascend"),
    ({"plans": [[0, -1, 5]]}, "rate must be"),
    ({"plans": [[0, 2.0, 2]]}, "JSON"),
    ({"plans": [[0, 5, 1_000_000_001]]}, "rate must be"),
    ({"plans": [[0]]}, "times minute, rate, end rate"),
    ({"plans": ["x"]}, "times minute, rate, end rate"),
    ({"plans": [[v for k in range(97) for v in (k, 1, 1)]]}, "1 to 96"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5]}}, "pairs"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5, 60, 5, 0]}}, "ascending"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [-5, 60]}}, "pairs"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5, 2000]}}, "18 hours"),
    ({"zone": {"name": "x", "first_offset_min": 1081, "changes": []}}, "first_offset_min"),
    ({"zone": 7}, "expected an object"),
    ({"boluses": [[0, 1, 100, 60]]}, "lists of 5 integers"),
    ({"boluses": [[1440, 1, 100, 60, 0]]}, "1440 is not from 0 to 1439"),
    ({"boluses": [[0, 128, 100, 60, 0]]}, "128 is not from 1 to 127"),
    ({"boluses": [[0, 1, 100, 60, 0]] * 17}, "0 to 16 entries"),
    ({"on_demand": [100, 120, 0, 3]}, "0 is not from 1"),
    ({"limits": {"max_rate_nl_per_h": 0}}, "given"),
    ({"resume": "always"}, "one of: stopped, basal"),
    ({"fluid": {"name": "w", "ng_per_ml": -1}}, "ng_per_ml"),
    ({"surprise": None}, "unknown key"),
])
def test_a_program_with_a_wrong_field_is_refused(change, words):
    with pytest.raises(PumpError, match=words) as caught:
        Program(body_of(program() | change))
    assert caught.value.code == "bad_program"


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b'{"v":1', b"[" * 5000])
def test_what_is_no_json_object_is_refused(body):
    for kind in (Rig, Program):
        with pytest.raises(PumpError):
            kind(body)
