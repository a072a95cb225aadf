"""Ramps, boluses, limits, ends and the rest of a program file: what they become, and every wrong entry refused."""

import json

import pytest

from pumpfiles.errors import InputError
from pumpfiles.program_file import load_program
from tests.pumpfiles.files import EXAMPLES, PROGRAM, START, changed, write

# What is added to the 13 lines of PROGRAM begins on line 14
MORE = '''\
[[bolus]]
at = "08:00"
days = "mon-fri"
volume = "50 uL"
over = "10 min"
if_missed = "within 30 min"
[[bolus]]
at = "20:30"
volume = "25 ug"
over = "90 s"
[periodic_bolus]
volume = "5 uL"
over = "1 min"
every = "3 h"
[on_demand]
volume = "10 uL"
over = "2 min"
lockout = "1 h"
max_per_24h = 4
[limits]
max_rate = "0.3 mg/h"
max_1h = "0.5 mL"
[soft_limits]
max_bolus = "60 uL"
max_24h = "1 mL"
[ends]
after = "7 d"
volume = "10 mL"
[reservoir]
low = "2 mL"
'''


def load(folder, text):
    return load_program(write(folder, text), START)


def document(folder, text):
    return json.loads(load(folder, text).body)


def refusal(folder, text):
    with pytest.raises(InputError) as caught:
        load(folder, text)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.requirement("D-05")
@pytest.mark.requirement("U-02")
@pytest.mark.requirement("U-05")
def test_everything_becomes_the_pumps_document(tmp_path):
    found = document(tmp_path, 'minimum_rate = "1 uL/h"\nresume = "stopped"\n' + PROGRAM + MORE)
    assert found["boluses"] == [
        [480, 0b0011111, 50_000, 600, 30],         # 08:00, Monday to Friday, 10 min, at most 30 min late
        [1230, 0b1111111, 50_000, 90, 0]]          # 20:30 every day; 25 ug at 0.5 ug/uL are 50 uL; skipped when missed
    assert found["periodic"] == [5000, 60, 3 * 3600]
    assert found["on_demand"] == [10_000, 120, 3600, 4]
    # 0.3 mg/h at 0.5 mg/mL are 0.6 mL/h
    assert found["limits"] == {"max_rate_nl_per_h": 600_000, "max_bolus_nl": 0, "max_1h_nl": 500_000, "max_24h_nl": 0}
    assert found["soft_limits"] == {"max_rate_nl_per_h": 0, "max_bolus_nl": 60_000, "max_1h_nl": 0,
                                    "max_24h_nl": 1_000_000}
    assert found["ends"] == {"after_s": 7 * 86_400, "volume_nl": 10_000_000}
    assert (found["low_nl"], found["minimum_nl_per_h"], found["resume"]) == (2_000_000, 1000, "stopped")


@pytest.mark.requirement("D-05")
def test_a_ramp_goes_from_one_rate_to_another(tmp_path):
    text = changed(PROGRAM, '"55 uL/h"', '"55 uL/h", ramp_to = "0.24 mg/day"')
    # 0.24 mg at 0.5 mg/mL are 0.48 mL a day, 20 uL/h; it begins at 06:30
    assert document(tmp_path, text)["plans"][0][3:6] == [390, 55_000, 20_000]


@pytest.mark.requirement("U-01")
def test_every_quantity_is_echoed_in_canonical_units(tmp_path):
    text = changed(PROGRAM + MORE, '"55 uL/h"', '"55 uL/h", ramp_to = "60 uL/h"')
    echoed = load(tmp_path, text).canonical
    assert ("mon-fri 06:30 ramp_to", "60 uL/h = 60000 nL/h") in echoed
    at = echoed.index(("bolus mon-fri 08:00", "50 uL = 50000 nL"))
    assert echoed[at:] == [
        ("bolus mon-fri 08:00", "50 uL = 50000 nL"),
        ("bolus mon-fri 08:00 over", "10 min = 600 s"),
        ("bolus mon-fri 08:00 if_missed", "within 30 min = 1800 s"),
        ("bolus every day 20:30", "25 ug at 0.5 mg/mL = 50000 nL"),
        ("bolus every day 20:30 over", "90 s = 90 s"),
        ("bolus every day 20:30 if_missed", "skip"),
        ("periodic_bolus", "5 uL = 5000 nL"),
        ("periodic_bolus over", "1 min = 60 s"),
        ("periodic_bolus every", "3 h = 10800 s"),
        ("on_demand", "10 uL = 10000 nL"),
        ("on_demand over", "2 min = 120 s"),
        ("on_demand lockout", "1 h = 3600 s"),
        ("on_demand max_per_24h", "4"),
        ("limits max_rate", "0.3 mg/h at 0.5 mg/mL = 600000 nL/h"),
        ("limits max_1h", "0.5 mL = 500000 nL"),
        ("soft_limits max_bolus", "60 uL = 60000 nL"),
        ("soft_limits max_24h", "1 mL = 1000000 nL"),
        ("ends after", "7 d = 604800 s"),
        ("ends volume", "10 mL = 10000000 nL"),
        ("reservoir low", "2 mL = 2000000 nL"),
        ("resume", "basal"),
    ]


@pytest.mark.requirement("D-02")
def test_a_volume_by_mass_rounds_down(tmp_path):
    # 0.1 ug at 0.6 ug/uL are 0.16666... uL
    text = changed(changed(PROGRAM + MORE, "25 ug", "0.1 ug"), "0.5 mg/mL", "0.6 mg/mL")
    loaded = load(tmp_path, text)
    assert loaded.program.boluses[1][2] == 166
    assert ("bolus every day 20:30", "0.1 ug at 0.6 mg/mL = 166 nL, rounded down from 166.666666 ...") \
        in loaded.canonical


@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("written, resume", [("", "basal"), ('resume = "basal"\n', "basal"),
                                             ('resume = "stopped"\n', "stopped")])
def test_after_a_power_loss_the_basal_rate_goes_on_unless_told_otherwise(tmp_path, written, resume):
    assert document(tmp_path, written + PROGRAM)["resume"] == resume


@pytest.mark.parametrize("old, new, line, column, found, words", [
    ('at = "20:30"\n', "", 20, 1, "[[bolus]] without at", "a time of day"),
    ('at = "20:30"', 'at = "24:00"', 21, 6, '"24:00"', "a time of day"),
    ('at = "20:30"', 'at = "20:30"\ndays = "mo"', 22, 8, '"mo"', "days such as"),
    ('at = "20:30"', 'at = "20:30"\ndays = "mon,mon"', 22, 8, '"mon,mon"', "named twice"),
    ('volume = "25 ug"\n', "", 20, 1, "[[bolus]] without volume", "such as"),
    ('"25 ug"', '"0 uL"', 22, 10, '"0 uL"', "from 1 to 100000000000 nL"),
    ('"25 ug"', '"0.0001 ug"', 22, 10, '"0.0001 ug"', "from 1 to 100000000000 nL"),        # 0.2 nL
    ('"25 ug"', '"101 L"', 22, 10, '"101 L"', "from 1 to 100000000000 nL"),
    ('"25 ug"', '"25 uL/h"', 22, 10, '"25 uL/h"', "a volume such as \"5 mL\" or a mass"),
    ('"25 ug"', "25", 22, 10, "25", "in quotes"),
    ('over = "90 s"\n', "", 20, 1, "[[bolus]] without over", "how long"),
    ('over = "90 s"', 'over = "0 s"', 23, 8, '"0 s"', 'in whole seconds from "1 s" to "86400 s"'),
    ('over = "90 s"', 'over = "1.5 s"', 23, 8, '"1.5 s"', "whole seconds"),
    ('over = "90 s"', 'over = "25 h"', 23, 8, '"25 h"', "whole seconds"),
    ('over = "90 s"', 'over = "90"', 23, 8, '"90"', "a unit after the number"),
    ('"within 30 min"', '"later"', 19, 13, '"later"', '"skip", or "within 30 min"'),
    ('"within 30 min"', '"Skip"', 19, 13, '"Skip"', '"skip", or'),
    ('"within 30 min"', '"30 min"', 19, 13, '"30 min"', "within"),
    ('"within 30 min"', '"within 0 min"', 19, 13, '"within 0 min"', "whole minutes"),
    ('"within 30 min"', '"within 90 s"', 19, 13, '"within 90 s"', "whole minutes"),
    ('"within 30 min"', '"within 25 h"', 19, 13, '"within 25 h"', "up to"),
    ('"within 30 min"', '"within 30"', 19, 13, '"within 30"', "within"),
    ('"within 30 min"', "30", 19, 13, "30", "in quotes"),
    ("if_missed", "if_mised", 19, 1, "the key if_mised", "did you mean if_missed?"),
    ('every = "3 h"', 'every = "60 s"', 27, 9, '"60 s"', "more than the 60 s that one bolus lasts"),
    ('every = "3 h"', 'every = "59 s"', 27, 9, '"59 s"', "from \"60 s\""),
    ('every = "3 h"', 'every = "8 d"', 27, 9, '"8 d"', 'to "604800 s"'),
    ('every = "3 h"\n', "", 24, 1, "[periodic_bolus] without every", "from start to start"),
    ('lockout = "1 h"', 'lockout = "0 h"', 31, 11, '"0 h"', 'from "1 s" to "86400 s"'),
    ('lockout = "1 h"', 'lockout = "119 s"', 31, 11, '"119 s"', "at least the 120 s that one bolus lasts"),
    ('lockout = "1 h"\n', "", 28, 1, "[on_demand] without lockout", "from start to start"),
    ("max_per_24h = 4", "max_per_24h = 0", 32, 15, "0", "from 1 to 96"),
    ("max_per_24h = 4", "max_per_24h = 97", 32, 15, "97", "from 1 to 96"),
    ("max_per_24h = 4", 'max_per_24h = "4"', 32, 15, '"4"', "a whole number"),
    ("max_per_24h = 4\n", "", 28, 1, "[on_demand] without max_per_24h", "such as 4"),
    ('"0.3 mg/h"', '"0 mL/h"', 34, 12, '"0 mL/h"', "a limit above 0"),
    ('"0.5 mL"', '"0 mL"', 35, 10, '"0 mL"', "from 1 to"),
    ('"0.5 mL"', '"0.5 mL/h"', 35, 10, '"0.5 mL/h"', "a volume"),
    ("max_1h", "max_1hr", 35, 1, "the key max_1hr", "did you mean max_1h?"),
    ('after = "7 d"', 'after = "0 d"', 40, 9, '"0 d"', "a duration"),
    ('after = "7 d"', 'after = "4000 d"', 40, 9, '"4000 d"', "a duration"),                # more than ten years
    ('after = "7 d"\nvolume = "10 mL"\n', "", 39, 1, "[ends] without either", 'after = "7 d", volume = "10 mL", or'),
    ('low = "2 mL"', "", 42, 1, "[reservoir] without low", "such as"),
    ('low = "2 mL"', 'low = "2"', 43, 7, '"2"', "a unit"),
    ('low = "2 mL"', 'low = "2 mL"\nminimum_rate = "1 uL/h"', 44, 1, "the key minimum_rate", "above the first [table]"),
    ('low = "2 mL"', 'low = "2 mL"\nresume = "basal"', 44, 1, "the key resume", "here it is part of reservoir"),
    ("[reservoir]", "[resevoir]", 42, 2, "the key resevoir", "did you mean reservoir?"),
])
def test_a_wrong_entry_is_refused_where_it_stands(tmp_path, old, new, line, column, found, words):
    error = refusal(tmp_path, changed(PROGRAM + MORE, old, new))
    assert (error.line, error.column, error.found) == (line, column, found)
    assert words in error.expected


@pytest.mark.parametrize("written, column, found, words", [
    ('resume = "running"', 10, '"running"', '"stopped" or "basal"'),
    ("resume = true", 10, "true", '"stopped" or "basal"'),
    ('minimum_rate = "1 uL"', 16, '"1 uL"', "a rate such as"),
    ("bolus = []", 9, "[]", "[[bolus]] tables, in double brackets"),
    ("bolus = [1]", 10, "1", "a table with at and days"),
    ('bolus = { at = "08:00" }', 9, '{ at = "08:00" }', "in double brackets"),
    ("limits = 5", 10, "5", "a table with max_rate"),
    ("ends = 5", 8, "5", "a table with after"),
])
def test_a_wrong_entry_at_the_top_is_refused(tmp_path, written, column, found, words):
    error = refusal(tmp_path, written + "\n" + PROGRAM)
    assert (error.line, error.column, error.found) == (1, column, found)
    assert words in error.expected


@pytest.mark.requirement("U-02")
def test_a_volume_by_mass_needs_a_concentration(tmp_path):
    text = PROGRAM + changed(MORE, "0.3 mg/h", "1 mL/h")
    error = refusal(tmp_path, changed(text, ', concentration = "0.5 mg/mL"', ""))
    assert (error.line, error.found) == (22, '"25 ug"')
    assert "for a mass a concentration, such as fluid = " in error.expected


@pytest.mark.requirement("B-02")
def test_there_are_at_most_16_scheduled_boluses(tmp_path):
    def text(count):
        return PROGRAM + "".join(f'[[bolus]]\nat = "{at:02d}:00"\nvolume = "1 uL"\nover = "1 min"\n'
                                 for at in range(count))

    assert len(load(tmp_path, text(16)).program.boluses) == 16
    error = refusal(tmp_path, text(17))
    assert (error.line, error.found, error.expected) == (
        13 + 4 * 16 + 1, "[[bolus]]", "at most 16 scheduled boluses, not 17")


@pytest.mark.requirement("B-05")
@pytest.mark.parametrize("old, new", [
    ('every = "3 h"', 'every = "61 s"'),
    ('every = "3 h"', 'every = "7 d"'),
    ('lockout = "1 h"', 'lockout = "2 min"'),
    ('lockout = "1 h"', 'lockout = "24 h"'),
    ("max_per_24h = 4", "max_per_24h = 96"),
    ('"within 30 min"', '"within 1 min"'),
    ('"within 30 min"', '"within 24 h"'),
    ('over = "90 s"', 'over = "24 h"'),
    ('over = "90 s"', 'over = "1 s"'),
    ('after = "7 d"', 'after = "3660 d"'),
    ('after = "7 d"', 'after = "1 s"'),
    ('"10 mL"', '"100 L"'),
    ('"2 mL"', '"1 nL"'),
    ('"0.3 mg/h"', '"1 L/h"'),
])
def test_the_ends_of_the_ranges_are_the_pumps_own(tmp_path, old, new):
    """What passes here has passed pump.program.Program as well."""
    load(tmp_path, changed(PROGRAM + MORE, old, new))


def test_the_examples_say_what_their_comments_say():
    ramp = load_program(EXAMPLES / "ramp.toml", START).program
    assert ramp.plans == [[0, 10_000, 10_000, 360, 10_000, 60_000, 480, 60_000, 60_000, 1200, 60_000, 10_000]]
    trial = load_program(EXAMPLES / "trial.toml", START).program
    assert (trial.plans, trial.ends_after_s, trial.ends_volume_nl) == ([[0, 40_000, 40_000]], 604_800, 6_800_000)
    assert trial.resume == "stopped"
    everything = load_program(EXAMPLES / "everything.toml", START)
    assert everything.program.plans[0][6:9] == [480, 60_000, 60_000]
    assert [bolus[2] for bolus in everything.program.boluses] == [50_000, 50_000]
    assert set(json.loads(everything.body)) == set(json.loads(load_program(EXAMPLES / "ramp.toml", START).body))
