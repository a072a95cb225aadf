"""A simulated pump behind a pty or a TCP port, as another program finds it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from pumpctl import Pump
from pumpctl.transport import NoConnectionError
from pumpsim.control import ControlClient
from tests.pumps import DAY_MS, HOUR_MS, RIG, START_UTC_MS, body_of, program
from tests.serving import served


def start_program(port):
    with Pump.open(port) as pump:
        pump.push_rig(body_of(RIG))
        pump.push_program(body_of(program()))
        pump.clock_set(START_UTC_MS)
        pump.start()


def status(port):
    with Pump.open(port) as pump:
        return pump.status()


def pumpsim(*words):
    return subprocess.run([sys.executable, "-m", "pumpsim", *words], capture_output=True, text=True, timeout=20)


def test_a_pty_outlives_its_hosts_and_goes_with_the_server(tmp_path):
    path = tmp_path / "pump"
    with served(link=f"pty:{path}") as serving:
        assert serving.port == str(path) and path.is_symlink()
        assert [status(serving.port).state for _ in range(3)] == ["stopped"] * 3
        assert serving.end() == 0
    assert not path.is_symlink()


def test_a_symlink_that_leads_nowhere_is_replaced_and_anything_else_is_kept(tmp_path):
    path = tmp_path / "pump"
    path.symlink_to(tmp_path / "gone")
    with served(link=f"pty:{path}") as serving:
        assert status(serving.port).board == "simulator"
        second = pumpsim("serve", "--link", f"pty:{path}")
        assert second.returncode == 1 and "another" in second.stderr
        assert status(serving.port).board == "simulator"
    path.write_text("mine")
    assert pumpsim("serve", "--link", f"pty:{path}").returncode == 1
    assert path.read_text() == "mine"


def test_a_tcp_port_serves_one_host_at_a_time():
    with served() as serving:
        with Pump.open(serving.port) as pump:
            assert pump.status().state == "stopped"
            with pytest.raises(NoConnectionError, match="does another program use the pump"):
                status(serving.port)
            assert pump.status().state == "stopped"
        assert status(serving.port).state == "stopped"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number):
    with served() as serving:
        serving.process.send_signal(number)
        assert serving.process.wait(10) == 0
        assert serving.process.stderr.read() == ""


def test_time_that_stands_still_is_moved_exactly_by_the_control_channel():
    with served("--control", "tcp:0") as serving:
        start_program(serving.port)
        assert serving.control.advance(HOUR_MS) == HOUR_MS
        assert serving.control.status() == {"now_ms": HOUR_MS, "speed": 0, "state": "running"}
        found = status(serving.port)
        assert (found.utc_ms, found.steps) == (START_UTC_MS + HOUR_MS, 200)      # 1 h at 20 uL/h, 100 nL a step
        assert serving.control.advance(7 * DAY_MS) == 7 * DAY_MS + HOUR_MS


def test_wrong_words_on_the_control_channel_change_nothing():
    with served("--control", "tcp:0") as serving:
        for wrong in ({"do": "jump"}, {"do": "advance", "ms": -1}, {"do": "advance", "ms": 1.5}, {"do": "advance"},
                      {"do": "speed", "speed": "fast"}, {"do": "speed", "speed": -1}, {"do": "speed", "speed": True}):
            with pytest.raises(ValueError, match="no such request"):
                serving.control.ask(**wrong)
        assert serving.control.status() == {"now_ms": 0, "speed": 0, "state": "stopped"}


def test_half_a_line_of_a_peer_that_went_does_not_meet_the_next():
    with served("--control", "tcp:0") as serving:
        serving.control.__exit__()
        with socket.create_connection(("127.0.0.1", serving.control_port)) as peer:
            peer.sendall(b'{"do": "adva')
        with ControlClient(serving.control_port) as control:
            assert control.status()["now_ms"] == 0


def test_a_speed_is_a_factor_of_real_time():
    with served("--control", "tcp:0", speed="0") as serving:
        serving.control.set_speed(3600)
        began = time.monotonic()
        time.sleep(0.5)
        now_ms = serving.control.status()["now_ms"]
        most_ms = (time.monotonic() - began) * 3_600_000
        assert 0.4 * 3_600_000 < now_ms <= most_ms + 100


def test_at_max_time_jumps_while_the_pump_runs_and_not_while_it_is_stopped():
    with served("--control", "tcp:0", speed="max") as serving:
        assert serving.control.status()["now_ms"] < 20_000
        start_program(serving.port)
        deadline = time.monotonic() + 10
        while serving.control.status()["now_ms"] < 30 * DAY_MS and time.monotonic() < deadline:
            time.sleep(0.05)
        with Pump.open(serving.port) as pump:
            pump.stop()
            stopped_at = pump.status().utc_ms
            assert stopped_at > START_UTC_MS + 30 * DAY_MS
            time.sleep(0.3)
            assert pump.status().utc_ms - stopped_at < 20_000
            pump.prime(1_000_000)                         # 36 mL/h: 100 s, which pass at once
        deadline = time.monotonic() + 10
        while status(serving.port).state == "priming" and time.monotonic() < deadline:
            time.sleep(0.3)
        assert (status(serving.port).state, status(serving.port).prime_nl) == ("stopped", 1_000_000)


def test_the_flash_chip_survives_in_its_file_even_a_kill(tmp_path):
    flash = tmp_path / "flash"
    with served("--control", "tcp:0", "--flash", str(flash)) as serving:
        start_program(serving.port)
        serving.control.advance(HOUR_MS)
        assert "another pumpsim" in pumpsim("serve", "--link", "tcp:0", "--flash", str(flash)).stderr
        serving.end("kill")
    with served("--flash", str(flash)) as serving:
        found = status(serving.port)
        # Confirmed at the last checkpoint, 1 h; authorised 10.5 min ahead: 3.5 uL, 35 steps
        assert (found.program, found.state, found.steps, found.uncertain_nl) == ("test program", "stopped", 200, 3500)


def test_a_file_that_is_no_flash_image_is_refused(tmp_path):
    (tmp_path / "flash").write_text("notes")
    refused = pumpsim("serve", "--link", "tcp:0", "--flash", str(tmp_path / "flash"))
    assert refused.returncode == 1 and "no flash image" in refused.stderr
    assert (tmp_path / "flash").read_text() == "notes"


def test_garbage_on_the_link_is_answered_and_does_no_harm():
    with served() as serving:
        host, port = re.search(r"//(.*):(\d+)", serving.port).groups()
        with socket.create_connection((host, int(port)), timeout=5) as peer:
            peer.sendall(os.urandom(64).replace(b"\n", b"") * 200 + b"\n")
            assert b'"error"' in peer.recv(4096)
        assert status(serving.port).state == "stopped"


@pytest.mark.parametrize("words, code, said", [
    (("serve", "--link", "usb"), 1, "is no link"),
    (("serve", "--link", "tcp:99999"), 1, "is no link"),
    (("serve", "--link", "tcp:0", "--speed", "-1"), 2, "no speed"),
    (("serve", "--link", "tcp:0", "--speed", "quick"), 2, "no speed"),
    (("serve",), 2, "Missing option"),
    (("advance", "1 fortnight", "--control", "tcp:1"), 2, "no duration"),
    (("advance", "1h", "--control", "tcp:1"), 3, "nothing to control"),
    (("advance", "1h", "--control", "4000"), 2, "no control port"),
])
def test_wrong_usage_is_one_line_with_what_to_do(words, code, said):
    done = pumpsim(*words)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert said in done.stderr


def test_a_port_in_use_is_said():
    with served() as serving:
        taken = pumpsim("serve", "--link", "tcp:" + serving.port.rpartition(":")[2])
        assert taken.returncode == 1 and "in use" in taken.stderr


def test_advance_moves_time_by_a_duration():
    with served("--control", "tcp:0") as serving:
        serving.control.__exit__()
        done = pumpsim("advance", "90min", "--control", f"tcp:{serving.control_port}")
        assert done.returncode == 0 and "1.5 h passed" in done.stdout
        with ControlClient(serving.control_port) as control:
            assert control.status()["now_ms"] == 90 * 60_000


def test_an_attached_one_ends_with_whoever_started_it():
    words = [sys.executable, "-m", "pumpsim", "serve", "--link", "tcp:0", "--attached"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("ready")
    process.stdin.write("a line is no reason to end\n")
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()
