"""What all tests of the host share: none touches the archive, configuration or keyring of the person who runs them."""

import io
import sys

import pytest

from pumpctl.__main__ import main
from tests.serving import served


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


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs pumpctl in this process, with its words; gives (exit code, stdout, stderr). `typed`: lines of a person."""
    def run(*words, typed=None):
        monkeypatch.setattr(sys, "argv", ["pumpctl", *map(str, words)])
        if typed is not None:
            monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        code = main()
        said = capsys.readouterr()
        return code, said.out, said.err
    return run


@pytest.fixture
def pump(monkeypatch):
    """A served pump that time stands still for, at PUMPCTL_PORT."""
    with served("--control", "tcp:0") as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        yield serving
