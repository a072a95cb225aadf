"""The archive as a file: where it is, its schema, opening it, and what its failures mean. Knows no pump and no record.

SQLite, one file per user. The schema's version stands in `user_version`; `application_id` tells it from the databases
of other programs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pumpctl.errors import HostError

FILE_NAME = "archive.sqlite"
SCHEMA_VERSION = 1
APPLICATION_ID = int.from_bytes(b"PUMP", "big")
PATIENCE_S = 30               # how long another pull may hold the file; it writes for some milliseconds at a time
MAGIC = b"SQLite format 3\0"

# raw: the record as the pump sent it, which all else is read from; documents: rigs and programs in order of their
# coming, so that volumes can be told when no pump is at hand
SCHEMA = (
    "CREATE TABLE pumps (id BLOB PRIMARY KEY, name TEXT NOT NULL, board TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE journals (id INTEGER PRIMARY KEY, pump BLOB NOT NULL REFERENCES pumps (id), number INTEGER NOT NULL, "
    "UNIQUE (pump, number))",
    "CREATE TABLE records (journal INTEGER NOT NULL REFERENCES journals (id), seq INTEGER NOT NULL, "
    "raw BLOB NOT NULL CHECK (length(raw) = 64), PRIMARY KEY (journal, seq)) WITHOUT ROWID",
    "CREATE TABLE documents (id INTEGER PRIMARY KEY, pump BLOB NOT NULL REFERENCES pumps (id), kind TEXT NOT NULL, "
    "digest TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (pump, kind, digest))",
)


class ArchiveError(HostError):
    """The archive cannot be used."""


def default_path() -> Path:
    """The archive of this user: as the configuration has it, otherwise in the place for such files on this system."""
    from platformdirs import user_data_path

    from pumpctl.user_config import UserConfig

    configured = UserConfig.load().get("archive")
    if configured:
        return Path(configured).expanduser()

    return user_data_path("pumpctl", appauthor=False) / FILE_NAME


def is_database(path: Path) -> bool:
    """True where the file is an SQLite one; ArchiveError where it cannot be read."""
    with told(path), path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def open_file(path: Path, for_writing: bool) -> sqlite3.Connection:
    """The archive at `path`, which is made where it is opened for writing; ArchiveError where it cannot be used."""
    with told(path):
        if path.is_dir():
            raise ArchiveError(f"the archive {path} is a folder", "give a file with --archive")
        if for_writing:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise ArchiveError(f"there is no archive at {path}", "pull one with: pumpctl log pull")
        mode = "rwc" if for_writing else "ro"
        file = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", PATIENCE_S, isolation_level=None, uri=True)
        try:
            _look_at(file, path, for_writing)
        except BaseException:
            file.close()
            raise
        return file


def _look_at(file: sqlite3.Connection, path: Path, for_writing: bool) -> None:
    """Makes the tables of a new file; ArchiveError where it is none of ours."""
    file.execute("PRAGMA foreign_keys = ON")
    if for_writing and _is_new(file):
        with writing(file):
            if _is_new(file):                        # nobody else has made them meanwhile
                for table in SCHEMA:
                    file.execute(table)
                file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                file.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    [identity], [version] = (file.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version"))
    if identity != APPLICATION_ID:
        raise ArchiveError(f"{path} is no archive of pump journals", "give another file with --archive")
    if version != SCHEMA_VERSION:
        raise ArchiveError(f"{path} is an archive of version {version}, this pumpctl knows version {SCHEMA_VERSION}",
                           "update pumpctl, or give another file with --archive")


def _is_new(file: sqlite3.Connection) -> bool:
    return file.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


@contextmanager
def writing(file: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside, or nothing. Waits for others that write."""
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns failures of the file into an ArchiveError that says what to do."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ArchiveError(f"another pull has changed {path} meanwhile ({error})", "run the command again")
    except sqlite3.Error as error:
        raise ArchiveError(*_explained(path, str(error)))
    except OSError as error:
        raise ArchiveError(f"cannot use the archive {path}: {error.strerror}", "give another file with --archive")


def _explained(path: Path, text: str) -> tuple[str, str]:
    """(what is wrong, what to do) of SQLite's words."""
    if "locked" in text or "busy" in text:
        return f"another program holds the archive {path}", "close it, or run the command again in a while"
    if "not a database" in text:
        return f"{path} is no archive of pump journals", "give another file with --archive"
    if "readonly" in text:
        return f"no permission to write the archive {path}", "change its permissions, or give another with --archive"
    if "unable to open" in text:
        return f"cannot open the archive {path}", "check its folder and permissions, or give another with --archive"
    if "malformed" in text:
        return (f"the archive {path} is damaged",
                "move it away and pull again; see what can be read with: pumpctl log verify")
    return f"cannot use the archive {path}: {text}", "give another file with --archive"
