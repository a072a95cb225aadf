"""`pumpctl log` as a person types it: pulled once from a served pump, then read without it."""

import csv
import json
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from pump import record
from pumpctl.columns import COLUMNS
from pumpctl.outputs import FILES
from tests.pumpctl.journals import make
from tests.pumpfiles.files import EXAMPLES
from tests.pumps import DAY_MS, HOUR_MS
from tests.serving import served

CIRCADIAN, BENCH = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
STORED = str(Path(make.__file__).parent / "v1.bin")
COUNT = len(Path(STORED).read_bytes()) // 64


@pytest.fixture
def stored(monkeypatch):
    """The stored journal of version 1 in place of the archive."""
    monkeypatch.setenv("PUMPCTL_ARCHIVE", STORED)


@pytest.fixture
def running(monkeypatch, run):
    """A served pump that has run for a day."""
    with served("--control", "tcp:0") as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        assert run("push", CIRCADIAN, "--rig", BENCH, "--start", "2026-03-27")[0] == 0
        assert run("clock", "set", "--to", "2026-03-27T00:00")[0] == 0
        assert run("start")[0] == 0
        serving.control.advance(DAY_MS)
        yield serving


def lines(run, *words):
    """The objects of JSON lines."""
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def test_pulled_again_only_what_is_new_comes_and_the_dose_log_has_it_all(running, run, archive_path, tmp_path):
    [first] = lines(run, "log", "pull")
    assert (first["archive"], first["journal"], first["new_records"]) == (str(archive_path), 1, first["records"])
    [same] = lines(run, "log", "pull")
    assert (same["new_records"], same["records"]) == (0, first["records"])
    running.control.advance(HOUR_MS)
    code, out, _ = run("log", "pull", "--out", str(tmp_path))
    assert code == 0 and "archive: 6 new records" in out                      # six checkpoints
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    assert len((tmp_path / "journal.bin").read_bytes()) == (first["records"] + 6) * record.SIZE


def test_an_archive_is_named_by_an_option_too(running, run, archive_path, tmp_path):
    other = tmp_path / "deep" / "other.sqlite"
    assert json.loads(run("log", "pull", "--json", "--archive", str(other))[1])["archive"] == str(other)
    assert other.exists() and not archive_path.exists()
    assert run("log", "verify", str(other))[0] == 0


def test_a_pump_without_a_rig_is_archived_all_the_same(monkeypatch, run):
    with served() as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        code, out, err = run("log", "pull")
        assert (code, err) == (0, "") and "the pump has no rig" in out and "new records" in out
        assert run("log", "pull", "--from", "1")[2].endswith("Send one with: pumpctl push --rig RIG\n")
    assert [row["event"] for row in lines(run, "log", "show")] == ["boot", "accounts", "levels", "alarm"]


@pytest.mark.requirement("J-04")
def test_what_was_pulled_is_verified_without_the_pump(running, run):
    run("log", "pull")
    code, out, _ = run("log", "verify")
    assert code == 0 and "pump 53494d5055303031 (bench-1), journal 1:" in out and "\ngood: " in out
    [found] = lines(run, "log", "verify")
    assert found["good"] and found["records_per_s"] > 0
    assert found["journals"][0]["first_bad_seq"] is None


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("change, first_bad, said", [
    (lambda raw: raw[:5 * 64] + raw[6 * 64:], 5, "record 5 is not here: unexplained"),
    (lambda raw: raw[:5 * 64 + 30] + b"\xff" + raw[5 * 64 + 31:], 5, "breaks at record 5: its CRC is wrong"),
    (lambda raw: raw[7 * 64:], 0, "records 0 to 6 are not here: unexplained"),
    (lambda raw: raw[:-10], COUNT - 1, f"breaks at record {COUNT - 1}: the file ends inside it"),
])
def test_a_file_with_something_wrong_is_named_with_its_first_bad_record(run, tmp_path, change, first_bad, said):
    path = tmp_path / "journal.bin"
    path.write_bytes(change(Path(STORED).read_bytes()))
    code, out, err = run("log", "verify", str(path))
    assert (code, err) == (5, "") and said in out and "NOT good" in out
    code, out, _ = run("log", "verify", str(path), "--json")
    assert code == 5 and json.loads(out)["journals"][0]["first_bad_seq"] == first_bad


def test_records_are_shown_with_local_time_and_words(stored, run):
    code, out, err = run("log", "show", "--event", "alarm", "--last", "1")
    assert (code, err) == (0, "")
    head, *rows = out.splitlines()
    assert head.split() == ["seq", "time", "event", "actor", "what"]
    assert rows[0].split(maxsplit=4)[1:] == ["2026-03-31T01:00:00+02:00", "alarm", "pump",
                                             "clock not set: its cause is gone; shown: clock not set"]


@pytest.mark.parametrize("words, seqs", [
    (("--last", "3"), [COUNT - 3, COUNT - 2, COUNT - 1]),
    (("--event", "rig", "--event", "program"), [4, 7, 150, 234, 238, 250]),
    (("--event", "bolus", "--actor", "host", "--last", "2"), [127, 141]),
    (("--day", "2026-03-29", "--event", "day"), [200]),
    (("--since", "2026-03-29T00:48:01", "--until", "2026-03-29T01:17:01"), [207]),
    (("--since", "2026-03-28T23:48:01Z", "--until", "2026-03-29T00:17:01Z"), [207]),
    (("--since", "48 h", "--event", "checkpoint"), [207]),                      # the newest is of the 30th, 23:00:00Z
    (("--until", "2026-03-26T23:00:00Z"), [0, 1, 2, 3, 4, 5, 6, 7]),             # their clock was not set
    (("--event", "button",), None),
])
def test_filters_choose_records(stored, run, words, seqs):
    if seqs is None:
        code, out, err = run("log", "show", *words)
        assert (code, out) == (2, "") and "'button' is not one of" in err
    else:
        assert [row["seq"] for row in lines(run, "log", "show", *words)] == seqs


@pytest.mark.parametrize("words, said", [
    (("--since", "noon"), "write it like 2026-03-27T06:30"),
    (("--until", "5 mL"), "is neither a time nor a duration"),
    (("--day", "27.3."), "write it like 2026-03-27"),
    (("--last", "0"), "range"),
])
def test_a_filter_that_cannot_be_read_is_one_line(stored, run, words, said):
    code, out, err = run("log", "show", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said.lower() in err.lower()


def test_two_pumps_in_an_archive_are_told_apart(running, run, archive_path, monkeypatch, tmp_path):
    run("log", "pull")
    with served("--flash", str(tmp_path / "other.img")) as other:
        assert run("log", "pull", "--port", other.port)[0] == 0                  # the same simulated id, wiped
    assert [row["journal"] for row in lines(run, "log", "show", "--event", "boot")] == [1, 2]
    assert "journal" in run("log", "show", "--event", "boot")[1].splitlines()[0]
    for name in ("53494d", "53494D5055303031"):
        assert len(lines(run, "log", "show", "--event", "boot", "--pump", name)) == 2
    code, _, err = run("log", "show", "--pump", "bench-9")
    assert code == 2 and "53494d5055303031" in err


def test_one_export_is_like_the_other(stored, run, tmp_path):
    for form in ("csv", "jsonl", "parquet"):
        code, out, _ = run("log", "export", str(tmp_path / f"x.{form}"))
        assert (code, out) == (0, f"{COUNT} records written to {tmp_path / f'x.{form}'}\n")
    with (tmp_path / "x.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    objects = [json.loads(line) for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    columns = parquet.read_table(tmp_path / "x.parquet").to_pylist()
    assert len(table) == len(objects) == len(columns) == COUNT
    assert list(table[0]) == list(columns[0]) == list(COLUMNS)
    for row, found, column in zip(table, objects, columns, strict=True):
        assert row == {name: "" if name not in found else str(found[name]).replace("True", "true")
                       .replace("False", "false") for name in COLUMNS}
        for name, value in column.items():
            if COLUMNS[name] != "time":
                assert found.get(name) == value
            elif value is not None:
                assert value.isoformat(timespec="milliseconds")[:19] == found[name][:19]


def test_an_export_goes_to_standard_output_with_filters(stored, run):
    code, out, err = run("log", "export", "--jsonl", "-", "--event", "dropped")
    assert (code, err) == (0, "")
    [row] = [json.loads(line) for line in out.splitlines()]
    assert (row["dropped_first_seq"], row["dropped_count"]) == (0, 1024)


@pytest.mark.parametrize("words, said", [
    (("table",), "Add --csv, --jsonl or --parquet"),
    (("--csv", "/dev/null/x"), "cannot write"),
])
def test_an_export_that_cannot_be_is_one_line(stored, run, words, said):
    code, out, err = run("log", "export", *words)
    assert (code, out, err.count("\n")) == (2, "", 1) and said in err


def test_without_pyarrow_parquet_says_how_to_get_it_and_makes_no_file(stored, run, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    code, _, err = run("log", "export", str(tmp_path / "x.parquet"))
    assert code == 2 and 'pip install "bench-pump[parquet]"' in err
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_archive_is_one_line_with_a_way_out(run, tmp_path, archive_path, monkeypatch):
    (tmp_path / "notes.txt").write_text("dear diary" * 100)
    for command in ("verify", "show"):
        words = (command, str(tmp_path / "notes.txt")) if command == "verify" else (
            command, "--archive", str(tmp_path / "notes.txt"))
        code, out, err = run("log", *words)
        assert (code, out, err.count("\n")) == (2, "", 1) and "neither an archive nor" in err
    assert "log pull" in run("log", "show")[2]                                   # there is none yet
