"""`pumpctl monitor`: a frame, lines where nobody watches, several pumps, a key that leaves."""

import json
import os
import pty
import select
import subprocess
import sys
import threading
import time

import pytest

from pumpctl import monitor
from pumpctl.live_history import Point
from pumpctl.live_view import View
from pumpctl.opening import opened
from pumpctl.targets import Target
from tests.pumpctl.test_live import set_up
from tests.pumps import HOUR_MS
from tests.serving import served

WAIT_S = 30


def words(*more):
    return [sys.executable, "-m", "pumpctl", "monitor", *more]


def run(*more):
    done = subprocess.run(words(*more), capture_output=True, text=True, timeout=2 * WAIT_S,
                          env={**os.environ, "COLUMNS": "100"})
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def pump():
    """A served pump at 36 uL/h for two hours, in standing time."""
    with served("--control", "tcp:0") as serving:
        with opened(Target("pump", serving.port)) as pump:
            set_up(pump)
        serving.control.advance(2 * HOUR_MS)
        yield serving


def test_once_is_a_frame_for_a_person_and_an_object_for_a_program(pump):
    code, out, err = run("--once", "--port", pump.port)
    assert (code, err) == (0, "")
    for text in ("test rig", "running", "36 µL/h", "72.0 µL of 72.0 µL programmed", "999.92 of 1,000.00 mL",
                 "Fri 27 Mar 2026 02:00:00", "start", "never for people or animals"):
        assert text in out, text
    code, out, err = run("--once", "--json", "--port", pump.port)
    found = json.loads(out)
    assert (code, err, found["connected"], found["status"]["delivered_nl"]) == (0, "", True, 72_000)
    assert found["events"][-1]["event"] == "checkpoint"


def test_once_without_a_pump_says_so_and_ends_with_3(tmp_path):
    code, out, _ = run("--once", "--json", "--port", str(tmp_path / "none"))
    assert code == 3
    assert "cannot open" in json.loads(out)["since"]


def test_several_pumps_stand_side_by_side(pump, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    monkeypatch.setenv("PUMPCTL_CONFIG", str(config))
    with served(speed="1") as second:
        for name, port in (("left", pump.port), ("right", second.port)):
            subprocess.run([sys.executable, "-m", "pumpctl", "config", "set", f"pumps.{name}", port], check=True,
                           capture_output=True)
        code, out, _ = run("--once", "--pump", "left", "--pump", "right")
        assert code == 0
        head = out.splitlines()[0]
        assert head.index("test rig") < head.index("right")       # one has no rig, so its name stands for it
        assert json.loads(run("--once", "--json", "--all")[1]).keys() == {"left", "right"}


def test_a_pipe_gets_a_line_for_each_change_and_for_a_pump_that_goes_and_comes(tmp_path):
    path, flash = tmp_path / "pump", str(tmp_path / "flash")
    process = subprocess.Popen(words("--port", str(path)), stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(2 * WAIT_S, process.kill)
    timer.start()
    try:
        assert "not connected" in process.stdout.readline()
        with served("--flash", flash, link=f"pty:{path}"):
            assert "clock not set" in process.stdout.readline()
        assert "not connected" in process.stdout.readline()
        with served("--flash", flash, link=f"pty:{path}"):
            assert "stopped" in process.stdout.readline()
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def test_q_leaves_and_the_terminal_is_as_before(pump):
    far, near = pty.openpty()
    process = subprocess.Popen(words("--port", pump.port), stdin=near, stdout=near, stderr=near,
                               env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"})
    seen = b""
    end_s = time.monotonic() + WAIT_S
    while b"36 \xc2\xb5L/h" not in seen and time.monotonic() < end_s:
        if select.select([far], [], [], 0.1)[0]:
            seen += os.read(far, 65536)
    assert b"36 \xc2\xb5L/h" in seen
    os.write(far, b"q")
    while process.poll() is None and time.monotonic() < end_s:
        if select.select([far], [], [], 0.1)[0]:
            os.read(far, 65536)
    assert process.wait(WAIT_S) == 0
    import termios

    assert termios.tcgetattr(near)[3] & termios.ICANON            # whole lines again
    os.close(far)
    os.close(near)


def test_the_line_of_rates_is_the_mean_of_each_half_hour(pump):
    from dataclasses import replace

    from pumpctl.live import LivePump

    with LivePump("pump", lambda: opened(Target("pump", pump.port))) as live:
        view = live.wait(0, WAIT_S)
        while not view.connected:
            view = live.wait(view.number, WAIT_S)
    assert monitor.rate_line(view) == " " * 44 + "█" * 4          # two hours at 36 uL/h, before them nothing
    now = view.status.utc_ms
    points = (Point(now - 24 * HOUR_MS, 8000, 0, 0), Point(now - 12 * HOUR_MS, 16_000, 0, 0),
              Point(now - HOUR_MS * 3 // 4, 0, 0, 0))             # the last column but one is half full
    assert monitor.rate_line(replace(view, points=points)) == "▄" * 24 + "█" * 22 + "▄ "
    assert monitor.rate_line(View("pump")) == ""
