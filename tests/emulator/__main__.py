"""python -m tests.emulator [pty:PATH | tcp:PORT] [--flash FILE]: an emulated Pico with this firmware, its USB serial
behind a pty or a loopback port. `make emulate`.
"""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from pumpsim.ports import PortError, open_port
from tests.emulator import image
from tests.emulator.given import HOW_TO_GET, GivenError, given
from tests.emulator.served import Served

PORT = "pty:out/pico.tty"


def main():
    parser = argparse.ArgumentParser(prog="make emulate")
    parser.add_argument("port", nargs="?", default=PORT, help="pty:PATH or tcp:PORT (%(default)s)")
    parser.add_argument("--flash", type=Path, help="the file that keeps the flash chip from run to run")
    chosen = parser.parse_args()
    try:
        files = given()
        if files is None:
            print(f"make emulate: {HOW_TO_GET}; or give them: make emulate UF2=file BOOTROM=file")
            return 0
        found = _found(chosen.flash)
        Path(PORT.partition(":")[2]).parent.mkdir(exist_ok=True)
        port = open_port(chosen.port)
    except (GivenError, PortError) as error:
        print(f"make emulate: {error}", file=sys.stderr)
        return 2
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        return _serve(port, files, chosen.flash, found)
    except KeyboardInterrupt:
        return 0


def _found(flash):
    """What is said of the flash at first."""
    if flash is None:
        return "its flash is new, and forgotten in the end"
    if not flash.parent.is_dir():
        raise GivenError(f"FLASH: there is no folder {str(flash.parent)!r}; make it, or name another")
    if not flash.exists():
        return f"its flash is new, and kept in {flash}"
    if not flash.is_file() or flash.stat().st_size != image.FLASH_BYTES:
        raise GivenError(f"FLASH: {str(flash)!r} has not the {image.FLASH_BYTES} bytes of a Pico's flash; name another "
                         "file, or one that is not there yet")
    return f"its flash is that of {flash}"


def _serve(port, files, flash, found):
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "files.img"
        image.build(target)
        with Served(port, *files, target, flash) as served:
            print(f"an emulated Pico, {found}: pumpctl status --port {port.name}", flush=True)
            return served.run()


if __name__ == "__main__":
    sys.exit(main())
