"""`pumpctl plot`: the picture of chosen days, from the archive or a file of records."""

import json
from pathlib import Path

import pytest

from pumpctl.journal import records_of
from pumpctl.run_days import of_days
from pumpctl.selection import read_day
from pumpctl.simulate import simulate
from pumpctl.summary import NothingError, Results
from tests.pumpctl.journals import make
from tests.pumpfiles.files import EXAMPLES
from tests.pumps import DAY_MS, RIG, START_UTC_MS, body_of, program
from tests.serving import served

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
STORED = str(Path(make.__file__).parent / "v1.bin")


@pytest.fixture(scope="module")
def week():
    return simulate(body_of(RIG), body_of(program()), START_UTC_MS, START_UTC_MS + 7 * DAY_MS)


@pytest.mark.parametrize("first, last, volumes", [
    ("2026-03-28", "2026-03-28", [1_022_500]), ("2026-03-29", "2026-03-30", [1_002_500, 1_022_500]),
    ("2026-03-27", "2026-03-27", [1_022_500])])
def test_a_day_that_is_cut_out_has_all_of_its_volume_and_nothing_else(week, first, last, volumes):
    """8.5 h at 20 and 15.5 h at 55 uL/h; the 29th is an hour shorter."""
    cut = Results(of_days(week, read_day(first), read_day(last)))
    assert [day.programmed_nl for day in cut.days] == volumes
    assert cut.programmed_nl == sum(volumes)


def test_days_without_records_are_said(week):
    with pytest.raises(NothingError, match="no records of 2027-01-01"):
        of_days(week, read_day("2027-01-01"), read_day("2027-01-01"))


@pytest.fixture
def pulled(monkeypatch, run):
    with served("--control", "tcp:0") as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        run("push", CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27")
        run("clock", "set", "--to", "2026-03-27T00:00")
        run("start")
        serving.control.advance(3 * DAY_MS)
        assert run("log", "pull")[0] == 0
        yield serving


def test_the_archive_is_drawn_whole_or_by_days(pulled, run, tmp_path):
    assert run("plot", str(tmp_path / "all.svg"))[:2] == (0, f"written: {tmp_path / 'all.svg'}\n")
    assert "circadian on bench-1" in (tmp_path / "all.svg").read_text(encoding="utf-8")
    found = json.loads(run("plot", str(tmp_path / "day.png"), "--day", "2026-03-28", "--json")[1])
    assert [(day["date"], day["programmed_nl"]) for day in found["days"]] == [("2026-03-28", 855_000)]
    assert (tmp_path / "day.png").read_bytes().startswith(b"\x89PNG")
    two_days = ("--pump", "bench-1", "--day", "2026-03-27", "--until-day", "2026-03-28")
    assert run("plot", str(tmp_path / "a.svg"), *two_days)[0] == 0


def test_a_file_of_records_is_drawn_with_its_rig(run, tmp_path):
    assert len(list(records_of(Path(STORED).read_bytes()))) > 20
    code, _, err = run("plot", str(tmp_path / "a.svg"), "--journal", STORED)
    assert code == 2 and "give the rig" in err.lower()
    assert run("plot", str(tmp_path / "a.svg"), "--journal", STORED, "--rig", BENCH)[0] == 0


@pytest.mark.parametrize("words, said", [
    (("a.pdf",), "End the name with .svg or .png"), (("a.svg", "--until-day", "2026-03-28"), "needs --day"),
    (("a.svg", "--day", "today"), "no date"), (("a.svg", "--day", "2026-03-27", "--until-day", "x"), "--until-day 'x'"),
    (("a.svg", "--day", "2020-01-01"), "no records of"), (("no/such/a.svg",), "cannot write"),
    (("a.svg", "--pump", "other"), "no pump 'other'"), ((), "PICTURE"),
])
def test_what_cannot_be_drawn_is_said_in_a_line(pulled, run, monkeypatch, tmp_path, words, said):
    monkeypatch.chdir(tmp_path)
    code, out, err = run("plot", *words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err
    assert list(tmp_path.iterdir()) == []


def test_without_an_archive_it_says_how_to_get_one(run, tmp_path):
    code, _, err = run("plot", str(tmp_path / "a.svg"))
    assert code == 2 and "pumpctl log pull" in err


def test_a_clock_that_is_set_back_breaks_the_line_and_one_set_forward_does_not():
    from pumpctl.plots import broken_line

    times, values = broken_line([0, 60, 30, 90, 500], [0, 1, 1, 2, 3])
    assert [str(at) for at in times] == ["0", "60", "nan", "30", "90", "500"]
    assert [str(value) for value in values] == ["0", "1", "nan", "1", "2", "3"]
