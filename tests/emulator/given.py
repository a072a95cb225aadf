"""What the emulated Pico needs and the project does not bring: an official MicroPython and the chip's boot ROM."""

import os
from pathlib import Path

HOW_TO_GET = ("set PICO_UF2 to an official MicroPython UF2 for RPI_PICO (micropython.org/download/RPI_PICO) and "
              "PICO_BOOTROM to the RP2040's b1.bin (github.com/raspberrypi/pico-bootrom-rp2040, releases)")
UF2_MAGIC = b"UF2\n"                    # a file's first bytes (github.com/microsoft/uf2)
UF2_FAMILY = (0xE48BFF56).to_bytes(4, "little")         # RP2040, at byte 28 of a block
ROM_BYTES = 16384                       # RP2040 datasheet: the ROM's size


class GivenError(ValueError):
    """A file that was named is not there, or is not what it is to be."""


def given():
    """(UF2, boot ROM) as paths, or None where neither is named; GivenError where they cannot be used."""
    named = [os.environ.get(name, "") for name in ("PICO_UF2", "PICO_BOOTROM")]
    if not any(named):
        return None
    uf2, rom = paths = [Path(name) for name in named]
    for name, path in zip(("PICO_UF2", "PICO_BOOTROM"), paths, strict=True):
        if not path.is_file():
            raise GivenError(f"{name}: there is no file {str(path)!r}; {HOW_TO_GET}")
    head = uf2.read_bytes()[:32]
    if head[:4] != UF2_MAGIC or head[28:] != UF2_FAMILY:
        raise GivenError(f"PICO_UF2: {str(uf2)!r} is no UF2 file for the RP2040; {HOW_TO_GET}")
    if rom.stat().st_size != ROM_BYTES:
        raise GivenError(f"PICO_BOOTROM: {str(rom)!r} has not the {ROM_BYTES} bytes of the boot ROM; {HOW_TO_GET}")
    return paths
