"""What the emulated Pico needs and the project does not bring: an official MicroPython and the chip's boot ROM."""

import os
from pathlib import Path

HOW_TO_GET = ("set PICO_UF2 to an official MicroPython UF2 for RPI_PICO (micropython.org/download/RPI_PICO) and "
              "PICO_BOOTROM to the RP2040's b1.bin (github.com/raspberrypi/pico-bootrom-rp2040, releases)")


def given():
    """(UF2, boot ROM) as paths, or None where the environment names no such files."""
    paths = [Path(os.environ.get(name, "")) for name in ("PICO_UF2", "PICO_BOOTROM")]
    return paths if all(path.is_file() for path in paths) else None
