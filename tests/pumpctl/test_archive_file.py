"""An archive that cannot be used gets one line that says what to do; two that write at once do each other no harm."""

import json
import os
import sqlite3
import subprocess
import sys
import threading

import pytest

from pump import record
from pumpctl import archive_file
from pumpctl.archive import Archive
from pumpctl.archive_file import SCHEMA_VERSION, ArchiveError
from pumpctl.archiving import pull_into
from pumpctl.proofs import prove
from pumpctl.pump import Pump
from pumpctl.stored import stored_journals
from pumpctl.transport import SimTransport
from tests.pumps import HOUR_MS, records, running_pump


def a_pump(hours=5, **options):
    sim = running_pump(**options)
    sim.run_for(hours * HOUR_MS)
    return sim


def a_database(path, application_id=0, version=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE songs (name)")
    file.execute(f"PRAGMA application_id = {application_id}")
    file.execute(f"PRAGMA user_version = {version}")
    file.commit()
    file.close()


def test_the_schemas_version_stands_in_the_file(archive_path):
    with Archive(archive_path, for_writing=True):
        pass
    file = sqlite3.connect(archive_path)
    assert file.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert file.execute("PRAGMA application_id").fetchone() == (0x50554D50,)
    file.close()


@pytest.mark.parametrize("for_writing", [True, False])
@pytest.mark.parametrize("make, said, hint", [
    (lambda path: path.write_text("dear diary " * 100), "is no archive", "--archive"),
    (a_database, "is no archive", "--archive"),
    (lambda path: a_database(path, archive_file.APPLICATION_ID, SCHEMA_VERSION + 1), "archive of version 2", "update"),
    (lambda path: path.mkdir(), "is a folder", "--archive"),
])
def test_a_file_that_is_no_archive_of_this_version_is_left_alone(archive_path, make, said, hint, for_writing):
    archive_path.parent.mkdir(parents=True)
    make(archive_path)
    before = archive_path.read_bytes() if archive_path.is_file() else b""
    with pytest.raises(ArchiveError, match=said) as caught:
        Archive(archive_path, for_writing)
    assert hint in caught.value.hint
    assert (archive_path.read_bytes() if archive_path.is_file() else b"") == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="cannot use the archive"):
        Archive(tmp_path / "file" / "archive.sqlite", for_writing=True)


def test_there_is_nothing_to_read_before_the_first_pull(archive_path):
    with pytest.raises(ArchiveError, match="there is no archive") as caught:
        Archive(archive_path)
    assert "log pull" in caught.value.hint
    with Archive(archive_path, for_writing=True):
        pass
    with pytest.raises(Exception, match="holds no record yet"):
        stored_journals(archive_path)


def test_an_archive_opened_for_reading_is_not_written(archive_path):
    with Archive(archive_path, for_writing=True):
        pass
    with Archive(archive_path) as archive, pytest.raises(ArchiveError, match="no permission to write"):
        archive.meet(b"12345678", "bench", "simulator")


def test_an_archive_that_another_program_holds_is_waited_for_and_then_named(archive_path, monkeypatch):
    monkeypatch.setattr(archive_file, "PATIENCE_S", 0.1)
    with Archive(archive_path, for_writing=True) as archive:
        other = sqlite3.connect(archive_path)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ArchiveError, match="another program holds the archive") as caught:
            archive.meet(b"12345678", "bench", "simulator")
        assert "run the command again" in caught.value.hint
        other.rollback()
        other.close()
        archive.meet(b"12345678", "bench", "simulator")


def test_a_damaged_archive_is_named(archive_path):
    with Archive(archive_path, for_writing=True) as archive:
        pull_into(archive, Pump(SimTransport(a_pump(100))))
    size = archive_path.stat().st_size
    with archive_path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))
    with pytest.raises(ArchiveError, match="is damaged"), Archive(archive_path) as archive:
        for stored in archive.journals():
            archive.raw(stored.id)


def test_an_interrupted_pull_leaves_a_valid_archive(archive_path):
    """Killed in the middle of a transaction: what was committed stays, and the next pull goes on there."""
    code = ("import os, sys; from pathlib import Path; from pumpctl.archive import Archive; "
            "a = Archive(Path(sys.argv[1]), True); a.meet(b'SIMPU001', 'x', 'simulator'); "
            "a._file.execute('BEGIN IMMEDIATE'); a._file.execute(\"INSERT INTO journals VALUES (9, ?, 9)\", "
            "(b'SIMPU001',)); os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", code, archive_path], env=os.environ, check=False, timeout=60)
    sim = a_pump()
    with Archive(archive_path, for_writing=True) as archive:
        assert archive.journals() == []
        assert pull_into(archive, Pump(SimTransport(sim))).journal.number == 1
        assert archive.raw(1) == b"".join(records(sim))


def test_pulls_at_the_same_time_lose_and_mix_nothing(archive_path):
    """Three of one pump, and one each of two others; all into a new archive."""
    sims = [a_pump(60, unique_id=unique_id)
            for unique_id in (b"SIMPU001", b"SIMPU001", b"SIMPU001", b"SIMPU002", b"SIMPU003")]
    begin = threading.Barrier(len(sims))
    failures = []

    def pull(sim):
        try:
            begin.wait()
            with Archive(archive_path, for_writing=True) as archive:
                pull_into(archive, Pump(SimTransport(sim)))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=pull, args=(sim,)) for sim in sims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with Archive(archive_path) as archive:
        found = {stored.pump: archive.raw(stored.id) for stored in archive.journals()}
        assert len(archive.journals()) == 3
    assert found == {sim.board.unique_id: b"".join(records(sim)) for sim in sims}
    assert all(prove(raw, pump).is_good for pump, raw in found.items())


def test_two_pulls_that_both_find_nothing_begin_one_journal(archive_path):
    sim = a_pump()
    parts = records(sim)
    with Archive(archive_path, for_writing=True) as one, Archive(archive_path, for_writing=True) as other:
        one.meet(sim.board.unique_id, "bench", "simulator")
        known = other.journals(sim.board.unique_id)
        first = one.begin(sim.board.unique_id, b"".join(parts[:20]), known)
        assert other.begin(sim.board.unique_id, b"".join(parts[:30]), known) == first
        one.append(first, b"".join(parts[20:]))
        assert [stored.count for stored in other.journals()] == [len(parts)]
        other_part = record.seal((len(parts) - 1, *record.header(parts[-1])[1:]), b"other", b"12345678")
        with pytest.raises(ArchiveError, match="another pull has put other records"):
            other.append(first, other_part)
        assert one.raw(first) == b"".join(parts)


def test_the_users_archive_is_in_the_place_for_data(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    code = "from pumpctl.archive_file import default_path; import json; print(json.dumps(str(default_path())))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    path = json.loads(done.stdout)
    assert path.endswith("archive.sqlite") and "pumpctl" in path
