"""Rig files: geometry to picolitres, and every wrong entry refused with its place (U-01, U-03)."""

import json
from fractions import Fraction

import pytest

from pump.rig import COIL_PINS, LED_PIN, PARTS, PIN_DEFAULTS, RESERVED_PINS
from pumpfiles.errors import InputError
from pumpfiles.parts_table import CHOICES
from pumpfiles.pins_table import TAKEN_BY, TAKEN_GPIO
from pumpfiles.pump_head import PI
from pumpfiles.rig_file import load_rig
from tests.pumpfiles.files import EXAMPLES, RIG, changed, write


def load(folder, text):
    return load_rig(write(folder, text))


def refusal(folder, text):
    with pytest.raises(InputError) as caught:
        load(folder, text)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_example_becomes_the_pumps_document():
    # pi/4 * 14.5^2 * 2 = pi/4 * 210.25 * 2 = pi * 105.125 = 330.259927707... mm^3, which is uL: 330,259,927 pL
    loaded = load_rig(EXAMPLES / "bench-1.toml")
    assert json.loads(loaded.body) == {
        "v": 2, "name": "bench-1", "pl_per_rev": 330_259_927, "steps_per_rev": 200 * 16, "max_step_rate": 4000,
        "reservoir_nl": 10_000_000, "line_nl": 0, "max_rate_nl_per_h": 2_000_000, "max_bolus_nl": 2_000_000,
        "max_1h_nl": 2_000_000, "max_24h_nl": 20_000_000, "prime_nl_per_h": 20_000_000, "max_prime_nl": 10_000_000,
        "quantum_min": 10, "tolerance_steps": 2, "auto_off_h": 0, "supply_low_mv": 0, "pressure_limit": 0,
        "pressure_least": 0, "service_steps": 0, "service_motor_h": 0, "motor": {"driver": "DRV8825"}, "driver": [],
        "parts": ["buzzer", "ds3231", "limit", "diag"],
        "pins": {"step": 2, "dir": 3, "enable": 4, "button": 14, "led": 25}}
    assert loaded.name == loaded.rig.name == "bench-1"
    assert loaded.rig.pl_per_rev == 330_259_927


def test_pi_has_its_digits():
    # Machin: pi = 16 arctan(1/5) - 4 arctan(1/239), arctan(1/x) = 1/x - 1/(3 x^3) + 1/(5 x^5) ...
    def arctan_of_one_over(x):
        return sum(Fraction((-1) ** k, (2 * k + 1) * x ** (2 * k + 1)) for k in range(60))

    pi = 16 * arctan_of_one_over(5) - 4 * arctan_of_one_over(239)
    assert int(pi * 10**59) == PI * 10**59


def test_every_quantity_is_echoed_in_canonical_units(tmp_path):
    text = changed(RIG, '"10 mL"', '"0.0000015 mL"') + '[journal]\nquantum = "0.5 h"\n'
    assert load(tmp_path, text).canonical == [
        ("inner diameter", "14.5 mm = 14.5 mm"),
        ("lead", "2 mm = 2 mm"),
        ("volume per revolution", "330259927 pL, rounded down"),
        ("reservoir capacity", "0.0000015 mL = 1 nL, rounded down from 1.5"),
        ("max_rate", "2 mL/h = 2000000 nL/h"),
        ("max_1h", "2 mL = 2000000 nL"),
        ("max_24h", "20 mL = 20000000 nL"),
        ("max_bolus", "not given, as max_1h = 2000000 nL"),
        ("journal quantum", "0.5 h = 1800 s"),
        ("parts", "not given, so buzzer, ds3231, limit, diag"),
    ]


@pytest.mark.parametrize("diameter, lead, pl_per_rev", [
    ("1 mm", "1 mm", 785_398),              # pi/4 = 0.785398163... uL
    ("1 in", "1 mm", 506_707_479),          # pi/4 * 25.4^2 = 506.707479097... uL
    ("100 um", "10 um", 78),                # pi/4 * 0.01 * 0.01 = 0.0000785398... uL = 78.5 pL
])
def test_a_syringes_volume_per_revolution(tmp_path, diameter, lead, pl_per_rev):
    text = changed(changed(RIG, '"14.5 mm"', f'"{diameter}"'), '"2 mm"', f'"{lead}"')
    text = changed(text, 'max_rate = "2 mL/h"', 'max_rate = "1 nL/h"\nmax_bolus = "1 nL"') + '[prime]\nmax = "1 nL"\n'
    assert load(tmp_path, text).rig.pl_per_rev == pl_per_rev


def test_a_peristaltic_head():
    loaded = load_rig(EXAMPLES / "peristaltic.toml")
    assert loaded.rig.pl_per_rev == 250_000_000
    assert loaded.rig.pins == PIN_DEFAULTS | {"step": 10, "dir": 11, "enable": 12}
    assert loaded.canonical[0] == ("volume per revolution", "250000000 pL")


def test_a_motor_that_is_brought_to_its_rate_needs_a_rig_of_version_3(tmp_path):
    text = changed(RIG, "microsteps = 16", "microsteps = 16\nstart_rate = 400\nacceleration = 2000")
    loaded = load(tmp_path, text)
    assert (json.loads(loaded.body)["v"], loaded.rig.ramp) == (3, (400, 2000))
    assert (json.loads(load(tmp_path, RIG).body)["v"], load(tmp_path, RIG).rig.ramp) == (2, None)


def test_the_coils_of_a_motor_have_their_pins(tmp_path):
    text = changed(RIG, "max_step_rate = 4000", 'max_step_rate = 1000\ndriver = "ULN2003"')
    text = changed(text, 'max_rate = "2 mL/h"', 'max_rate = "1 mL/h"')
    assert load(tmp_path, text).rig.pins == PIN_DEFAULTS
    for pin in COIL_PINS:
        caught = refusal(tmp_path, changed(text, "[pins]", f"[pins]\nbutton = {pin}"))
        assert f"a free GPIO: {pin} is one of the motor's four coils" in str(caught)


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("old, new, line, column, found, words", [
    ('kind = "syringe"', 'kind = "syrynge"', 3, 8, '"syrynge"', '"syringe" or "peristaltic"'),
    ('kind = "syringe"\n', "", 2, 1, "[head] without kind", '"syringe" or "peristaltic"'),
    ('lead = "2 mm"\n', "", 2, 1, "[head] without lead", "travel per revolution"),
    ('lead = "2 mm"', 'lead = "0 mm"', 5, 8, '"0 mm"', "more than 0"),
    ('lead = "2 mm"', 'lead = "2 mL"', 5, 8, '"2 mL"', 'a length such as "14.5 mm"'),
    ('lead = "2 mm"', 'lead = ".2 mm"', 5, 8, '".2 mm"', "both sides of the point"),
    ('lead = "2 mm"', "lead = 2", 5, 8, "2", "in quotes"),
    ('lead = "2 mm"', 'volume_per_revolution = "2 mL"', 5, 1, "the key volume_per_revolution",
     "inner_diameter and lead"),
    ('"14.5 mm"', '"145 m"', 5, 8, '"2 mm"', "1 pL to 1 L per revolution"),
    ("full_steps = 200", "full_steps = 0", 7, 14, "0", "from 1 to 1000000"),
    ("full_steps = 200", "full_steps = true", 7, 14, "true", "a whole number"),
    ("full_steps = 200", "full_steps = 200.0", 7, 14, "200.0", "a whole number"),
    ("full_steps = 200", 'full_steps = "200"', 7, 14, '"200"', "a whole number"),
    ("microsteps = 16", "microsteps = 5001", 8, 14, "5001", "from 1 to 5000"),     # 200 * 5000 is a million
    ("max_step_rate = 4000", "max_step_rate = 250001", 9, 17, "250001", "from 1 to 250000 steps/s"),
    ("[motor]", "[motor]\nstart_rate = 400", 6, 1, "[motor] without acceleration", "with start_rate"),
    ("[motor]", "[motor]\nacceleration = 400", 6, 1, "[motor] without start_rate", "with acceleration"),
    ("[motor]", "[motor]\nstart_rate = 0\nacceleration = 400", 7, 14, "0", "from 1 to 4464285 steps/s"),
    ("[motor]", '[motor]\ndriver = "TB6600"', 7, 10, '"TB6600"', "one of A4988, DRV8825, TMC2208, TMC2209, ULN2003"),
    ("[motor]", "[motor]\ndriver = [5]", 7, 10, "[5]", "one of A4988"),
    ("max_step_rate = 4000", 'max_step_rate = 1001\ndriver = "ULN2003"', 9, 17, "1001", "with a ULN2003"),
    ('capacity = "10 mL"', 'capacity = "0 mL"', 11, 12, '"0 mL"', "from 1 to"),
    ('capacity = "10 mL"', 'capacity = "101 L"', 11, 12, '"101 L"', "100000000000 nL"),
    ('max_1h = "2 mL"\n', "", 12, 1, "[limits] without max_1h", "a volume"),
    ('max_1h = "2 mL"', 'max_1h = "2 mL/h"', 14, 10, '"2 mL/h"', 'a volume such as "5 mL"'),
    ("[limits]", "[limit]", 12, 2, "the key limit", "did you mean limits?"),
    ('max_rate = "2 mL/h"', 'max_rte = "2 mL/h"', 13, 1, "the key max_rte", "did you mean max_rate?"),
    ('max_rate = "2 mL/h"', 'max_rate = "0 mL/h"', 13, 12, '"0 mL/h"', "from 1 to"),
    ('max_rate = "2 mL/h"', 'max_rate = "0.5 mg/h"', 13, 12, '"0.5 mg/h"', "a rate such as"),
    ("[pins]", '[journal]\nquantum = "90 s"', 17, 11, '"90 s"', "whole minutes"),
    ("[pins]", '[journal]\nquantum = "61 min"', 17, 11, '"61 min"', "whole minutes"),
    ("[pins]", '[journal]\nquantum = "0 min"', 17, 11, '"0 min"', "whole minutes"),
    ('max_rate = "2 mL/h"', 'max_rate = "2 mL/h"\nmax_bolus = "0 mL"', 14, 13, '"0 mL"', "from 1 to"),
    ("[pins]", '[line]\nvolume = "0.5"', 17, 10, '"0.5"', "a unit"),
    ("[pins]", "[line]", 16, 1, "[line] without volume", "of the line"),
    ("[pins]", '[prime]\nrate = "0 mL/h"', 17, 8, '"0 mL/h"', "from 1 to"),
    ("[pins]", '[prime]\nrate = "2 L/h"', 17, 8, '"2 L/h"', "1000000000 nL/h"),
    ("[pins]", '[prime]\nmax = "0 mL"', 17, 7, '"0 mL"', "from 1 to"),
    ("[pins]", '[alarms]\nauto_off = "90 min"', 17, 12, '"90 min"', 'in whole hours from "1 h" to "8760 h"'),
    ("[pins]", '[alarms]\nauto_off = "0 h"', 17, 12, '"0 h"', "whole hours"),
    ("[pins]", "[alarms]\nauto_off = 12", 17, 12, "12", "in quotes"),
    ("[pins]", '[alarms]\nsupply_low = "4.5 v"', 17, 14, '"4.5 v"', "did you mean V?"),
    ("[pins]", '[alarms]\nsupply_low = "61 V"', 17, 14, '"61 V"', "from 1 to 60000 mV"),
    ("[pins]", "[alarms]\npressure_least = 0", 17, 18, "0", "from 1 to 16777216 counts"),
    ("[pins]", "[alarms]\npressure_limit = 0", 17, 18, "0", "from 1 to 16777216 counts"),
    ("[pins]", "[alarms]\ntolerance_steps = 0", 17, 19, "0", "from 1 to 100 steps"),
    ("[pins]", "[alarms]\ntolerance_steps = 101", 17, 19, "101", "from 1 to 100 steps"),
    ("[pins]", "[service]\nsteps = -1", 17, 9, "-1", "from 0 to"),
    ("[pins]", '[service]\nmotor_hours = "500 h"', 17, 15, '"500 h"', "a whole number"),
    ("[pins]", "[service]\nmotor_hour = 500", 17, 1, "the key motor_hour", "did you mean motor_hours?"),
    ("[pins]", "[pins]\nstep = 29", 17, 8, "29", "from 0 to 28"),
    ("[pins]", "[pins]\nstep = -1", 17, 8, "-1", "from 0 to 28"),
    ("[pins]", '[pins]\nstep = "GP2"', 17, 8, '"GP2"', "from 0 to 28"),
    ("[pins]", "[pins]\nstep = 25", 17, 8, "25", "for led only"),
    ("[pins]", "[pins]\nled = 23", 17, 7, "23", "supply"),
    ("[pins]", "[pins]\nbutton = 24", 17, 10, "24", "supply"),
    ("[pins]", "[pins]\nbutton = 15", 17, 10, "15", "maintenance jumper"),
    ("[pins]", "[pins]\nstep = 4", 17, 8, "4", "a GPIO of its own: 4 is enable"),
    ("[pins]", "[pins]\nstep = 12\ndir = 12", 18, 7, "12", "a GPIO of its own: 12 is step"),
    ("[pins]", "[pins]\nstep = 7", 17, 8, "7", "stop switch"),
    ("[pins]", "[pins]\nstep = 5", 17, 8, "5", "stall output"),
    ("[pins]", '[parts]\nlamp = "red"', 17, 8, '"red"', 'one of "single", "rgb", "leds"'),
    ("[pins]", "[parts]\nbuzzer = true", 17, 10, "true", 'one of "none", "passive"'),
    ("[pins]", '[parts]\nlamps = "rgb"', 17, 1, "the key lamps", "did you mean lamp?"),
    ("[pins]", '[parts]\nlamp = "rgb"\n[pins]\nstep = 19', 19, 8, "19", "the RGB LED"),
    ("[pins]", "[driver]", 16, 1, "[driver]", 'driver = "TMC2209" in [motor]'),
    ("[pins]", "[pins]\nstop = 5", 17, 1, "the key stop", "did you mean step?"),
    ("[pins]", "pins = 5", 16, 1, "the key pins", "one of max_rate"),
])
def test_a_wrong_entry_is_refused_where_it_stands(tmp_path, old, new, line, column, found, words):
    error = refusal(tmp_path, changed(RIG, old, new))
    assert (error.line, error.column, error.found) == (line, column, found)
    assert words in error.expected


MORE = '''\
[line]
volume = "0.5 mL"
[prime]
rate = "20 mL/h"
max = "1 mL"
[alarms]
auto_off = "0.5 d"
supply_low = "4.5 V"
pressure_limit = 12345
tolerance_steps = 3
[service]
steps = 5000000
motor_hours = 2000
'''


def test_everything_becomes_the_pumps_document(tmp_path):
    loaded = load(tmp_path, changed(RIG, "max_1h", 'max_bolus = "0.1 mL"\nmax_1h') + MORE)
    document = json.loads(loaded.body)
    assert {key: document[key] for key in (
        "line_nl", "max_bolus_nl", "prime_nl_per_h", "max_prime_nl", "auto_off_h", "supply_low_mv", "pressure_limit",
        "tolerance_steps", "service_steps", "service_motor_h")} == {
            "line_nl": 500_000, "max_bolus_nl": 100_000, "prime_nl_per_h": 20_000_000, "max_prime_nl": 1_000_000,
            "auto_off_h": 12, "supply_low_mv": 4500, "pressure_limit": 12345, "tolerance_steps": 3,
            "service_steps": 5_000_000, "service_motor_h": 2000}
    assert loaded.canonical[4:] == [
        ("line volume", "0.5 mL = 500000 nL"),
        ("max_rate", "2 mL/h = 2000000 nL/h"),
        ("max_bolus", "0.1 mL = 100000 nL"),
        ("max_1h", "2 mL = 2000000 nL"),
        ("max_24h", "20 mL = 20000000 nL"),
        ("prime rate", "20 mL/h = 20000000 nL/h"),
        ("prime max", "1 mL = 1000000 nL"),
        ("alarms auto_off", "0.5 d = 43200 s"),
        ("alarms supply_low", "4.5 V = 4500 mV"),
        ("alarms pressure_limit", "12345 counts"),
        ("alarms tolerance_steps", "3 steps"),
        ("service steps", "5000000 steps"),
        ("service motor_hours", "2000 h"),
        ("parts", "not given, so buzzer, ds3231, limit, diag, adc"),
    ]


@pytest.mark.requirement("U-03")
def test_the_prime_rate_must_be_one_that_the_motor_can_turn(tmp_path):
    # a step is 330.259927 uL / 3200 = 103.206 nL: 4000 steps/s are 412.82 uL/s, 1.4862 L/h: too fast for the document
    # at all; at 400 steps/s it is 148.6 mL/h
    slow = changed(RIG, "= 4000", "= 400")
    load(tmp_path, slow + '[prime]\nrate = "148.6 mL/h"\n')
    error = refusal(tmp_path, slow + '[prime]\nrate = "148.7 mL/h"\n')
    assert (error.line, error.column, error.found) == (18, 8, '"148.7 mL/h"')
    assert "enough for 148616967 nL/h" in error.expected


def test_pins_may_be_exchanged_and_the_led_moved(tmp_path):
    loaded = load(tmp_path, RIG + "step = 3\ndir = 2\nled = 22\n")
    assert loaded.rig.pins == {"step": 3, "dir": 2, "enable": 4, "button": 14, "led": 22}


@pytest.mark.requirement("U-03")
def test_the_rate_limit_must_be_one_at_which_the_motor_starts(tmp_path):
    """Primes go up to their rate, doses begin at once."""
    # 2 mL/h of 330.2599 uL a revolution over 3200 steps: 5.383 steps/s
    ramp = "[motor]\nstart_rate = {}\nacceleration = 2000"
    load(tmp_path, changed(RIG, "[motor]", ramp.format(6)))
    error = refusal(tmp_path, changed(RIG, "[motor]", ramp.format(5)))
    assert (error.line, error.column, error.found) == (15, 12, '"2 mL/h"')
    assert error.expected.startswith("a rate at which the motor starts: this needs 5.38")
    assert error.expected.endswith("steps/s, start_rate is 5 (enough for 1857712 nL/h)")  # 5 * 103.2062 * 3600


@pytest.mark.requirement("U-03")
def test_the_rate_limit_must_be_one_that_the_motor_can_turn(tmp_path):
    # 250 uL a revolution over 3200 steps are 78.125 nL a step: 1 mL/h = 277.78 nL/s needs 3.5556 steps/s
    head = 'kind = "peristaltic"\nvolume_per_revolution = "0.25 mL"\n'
    text = changed(RIG, 'kind = "syringe"\ninner_diameter = "14.5 mm"\nlead = "2 mm"\n', head)
    slow = changed(changed(text, '"2 mL/h"', '"1 mL/h"'), "= 4000", "= 3")
    error = refusal(tmp_path, slow)
    assert (error.line, error.column, error.found) == (12, 12, '"1 mL/h"')
    # 3 steps/s * 78.125 nL * 3600 s = 843,750 nL/h
    assert error.expected == ("a rate that the motor can turn: this needs 3.555555 ... steps/s, "
                              "max_step_rate is 3 (enough for 843750 nL/h)")
    assert load(tmp_path, changed(slow, '"1 mL/h"', '"843750 nL/h"')).rig.limits.max_rate_nl_per_h == 843_750
    refusal(tmp_path, changed(slow, '"1 mL/h"', '"843751 nL/h"'))


@pytest.mark.parametrize("old, new", [
    ('capacity = "10 mL"', 'capacity = "100 L"'),
    ('max_24h = "20 mL"', 'max_24h = "100 L"'),
    ('max_24h = "20 mL"', 'max_24h = "1 nL"'),
    ("full_steps = 200\nmicrosteps = 16", "full_steps = 1000\nmicrosteps = 1000"),
    ("max_step_rate = 4000", "max_step_rate = 250000"),
    ("max_step_rate = 4000", 'max_step_rate = 500000\ndriver = "A4988"'),
    ("max_step_rate = 4000", 'max_step_rate = 4464285\ndriver = "TMC2209"'),
    ("max_step_rate = 4000", 'max_step_rate = 1000\ndriver = "ULN2003"'),
    ('max_rate = "2 mL/h"', 'max_rate = "1 L/h"'),
    ("[pins]", '[journal]\nquantum = "60 min"'),
    ("[pins]", '[journal]\nquantum = "60 s"'),
    ("[pins]", "[pins]\nstep = 0\ndir = 28"),
])
def test_the_ends_of_the_ranges_are_the_pumps_own(tmp_path, old, new):
    """What passes here has passed pump.rig.Rig as well."""
    load(tmp_path, changed(RIG, old, new))


TMC2209_RIG = changed(RIG, "full_steps", 'driver = "TMC2209"\nfull_steps')


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("table, line, column, found, words", [
    ("", 17, 1, "[driver] without run_current", "a current such as"),
    ('run_current = "800"', 18, 15, '"800"', "a unit"),
    ('run_current = "3 A"', 18, 15, '"3 A"', "from 50 to 2000 mA"),
    ('run_current = "0.8 A"\nhold_current = "801 mA"', 19, 16, '"801 mA"', "from 0 to 800 mA"),
    ('run_current = "0.8 A"\nsense_resistor = "1.1 ohm"', 19, 18, '"1.1 ohm"', "50 to 1000 mohm"),
    ('run_current = "0.8 A"\nstall_threshold = 60', 17, 1, "[driver] without stall_from", "in steps/s"),
    ('run_current = "0.8 A"\nstall_from = 60', 17, 1, "[driver] without stall_threshold", "such as 60"),
])
def test_a_wrong_driver_table_is_refused_where_it_stands(tmp_path, table, line, column, found, words):
    error = refusal(tmp_path, changed(TMC2209_RIG, "[pins]", "[driver]\n" + table))
    assert (error.line, error.column, error.found) == (line, column, found)
    assert words in error.expected


def test_a_driver_over_its_serial_line_becomes_the_pumps_document(tmp_path):
    text = TMC2209_RIG
    table = 'run_current = "0.8 A"\nsense_resistor = "0.11 ohm"\nstall_threshold = 60\nstall_from = 400\n'
    loaded = load(tmp_path, changed(text, "[pins]", "[driver]\n" + table + "[pins]"))
    assert loaded.rig.tmc2209 == (800, 400, 110, 16, 60, 400)
    assert [line for line in loaded.canonical if "current" in line[0] or "sense" in line[0]] == [
        ("run current", "0.8 A = 800 mA"), ("hold current", "not given, half of it = 400 mA"),
        ("sense resistor", "0.11 ohm = 110 mohm")]
    error = refusal(tmp_path, changed(text, "[pins]", '[driver]\nrun_current = "0.8 A"\n[pins]\nstep = 0'))
    assert (error.found, error.expected) == ("0", "a free GPIO: 0 is the driver's serial line")
    error = refusal(tmp_path, changed(changed(text, "= 16", "= 48"), "[pins]", '[driver]\nrun_current = "1 A"'))
    assert (error.line, error.found) == (9, "48")


def test_the_host_and_the_device_refuse_the_same_pins():
    assert set(TAKEN_GPIO) == {*RESERVED_PINS, LED_PIN}
    assert set(TAKEN_BY) == set(PARTS)


def test_every_part_of_the_pump_has_a_word_in_the_file():
    assert {part for words in CHOICES.values() for part in words.values() if part} == set(PARTS)


def test_what_a_file_does_not_name_is_not_fitted_and_its_pins_are_free(tmp_path):
    text = changed(RIG, "[pins]", '[parts]\nlamp = "leds"\nlimit = "switch"\nclock = "none"\n[pins]\nstep = 16')
    loaded = load(tmp_path, text)
    assert loaded.rig.parts == ["leds", "limit"]
    assert loaded.canonical[-1] == ("parts", "leds, limit")
    assert load(tmp_path, changed(RIG, "[pins]", "[parts]\n[pins]")).rig.parts == []
