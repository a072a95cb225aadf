"""Reaching a pump: lines over a socket and a pty, and what is said where there is none."""

import os
import socket
import tty

import pytest

from pumpctl.transport import NoConnectionError, open_transport


@pytest.fixture
def peer():
    """(transport, the far end's socket)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = open_transport(f"socket://127.0.0.1:{listener.getsockname()[1]}")
        far, _ = listener.accept()
        yield transport, far
        transport.close()
        far.close()


def test_lines_are_cut_as_they_come(peer):
    transport, far = peer
    far.sendall(b"one\ntwo\nthr")
    assert [transport.read_line(1), transport.read_line(1), transport.read_line(0.02)] == [b"one", b"two", b""]
    far.sendall(b"ee\n")
    assert transport.read_line(1) == b"three"


def test_bytes_go_out(peer):
    transport, far = peer
    transport.write(b"hello\n")
    assert far.recv(10) == b"hello\n"


def test_a_closed_connection_is_no_silence(peer):
    transport, far = peer
    far.close()
    with pytest.raises(NoConnectionError, match="broke"):
        transport.read_line(1)


def test_a_pty_works_and_only_for_one_program():
    far, near = os.openpty()
    tty.setraw(near)
    transport = open_transport(os.ttyname(near))
    transport.write(b"hello\n")
    assert os.read(far, 10) == b"hello\n"
    os.write(far, b"you\n")
    assert transport.read_line(1) == b"you"
    with pytest.raises(NoConnectionError, match="another program has it open"):
        open_transport(os.ttyname(near))
    os.close(near)
    os.close(far)
    with pytest.raises(NoConnectionError, match="broke"):
        transport.read_line(1)
    transport.close()


@pytest.mark.parametrize("port, said", [
    ("/dev/no-such-port", "No such file"), ("socket://127.0.0.1:1", "refused"), ("socket://nowhere", "no port"),
    ("socket://127.0.0.1:70000", "no port"), ("foo://x", "no port"), ("", "cannot open")])
def test_a_wrong_port_is_said_with_what_to_do(port, said):
    with pytest.raises(NoConnectionError) as caught:
        open_transport(port)
    assert said in caught.value.message
    assert "--port" in caught.value.hint
