"""What a pump of any journal version has written reads to the same table for ever.

tests/pumpctl/journals holds a journal of each version with its export; they are never made again.
"""

from pathlib import Path

import pytest

from pump import record
from pumpctl.columns import as_dict, rows_of
from pumpctl.exporting import export
from pumpctl.journal import records_of
from pumpctl.proofs import prove
from pumpctl.wording import words_of
from pumpsim.device import UNIQUE_ID
from tests.pumpctl.journals import make
from tests.pumps import records

JOURNALS = Path(make.__file__).parent
VERSIONS = range(1, record.JOURNAL_VERSION + 1)


def stored(version):
    return (JOURNALS / f"v{version}.bin").read_bytes()


def events_in(parts):
    return {record.header(part)[7] for part in parts}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_journal_reads_to_the_same_export(version, tmp_path):
    raw = stored(version)
    assert export(rows_of(records_of(raw)), "csv", tmp_path / "now.csv") > 100
    assert (tmp_path / "now.csv").read_text() == (JOURNALS / f"v{version}.csv").read_text()


@pytest.mark.requirement("J-04")
@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_journal_is_proven(version):
    proof = prove(stored(version), UNIQUE_ID)
    assert proof.is_good and proof.count == len(stored(version)) // record.SIZE


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_journal_is_of_its_version(version):
    assert {record.header(part)[9] >> 4 for part in records_of(stored(version))} == {version}


def test_the_one_of_the_present_version_has_every_event():
    parts = list(records_of(stored(record.JOURNAL_VERSION)))
    assert events_in(parts) == set(range(1, len(record.EVENT_NAMES)))


def test_what_makes_one_still_makes_every_event():
    assert events_in(records(make.run())) == set(range(1, len(record.EVENT_NAMES)))


@pytest.mark.parametrize("seq, said", [
    (0, "power-up, 0 steps delivered"),
    (2, "reservoir 0 µL, motor 0 s, 0 starts"),
    (3, "clock not set: raised; shown: clock not set"),
    (4, "rig 52e899ebbf73, generation 1"),
    (8, "set to 2026-03-26T23:00:00Z, it was not set before"),
    (9, "clock not set: its cause is gone; shown: clock not set"),
    (12, "resume refused: bad_state"),
    (13, "acknowledged; none shown"),
    (22, "20.63 µL/h in a ramp, 106 steps delivered, 112 authorised"),
    (27, "host: 70 µL over 10 min, cancelled, 350 of 700 steps"),
    (33, "steps: 480 in boluses, 0 primed, 0 withdrawn, 0 uncertain"),
    (36, "scheduled: 50 µL over 10 min, skipped (missed), due 2026-03-27T07:00:00Z"),
])
def test_records_are_told_in_words_with_units(seq, said):
    [row] = rows_of([list(records_of(stored(1)))[seq]])
    assert words_of(as_dict(row)) == said


@pytest.mark.parametrize("event, said", [
    ("transfer", "priming: 123.4 µL, begun, 0 of 1,234 steps"),
    ("temporary", "150 % for 30 min"),
    ("refill", "500 µL filled in, 19208.3 µL now"),
    ("fault", "over-delivery, "),
    ("dropped", "records 0 to 1023, for want of room"),
    ("self-test", "failed: button; 150,000 bytes free"),
    ("pulled", "records before 2,048 have been read"),
    ("firmware", "0.1.0, build sim: on trial"),
    ("access", "keys set"),
    ("ratio", "100 nL a step; what earlier ones moved makes +0 nL in doses, +0 uncertain"),
    ("earlier", "what earlier steps moved makes +0 nL in boluses, +0 primed, +0 withdrawn"),
])
def test_the_first_of_an_event_is_told_in_words(event, said):
    rows = (as_dict(row) for row in rows_of(records_of(stored(1))))
    assert words_of(next(row for row in rows if row["event"] == event)).startswith(said)
