"""The table of figures in firmware/DESIGN.md has every row that `make bench-emulator` measures, within its goal."""

import re

from tests.emulator.figures import ROWS, Figures, in_document


def test_every_row_has_a_figure_that_meets_its_goal():
    found = in_document()
    assert list(found) == [row.what for row in ROWS.values()]
    for row in ROWS.values():
        number = re.match(r"[\d,.]+", found[row.what])
        assert number and row.is_met(float(number[0].replace(",", ""))), row.what


def test_a_figure_beyond_its_goal_is_refused():
    figures = Figures()
    figures.note("boot", 1.5)
    try:
        figures.note("boot", 1.51)
    except AssertionError as error:
        assert "1.51 s, at most 1.5 s is the goal" in str(error)
    else:
        raise AssertionError("taken")


def test_what_has_changed_since_it_was_written_is_told():
    figures = Figures()
    figures.note("flash", 123_456)
    assert [(row[0], row[1]) for row in figures.differences()] == [(ROWS["flash"].what, "123,456 KB")]
