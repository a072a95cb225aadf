"""The pump's limit check on the host points at the line of the program file (U-03, L-01)."""

import pytest

from pumpctl.checks import check, rate_at
from pumpctl.errors import InputError
from pumpctl.program_file import load_program
from pumpctl.rig_file import load_rig
from tests.pumpctl.files import EXAMPLES, PROGRAM, RIG, START, changed, write

pytestmark = pytest.mark.requirement("U-03")


def refusal(folder, program, rig):
    loaded = load_program(write(folder, program), START)
    with pytest.raises(InputError) as caught:
        check(loaded, load_rig(write(folder, rig)).rig)
    return caught.value


@pytest.mark.parametrize("program, rig", [("circadian", "bench-1"), ("continuous", "peristaltic")])
def test_the_examples_are_within_their_rigs(program, rig):
    check(load_program(EXAMPLES / f"{program}.toml", START), load_rig(EXAMPLES / f"{rig}.toml").rig)


def test_a_rate_above_the_rigs_is_found_on_its_line(tmp_path):
    error = refusal(tmp_path, PROGRAM, changed(RIG, "2 mL/h", "54 uL/h"))
    assert (error.line, error.column, error.found) == (8, 26, '"55 uL/h"')
    assert error.expected == ('rates within rig "bench-1": '
                              "Monday 06:30: 55000 nL/h is above the rig's max_rate of 54000 nL/h")


def test_a_full_window_is_found_at_the_segment_that_fills_it(tmp_path):
    # at 07:29 the hour holds 59 min at 55 uL/h and 1 min at 20 uL/h, (59 * 55,000 + 20,000) / 60 = 54,416 nL; at 07:30
    # it holds 55,000 nL
    error = refusal(tmp_path, PROGRAM, changed(RIG, 'max_1h = "2 mL"', 'max_1h = "54999 nL"'))
    assert (error.line, error.found) == (8, '"55 uL/h"')
    assert "Monday 07:30: the 60 minutes before hold more" in error.expected


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
    assert "Monday 00:00: the 1440 minutes before hold more" in error.expected
    assert (error.line, error.found) == (13, '"100 uL/h"')


def test_a_repeated_hour_is_counted(tmp_path):
    # 02:00 to 03:00 on Sunday comes twice on 2025-10-26: 2 mL where the limit is 1.5 mL in 24 h
    segments = ('segments = [{ at = "00:00", rate = "0 uL/h" },\n  { at = "02:00", rate = "1 mL/h" },\n'
                '  { at = "03:00", rate = "0 uL/h" }]')
    program = changed(PROGRAM, 'segments = [{ at = "00:00", rate = "0 uL/h" }]', segments)
    program = program.replace("20 uL/h", "0 uL/h").replace("55 uL/h", "0 uL/h")
    error = refusal(tmp_path, program, changed(RIG, 'max_24h = "20 mL"', 'max_24h = "1.5 mL"'))
    assert (error.line, error.found) == (14, '"1 mL/h"')
    assert "Sunday 02:31" in error.expected               # half of the second hour, and a minute


def test_a_message_without_an_instant_points_at_the_first_rate(tmp_path):
    loaded = load_program(write(tmp_path, PROGRAM), START)
    assert rate_at(loaded, "too much", 0).line == 7
    assert rate_at(loaded, "Monday 00:00: too much", 0).line == 7
    assert rate_at(loaded, "Monday 00:00: too much", 1).line == 13
    assert rate_at(loaded, "Tuesday 21:59: too much", 0).line == 8
