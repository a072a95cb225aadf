"""The table of figures in firmware/DESIGN.md has every row that `make bench-emulator` measures, within its goal."""

from tests.emulator.figures import ROWS, Figures, in_document, number_of


def test_every_row_has_a_figure_that_meets_its_goal_or_says_that_it_does_not():
    found = in_document()
    assert list(found) == [row.what for row in ROWS.values()]
    for row in ROWS.values():
        is_met = row.is_met(number_of(found[row.what]))
        assert is_met != row.is_wish, row.what


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
