"""An emulated Pico behind a virtual serial port: carries bytes between the port and serve.mjs. Knows no pump.

As on the board the port goes away at each reset of the chip, and comes back: a host has to open it again.
"""

import json
import os
import selectors
import subprocess
import sys
from pathlib import Path

from tests import nodejs

HERE = Path(__file__).parent
PIECE = 4096
END_S = 10                              # to write the flash once more


class Served:
    """A context manager; `run` serves until a signal ends it, and leaving writes the flash to its file."""

    def __init__(self, port, uf2, boot_rom, files, flash=None):
        """`port`: one of pumpsim.ports. `flash`: the file that keeps the flash chip; where it is there already, UF2 and
        file system are what it holds."""
        node, _ = nodejs.programs()
        nodejs.install(HERE)
        options = {"uf2": str(uf2.resolve()), "bootRom": str(boot_rom.resolve()), "files": str(files),
                   "flash": flash and str(flash.resolve())}
        self._port = port
        # in a session of its own: Ctrl-C is for this process alone
        self._pico = subprocess.Popen([node, HERE / "serve.mjs", json.dumps(options)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self._selector = selectors.DefaultSelector()
        port.register(self._selector, lambda data, _: self._to_pico(data))
        self._selector.register(self._pico.stdout, selectors.EVENT_READ, self._from_pico)
        self._selector.register(self._pico.stderr, selectors.EVENT_READ, self._hear)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._port.close()
        self._selector.close()
        for pipe in (self._pico.stdin, self._pico.stdout, self._pico.stderr):
            pipe.close()
        self._pico.wait(timeout=END_S)

    def run(self):
        """Returns where the emulator has ended by itself: its exit code."""
        while self._pico.poll() is None:
            for key, _ in self._selector.select():
                key.data()
        return self._pico.returncode

    def _to_pico(self, data):
        if data:
            self._pico.stdin.write(data)
            self._pico.stdin.flush()

    def _from_pico(self):
        data = os.read(self._pico.stdout.fileno(), PIECE)
        if data:
            self._port.write(data)
        else:
            self._selector.unregister(self._pico.stdout)

    def _hear(self):
        said = os.read(self._pico.stderr.fileno(), PIECE).decode()
        if not said:
            self._selector.unregister(self._pico.stderr)
        print(said, end="", file=sys.stderr, flush=True)
        if said.startswith("reset"):
            self._port.hang_up()
