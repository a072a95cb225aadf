"""The tables of figures in firmware/DESIGN.md and README.md have the rows that `make bench-emulator` measures, each
within its goal and alike in both."""

from tests.emulator.figures import DESIGN, DOCUMENTS, README, ROWS, Figures, in_document, number_of


def test_every_row_has_a_figure_that_meets_its_goal():
    found = in_document()
    assert list(found) == [row.what for row in ROWS.values()]
    for row in ROWS.values():
        assert row.is_met(number_of(found[row.what])), row.what


def test_the_readme_says_the_same():
    found, told = in_document(README), in_document(DESIGN)
    assert list(found) == [ROWS[key].what for key in DOCUMENTS[README]]
    assert found == {what: told[what] for what in found}


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
