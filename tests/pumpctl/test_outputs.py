"""The files of a run: there, self-contained, the same for the same run."""

import json
import re
from itertools import pairwise

import pytest

from pump.program import Program
from pumpctl.errors import HostError
from pumpctl.localtime import after_days, read_local
from pumpctl.outputs import FILES, write_all
from pumpctl.plots import ticks_of
from pumpctl.simulate import simulate
from pumpctl.summary import Results, Run
from pumpctl.tables import show
from tests.pumps import DAY_MS, RIG, body_of, program

BODY = body_of(program(name="rates & <b>doses</b>"))
ZONE = Program(BODY).schedule.zone
START_MS = read_local("2026-03-27T00:00", ZONE, "")


@pytest.fixture(scope="module")
def results():
    return Results(simulate(body_of(RIG), BODY, START_MS, after_days(ZONE, START_MS, 7)))


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "made" / "on the way"
    write_all(results, folder)
    return folder


def test_all_files_are_written_and_nothing_else(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert (folder / "rates.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "rates.svg").read_text().lstrip().startswith("<?xml")


def test_the_journal_file_gives_the_same_results_again(results, folder):
    again = Results(Run((folder / "journal.bin").read_bytes(), results.run.rig, results.run.program,
                        results.run.unique_id))
    assert again.intervals == results.intervals
    assert json.loads((folder / "summary.json").read_text())["days"] == again.summary()["days"]


def test_the_picture_is_the_same_bytes_for_the_same_run(results, folder, tmp_path):
    write_all(results, tmp_path)
    for name in ("rates.svg", "rates.png", "doses.csv"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_report_asks_for_nothing_from_elsewhere(folder):
    html = (folder / "report.html").read_text()
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?!#)", html) == []
    assert re.findall(r"@import|url\((?!#)|<script|<link", html) == []
    assert "<svg" in html and "<?xml" not in html


def test_the_report_holds_warning_proof_days_and_an_escaped_name(folder, results):
    html = (folder / "report.html").read_text()
    assert "Never connect it to a person or an animal" in html
    assert "chain verified" in html
    assert "Sun 2026-03-29" in html
    assert "rates &amp; &lt;b&gt;doses&lt;/b&gt;" in html and "<b>doses" not in html


def test_the_table_shows_each_day_and_the_total(results):
    lines = show(results).splitlines()
    # 8.5 h at 20 uL/h + 15.5 h at 55 uL/h = 1022.5 uL; 1002.5 on the day of 23 h; 7 days: 7137.5 uL
    assert lines[1].split() == ["Fri", "2026-03-27", "1,022.500", "1,022.500", "10,225", "0.00"]
    assert lines[3].split() == ["Sun", "2026-03-29", "1,002.500", "1,002.500", "10,025", "0.00"]
    assert lines[8].split() == ["total", "7,137.500", "7,137.500", "71,375", "0.00"]


def test_a_folder_that_cannot_be_made_is_said(results, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="cannot make the folder"):
        write_all(results, tmp_path / "file" / "folder")


@pytest.mark.parametrize("days, first, count", [
    (7, "Fri\n27 Mar", 8), (0.25, "00:00\n27 Mar", 7), (60, "Mon\n30 Mar", 9), (365, "Apr\n2026", 12),
    (3653, "Jan\n2027", 10)])
def test_the_time_axis_has_round_local_times(days, first, count):
    ticks = ticks_of(ZONE, START_MS, START_MS + int(days * DAY_MS) - (3_600_000 if days == 7 else 0))
    assert (ticks[0][1], len(ticks)) == (first, count)


def test_ticks_stand_at_local_midnights_across_the_clock_change():
    ticks = [at for at, _ in ticks_of(ZONE, START_MS, after_days(ZONE, START_MS, 7))]
    assert [(later - earlier) // 3_600_000 for earlier, later in pairwise(ticks)] == [
        24, 24, 23, 24, 24, 24, 24]
