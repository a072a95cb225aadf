"""Emulated Picos for the tests, or one line that says what is missing."""

import os
from pathlib import Path

import pytest

from pump.settings import pack
from tests.emulator import image
from tests.emulator.emulated import EmulatedPico
from tests.emulator.figures import Figures
from tests.emulator.given import HOW_TO_GET, GivenError, given
from tests.pumps import body_of

DEVICE = Path(__file__).parent / "device"


@pytest.fixture
def boot(tmp_path):
    """A function that powers up a Pico: boot() with the firmware, boot("name") with device/name.py as its main.

    `beside`: paths of modules that it imports. `stored`: documents by kind, as dicts, that are in its flash already;
    `storage`: a simulated pump's, whose files are.
    """
    if given() is None:
        pytest.skip(HOW_TO_GET)
    picos = []

    def power_up(main=None, files=(), beside=(), miss_cycles=0, stored=None, storage=None):
        extra = {file.name: file.read_bytes() for file in files}
        for name in storage.names() if storage else ():
            extra[f"data/{name}"] = storage.read(name)
        for kind, document in (stored or {}).items():
            extra[f"data/{kind}.a"] = pack(1, body_of(document))
        changed = {path.stem: path.read_text() for path in beside}
        if main:
            changed["main"] = (DEVICE / f"{main}.py").read_text()
        target = tmp_path / "files.img"
        image.build(target, changed, extra)
        picos.append(EmulatedPico(*given(), target, miss_cycles))
        return picos[-1]

    yield power_up
    for pico in picos:
        pico.close()


def pytest_sessionstart():
    """Files that were named and cannot be used end the run at once, instead of skipping all of it."""
    try:
        given()
    except GivenError as error:
        raise pytest.UsageError(str(error)) from None


FIGURES = Figures()


@pytest.fixture
def figure():
    """figure(key, value) puts a measured figure into the table (figures.py) and holds it to its goal."""
    return FIGURES.note


def pytest_terminal_summary(terminalreporter):
    if not FIGURES:
        return
    terminalreporter.write("\n" + FIGURES.table() + "\n")
    if os.environ.get("WRITE"):
        FIGURES.write()
    for what, figure, written in FIGURES.differences():
        terminalreporter.write(f"{what}: {figure}; firmware/DESIGN.md has {written or 'none'}\n")


@pytest.fixture
def say(capsys):
    """Prints a measured figure past pytest's capture."""
    def line(text):
        with capsys.disabled():
            print(f"\n  {text}", end="")
    return line
