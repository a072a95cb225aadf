"""What all tests of the host share: none of them touches the archive of the person who runs them."""

import pytest


@pytest.fixture(autouse=True)
def archive_path(monkeypatch, tmp_path):
    """The archive of this test, which does not exist yet."""
    path = tmp_path.parent / f"{tmp_path.name}-archive" / "archive.sqlite"
    monkeypatch.setenv("PUMPCTL_ARCHIVE", str(path))
    return path
