"""Program files: what they become, and every wrong entry refused with its place (T-01, U-01, U-02)."""

import json

import pytest

from pump.program import Program
from pumpfiles.errors import InputError
from pumpfiles.program_file import load_program
from tests.pumpfiles.files import EXAMPLES, PROGRAM, START, changed, write
from tests.pumps import NO_LIMITS


def load(folder, text):
    return load_program(write(folder, text), START)


def refusal(folder, text):
    with pytest.raises(InputError) as caught:
        load(folder, text)
    error = caught.value
    assert str(error) == f"{folder / 'given.toml'}:{error.line}:{error.column}: " \
                         f"found {error.found}, expected {error.expected}"
    assert "\n" not in str(error)
    return error


def test_the_example_becomes_the_pumps_document():
    loaded = load_program(EXAMPLES / "circadian.toml", START)
    document = json.loads(loaded.body)
    zone = document.pop("zone")
    # 06:30 is minute 390, 22:00 is 1320, 08:00 is 480, 23:00 is 1380; 20 uL/h are 20,000 nL/h
    assert document == {
        "v": 1, "name": "circadian", "fluid": {"name": "dyed water", "ng_per_ml": 500_000},
        "days": [0, 0, 0, 0, 0, 1, 1],
        "plans": [[0, 20_000, 20_000, 390, 55_000, 55_000, 1320, 20_000, 20_000],
                  [0, 20_000, 20_000, 480, 45_000, 45_000, 1380, 20_000, 20_000]],
        "boluses": [], "periodic": [], "on_demand": [], "limits": NO_LIMITS, "soft_limits": NO_LIMITS,
        "ends": {"after_s": 0, "volume_nl": 0}, "low_nl": 0, "minimum_nl_per_h": 0, "resume": "basal"}
    assert (zone["name"], zone["first_offset_min"], zone["changes"][4:6]) == ("Europe/Berlin", 60, [29579100, 120])
    assert loaded.name == loaded.program.name == "circadian"
    assert isinstance(loaded.program, Program)


def test_the_body_is_one_text_for_one_program(tmp_path):
    loaded = load(tmp_path, PROGRAM)
    again = json.dumps(json.loads(loaded.body), sort_keys=True, separators=(",", ":")).encode()
    assert loaded.body == again
    other_words = changed(PROGRAM, '"55 uL/h"', '"0.055mL/h"')
    assert load(tmp_path, other_words).body == loaded.body
    assert load(tmp_path, PROGRAM.replace("\n", "\r\n")).body == loaded.body
    greek = load(tmp_path, changed(PROGRAM, "dyed water", "5 µm Tröpfchen 💧"))
    assert greek.body.isascii()
    assert Program(greek.body).fluid == "5 µm Tröpfchen 💧"


def test_every_quantity_is_echoed_in_canonical_units(tmp_path):
    text = changed(PROGRAM, '"55 uL/h"', '"0.35 mg/day"')
    assert load(tmp_path, text).canonical == [
        ("concentration", "0.5 mg/mL = 500000 ng/mL"),
        ("mon-fri 00:00", "20 uL/h = 20000 nL/h"),
        ("mon-fri 06:30", "0.35 mg/day at 0.5 mg/mL = 29166 nL/h, rounded down from 29166.666666 ..."),
        ("mon-fri 22:00", "20 uL/h = 20000 nL/h"),
        ("sat,sun 00:00", "0 uL/h = 0 nL/h"),
        ("resume", "basal"),
    ]


@pytest.mark.requirement("U-02")
@pytest.mark.parametrize("rate, nl_per_h", [
    ("0.35 mg/day", 29_166),         # 0.35 / 0.5 = 0.7 mL a day; 700,000 / 24 = 29,166.67, rounded down
    ("0.5 ug/h", 1000),              # 0.5 ug at 0.5 ug/uL is 1 uL
    ("0 mg/h", 0),
    ("10 uL/day", 416),              # 10,000 / 24 = 416.67
])
def test_a_rate_by_mass_or_by_the_day_rounds_down(tmp_path, rate, nl_per_h):
    loaded = load(tmp_path, changed(PROGRAM, "55 uL/h", rate))
    assert loaded.program.plans[0][4] == nl_per_h


@pytest.mark.requirement("U-02")
def test_a_rate_by_mass_needs_a_concentration(tmp_path):
    text = changed(changed(PROGRAM, ', concentration = "0.5 mg/mL"', ""), "55 uL/h", "0.35 mg/day")
    error = refusal(tmp_path, text)
    assert (error.line, error.column, error.found) == (8, 26, '"0.35 mg/day"')
    assert "concentration" in error.expected


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("rate, words", [
    ('".5 mL/h"', 'a number with digits on both sides of the point and a unit, such as "0.5 mL/h"'),
    ('"5. mL/h"', "both sides of the point"),
    ('"1,5 mL/h"', "no comma"),
    ('"5"', "a unit after the number"),
    ('"5 mL"', 'a rate such as "0.5 mL/h"'),
    ('"5 ML/h"', "did you mean mL/h?"),
    ('"nan mL/h"', "digits without sign"),
    ('"-5 mL/h"', "digits without sign"),
    ("5.0", 'a rate such as "0.5 mL/h", in quotes'),
    ("5", "in quotes"),
    ("nan", "in quotes"),
    ("true", "in quotes"),
    ('["5 mL/h"]', "in quotes"),
    ('"0.0001 nL/h"', '"0 uL/h" or at least 1 nL/h'),
    ('"1.1 L/h"', "at most 1000000000 nL/h"),
])
def test_a_wrong_rate_is_refused_where_it_stands(tmp_path, rate, words):
    error = refusal(tmp_path, changed(PROGRAM, '"55 uL/h"', rate))
    assert (error.line, error.column, error.found) == (8, 26, rate)
    assert words in error.expected


@pytest.mark.requirement("T-01")
@pytest.mark.parametrize("old, new, line, column, found, words", [
    ('at = "06:30"', 'at = "00:00"', 8, 10, '"00:00"', 'after "00:00": two segments begin at one time'),
    ('at = "06:30"', 'at = "22:30"', 9, 10, '"22:00"', 'after "22:30": segments are out of order'),
    ('  { at = "00:00", rate = "20 uL/h" },\n', "", 7, 10, '"06:30"', "a gap of 390 minutes, 00:00 to 06:29"),
    ('at = "06:30"', 'at = "6:30"', 8, 10, '"6:30"', 'from "00:00" to "23:59"'),
    ('at = "06:30"', 'at = "24:00"', 8, 10, '"24:00"', 'from "00:00" to "23:59"'),
    ('at = "06:30"', 'at = "06:60"', 8, 10, '"06:60"', 'from "00:00" to "23:59"'),
    ('at = "06:30"', 'at = "06:30:30"', 8, 10, '"06:30:30"', 'from "00:00" to "23:59"'),
    ('at = "06:30"', "at = 06:30:00", 8, 10, "06:30:00", "in quotes"),
    ('at = "06:30", ', "", 8, 3, '{ rate = "55 uL/h" } without at', "at, a time of day"),
    (', rate = "55 uL/h"', "", 8, 3, '{ at = "06:30" } without rate', "rate, such as"),
    ('rate = "55 uL/h"', 'rat = "55 uL/h"', 8, 19, "the key rat", "did you mean rate?"),
    ('days = "mon-fri"\n', "", 11, 8, '"sat,sun"', "Saturday is covered already, by the table on line 4"),
    ('"mon-fri"', '"mon-sat"', 12, 8, '"sat,sun"', "Saturday is covered already, by the table on line 4"),
    ('"mon-fri"', '"mon-thu"', 4, 1, "no schedule for Friday", "every day of the week"),
    ('"mon-fri"', '"wed"', 4, 1, "no schedule for Monday, Tuesday, Thursday, Friday", "every day of the week"),
    ('"mon-fri"', '"Mon-Fri"', 5, 8, '"Mon-Fri"', "days such as"),
    ('"mon-fri"', '"mon-"', 5, 8, '"mon-"', "days such as"),
    ('"mon-fri"', '"mon-mon"', 5, 8, '"mon-mon"', "days such as"),
    ('"mon-fri"', '""', 5, 8, '""', "days such as"),
    ('"mon-fri"', '"mon-fri,"', 5, 8, '"mon-fri,"', "days such as"),
    ('"mon-fri"', '["mon"]', 5, 8, '["mon"]', "in quotes"),
    ('"mon-fri"', '"mon-fri,wed"', 5, 8, '"mon-fri,wed"', "Wednesday is named twice"),
    ('segments = [{ at = "00:00", rate = "0 uL/h" }]', "segments = []", 13, 12, "[]", "a list of segments"),
    ('segments = [{ at = "00:00", rate = "0 uL/h" }]', "", 11, 1, "[[schedule]] without segments", "segments"),
    ('segments = [{ at = "00:00", rate = "0 uL/h" }]', 'segments = ["00:00"]', 13, 13, '"00:00"', "at and rate"),
])
def test_a_schedule_that_does_not_cover_each_minute_once_is_refused(tmp_path, old, new, line, column, found, words):
    error = refusal(tmp_path, changed(PROGRAM, old, new))
    assert (error.line, error.column, error.found) == (line, column, found)
    assert words in error.expected


@pytest.mark.parametrize("old, new, line, column, found, words", [
    ('name = "circadian"', "", 1, 1, "no name", "name, such as"),
    ('"circadian"', "5", 1, 8, "5", "a name, in quotes"),
    ('"circadian"', '""', 1, 8, '""', "1 to 64"),
    ('"circadian"', r'"a\nb"', 1, 8, r'"a\nb"', "printable"),
    ('"0.5 mg/mL"', '"0.5 mg"', 2, 48, '"0.5 mg"', "a concentration such as"),
    ('"0.5 mg/mL"', '"0 mg/mL"', 2, 48, '"0 mg/mL"', "from 1 to"),
    ('"0.5 mg/mL"', '"0.1 ug/L"', 2, 48, '"0.1 ug/L"', "whole ng/mL"),
    ('name = "dyed water", ', "", 2, 9, '{ concentration = "0.5 mg/mL" } without name', "name"),
    ("concentration", "concentraton", 2, 32, "the key concentraton", "did you mean concentration?"),
    ("time_zone", "timezone", 3, 1, "the key timezone", "did you mean time_zone?"),
    ('time_zone = "Europe/Berlin"', "", 1, 1, "no time_zone", 'or utc_offset = "+01:00"'),
    ('time_zone = "Europe/Berlin"', 'utc_offset = "1"', 3, 14, '"1"', "an offset from"),
    ('time_zone = "Europe/Berlin"', "utc_offset = 1", 3, 14, "1", "in quotes"),
    ('"Europe/Berlin"', '"Europe/Berln"', 3, 13, '"Europe/Berln"', "did you mean Europe/Berlin"),
    ('time_zone = "Europe/Berlin"', 'utc_offset = "+01:00"\ntime_zone = "UTC"', 3, 1, "the key utc_offset", "not both"),
])
def test_a_wrong_entry_is_refused_where_it_stands(tmp_path, old, new, line, column, found, words):
    error = refusal(tmp_path, changed(PROGRAM, old, new))
    assert (error.line, error.column, error.found) == (line, column, found)
    assert words in error.expected


def test_a_single_table_in_place_of_a_list_is_refused(tmp_path):
    text = PROGRAM.partition("[[schedule]]")[0] + '[schedule]\nsegments = [{ at = "00:00", rate = "0 uL/h" }]\n'
    error = refusal(tmp_path, text)
    assert (error.line, error.found) == (4, "[schedule]")
    assert "double brackets" in error.expected


@pytest.mark.requirement("T-01")
@pytest.mark.parametrize("first, second, days", [
    ("mon-fri", "sat,sun", [0, 0, 0, 0, 0, 1, 1]),
    ("fri-mon", "tue-thu", [0, 1, 1, 1, 0, 0, 0]),
    ("mon,wed,fri", "tue,thu,sat-sun", [0, 1, 0, 1, 0, 1, 1]),
    ("mon", "tue-sun", [0, 1, 1, 1, 1, 1, 1]),
    ("sun-sat", None, [0, 0, 0, 0, 0, 0, 0]),
    (None, None, [0, 0, 0, 0, 0, 0, 0]),
    ("sat, sun", "mon - fri", [0, 0, 0, 0, 0, 1, 1]),
])
def test_days(tmp_path, first, second, days):
    text = changed(PROGRAM, 'days = "mon-fri"', f'days = "{first}"' if first else "")
    head, _, tail = text.rpartition("[[schedule]]")
    text = head + ("[[schedule]]" + changed(tail, "sat,sun", second) if second else "")
    assert load(tmp_path, text).program.days == days


def test_equal_days_are_stored_once(tmp_path):
    text = changed(PROGRAM, '"sat,sun"', '"sat"') + \
        '[[schedule]]\ndays = "sun"\nsegments = [{ at = "00:00", rate = "0 mL/day" }]\n'
    program = load(tmp_path, text).program
    assert (program.days, len(program.plans)) == ([0, 0, 0, 0, 0, 1, 1], 2)


@pytest.mark.requirement("T-01")
def test_a_day_has_at_most_96_segments(tmp_path):
    def text(count):
        lines = [f'{{ at = "{k // 60:02d}:{k % 60:02d}", rate = "{k} nL/h" }},\n' for k in range(count)]
        return f'name = "many"\nutc_offset = "-03:30"\n[[schedule]]\nsegments = [\n{"".join(lines)}]\n'

    loaded = load(tmp_path, text(96))
    assert loaded.program.plans == [[number for k in range(96) for number in (k, k, k)]]
    assert (loaded.program.zone_name, loaded.program.schedule.offset_min(0)) == ("UTC-03:30", -210)
    error = refusal(tmp_path, text(97))
    assert (error.line, error.expected) == (4 + 97, "at most 96 segments a day, not 97")


def test_the_fluid_may_be_left_out(tmp_path):
    loaded = load(tmp_path, "\n".join(PROGRAM.split("\n")[:1] + PROGRAM.split("\n")[2:]))
    assert (loaded.program.fluid, loaded.program.ng_per_ml) == ("", 0)


def test_the_continuous_example_is_one_rate_for_ever():
    program = load_program(EXAMPLES / "continuous.toml", START).program
    assert (program.days, program.plans) == ([0] * 7, [[0, 12_000_000, 12_000_000]])
    assert program.schedule.zone.changes == []
