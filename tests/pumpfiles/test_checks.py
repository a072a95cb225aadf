"""The pump's limit check on the host points at the line of the program file (U-03, L-01, L-02, L-05)."""

import pytest

from pump.check import beyond_soft as beyond_soft_of
from pumpfiles.checks import beyond_soft, check
from pumpfiles.errors import InputError
from pumpfiles.offences import place_of
from pumpfiles.program_file import load_program
from pumpfiles.rig_file import load_rig
from tests.pumpfiles.files import EXAMPLES, PROGRAM, RIG, START, changed, write

pytestmark = pytest.mark.requirement("U-03")

# The program has 13 lines: what is added to it begins on line 14
BOLUSES = '''\
[[bolus]]
at = "08:00"
days = "mon"
volume = "50 uL"
over = "30 min"
[[bolus]]
at = "08:30"
volume = "40 uL"
over = "10 min"
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
max_rate = "1 mL/h"
max_bolus = "1 mL"
max_24h = "5 mL"
'''


def loaded(folder, program):
    return load_program(write(folder, program), START)


def rig_of(folder, rig=RIG):
    return load_rig(write(folder, rig)).rig


def refusal(folder, program, rig=RIG):
    program_file = loaded(folder, program)
    with pytest.raises(InputError) as caught:
        check(program_file, rig_of(folder, rig))
    return caught.value


@pytest.mark.parametrize("program, rig", [
    ("circadian", "bench-1"), ("continuous", "peristaltic"), ("everything", "bench-1"), ("trial", "bench-1"),
    ("ramp", "bench-1")])
def test_the_examples_are_within_their_rigs(program, rig):
    program_file, rig_file = load_program(EXAMPLES / f"{program}.toml", START), load_rig(EXAMPLES / f"{rig}.toml")
    check(program_file, rig_file.rig)
    assert beyond_soft(program_file, rig_file.rig) == ""


def test_a_rate_above_the_rigs_is_found_on_its_line(tmp_path):
    error = refusal(tmp_path, PROGRAM, changed(RIG, "2 mL/h", "54 uL/h"))
    assert (error.line, error.column, error.found) == (8, 26, '"55 uL/h"')
    assert error.expected == ('a program within the limits of rig "bench-1": '
                              "Monday 06:30: 55000 nL/h is above max_rate, 54000 nL/h")


@pytest.mark.parametrize("rate, column, found", [
    ('"55 uL/h", ramp_to = "50 uL/h"', 26, '"55 uL/h"'),
    ('"50 uL/h", ramp_to = "55 uL/h"', 47, '"55 uL/h"'),
])
def test_of_a_ramp_the_higher_end_is_shown(tmp_path, rate, column, found):
    error = refusal(tmp_path, changed(PROGRAM, '"55 uL/h"', rate), changed(RIG, "2 mL/h", "54 uL/h"))
    assert (error.line, error.column, error.found) == (8, column, found)


def test_a_full_window_is_found_at_the_segment_that_fills_it(tmp_path):
    # the hour before 07:30 holds 55,000 nL, a nanolitre more than allowed; the one before 07:29 holds 54,416
    error = refusal(tmp_path, PROGRAM, changed(RIG, 'max_1h = "2 mL"', 'max_1h = "54999 nL"'))
    assert (error.line, error.found) == (8, '"55 uL/h"')
    assert "Monday 07:30: the 1 h before hold more" in error.expected


def test_a_window_that_ends_with_its_segment_is_not_blamed_on_the_next(tmp_path):
    # 60 minutes at 55 uL/h until 07:30 exactly
    program = changed(PROGRAM, 'at = "22:00"', 'at = "07:30"')
    error = refusal(tmp_path, program, changed(RIG, 'max_1h = "2 mL"', 'max_1h = "54999 nL"'))
    assert "Monday 07:30" in error.expected
    assert (error.line, error.found) == (8, '"55 uL/h"')


def test_a_window_over_sunday_midnight_is_found_on_sundays_line(tmp_path):
    # Sunday alone delivers: 24 h at 100 uL/h are 2.4 mL at Monday 00:00
    program = changed(PROGRAM, '"0 uL/h"', '"100 uL/h"').replace("20 uL/h", "0 uL/h").replace("55 uL/h", "0 uL/h")
    program = changed(changed(program, "mon-fri", "mon-sat"), "sat,sun", "sun")
    error = refusal(tmp_path, program, changed(RIG, 'max_24h = "20 mL"', 'max_24h = "2399999 nL"'))
    assert "Monday 00:00: the 24 h before hold more" in error.expected
    assert (error.line, error.found) == (13, '"100 uL/h"')


def test_a_repeated_hour_is_counted(tmp_path):
    # 02:00 to 03:00 on Sunday comes twice on 2025-10-26: 2 mL where the limit is 1.5 mL in 24 h
    segments = ('segments = [{ at = "00:00", rate = "0 uL/h" },\n  { at = "02:00", rate = "1 mL/h" },\n'
                '  { at = "03:00", rate = "0 uL/h" }]')
    program = changed(PROGRAM, 'segments = [{ at = "00:00", rate = "0 uL/h" }]', segments)
    program = program.replace("20 uL/h", "0 uL/h").replace("55 uL/h", "0 uL/h")
    error = refusal(tmp_path, program, changed(RIG, 'max_24h = "20 mL"', 'max_24h = "1.5 mL"'))
    assert (error.line, error.found) == (14, '"1 mL/h"')
    assert "Sunday 02:31" in error.expected               # half of the second hour, and a moment


def test_a_window_that_a_bolus_fills_is_found_at_the_bolus(tmp_path):
    # Monday's hour before 08:40: 55 uL of basal rate, 50 and 40 uL of boluses = 145 uL, and besides one periodic and
    # (lockout 1 h) two on-demand boluses: 5 + 20, in all 170 uL
    program = PROGRAM + changed(BOLUSES, "max_24h", 'max_1h = "169 uL"\nmax_24h')
    error = refusal(tmp_path, program)
    assert (error.line, error.found) == (21, '"40 uL"')
    assert "Monday 08:40: the 1 h before hold more than max_1h allows" in error.expected
    check(loaded(tmp_path, changed(program, "169 uL", "170 uL")), rig_of(tmp_path))


@pytest.mark.requirement("B-04")
def test_boluses_that_overlap_are_found_at_the_second_one(tmp_path):
    # Monday 08:00 for 30 min, and daily 08:29
    error = refusal(tmp_path, PROGRAM + changed(BOLUSES, "08:30", "08:29"))
    assert (error.line, error.column, error.found) == (20, 6, '"08:29"')
    assert "Monday 08:29: a bolus begins before the one before has ended" in error.expected
    refusal(tmp_path, PROGRAM + changed(BOLUSES, "08:30", "08:00"))


@pytest.mark.requirement("L-02")
@pytest.mark.parametrize("old, new, line, found, words", [
    ('max_rate = "1 mL/h"', 'max_rate = "2.1 mL/h"', 33, '"2.1 mL/h"', "the program's max_rate_nl_per_h is looser"),
    ('max_bolus = "1 mL"', 'max_bolus = "2.1 mL"', 34, '"2.1 mL"', "max_bolus_nl is looser"),
    ('max_bolus = "1 mL"', 'max_1h = "2.1 mL"', 34, '"2.1 mL"', "max_1h_nl is looser"),
    ('max_24h = "5 mL"', 'max_24h = "20.1 mL"', 35, '"20.1 mL"', "max_24h_nl is looser"),
    ('max_24h = "5 mL"', 'max_24h = "84999 nL"', 28, '"10 uL"', "on-demand and periodic boluses alone"),
    ('max_bolus = "1 mL"', 'max_bolus = "49 uL"', 17, '"50 uL"', "the bolus at 08:00 is above max_bolus"),
    ('volume = "5 uL"', 'volume = "1001 uL"', 24, '"1001 uL"', "periodic_bolus is above max_bolus"),
    ('volume = "10 uL"', 'volume = "1001 uL"', 28, '"1001 uL"', "on_demand is above max_bolus"),
    ('volume = "40 uL"', 'volume = "1 nL"', 21, '"1 nL"', "the bolus at 08:30 is less than one step of the motor"),
    ('volume = "5 uL"', 'volume = "1 nL"', 24, '"1 nL"', "periodic_bolus is less than one step of the motor"),
    ("[limits]", '[reservoir]\nlow = "10 mL"\n[limits]', 33, '"10 mL"', "reservoir low must be less than"),
])
def test_each_entry_beyond_a_limit_is_found_on_its_line(tmp_path, old, new, line, found, words):
    # four on-demand boluses of 10 uL and nine periodic ones of 5 uL (every 3 h, both ends of 24 h): 85 uL in a day
    error = refusal(tmp_path, PROGRAM + changed(BOLUSES, old, new))
    assert (error.line, error.found) == (line, found)
    assert words in error.expected


def test_a_minimum_rate_above_the_limit_is_found(tmp_path):
    error = refusal(tmp_path, 'minimum_rate = "2.1 mL/h"\n' + PROGRAM)
    assert (error.line, error.column, error.found) == (1, 16, '"2.1 mL/h"')


@pytest.mark.requirement("L-05")
@pytest.mark.parametrize("soft, line, words", [
    ('max_rate = "54 uL/h"', 8, "Monday 06:30: 55000 nL/h is above max_rate, 54000 nL/h"),
    ('max_bolus = "49 uL"', 17, "the bolus at 08:00 is above max_bolus, 49000 nL"),
    ('max_1h = "169 uL"', 21, "Monday 08:40: the 1 h before hold more than max_1h allows"),
    ('max_24h = "84 uL"', 28, "on-demand and periodic boluses alone can exceed max_24h"),
])
def test_what_is_beyond_a_soft_limit_is_said_and_not_refused(tmp_path, soft, line, words):
    program_file = loaded(tmp_path, PROGRAM + BOLUSES + f"[soft_limits]\n{soft}\n")
    rig = rig_of(tmp_path)
    check(program_file, rig)
    assert beyond_soft(program_file, rig) == f"{program_file.path}:{line}: soft limit: {words}"
    assert beyond_soft_of(program_file.program, rig) == words           # what the pump itself would answer


@pytest.mark.requirement("L-05")
@pytest.mark.parametrize("soft", ["", "[soft_limits]\n", '[soft_limits]\nmax_rate = "55 uL/h"\nmax_1h = "170 uL"\n'])
def test_within_its_soft_limits_nothing_is_said(tmp_path, soft):
    assert beyond_soft(loaded(tmp_path, PROGRAM + BOLUSES + soft), rig_of(tmp_path)) == ""


def test_a_message_without_an_instant_points_at_the_first_rate(tmp_path):
    program_file = loaded(tmp_path, PROGRAM)
    assert place_of(program_file, "too much").line == 7
    assert place_of(program_file, "Monday 00:00: too much").line == 7
    assert place_of(program_file, "Monday 00:00: the 1 h before hold more").line == 13
    assert place_of(program_file, "Tuesday 21:59: too much").line == 8
