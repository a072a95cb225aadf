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
from tests.pumps import DAY_MS, RIG, ask, body_of, program, records, request, running_pump, send

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


@pytest.fixture(scope="module")
def eventful():
    """A day with boluses given and denied, an alarm, a prime and a refill."""
    pump = running_pump(document=program(on_demand=[10_000, 120, 3600, 2]), utc_ms=START_MS)
    for _ in range(2):
        pump.run_for(DAY_MS // 96)
        send(pump, request("bolus", volume_nl=0, over_s=0, confirm=0))
    ask(pump, "refill", added_nl=1000, withdrawn_nl=-1)
    ask(pump, "prime", volume_nl=100_000)
    pump.run_for(DAY_MS // 4)
    pump.board.counter.extra += 50
    pump.poll()
    app = pump.app
    return Results(Run(b"".join(records(pump)), app.rig.document, app.program.document, pump.board.unique_id))


@pytest.mark.requirement("A-03")
def test_boluses_alarms_and_denied_requests_stand_in_report_picture_and_table(eventful, tmp_path):
    write_all(eventful, tmp_path)
    html = (tmp_path / "report.html").read_text()
    for title in ("Boluses", "Alarms", "Denied requests"):
        assert f"<h2>{title}</h2>" in html
    assert "denied (lockout)" in html and "<td>bolus (on demand)</td>" in html and "<td>over-delivery</td>" in html
    assert "of the delivered volume in boluses" in html and "primed: moved to fill the line" in html
    svg = (tmp_path / "rates.svg").read_text()
    assert "over-delivery" in svg and "bolus denied or skipped" in svg
    assert (tmp_path / "boluses.csv").read_text().count("\n") == 3
    said = show(eventful)
    assert "boluses: 1 of 2 given, 10.000 µL" in said and "100.000 µL primed" in said and "denied: 1 request" in said
    assert "alarm: over-delivery (high), 2026-03-27T06:30:00+01:00" in said and "refills: 1" in said


def test_without_any_of_them_the_report_says_none(folder):
    assert (folder / "report.html").read_text().count(">None.<") == 2                # the clock was not set at first


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
