"""Which MicroPython and board the firmware needs, and what to do where it finds another. Asks the board itself."""

from __future__ import annotations

from pumpctl.errors import HostError
from pumpctl.repl import Repl

NEEDED = (1, 28)
BOARD = "Raspberry Pi Pico with RP2040"
MPY_FORMAT = 6                # of mpy-cross, and of the MicroPythons since 1.19
DOWNLOAD = "RPI_PICO-20260406-v1.28.0.uf2"
GET = (f"hold BOOTSEL while plugging the Pico in, copy {DOWNLOAD} or a newer one from "
       "micropython.org/download/RPI_PICO onto the drive that appears, then run this again")
NO_PORT = f"a Pico without MicroPython has no port, only a drive: {GET}"

_ASK = """\
import sys
i = sys.implementation
print((i.name, tuple(i.version)[:3], getattr(i, "_machine", sys.platform), getattr(i, "_mpy", 0) & 255))
"""


class WrongBoardError(HostError):
    """Not the board or the MicroPython that the firmware is made for."""


def require_pico(repl: Repl) -> str:
    """The MicroPython version in words; WrongBoardError where the firmware would not run."""
    return judge(*repl.run(_ASK))


def judge(name: str, version: tuple[int, ...], machine: str, mpy_format: int) -> str:
    if name != "micropython" or machine != BOARD:
        what = "MicroPython" if name == "micropython" else name
        raise WrongBoardError(f"this is {what} for {machine}; the firmware needs MicroPython for {BOARD}", GET)
    text = ".".join(str(part) for part in version)
    if tuple(version[:2]) < NEEDED or mpy_format != MPY_FORMAT:
        raise WrongBoardError(f"MicroPython {text} is too old: {NEEDED[0]}.{NEEDED[1]} or later is needed", GET)
    return text
