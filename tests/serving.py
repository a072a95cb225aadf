"""A simulated pump served by its own process, for tests that reach it from outside."""

import re
import subprocess
import sys
from contextlib import contextmanager

from pumpsim.control import ControlClient

WAIT_S = 20
PUMPSIM = ("-m", "pumpsim")
# As long as nothing asks for MicroPython's prompt, which is not there, it is a Pico to a host
AS_PICO = ("-c", "from pumpsim.board import SimBoard; SimBoard.name = 'pico'\n"
                 "from pumpsim.__main__ import main; raise SystemExit(main())")


class Served:
    """`port` is what --port takes, `control` a ControlClient or None."""

    def __init__(self, process, line):
        self.process = process
        self.line = line
        found = re.fullmatch(r"ready: link (\S+?)(?:, control tcp:(\d+))?, speed \S+\n", line)
        assert found, line + process.stderr.read()
        self.port = found[1]
        self.control_port = int(found[2]) if found[2] else None
        self.control = ControlClient(self.control_port) if found[2] else None

    def end(self, signal_name="terminate"):
        """Asks it to end; returns its exit code."""
        if self.control:
            self.control.__exit__()
        getattr(self.process, signal_name)()
        return self.process.wait(WAIT_S)


@contextmanager
def served(*options, link="tcp:0", speed="0", program=PUMPSIM):
    """A running `pumpsim serve`, ended afterwards."""
    words = [sys.executable, *program, "serve", "--link", link, "--speed", speed, *options]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        serving = Served(process, process.stdout.readline())
        yield serving
        if process.poll() is None:
            serving.end()
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(WAIT_S)
        process.stdout.close()
        process.stderr.close()
