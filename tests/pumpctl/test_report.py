"""`pumpctl report`: the page, its period, its proof and its PDF, from an archive and from a file of records."""

import functools
import json
import re
import sys
from itertools import pairwise

import numpy as np
import pytest

from flowtest.water import Liquid
from pump import record
from pump.board import CAUSE_POWER
from pumpctl import printing
from pumpctl.archive import Archive
from pumpctl.archiving import pull_into
from pumpctl.pump import Pump
from pumpctl.transport import SimTransport
from pumpsim import SimPump
from tests.pumpfiles.files import EXAMPLES, RIG, write
from tests.pumps import DAY_MS, HOUR_MS, MINUTE_MS, START_UTC_MS, body_of, program
from tests.pumps import RIG as RIG_DOCUMENT

DOCUMENT = program(name="week & <b>days</b>", boluses=[[480, 127, 50_000, 600, 0]],
                   on_demand=[10_000, 120, 3600, 2], resume="basal")
DAY = "2026-03-28"


def live(pump, sim, pull):
    """Four days: boluses given and denied, a prime, a withdrawal, a refill, two power cuts, another rig, the clock."""
    pump.push_rig(body_of(RIG_DOCUMENT))
    pump.push_program(body_of(DOCUMENT))
    pump.clock_set(START_UTC_MS)
    pump.ack()
    pump.prime(100_000)
    sim.run_for(MINUTE_MS)
    pump.start()
    sim.run_for(DAY_MS + 9 * HOUR_MS)
    pump.bolus()
    sim.run_for(HOUR_MS // 2)
    with pytest.raises(Exception, match="lockout"):
        pump.bolus()
    sim.run_for(HOUR_MS + 5 * MINUTE_MS)
    sim.boot(CAUSE_POWER)
    sim.run_for(HOUR_MS)
    pump.clock_set(START_UTC_MS + sim.now_ms)
    sim.run_for(DAY_MS)
    pump.stop()
    pump.withdraw(20_000)
    sim.run_for(HOUR_MS)
    pull()
    pump.push_rig(body_of(RIG_DOCUMENT | {"name": "worn rig", "pl_per_rev": 322_345_678}))
    pump.refill(900_000_000, 990_000_000)
    pump.start()
    sim.run_for(DAY_MS)
    pump.stop()


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """An archive with that pump."""
    path = tmp_path_factory.mktemp("report") / "archive.sqlite"
    sim = SimPump()
    with Pump(SimTransport(sim)) as pump, Archive(path, for_writing=True) as archive:
        live(pump, sim, lambda: pull_into(archive, pump))
        pull_into(archive, pump)
    return path


@pytest.fixture
def run(run, monkeypatch, tmp_path, stored):
    """Runs pumpctl report in a folder of its own; gives (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PUMPCTL_ARCHIVE", str(stored))
    return lambda *words: run("report", *words)


@pytest.fixture
def page(run, tmp_path):
    """The page as text, with these options; and what --json says of it."""
    def page(*words):
        code, out, err = run(*words, "--json")
        assert (code, err) == (0, "")
        return (tmp_path / "report.html").read_text(), json.loads(out)
    return page


def test_the_page_tells_volumes_by_day_and_account_and_all_sums_agree(page):
    html, answer = page()
    total = answer["total"]
    assert sum(day["delivered_nl"] for day in answer["days"]) == total["delivered_nl"]
    assert total["basal_nl"] + total["bolus_nl"] == total["delivered_nl"]
    # a step is 100 nL: 50 uL on each of two mornings; 10 uL on demand; the third morning has the new rig
    assert total["primed_nl"] == 100_000 and total["withdrawn_nl"] == 20_000
    assert total["uncertain_nl"] > 0
    assert [check["agrees"] for check in answer["checks"]].count(False) == 0
    assert [check["agrees"] for check in answer["checks"]].count(True) >= 5
    assert "Sat 2026-03-28" in html and html.count(">agrees<") >= 5 and "DIFFERS" not in html


def test_the_page_names_changes_with_their_documents_and_denied_requests(page):
    html, _ = page()
    for said in ("chain verified", "worn rig: rig ", "test rig: rig ", "power-up", "set to 2026-03-26T23:00:00Z",
                 "denied (lockout)", "withdrawing: 20 µL, complete, 200 of 200 steps", "Never connect it to a person"):
        assert said in html, said
    assert "week &amp; &lt;b&gt;days&lt;/b&gt;" in html and "<b>days" not in html
    assert "the rig was replaced in this period" in html


def test_a_rig_that_nobody_pulled_in_time_is_said_to_be_missing(run, tmp_path):
    """An archive has the rig that a pump has when it is pulled from."""
    path = tmp_path / "late.sqlite"
    sim = SimPump()
    with Pump(SimTransport(sim)) as pump, Archive(path, for_writing=True) as archive:
        live(pump, sim, lambda: None)
        pull_into(archive, pump)
    answer = json.loads(run("--archive", path, "--json")[1])
    [note] = [note for note in answer["notes"] if "is not here" in note]
    assert "its volumes are those of the newest rig" in note
    # 1000 steps of 322 345 678 / 3200 pL
    assert answer["total"]["primed_nl"] == 100_733


def test_no_request_leaves_the_machine(page):
    html, _ = page()
    assert re.findall(r"(?:src|href)\s*=\s*[\"'](?!#)", html) == []
    assert re.findall(r"@import|url\((?!#)|<script|<link|<img|<iframe|<object", html) == []
    without_names = re.sub(r'xmlns(?::\w+)?="http://www\.w3\.org/[^"]*"', "", html)
    assert re.findall(r"\w+://", without_names) == []


def test_ids_of_its_pictures_are_told_apart(page):
    html, _ = page()
    assert html.count("<svg") == 2
    ids = [each for each in re.findall(r'\bid="([^"]+)"', html) if not re.fullmatch("[mh][0-9a-f]{10}", each)]
    assert len(ids) == len(set(ids))
    for used in re.findall(r"url\(#([^)]+)\)", html):
        assert f'id="{used}"' in html


def test_a_day_is_that_row_of_the_whole(page):
    whole = {day["date"]: day for day in page()[1]["days"]}
    html, answer = page("--day", DAY)
    assert len(answer["days"]) == 1
    for name in ("steps", "bolus_steps", "programmed_nl", "delivered_nl", "uncertain_steps"):
        assert answer["total"][name] == whole[DAY][name], name
    assert "2026-03-29" not in re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL).replace(
        "2026-03-29T00:00:00", "")


def test_the_period_of_a_duration_counts_back_from_the_newest_record(page):
    _, answer = page("--since", "2 h")
    # it is about two in the afternoon: 2 h at 55 uL/h, but for what is between two records, which are 10 min apart
    assert 110_000 - 9_167 <= answer["total"]["programmed_nl"] <= 110_000 + 9_167
    assert len(answer["days"]) == 1


@pytest.mark.parametrize("words, said", [
    (("--day", "yesterday"), "--day 'yesterday' is no date"),
    (("--since", "soon"), "neither a time nor a duration"),
    (("--day", "2020-01-01"), "no record belongs to that period"),
    (("--pump", "nobody"), "no pump 'nobody' in the archive"),
    (("--archive", "none.sqlite"), "there is no archive"),
    (("--rig", EXAMPLES / "bench-1.toml"), "for a file of records"),
    (("--readings", "none.csv"), "--readings needs --rate"),
    (("--readings", "none.csv", "--rate", "0 uL/h"), "--rate: found 0"),
    (("--readings", "none.csv", "--rate", "1 uL/h"), "cannot read none.csv"),
    (("--out", "nowhere.html/report.html", "--day", DAY), "cannot make the folder"),
    (("--all", "--out", "one.html"), "give a folder"),
])
def test_what_is_wrong_is_one_line(run, tmp_path, words, said):
    (tmp_path / "nowhere.html").touch()
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err
    assert not (tmp_path / "report.html").exists()


def test_all_pumps_have_a_page_each(run, stored, tmp_path):
    code, out, _ = run("--all", "--out", "pages", "--json")
    [made] = json.loads(out)["reports"]
    assert code == 0 and made["rig"] == "worn rig"
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["report-worn rig.html"]


@pytest.fixture
def records(stored, tmp_path):
    """The archive's records as a file."""
    path = tmp_path / "journal.bin"
    with Archive(stored) as archive:
        path.write_bytes(archive.raw(archive.journals()[0].id))
    return path


def test_a_file_of_records_needs_its_rig(run, records, tmp_path):
    assert "give the rig's file with --rig" in run("--archive", records)[2].lower()
    code, out, _ = run("--archive", records, "--rig", write(tmp_path, RIG), "--json")
    assert (code, json.loads(out)["rig"]) == (0, "bench-1")


def test_a_broken_chain_is_told_and_nothing_after_it_counted(run, records, tmp_path):
    raw = bytearray(records.read_bytes())
    raw[60 * record.SIZE + 30] ^= 1
    records.write_bytes(raw)
    code, out, _ = run("--archive", records, "--rig", write(tmp_path, RIG))
    assert code == 5 and "NOT good: the journal breaks at record 60" in out
    html = (tmp_path / "report.html").read_text()
    assert 'class="wrong"' in html and "nothing from there on is in this report" in html
    assert "this report is of records 0 to 59" in html


def test_readings_add_the_curves(page, tmp_path):
    """A balance under a pump that gives 2 % too much after a line that fills with a time constant of 5 min."""
    seconds = np.arange(0, 3 * 3600 + 1, 30)
    volume = 100 / 3600 * 1.02 * (seconds - 300 * (1 - np.exp(-seconds / 300)))
    rows = [f"{at},{ul / Liquid(21).ul_per_mg:.6f}" for at, ul in zip(seconds, volume, strict=True)]
    (tmp_path / "balance.csv").write_text("time_s,mass_mg\n" + "\n".join(rows) + "\n")
    html, answer = page("--readings", "balance.csv", "--rate", "100 uL/h", "--temperature", "21C")
    curves = answer["curves"]
    assert curves["mean_percent"] == pytest.approx(2, abs=0.01)
    assert [window["minutes"] for window in curves["windows"]] == [2, 5, 11, 19, 31]
    assert all(window["high_percent"] == pytest.approx(2, abs=0.01) for window in curves["windows"])
    assert html.count("<svg") == 3 and "no conformity is claimed" in html and "Trumpet curve at 100 µL/h" in html
    (tmp_path / "balance.csv").write_text("time_s,mass_mg\n" + "\n".join(rows[:100]) + "\n")
    html, answer = page("--readings", "balance.csv", "--rate", "100 uL/h")
    assert answer["curves"]["windows"] == [] and "No trumpet curve: the flow lasts 49.5 min" in html


def test_without_a_browser_a_pdf_is_refused_before_anything_is_written(run, tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "browser", lambda: None)
    code, _, err = run("--pdf", "report.pdf")
    assert (code, err.count("\n")) == (2, 1) and "no Chromium here" in err and "Leave --pdf away" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(printing.browser() is None, reason="no Chromium: apt-get install chromium")
def test_the_pdf_is_printed_by_the_browser(run, tmp_path):
    code, out, _ = run("--day", DAY, "--pdf", "report.pdf")
    assert code == 0 and "written to report.html and report.pdf" in out
    pdf = (tmp_path / "report.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-") and 2 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 5


def test_a_browser_that_fails_is_one_line(run, tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "browser", lambda: sys.executable)
    code, _, err = run("--pdf", "report.pdf")
    assert code == 2 and "did not print the report" in err and err.count("\n") == 1
    assert (tmp_path / "report.html").exists() and not (tmp_path / "report.pdf").exists()


def test_months_are_told_for_a_long_period():
    from pumpctl import report_days
    from pumpctl.accounts import Accounts, Sums

    accounts = Accounts({20_539 + day: Sums(programmed_nl=1000, delivered_nl=900, steps=9) for day in range(70)})
    months = report_days.month_rows(accounts)
    # 20539: 2026-03-27; 5 days of March, 30 of April, 31 of May, 4 of June
    assert [(row[0], row[-2]) for row in months] == [("March 2026", "45"), ("April 2026", "270"), ("May 2026", "279"),
                                                     ("June 2026", "36")]
    assert report_days.total_row(accounts)[1:5] == ("70.000", "63.000", "0", "63.000")


@pytest.mark.parametrize("days, count, first", [
    (2, 2, "2026-03-27"), (14, 14, "2026-03-27"), (40, 6, "2026-03-30"), (400, 13, "2026-04-01"),
    (4000, 14, "2026-04-01")])
def test_the_days_are_labelled_by_14_at_most(days, count, first):
    from pumpctl.localtime import date_text
    from pumpctl.report_days import _ticks

    ticks = _ticks(list(range(20_539, 20_539 + days)))
    assert (len(ticks), date_text(ticks[0])) == (count, first)
    assert all(after > before for before, after in pairwise(ticks))


def test_the_same_page_is_made_of_the_same_records(run, tmp_path):
    make = functools.partial(run, "--day", DAY)
    assert make()[0] == 0
    first = (tmp_path / "report.html").read_bytes()
    make()
    assert (tmp_path / "report.html").read_bytes() == first
