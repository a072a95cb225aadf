"""Finding pumps: which ports count, who answers there, and what `pumpctl list` prints."""

import json
import os
import socket
import threading
import tty

import pytest
import serial
from serial.tools.list_ports_common import ListPortInfo

from pumpctl.__main__ import main
from pumpctl.ports import devices_of_picos
from pumpctl.probe import PUMP, SILENT, probe
from tests.serving import served


def usb_port(device, vid, pid, serial_number=None):
    port = ListPortInfo(device)
    port.vid, port.pid, port.serial_number = vid, pid, serial_number
    return port


@pytest.fixture
def listed(monkeypatch, capsys):
    """Runs `pumpctl list --json --port PORT`; gives the row of that port."""
    def listed(port):
        monkeypatch.setattr("sys.argv", ["pumpctl", "list", "--json", "--port", port])
        assert main() == 0
        return next(row for row in json.loads(capsys.readouterr().out)["ports"] if row["port"] == port)
    return listed


def test_only_ports_with_micropythons_usb_id_count():
    ports = [usb_port("/dev/ttyACM1", 0x2E8A, 0x0005), usb_port("/dev/ttyUSB0", 0x0403, 0x6001),
             usb_port("/dev/ttyACM0", 0x2E8A, 0x0005, "E6614104033F2B27"), usb_port("/dev/ttyACM2", 0x2E8A, 0x000A),
             ListPortInfo("/dev/ttyS0")]
    assert devices_of_picos(ports) == {"/dev/ttyACM0": "e6614104033f2b27", "/dev/ttyACM1": ""}


def test_a_pump_says_who_it_is(listed):
    with served() as serving:
        found = probe(serving.port)
        assert (found.kind, found.hello["board"]) == (PUMP, "simulator")
        row = listed(serving.port)
    assert (row["kind"], row["board"], row["protocol"]) == ("pump", "simulator", 1)
    assert (row["id"], row["unique_id"]) == ("53494d5055303031", "U0lNUFUwMDE=")                  # SIMPU001


def test_a_port_that_nobody_answers_at_costs_little_time_and_no_error(listed):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = f"socket://127.0.0.1:{listener.getsockname()[1]}"
        assert probe(port, patience_s=0.1).kind == SILENT
        assert listed(port)["why"] == "opens, but nobody answers"


def test_a_port_that_cannot_be_opened_is_listed_with_the_reason(listed):
    assert "No such file" in listed("/dev/no-such-port")["why"]


def test_a_port_in_use_is_listed_as_such(listed):
    near, far = os.openpty()
    tty.setraw(far)
    with serial.Serial(os.ttyname(far), exclusive=True):
        assert "another program has it open" in listed(os.ttyname(far))["why"]
    os.close(near)
    os.close(far)


def test_an_answer_that_is_no_hello_is_no_pump():
    """A board of another make that speaks JSON lines, and one that echoes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = f"socket://127.0.0.1:{listener.getsockname()[1]}"

        def echo():
            far, _ = listener.accept()
            with far:
                while data := far.recv(1000):
                    far.sendall(b'{"ok":{"firmware":"9"},"board":"other"}\r\n' + data)
        other = threading.Thread(target=echo)
        other.start()
        assert probe(port, patience_s=0.3).kind == SILENT
        other.join()
