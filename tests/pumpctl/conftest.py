"""What all tests of the host share: none touches the archive, configuration or keyring of the person who runs them."""

import pytest


@pytest.fixture(autouse=True)
def archive_path(monkeypatch, tmp_path):
    """The archive of this test, which does not exist yet."""
    path = tmp_path.parent / f"{tmp_path.name}-archive" / "archive.sqlite"
    monkeypatch.setenv("PUMPCTL_ARCHIVE", str(path))
    return path


@pytest.fixture(autouse=True)
def config_path(monkeypatch, tmp_path):
    """The configuration of this test, which does not exist yet; no pump is chosen by the environment."""
    path = tmp_path.parent / f"{tmp_path.name}-config" / "config.toml"
    monkeypatch.setenv("PUMPCTL_CONFIG", str(path))              # keys lie beside it
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("PUMPCTL_PORT", "PUMPCTL_PUMP"):
        monkeypatch.delenv(name, raising=False)
    return path
