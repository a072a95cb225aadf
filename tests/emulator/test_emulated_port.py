"""`make emulate`: the emulated Pico on a pty, for pumpctl as it is, with a flash that outlasts it."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from tests.emulator.given import HOW_TO_GET, given

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60                         # a busy machine emulates slowly
QUIET_S = 5
PROMPT = b">>> "                        # comes once more for each empty line
RESET = b"import machine; machine.reset()\r\n"
GONE = b"(gone)"                        # the end of what is read, as from a USB serial port that is unplugged


@pytest.fixture
def emulated(tmp_path):
    """A context: the path of a pty with an emulated Pico behind it; all of them have one flash."""
    if given() is None:
        pytest.skip(HOW_TO_GET)

    @contextmanager
    def running():
        port = tmp_path / "pico.tty"
        command = [sys.executable, "-m", "tests.emulator", f"pty:{port}", "--flash", str(tmp_path / "pico.flash")]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline().endswith(f"pumpctl status --port {port}\n")
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.stdout.close()
            assert process.wait(timeout=PATIENCE_S) == 0
        assert not port.is_symlink()

    return running


def pumpctl(port, *words):
    """The JSON that `pumpctl WORDS --port PORT --json` prints, as soon as it does."""
    end = time.monotonic() + PATIENCE_S
    while True:
        done = subprocess.run([sys.executable, "-m", "pumpctl", *words, "--port", str(port), "--json"],
                              capture_output=True, text=True)
        if not done.returncode:
            return json.loads(done.stdout)
        assert time.monotonic() < end, done.stderr


def said(port, data, end=PROMPT):
    """What MicroPython's prompt says to `data` up to `end`, or, with GONE behind it, until its port is gone."""
    with open(port, "r+b", buffering=0) as prompt:
        prompt.write(data)
        answer = b""
        while not answer.endswith((end, GONE)):
            if not select([prompt], [], [], QUIET_S)[0]:
                break
            answer += prompt.read(4096) or GONE
    return answer


def test_a_pump_on_a_pty_goes_away_at_a_reset_and_keeps_its_journal(emulated):
    with emulated() as port:
        first = pumpctl(port, "status")
        assert (first["state"], first["board"]) == ("stopped", "pico")
        pumpctl(port, "maintenance", "--yes")
        while not said(port, b"\r\n").endswith(PROMPT):            # it resets to the prompt: until it has
            pass
        assert said(port, RESET, GONE).endswith(GONE)
        second = pumpctl(port, "status")
    with emulated() as port:
        third = pumpctl(port, "status")

    assert [status["reason"] for status in (first, second, third)] == ["power-up", "soft reset", "power-up"]
    assert first["next_seq"] < second["next_seq"] < third["next_seq"]           # one journal, longer at each boot
