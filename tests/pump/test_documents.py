"""Rig and program documents: what is refused before anything is stored (T-01, L-01)."""

import pytest

from pump.errors import PumpError
from pump.program import Program
from pump.rig import Rig
from tests.pumps import RIG, body_of, program

TMC2209 = {"driver": "TMC2209"}
DRIVER = [800, 400, 110, 16, 60, 400]
SINCE_2 = ("motor", "driver", "parts", "pressure_least")
RIG_1 = {key: value for key, value in RIG.items() if key not in SINCE_2} | {"v": 1}
RIG_1_PARTS = ["buzzer", "ds3231", "limit", "diag"]


VOLUME = (1, 100_000_000_000)                   # nL: up to 100 L
RIG_RANGES = {
    "v": (1, 3), "pl_per_rev": (1, 1_000_000_000_000), "steps_per_rev": (1, 1_000_000), "max_step_rate": (1, 4_464_285),
    "reservoir_nl": VOLUME, "line_nl": (0, VOLUME[1]), "max_rate_nl_per_h": (1, 1_000_000_000), "max_bolus_nl": VOLUME,
    "max_1h_nl": VOLUME, "max_24h_nl": VOLUME, "prime_nl_per_h": (1, 1_000_000_000), "max_prime_nl": VOLUME,
    "quantum_min": (1, 60), "tolerance_steps": (1, 100), "auto_off_h": (0, 8760), "supply_low_mv": (0, 60_000),
    "pressure_limit": (0, 1 << 24), "pressure_least": (0, 1 << 24), "service_steps": (0, VOLUME[1]),
    "service_motor_h": (0, 1_000_000),
}


def refusal_of(kind, document):
    with pytest.raises(PumpError) as caught:
        kind(body_of(document))
    return str(caught.value)


@pytest.mark.requirement("L-01")
@pytest.mark.parametrize("key", RIG_RANGES)
def test_every_number_of_a_rig_has_its_range(key):
    low, high = RIG_RANGES[key]
    for value in (low - 1, high + 1):
        assert f"{key} must be an integer from {low} to {high}" in refusal_of(Rig, RIG | {key: value})


@pytest.mark.parametrize("pin", RIG["pins"])
def test_a_pin_is_one_of_the_picos(pin):
    for value in (-1, 29):
        assert f"{pin} must be an integer from 0 to 28" in refusal_of(Rig, RIG | {"pins": RIG["pins"] | {pin: value}})


@pytest.mark.parametrize("change, words", [
    ({"v": 4}, "v must be an integer from 1 to 3"),
    ({"v": 1}, "unknown key driver"),
    ({"v": 3}, "ramp must be given"),
    ({"ramp": []}, "unknown key ramp"),
    ({"v": 3, "ramp": [1]}, "ramp must be lists of 2 integers"),
    ({"v": 3, "ramp": [0, 1]}, "0 is not from 1 to 4464285"),
    ({"v": 3, "ramp": [1, 1_000_000_001]}, "1000000001 is not from 1 to 1000000000"),
    ({"motor": {"driver": "TB6600"}}, "driver must be one of: A4988, DRV8825, TMC2208, TMC2209, ULN2003"),
    ({"motor": {}}, "driver must be given"),
    ({"max_step_rate": 250_001}, "max_step_rate must be at most 250000, which is what a DRV8825 takes"),
    ({"name": 5}, "name must be a text"),
    ({"name": "x" * 65}, "at most 64"),
    ({"parts": 5}, "parts must be a list of: adc"),
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
    ({"parts": ["diag"], "pins": RIG["pins"] | {"dir": 5}}, "GPIO 5 has a fixed use"),
    ({"parts": ["rgb", "leds"]}, "parts must be without leds, or without what takes its pins"),
    ({"driver": DRIVER}, "driver must be empty where the motor's driver is no TMC2209"),
    ({"motor": TMC2209, "driver": DRIVER[:5]}, "driver must be lists of 6 integers"),
    ({"motor": TMC2209, "driver": [2001, *DRIVER[1:]]}, "2001 is not from 50 to 2000"),
    ({"motor": TMC2209, "driver": [1000, 1001, *DRIVER[2:]]}, "currents that the sense resistors allow, 1767 mA"),
    ({"motor": TMC2209, "driver": [1768, *DRIVER[1:]]}, "currents that the sense resistors allow, 1767 mA at most"),
    ({"motor": TMC2209, "driver": [*DRIVER[:3], 48, 0, 1]}, "of microsteps that are 1, 2, 4"),
    ({"motor": TMC2209, "driver": [*DRIVER[:3], 256, 0, 1]}, "go into steps_per_rev"),       # 3200 / 256 = 12.5
    ({"motor": TMC2209, "driver": DRIVER, "pins": RIG["pins"] | {"step": 1}}, "GPIO 1 has a fixed use"),
    ({"motor": {"driver": "ULN2003"}, "max_step_rate": 1000, "pins": RIG["pins"] | {"led": 10}},
     "GPIO 10 has a fixed use"),
    ({"motor": {"driver": "ULN2003"}}, "at most 1000, which is what a ULN2003 takes"),
    ({"parts": ["adc", "hx711"]}, "parts must be without adc or without hx711"),
    ({"parts": [], "pressure_least": 5}, "pressure_least must be 0 where no pressure sensor is fitted"),
    ({"parts": ["hx711"], "pressure_limit": 5, "pressure_least": 6}, "pressure_least must be at most pressure_limit"),
    ({"parts": [], "pressure_limit": 5}, "pressure_limit must be 0 where no pressure sensor is fitted"),
    ({"max_step_rate": 99, "max_rate_nl_per_h": 1}, "prime_nl_per_h must be no more than the motor can do"),   # 36 mL/h
    ({"max_step_rate": 399}, "no more than the motor can do"),         # 144 mL/h is 40 uL/s: 400 steps of 100 nL
])
def test_a_rig_with_a_wrong_field_is_refused(change, words):
    with pytest.raises(PumpError, match=words) as caught:
        Rig(body_of(RIG | change))
    assert caught.value.code == "bad_rig"


def test_what_is_no_object_is_refused_as_the_document_that_it_was_to_be():
    for kind, code in ((Rig, "bad_rig"), (Program, "bad_program")):
        with pytest.raises(PumpError, match="expected a JSON object") as caught:
            kind(b"[1]")
        assert caught.value.code == code


def test_a_name_of_64_characters_is_taken():
    assert Rig(body_of(RIG | {"name": "x" * 64})).name == "x" * 64


def test_a_driver_that_is_set_up_over_its_line_is_taken():
    assert Rig(body_of(RIG | {"motor": TMC2209, "driver": DRIVER})).tmc2209 == tuple(DRIVER)
    assert Rig(body_of(RIG)).tmc2209 is Rig(body_of(RIG_1)).tmc2209 is None


def test_a_driver_may_hold_with_what_it_runs_with_and_run_with_what_its_sense_resistors_allow():
    # 0.325 V / sqrt(2) are 229,809 uV: 411 mA * (539 + 20) mOhm = 229,749 uV; a mOhm more are 230,160
    driver = [411, 411, 539, 1, *DRIVER[4:]]
    assert Rig(body_of(RIG | {"motor": TMC2209, "driver": driver})).tmc2209 == tuple(driver)
    driver[2] = 540
    assert "410 mA at most" in refusal_of(Rig, RIG | {"motor": TMC2209, "driver": driver})


def test_pins_of_parts_that_are_not_fitted_are_free():
    pins = {"step": 18, "dir": 19, "enable": 8, "button": 16, "led": 26}
    assert Rig(body_of(RIG | {"parts": [], "pins": pins})).pins == pins


@pytest.mark.requirement("J-08")
@pytest.mark.parametrize("pressure_limit, parts", [(0, RIG_1_PARTS), (1000, [*RIG_1_PARTS, "adc"])])
def test_a_rig_of_version_1_has_what_every_pump_had(pressure_limit, parts):
    rig = Rig(body_of(RIG_1 | {"pressure_limit": pressure_limit}))
    assert list(rig.parts) == parts
    with pytest.raises(PumpError, match="GPIO 26 has a fixed use"):         # even where no sensor was fitted
        Rig(body_of(RIG_1 | {"pressure_limit": pressure_limit, "pins": RIG["pins"] | {"led": 26}}))
    # and what is new since is free: the pins of a rig that was taken then are taken now
    Rig(body_of(RIG_1 | {"pins": RIG["pins"] | {"step": 18, "dir": 19, "enable": 20, "led": 7}}))
    with pytest.raises(PumpError, match="GPIO 7 has a fixed use"):
        Rig(body_of(RIG | {"pins": RIG["pins"] | {"led": 7}}))


def test_the_pressure_that_is_too_low_may_be_just_the_one_that_is_too_high():
    Rig(body_of(RIG | {"parts": ["hx711"], "pressure_limit": 5, "pressure_least": 5}))


def test_a_rig_at_its_motors_limit_is_taken():
    assert Rig(body_of(RIG | {"max_step_rate": 400})).ratio.nl_of_steps(1) == 100


@pytest.mark.requirement("J-08")
def test_a_rig_from_before_drivers_had_names_is_read_with_the_safest():
    assert Rig(body_of(RIG_1)).driver == "DRV8825"


@pytest.mark.requirement("J-08")
def test_a_rig_from_before_there_were_ramps_has_none():
    assert Rig(body_of(RIG)).ramp is Rig(body_of(RIG_1)).ramp is Rig(body_of(RIG | {"v": 3, "ramp": []})).ramp is None
    assert Rig(body_of(RIG | {"v": 3, "ramp": [5, 6]})).ramp == (5, 6)


# A step of 1 pL (1 uL a revolution of a million steps): 4,464,285 steps/s are 16,071,426 nL/h. In 10 + 1 minutes that
# are 2,946,428,100 steps, more than 2^30 = 1,073,741,824; in 3 + 1 minutes 1,071,428,400.
FAST = RIG | {"pl_per_rev": 1_000_000, "steps_per_rev": 1_000_000, "max_step_rate": 4_464_285,
              "max_rate_nl_per_h": 16_071_426, "prime_nl_per_h": 16_071_426, "max_bolus_nl": 1_000_000,
              "max_prime_nl": 1_000_000, "quantum_min": 3, "motor": {"driver": "TMC2209"}}


@pytest.mark.requirement("P-03")
@pytest.mark.parametrize("change, words", [
    ({"quantum_min": 4}, "quantum_min must be shorter"),
    ({"max_bolus_nl": 1_073_742}, "max_bolus_nl must be fewer than"),          # nL: 1000 steps each
    ({"max_prime_nl": 1_073_742}, "max_prime_nl must be fewer than"),
    ({"max_rate_nl_per_h": 16_071_427}, "max_rate_nl_per_h must be no more than the motor can do"),
])
def test_steps_between_two_records_fit_the_count_that_survives_a_reset(change, words):
    Rig(body_of(FAST))
    Rig(body_of(FAST | {"max_bolus_nl": 1_073_741, "max_prime_nl": 1_073_741}))
    with pytest.raises(PumpError, match=words):
        Rig(body_of(FAST | change))


@pytest.mark.requirement("P-03")
def test_just_2_to_the_30_steps_are_too_many():
    # two steps a nanolitre: 2^29 nL/h for the 59 + 1 minutes, or 2^29 nL
    keys = ("max_rate_nl_per_h", "max_bolus_nl", "max_prime_nl")
    rig = FAST | {"pl_per_rev": 1000, "steps_per_rev": 2, "quantum_min": 59, "prime_nl_per_h": 1000}
    rig |= dict.fromkeys(keys, (1 << 29) - 1)
    Rig(body_of(rig))
    for key in keys:
        assert "fewer than 2**30 steps" in refusal_of(Rig, rig | {key: 1 << 29})


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
    ({"plans": [[-1, 5, 5]]}, "ascend"),
    ({"plans": [[0, -1, 5]]}, "rate must be"),
    ({"plans": [[0, 2.0, 2]]}, "JSON"),
    ({"plans": [[0, 5, 1_000_000_001]]}, "rate must be"),
    ({"plans": [[0]]}, "times minute, rate, end rate"),
    ({"plans": ["x"]}, "times minute, rate, end rate"),
    ({"plans": [[v for k in range(97) for v in (k, 1, 1)]]}, "1 to 96"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5]}}, "pairs"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5, 60, 5, 0]}}, "ascending"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [-5, 60]}}, "pairs"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5, 60, 1 << 30, 0]}}, "pairs"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5, 2000]}}, "18 hours"),
    ({"zone": {"name": "x", "first_offset_min": 0, "changes": [5, 0, 9, -1081]}}, "18 hours"),
    ({"zone": {"name": "x", "first_offset_min": 1081, "changes": []}}, "first_offset_min"),
    ({"zone": 7}, "expected an object"),
    ({"boluses": [[0, 1, 100, 60]]}, "boluses must be lists of 5 integers"),
    ({"boluses": [7]}, "boluses must be lists of 5 integers"),
    ({"boluses": [[0, 1, 100, "60", 0]]}, "boluses must be integers"),
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


@pytest.mark.parametrize("days, words", [
    (7, "a list of at most 7 integers"), ([0] * 8, "a list of at most 7 integers"),
    ([0] * 6 + [True], "a list of integers"), ([0] * 6 + ["0"], "a list of integers"),
])
def test_a_list_of_numbers_holds_numbers_and_no_more_than_it_may(days, words):
    with pytest.raises(PumpError, match=words):
        Program(body_of(program() | {"days": days}))


def test_a_zone_may_be_18_hours_off_and_no_more():
    for minutes in (1080, -1080):
        zone = {"name": "x", "first_offset_min": minutes, "changes": [5, minutes, 9, -minutes]}
        assert Program(body_of(program(zone=zone))).schedule.zone.lookup(9)[0] == -minutes


@pytest.mark.requirement("T-01")
def test_a_plan_may_have_96_segments_each_at_the_highest_rate():
    plan = [value for minute in range(96) for value in (minute, 1_000_000_000, 1_000_000_000)]
    document = program() | {"plans": [plan]}
    assert Program(body_of(document)).plans == [plan]


@pytest.mark.requirement("T-02")
def test_a_zone_may_change_128_times_from_1970_on():
    zone = {"name": "x", "first_offset_min": 60, "changes": [value for at in range(128) for value in (at, at % 2)]}
    assert Program(body_of(program(zone=zone))).schedule.zone.lookup(127)[0] == 1
    zone["changes"] += [128, 0]
    assert "changes must be a list of at most 256 integers" in refusal_of(Program, program(zone=zone))
